# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures of the face from all over a capture, so that in the end one of a good moment is
there without reading the footage twice."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .pictures import Picture
from .weights import library

SIDE = 192
"""Pixels of a picture's width and height."""
MOST = 64
"""Pictures kept at once: 7 MB."""
# The square around a face, in sizes of the box around its landmarks, which end at the brow.
_ROOM = 1.7
_UP = 0.1


class Glimpses:
    """Pictures of one face, at first of every frame, thinned out as there become too many."""

    def __init__(self) -> None:
        self._kept: list[tuple[float, Picture]] = []
        self._apart = 0.0

    def add(self, time: float, picture: Picture, points: NDArray[np.float32]) -> None:
        """A frame in which the face was seen. points: (points, 2 or more) pixels, y down."""
        if self._kept and time < self._kept[-1][0] + self._apart:
            return
        self._kept.append((time, face_picture(picture, points)))
        if len(self._kept) == MOST:
            self._apart = 2 * (self._kept[-1][0] - self._kept[0][0]) / MOST
            self._kept = self._kept[::2]

    def nearest(self, time: float) -> Picture | None:
        """The picture nearest to a time; None if the face was never seen."""
        return min(self._kept, key=lambda kept: abs(kept[0] - time), default=(0.0, None))[1]


def face_picture(picture: Picture, points: NDArray[np.float32]) -> Picture:
    """(SIDE, SIDE, 3) of the square around a face, as much of it as the picture shows."""
    cv2: Any = library("cv2")
    height, width = picture.shape[:2]
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    largest = float(np.max(high - low))
    side = int(np.clip(round(largest * _ROOM), 2, min(width, height)))
    middle = (low + high) / 2 - (0.0, _UP * largest)
    left, top = (
        int(np.clip(round(float(place) - side / 2), 0, whole - side))
        for place, whole in zip(middle, (width, height), strict=True)
    )
    cut = picture[top : top + side, left : left + side]
    how = cv2.INTER_AREA if side >= SIDE else cv2.INTER_CUBIC
    made: Picture = cv2.resize(cut, (SIDE, SIDE), interpolation=how)
    return made


def as_jpeg(picture: Picture) -> bytes:
    """The picture as a JPEG file's bytes."""
    cv2: Any = library("cv2")
    _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return bytes(encoded)
