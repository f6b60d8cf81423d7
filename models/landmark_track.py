# SPDX-License-Identifier: GPL-3.0-or-later
"""The landmarks of a take, a moment at a time, without unpacking all of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import FormatError, TakeError
from .formats import capture_data, take_folder
from .performance import Floats


@dataclass(frozen=True, eq=False)
class LandmarkTrack:
    """What a capture tracked.

    times: (frames,) seconds. size: width and height of the pictures, in pixels.
    footage: name of the file that they are of.
    """

    times: Floats
    size: tuple[int, int]
    footage: str
    places: NDArray[np.uint16]
    boxes: Floats

    def at(self, seconds: float) -> Floats:
        """(points, 2) pixels, y down, of the sample nearest in time; none where no face was seen,
        and before and after the take."""
        if not -_half_a_step(self.times) <= seconds <= self.times[-1] + _half_a_step(self.times):
            return np.zeros((0, 2))
        after = int(np.searchsorted(self.times, seconds))
        near = [index for index in (after - 1, after) if 0 <= index < len(self.times)]
        nearest = min(near, key=lambda index: abs(self.times[index] - seconds))
        one = slice(nearest, nearest + 1)
        if not np.any(self.boxes[one]):
            return np.zeros((0, 2))
        return capture_data.unpacked_landmarks(self.places[one], self.boxes[one])[0, :, :2]


def read_landmarks(folder: Path) -> LandmarkTrack:
    """The landmarks of a take of Mien's.

    Raises TakeError if it has none, or is damaged.
    """
    if not (folder / take_folder.CAPTURE).is_file():
        raise TakeError(f"The take “{folder.stem}” has no landmarks: it was not captured by Mien.")
    try:
        own: Any = take_folder.read_description(folder).get(take_folder.OWN) or {}
        arrays = capture_data.read_arrays(
            folder / take_folder.CAPTURE, ("times", "landmarks", "landmark_boxes")
        )
    except FormatError as error:
        raise TakeError(str(error)) from None
    size = own.get("size")
    if "landmarks" not in arrays or size is None:
        raise TakeError(f"The take “{folder.stem}” has no landmarks; capture it again.")
    return LandmarkTrack(
        arrays["times"],
        (int(size[0]), int(size[1])),
        str(own.get("footage", "")),
        arrays["landmarks"],
        arrays["landmark_boxes"],
    )


def _half_a_step(times: Floats) -> float:
    return float(np.median(np.diff(times))) / 2 if len(times) > 1 else 0.5
