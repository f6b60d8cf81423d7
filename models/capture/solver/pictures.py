# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a face varied for training: mirrored, in other light, bent to another shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...performance import Floats
from ..landmarks import LEFT_EYE_CORNER, RIGHT_EYE_CORNER, region_around
from ..regions import Picture, Region
from ..weights import library

_BEND_POINTS = 5


@dataclass(frozen=True)
class Light:
    """A light and a camera, for pictures in 0–1.

    gamma, gain, offset; tint: gain of blue, green and red; colour: share of it that is left;
    coarseness: pixels that become one; blur: in pixels; noise.
    """

    gamma: float
    gain: float
    tint: tuple[float, float, float]
    offset: float
    colour: float
    coarseness: float
    blur: float
    noise: float


def random_light(random: np.random.Generator) -> Light:
    """A light and a camera."""
    blue, green, red = np.exp(random.normal(0, 0.06, 3))
    return Light(
        gamma=float(np.exp(random.normal(0, 0.25))),
        gain=float(np.exp(random.normal(0, 0.15))),
        tint=(float(blue), float(green), float(red)),
        offset=float(random.normal(0, 0.05)),
        colour=float(random.uniform(0.3, 1.2)),
        coarseness=float(random.uniform(1.2, 2.6)) if random.random() < 0.4 else 1.0,
        blur=float(random.uniform(0.3, 1.2)) if random.random() < 0.5 else 0.0,
        noise=float(random.uniform(0, 0.04)),
    )


def lit(picture: Picture, light: Light, random: np.random.Generator) -> Picture:
    """A BGR picture in another light."""
    cv2: Any = library("cv2")
    height, width = picture.shape[:2]
    values = picture.astype(np.float32) / 255
    if light.coarseness > 1:
        small = (round(width / light.coarseness), round(height / light.coarseness))
        values = cv2.resize(values, small, interpolation=cv2.INTER_AREA)
        values = cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR)
    if light.blur:
        values = cv2.GaussianBlur(values, (0, 0), light.blur)
    values = np.clip(values, 0, 1) ** light.gamma * light.gain * light.tint + light.offset
    grey = values.mean(axis=2, keepdims=True)
    values = grey + (values - grey) * light.colour
    values = values + random.normal(0, light.noise, values.shape)
    result: Picture = np.clip(values * 255, 0, 255).astype(np.uint8)
    return result


def mirrored(picture: Picture, points: Floats) -> tuple[Picture, Floats]:
    """A picture and the landmarks found in it, mirrored.

    Of the landmarks only the corners of the eyes change places: they alone tell a region's
    tilt.
    """
    flipped = points.copy()
    flipped[:, 0] = picture.shape[1] - flipped[:, 0]
    corners = [LEFT_EYE_CORNER, RIGHT_EYE_CORNER]
    flipped[corners] = flipped[corners[::-1]]
    return np.ascontiguousarray(picture[:, ::-1]), flipped


def shaken(region: Region, random: np.random.Generator) -> Region:
    """The region as another frame before might have left it."""
    right, down, size, turn = random.normal(0, (0.012, 0.012, 0.03, 0.03))
    moved = Region(
        region.x + right * region.width,
        region.y + down * region.height,
        region.width,
        region.height,
        region.rotation + turn,
    )
    return moved.scaled(float(np.exp(size)))


def around(points: Floats) -> Region:
    """The region in which the tracker would look for this face next."""
    return region_around(points)


@dataclass(frozen=True, eq=False)
class Bend:
    """A smooth map of a square picture onto itself: where each pixel is taken from, (size,
    size) each."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]

    def apply(self, picture: Picture) -> Picture:
        """The bent picture."""
        cv2: Any = library("cv2")
        bent: Picture = cv2.remap(
            picture, self.x, self.y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return bent


def random_bend(spread: float, size: int, random: np.random.Generator) -> Bend:
    """A bend whose control points move by `spread` parts of the picture: of a face aligned in
    the picture it makes another person's, its expression kept."""
    cv2: Any = library("cv2")
    moves = random.normal(0, spread * size, (_BEND_POINTS, _BEND_POINTS, 2)).astype(np.float32)
    field = cv2.resize(moves, (size, size), interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    return Bend(x + field[..., 0], y + field[..., 1])
