# SPDX-License-Identifier: GPL-3.0-or-later
"""A surface of triangles: normals, neighbours, connected parts, points on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..performance import Floats

Integers = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles between points.

    points: (n, 3) float64.
    triangles: (t, 3) int, corners counter-clockwise as seen from outside.
    """

    points: Floats
    triangles: Integers

    def moved_to(self, points: Floats) -> Surface:
        """The same triangles between other points (n, 3)."""
        return Surface(points, self.triangles)

    @cached_property
    def triangle_normals(self) -> Floats:
        """(t, 3) unit normals; zero for a triangle without area."""
        return _unit(self._crossed)

    @cached_property
    def normals(self) -> Floats:
        """(n, 3) unit normals of the points, by the area of the triangles around."""
        summed = scattered(self.triangles.ravel(), np.repeat(self._crossed, 3, 0), len(self.points))
        return _unit(summed)

    @cached_property
    def edges(self) -> Integers:
        """(e, 2) pairs of joined points, each pair once, the lower first."""
        sides = self.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
        return np.unique(np.sort(sides, axis=1), axis=0)

    @cached_property
    def components(self) -> Integers:
        """(n,) the number of the connected part that a point belongs to, from 0."""
        label = np.arange(len(self.points))
        while True:
            before = label.copy()
            least = np.minimum(label[self.edges[:, 0]], label[self.edges[:, 1]])
            np.minimum.at(label, self.edges[:, 0], least)
            np.minimum.at(label, self.edges[:, 1], least)
            label = label[label]
            if np.array_equal(label, before):
                return np.asarray(np.unique(label, return_inverse=True)[1]).reshape(-1)

    @cached_property
    def _crossed(self) -> Floats:
        a, b, c = (self.points[self.triangles[:, corner]] for corner in range(3))
        return np.cross(b - a, c - a)


@dataclass(frozen=True, eq=False)
class Places:
    """Points on triangles.

    triangles: (m,) int, which one; shares: (m, 3), how much of each of its corners.
    """

    triangles: Integers
    shares: Floats

    def on(self, surface: Surface) -> Floats:
        """(m, 3): where they are."""
        return self.of(surface, surface.points)

    def of(self, surface: Surface, values: Floats) -> Floats:
        """(m, …): values (n, …) of the surface's points, interpolated."""
        corners = surface.triangles[self.triangles]
        shares = self.shares.reshape(*self.shares.shape, *([1] * (values.ndim - 1)))
        return np.asarray(sum(values[corners[:, k]] * shares[:, k] for k in range(3)))


def scattered(indices: Integers, values: Floats, count: int) -> Floats:
    """(count, columns): sums of values (m, columns) by index (m,)."""
    return np.stack(
        [np.bincount(indices, values[:, c], count) for c in range(values.shape[1])], axis=1
    )


def triangles_of(polygons: list[tuple[int, ...]]) -> Integers:
    """(t, 3): polygons of any size cut into fans."""
    fans = [(p[0], p[k], p[k + 1]) for p in polygons for k in range(1, len(p) - 1)]
    return np.array(fans, np.int64).reshape(-1, 3)


def nearest_on_triangles(points: Floats, corners: Floats) -> Floats:
    """(m, 3) shares of the nearest point of triangles (m, 3 corners, 3) to points (m, 3).

    The regions of Ericson, Real-Time Collision Detection (2005), 5.1.5.
    """
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, ac, ap, bp, cp = b - a, c - a, points - a, points - b, points - c
    d1, d2 = _dot(ab, ap), _dot(ac, ap)
    d3, d4 = _dot(ab, bp), _dot(ac, bp)
    d5, d6 = _dot(ab, cp), _dot(ac, cp)
    va, vb, vc = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    zero, one = np.zeros(len(points)), np.ones(len(points))
    total = np.where(va + vb + vc == 0, 1, va + vb + vc)
    v, w = vb / total, vc / total
    shares = np.stack([1 - v - w, v, w], axis=1)
    on_bc = _ratio(d4 - d3, (d4 - d3) + (d5 - d6))
    on_ac, on_ab = _ratio(d2, d2 - d6), _ratio(d1, d1 - d3)
    for inside, places in (
        ((va <= 0) & (d4 - d3 >= 0) & (d5 - d6 >= 0), (zero, 1 - on_bc, on_bc)),
        ((vb <= 0) & (d2 >= 0) & (d6 <= 0), (1 - on_ac, zero, on_ac)),
        ((vc <= 0) & (d1 >= 0) & (d3 <= 0), (1 - on_ab, on_ab, zero)),
        ((d6 >= 0) & (d5 <= d6), (zero, zero, one)),
        ((d3 >= 0) & (d4 <= d3), (zero, one, zero)),
        ((d1 <= 0) & (d2 <= 0), (one, zero, zero)),
    ):
        shares[inside] = np.stack(places, axis=1)[inside]
    return shares


def _dot(first: Floats, second: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", first, second))


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.asarray(part / np.where(whole == 0, 1, whole))


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length == 0, 1, length))
