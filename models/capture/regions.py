# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions: turned rectangles around faces, and the pictures cut out of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .weights import library

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Region:
    """A turned rectangle in a picture.

    x, y: its centre; width, height: its sides; all in pixels.
    rotation: radians that its own x axis is turned from the picture's, clockwise as seen.
    """

    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    def scaled(self, factor: float) -> Region:
        """The same centre and turn, sides `factor` times as long."""
        return Region(self.x, self.y, self.width * factor, self.height * factor, self.rotation)

    def overlap(self, other: Region) -> float:
        """Intersection over union, the turn left aside: 0 apart, 1 the same."""
        width = _shared(self.x, self.width, other.x, other.width)
        height = _shared(self.y, self.height, other.y, other.height)
        together = self.area + other.area - width * height
        return width * height / together if together > 0 else 0.0

    def matrix(self, width: int, height: int) -> NDArray[np.float64]:
        """(2, 3): from a pixel of a `width` × `height` cut-out to one of the picture."""
        cos, sin = math.cos(self.rotation), math.sin(self.rotation)
        across, down = self.width / width, self.height / height
        return np.array(
            [
                [cos * across, -sin * down, self.x - (cos * self.width - sin * self.height) / 2],
                [sin * across, cos * down, self.y - (sin * self.width + cos * self.height) / 2],
            ]
        )


def cut_out(picture: Picture, region: Region, size: int, *, extend_edges: bool) -> Picture:
    """The region of a picture, turned upright and scaled to `size` × `size`.

    extend_edges: outside of the picture, repeat its edge; otherwise black.
    """
    cv2: Any = library("cv2")
    border = cv2.BORDER_REPLICATE if extend_edges else cv2.BORDER_CONSTANT
    cut: Picture = cv2.warpAffine(
        picture,
        region.matrix(size, size),
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=border,
    )
    return cut


def _shared(first: float, first_length: float, second: float, second_length: float) -> float:
    """Length that two spans, given by centre and length, have in common."""
    low = max(first - first_length / 2, second - second_length / 2)
    high = min(first + first_length / 2, second + second_length / 2)
    return max(0.0, high - low)
