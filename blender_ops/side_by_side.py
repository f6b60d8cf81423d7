# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage and render in one picture, in time, so that one can be judged by the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..models.capture.footage import Frame, open_footage
from ..models.capture.weights import library

Picture = NDArray[np.uint8]

_BACKDROP = 24
# Encoders store colours for two by two pixels: an odd side would be cut or refused.
_EVEN = 2


def compose(
    pictures: Sequence[Path],
    footage: Path,
    seconds: Sequence[float],
    folder: Path,
    start: float | None = None,
) -> list[Path]:
    """Put the footage to the left of each rendered picture; the new files, in order.

    seconds: the time of each picture, increasing; 0 is the footage's first frame.
    start: seconds of the footage to leave out before that first frame.

    Each picture stands beside the frame that a player would show at its time: the last
    one that has begun. Raises FootageError if the footage cannot be read.
    """
    cv2: Any = library("cv2")
    folder.mkdir(parents=True, exist_ok=True)
    composed = []
    with closing(open_footage(footage).frames(start)) as frames:
        shown = frames_at(frames, seconds)
        for path, frame in zip(pictures, shown, strict=True):
            render = cv2.imread(str(path), cv2.IMREAD_COLOR)
            target = folder / path.name
            cv2.imwrite(str(target), beside(frame.picture, render))
            composed.append(target)
    return composed


def frames_at(frames: Iterator[Frame], seconds: Sequence[float]) -> Iterator[Frame]:
    """For each time the frame that is on screen then, times counted from the first frame."""
    current = next(frames)
    first = current.time
    following = next(frames, None)
    for second in seconds:
        # Half a millisecond: times of frames and of pictures are rounded differently.
        while following is not None and following.time - first <= second + 0.0005:
            current, following = following, next(frames, None)
        yield current


def beside(footage: Picture, render: Picture) -> Picture:
    """One picture: the footage, scaled to the render's height at most, and the render."""
    cv2: Any = library("cv2")
    height, width = render.shape[:2]
    scale = min(height / footage.shape[0], width / footage.shape[1])
    size = (round(footage.shape[1] * scale), round(footage.shape[0] * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(footage, size, interpolation=way)
    total = size[0] + width
    result = np.full((height + height % _EVEN, total + total % _EVEN, 3), _BACKDROP, np.uint8)
    top = (height - size[1]) // 2
    result[top : top + size[1], : size[0]] = scaled
    result[:height, size[0] : total] = render
    return result
