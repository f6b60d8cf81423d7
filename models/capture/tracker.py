# SPDX-License-Identifier: GPL-3.0-or-later
"""Following one face from frame to frame: find it, then track it from its own landmarks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import FootageError
from .detector import BACK, SHORT_RANGE, Detector
from .landmarks import LEAST_PRESENCE, Face, Landmarker, region_around
from .regions import Picture, Region
from .smoothing import LandmarkSmoothing

# Detections that overlap more are the same face.
_SAME_FACE = 0.5
# The second detector takes folds and shadows for distant faces now and then. Those reach
# a presence of 0.99 once but not twice; real faces of 40 pixels and more reach 0.9999.
_SURE_PRESENCE = 0.99


@dataclass(frozen=True, eq=False)
class Seen:
    """A face in one frame.

    points: (478, 3) float32, smoothed; pixels as in `landmarks.Face`.
    presence: how sure it is, 0–1. tongue: how much the tongue seems out, 0–1.
    """

    points: NDArray[np.float32]
    presence: float
    tongue: float


@dataclass(frozen=True)
class TrackerOptions:
    """How a face is looked for.

    face: which one: 0 is the largest in the first frame that shows at least face + 1 of
        them, 1 the next in size. None: the largest in the first frame that shows any.
    thorough: look with the second detector, made for small and distant faces, where the
        first finds none, and again in the very frame in which the face was lost.
        Without it the tracker does what MediaPipe does.
    threads: how many cores a network may use.
    """

    face: int | None = None
    thorough: bool = True
    threads: int = 1


class Tracker:
    """Follows one face. Raises WeightsError when its networks cannot be loaded.

    most_seen: the largest number of faces found in one frame while choosing one.
    """

    def __init__(self, options: TrackerOptions) -> None:
        if options.face is not None and options.face < 0:
            raise FootageError(f"Faces are counted from 0; there is no face {options.face}.")
        self._options = options
        self._short = Detector(SHORT_RANGE, options.threads)
        self._back = Detector(BACK, options.threads) if options.thorough else None
        self._landmarker = Landmarker(options.threads)
        self._smoothing = LandmarkSmoothing()
        self._region: Region | None = None
        self._last: Region | None = None
        self.most_seen = 0

    def track(self, picture: Picture, time: float) -> Seen | None:
        """The face in the next frame; None where it is not seen.

        picture: (height, width, 3) uint8, blue, green, red. time: seconds, increasing.
        """
        tracked = self._region is not None
        face = self._face_at(picture, self._region or self._find(picture))
        if face is None and tracked and self._options.thorough:
            face = self._face_at(picture, self._find(picture))
        if face is None:
            self._region = None
            self._smoothing.reset()
            return None
        self._region = self._last = region_around(face.points)
        points = self._smoothing.apply(face.points, time)
        return Seen(points.astype(np.float32), face.presence, face.tongue)

    def _face_at(
        self, picture: Picture, region: Region | None, least_presence: float = LEAST_PRESENCE
    ) -> Face | None:
        if region is None:
            return None
        face = self._landmarker.find(picture, region)
        return face if face.presence > least_presence else None

    def _confirmed(self, picture: Picture, region: Region) -> list[Region]:
        """The region, centred on its face, if a face is surely there and found again."""
        for _ in range(2):
            face = self._face_at(picture, region, _SURE_PRESENCE)
            if face is None:
                return []
            region = region_around(face.points)
        return [region]

    def _find(self, picture: Picture) -> Region | None:
        """Where to look for the face in a picture in which it is not tracked."""
        wanted = 1 if self._options.face is None or self._last else self._options.face + 1
        regions = self._short.find(picture)
        if len(regions) < wanted and self._back is not None:
            for region in self._back.find(picture):
                if any(region.overlap(other) >= _SAME_FACE for other in regions):
                    continue
                regions += self._confirmed(picture, region)
        self.most_seen = max(self.most_seen, len(regions))
        if len(regions) < wanted:
            return None
        return self._same(regions) if self._last else _by_size(regions)[wanted - 1]

    def _same(self, regions: list[Region]) -> Region:
        """The region most likely to show the face that was followed before."""
        last = self._last
        assert last is not None
        return min(regions, key=lambda region: _difference(region, last))


def _by_size(regions: list[Region]) -> list[Region]:
    return sorted(regions, key=lambda region: -region.area)


def _difference(region: Region, other: Region) -> float:
    """How far apart two regions are and how unlike in size, in sides of the second."""
    apart = math.hypot(region.x - other.x, region.y - other.y)
    side, other_side = math.sqrt(region.area), math.sqrt(other.area)
    return (apart + abs(side - other_side)) / max(other_side, 1e-6)
