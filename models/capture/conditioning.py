# SPDX-License-Identifier: GPL-3.0-or-later
"""Making poor footage easier to track: less noise, more even contrast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import FootageError
from .pictures import Picture
from .weights import library

# Contrast-limited adaptive equalisation: tiles across and down.
_TILES = (8, 8)


@dataclass(frozen=True)
class Conditioning:
    """What is done to each picture before a face is looked for. Nothing by default.

    median: side in pixels of a median filter, odd, 3 or more; 0 = none. Takes out specks.
    gaussian: standard deviation in pixels of a blur; 0 = none. Takes out fine grain.
    contrast: limit of adaptive contrast equalisation (CLAHE), 2 to 4 for dark or flat
        pictures; 0 = none.

    Raises FootageError for values out of range.
    """

    median: int = 0
    gaussian: float = 0.0
    contrast: float = 0.0

    def __post_init__(self) -> None:
        if self.median and (self.median < 3 or self.median % 2 == 0 or self.median > 255):
            raise FootageError(f"A median filter needs an odd side of 3 to 255, not {self.median}.")
        if not 0 <= self.gaussian <= 100:
            raise FootageError(f"A blur needs 0 to 100 pixels, not {self.gaussian:g}.")
        if not 0 <= self.contrast <= 100:
            raise FootageError(f"The contrast limit goes from 0 to 100, not {self.contrast:g}.")

    def apply(self, picture: Picture) -> Picture:
        """A picture (height, width, 3) uint8, conditioned; the same one if nothing is set."""
        cv2: Any = library("cv2")
        if self.median:
            picture = cv2.medianBlur(picture, self.median)
        if self.gaussian:
            picture = cv2.GaussianBlur(picture, (0, 0), self.gaussian)
        if self.contrast:
            # Only lightness is evened out, so that colours stay what they are.
            lab = cv2.cvtColor(picture, cv2.COLOR_BGR2LAB)
            equalise = cv2.createCLAHE(self.contrast, _TILES)
            lab[:, :, 0] = equalise.apply(lab[:, :, 0])
            picture = cv2.cvtColor(lab, cv2.COLOR_LAB2BGR)
        return picture
