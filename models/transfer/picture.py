# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of a surface, drawn without Blender, that knows what each pixel shows.

Drawn in parallel projection; so the way back from a pixel to the surface is exact.
Axes: +X the subject's left, +Y up, +Z toward the camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..performance import Floats
from .surface import Integers, Places, Surface

_LIGHTS = (((0.25, 0.45, 0.85), 0.62), ((-0.6, 0.1, 0.6), 0.18), ((0.0, -0.7, 0.4), 0.06))
_AMBIENT = 0.18
_BACKGROUND = 0.35
_CANDIDATES_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class View:
    """From where a surface is drawn.

    turn: (3, 3) rotation of the surface before the camera.
    centre: (2,) x and y, after the turn, of the picture's middle.
    height: what the picture's side is long, in the surface's unit.
    size: pixels of the square picture.
    """

    turn: Floats
    centre: tuple[float, float]
    height: float
    size: int

    def pixels(self, points: Floats) -> Floats:
        """(m, 3): x, y in pixels, y down, and depth toward the camera, of points (m, 3)."""
        turned = points @ self.turn.T
        scale = self.size / self.height
        x = (turned[:, 0] - self.centre[0]) * scale + self.size / 2
        y = self.size / 2 - (turned[:, 1] - self.centre[1]) * scale
        return np.stack([x, y, turned[:, 2]], axis=1)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture and what it shows.

    picture: (size, size, 3) uint8, blue, green, red.
    triangle: (size, size) int, the triangle that is seen, -1 where there is none.
    """

    surface: Surface
    view: View
    picture: NDArray[np.uint8]
    triangle: Integers

    def seen(self) -> Integers:
        """The triangles that are seen at all, in rising order."""
        return np.unique(self.triangle[self.triangle >= 0])

    def places(self, pixels: Floats) -> tuple[Integers, Places]:
        """Which of (m, 2) pixels show the surface, and the places that they show."""
        column, row = np.floor(pixels[:, :2]).astype(int).T
        inside = (column >= 0) & (row >= 0) & (column < self.view.size) & (row < self.view.size)
        hit = np.full(len(pixels), -1)
        hit[inside] = self.triangle[row[inside], column[inside]]
        which = np.flatnonzero(hit >= 0)
        corners = self.view.pixels(self.surface.points)[self.surface.triangles[hit[which]]]
        shares = np.clip(_shares(pixels[which, :2], corners[:, :, :2]), 0, 1)
        return which, Places(hit[which], shares / shares.sum(axis=1, keepdims=True))


def draw(surface: Surface, colours: Floats, view: View) -> Drawn:
    """Draw a surface, its points coloured by (n, 3) blue, green, red in 0–1."""
    corners = view.pixels(surface.points)[surface.triangles]
    pixel, triangle, shares = _visible(corners, view.size)
    shown = Places(triangle, shares)
    normals = shown.of(surface, surface.normals) @ view.turn.T
    light = np.full(len(normals), _AMBIENT)
    for direction, strength in _LIGHTS:
        ray = np.array(direction) / np.linalg.norm(direction)
        light += strength * np.maximum(normals @ ray, 0)
    shaded = np.clip(shown.of(surface, colours) * light[:, None], 0, 1) ** (1 / 2.2)
    picture = np.full((view.size * view.size, 3), _BACKGROUND)
    picture[pixel] = shaded
    numbers = np.full(view.size * view.size, -1)
    numbers[pixel] = triangle
    square = (view.size, view.size)
    return Drawn(
        surface,
        view,
        (picture.reshape(*square, 3) * 255 + 0.5).astype(np.uint8),
        numbers.reshape(square),
    )


def _visible(corners: Floats, size: int) -> tuple[Integers, Integers, Floats]:
    """Pixels that are covered, by which triangle in front, and its corners' shares there."""
    a, b, c = (corners[:, k, :2] for k in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    # Rows run down: what looks toward the camera is clockwise in the picture.
    low = np.maximum(np.ceil(corners[:, :, :2].min(axis=1) - 0.5), 0).astype(int)
    high = np.minimum(np.floor(corners[:, :, :2].max(axis=1) - 0.5), size - 1).astype(int)
    spans = np.maximum(high - low + 1, 0)
    facing = np.flatnonzero((area < 0) & (spans.prod(axis=1) > 0))
    nearest = np.full(size * size, -np.inf)
    owner = np.full(size * size, -1)
    counts = spans[facing].prod(axis=1)
    ends = np.searchsorted(np.cumsum(counts), np.arange(0, counts.sum(), _CANDIDATES_AT_ONCE))
    for start, end in pairwise([*ends, len(facing)]):
        part = facing[start:end]
        pixel, triangle, shares = _candidates(part, counts[start:end], low, spans, corners, size)
        depth = np.einsum("mk,mk->m", shares, corners[triangle, :, 2])
        order = np.argsort(depth, kind="stable")
        front = depth[order] > nearest[pixel[order]]
        order = order[front]
        nearest[pixel[order]] = depth[order]
        owner[pixel[order]] = triangle[order]
    shown = np.flatnonzero(owner >= 0)
    middle = np.stack([shown % size + 0.5, shown // size + 0.5], axis=1)
    return shown, owner[shown], _shares(middle, corners[owner[shown], :, :2])


def _candidates(
    triangles: Integers,
    counts: Integers,
    low: Integers,
    spans: Integers,
    corners: Floats,
    size: int,
) -> tuple[Integers, Integers, Floats]:
    """All pixels whose middle lies in one of these triangles."""
    triangle = np.repeat(triangles, counts)
    number = np.arange(len(triangle)) - np.repeat(np.cumsum(counts) - counts, counts)
    width = spans[triangle, 0]
    column, row = low[triangle, 0] + number % width, low[triangle, 1] + number // width
    middle = np.stack([column + 0.5, row + 0.5], axis=1)
    shares = _shares(middle, corners[triangle, :, :2])
    inside = shares.min(axis=1) >= -1e-9
    return (row * size + column)[inside], triangle[inside], shares[inside]


def _shares(points: Floats, corners: Floats) -> Floats:
    """(m, 3) shares of corners (m, 3, 2) at points (m, 2) of the picture."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    first, second, offset = b - a, c - a, points - a
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    area = np.where(area == 0, 1, area)
    v = (offset[:, 0] * second[:, 1] - offset[:, 1] * second[:, 0]) / area
    w = (first[:, 0] * offset[:, 1] - first[:, 1] * offset[:, 0]) / area
    return np.stack([1 - v - w, v, w], axis=1)
