# SPDX-License-Identifier: GPL-3.0-or-later
"""Following one face from frame to frame: find it, then track it from its own landmarks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import FootageError
from .detector import BACK, SHORT_RANGE, Detector
from .landmarks import LEAST_PRESENCE, Face, Landmarker, Look, region_around
from .regions import Picture, Region
from .smoothing import LandmarkSmoothing

# Regions that overlap more show the same face.
_SAME_FACE = 0.3
# The second detector takes folds and shadows for distant faces now and then. Those reach
# a presence of 0.99 once but not twice; real faces of 40 pixels and more reach 0.9999.
_SURE_PRESENCE = 0.99


@dataclass(frozen=True, eq=False)
class Seen:
    """A face in one frame.

    points: (478, 3) float32, smoothed if asked for; pixels as in `landmarks.Face`.
    presence: how sure it is, 0–1. tongue: how much the tongue seems out, 0–1.
    look: what the landmark network saw of the frame.
    """

    points: NDArray[np.float32]
    presence: float
    tongue: float
    look: Look


@dataclass(frozen=True)
class TrackerOptions:
    """How a face is looked for.

    face: which one: 0 is the largest in the first frame that shows at least face + 1 of
        them, 1 the next in size. None: the largest in the first frame that shows any.
    thorough: look with the second detector, made for small and distant faces, where the
        first finds too few, and again in the very frame in which the face was lost; take
        up the same face again. Without it the tracker does what MediaPipe does for one
        face: the one that is the surest is taken, and `face` is of no effect.
    threads: how many cores a network may use.
    smooth: filter the landmarks as MediaPipe does.
    """

    face: int | None = None
    thorough: bool = True
    threads: int = 1
    smooth: bool = True


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
        points = self._smoothing.apply(face.points, time) if self._options.smooth else face.points
        return Seen(points.astype(np.float32), face.presence, face.tongue, face.look)

    def _face_at(
        self, picture: Picture, region: Region | None, least_presence: float = LEAST_PRESENCE
    ) -> Face | None:
        if region is None:
            return None
        face = self._landmarker.find(picture, region)
        return face if face.presence > least_presence else None

    def _find(self, picture: Picture) -> Region | None:
        """Where to look for the face in a picture in which it is not tracked."""
        regions = self._short.find(picture)
        if self._back is None:
            self.most_seen = max(self.most_seen, len(regions))
            return regions[0] if regions else None
        faces = self._centred(picture, regions, looks=1, least_presence=LEAST_PRESENCE)
        wanted = 1 if self._options.face is None or self._last else self._options.face + 1
        if len(faces) < wanted:
            regions = self._back.find(picture)
            faces += self._centred(picture, regions, looks=2, least_presence=_SURE_PRESENCE)
            faces = _different(faces)
        self.most_seen = max(self.most_seen, len(faces))
        if len(faces) < wanted:
            return None
        if self._last:
            return _nearest(faces, self._last)
        return sorted(faces, key=lambda region: -region.area)[wanted - 1]

    def _centred(
        self, picture: Picture, regions: list[Region], looks: int, least_presence: float
    ) -> list[Region]:
        """Regions around the landmarks of those faces that are there at each of so many looks.

        So those of both detectors are of the same size for the same face.
        """
        for _ in range(looks):
            faces = [self._face_at(picture, region, least_presence) for region in regions]
            regions = [region_around(face.points) for face in faces if face is not None]
        return _different(regions)


def _different(regions: list[Region]) -> list[Region]:
    """Regions without those that show the face of an earlier one."""
    result: list[Region] = []
    for region in regions:
        if all(region.overlap(other) < _SAME_FACE for other in result):
            result.append(region)
    return result


def _nearest(regions: list[Region], last: Region) -> Region:
    """The region most like the last one of the face that was followed, in place and size."""

    def difference(region: Region) -> float:
        apart = math.hypot(region.x - last.x, region.y - last.y)
        return apart + abs(math.sqrt(region.area) - math.sqrt(last.area))

    return min(regions, key=difference)
