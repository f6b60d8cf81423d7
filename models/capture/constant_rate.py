# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage at a constant rate, to be looked at beside an animation.

Blender shows one picture of a video a frame: footage of another or a varying rate would drift.
A copy that has for each frame the picture nearest in time does not. It is small, and each of
its pictures stands for itself, so that any frame is shown at once.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import Cancelled, FootageError
from .footage import open_footage
from .pictures import Picture, is_picture
from .weights import library

Floats = NDArray[np.floating[Any]]
Progress = Callable[[float, str], None]

GREATEST_HEIGHT = 540
SUFFIX = ".avi"
# Of a frame: how far a picture may be from its time and still be taken for steady.
_STEADY = 0.25
_GREEN = (80, 255, 80)


class Marks:
    """Landmarks to be drawn on the pictures.

    times: (frames,) seconds, increasing. points: (frames, points, 2 or more) pixels of the
    footage; zeros where no face was seen.
    """

    def __init__(self, times: Floats, points: Floats) -> None:
        self._times, self._points = times, points

    def at(self, seconds: float) -> Floats:
        """(points, 2) nearest in time; none where no face was seen."""
        after = int(np.searchsorted(self._times, seconds))
        near = [i for i in (after - 1, after) if 0 <= i < len(self._times)]
        nearest = min(near, key=lambda i: abs(self._times[i] - seconds))
        points = self._points[nearest, :, :2]
        return points if np.any(points) else points[:0]


def is_steady(source: Path, rate: float) -> bool:
    """Whether a video shows picture n at n / rate seconds, upright, so that it needs no copy.

    Raises FootageError if it cannot be opened.
    """
    if source.is_dir() or is_picture(source):
        return False
    with closing(open_footage(source).frames()) as frames:
        next(frames)  # Says what is wrong with a file that is none.
    cv2: Any = library("cv2")
    capture = cv2.VideoCapture(str(source), cv2.CAP_FFMPEG)
    try:
        if round(capture.get(cv2.CAP_PROP_ORIENTATION_META)) % 360:
            return False
        first, count = None, 0
        while capture.grab():
            stamp = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            first = stamp if first is None else first
            if abs((stamp - first) * rate - count) > _STEADY:
                return False
            count += 1
        return count > 0
    finally:
        capture.release()


def write_constant(
    source: Path,
    target: Path,
    rate: float,
    marks: Marks | None = None,
    progress: Progress = lambda share, text: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Write footage as a video of `rate` pictures a second, its first picture at 0.

    target: the file, ending in `SUFFIX`; written beside it and moved there in the end.
    marks: what is drawn on it. progress: called with the share done and words.
    Returns how many frames it has. Raises FootageError if the footage cannot be read or the
    file not be written, Cancelled as soon as `cancelled()` says so.
    """
    if not (math.isfinite(rate) and rate > 0):
        raise FootageError(f"A video needs a rate above 0 frames a second, not {rate:g}.")
    footage = open_footage(source, rate)
    part = target.with_name(f".{target.stem}.{threading.get_ident()}{SUFFIX}")
    writer = None
    count = 0
    first = last = 0.0
    shown: Picture | None = None
    try:
        with closing(footage.frames()) as frames:
            for frame in frames:
                if cancelled():
                    raise Cancelled("The footage was not prepared.")
                if shown is None or writer is None:
                    first = frame.time
                    writer = _Writer(part, rate, frame.picture.shape, marks is not None)
                else:
                    # Nearer to the last picture than to this one.
                    while count / rate <= (last + frame.time - first) / 2:
                        writer.write(shown)
                        count += 1
                last = frame.time - first
                shown = writer.made(frame.picture, marks.at(last) if marks else None)
                if footage.duration:
                    share = min(last / footage.duration, 1.0)
                    progress(share, f"Preparing {footage.name}")
        assert writer is not None and shown is not None, "footage without frames is refused"
        while count / rate <= last + 1e-6:
            writer.write(shown)
            count += 1
        writer.close()
        part.replace(target)
    except OSError as error:
        raise FootageError(f"{target} cannot be written: {error.strerror}.") from None
    finally:
        if writer is not None:
            writer.close()
        part.unlink(missing_ok=True)
    return count


class _Writer:
    """Pictures become a video, scaled to a size that plays smoothly."""

    def __init__(
        self, file: Path, rate: float, shape: tuple[int, ...], enlarged: bool = False
    ) -> None:
        self._cv2: Any = library("cv2")
        height, width = shape[:2]
        # Marks on a small picture would hide the face.
        self._scale = GREATEST_HEIGHT / height if enlarged else min(1.0, GREATEST_HEIGHT / height)
        # Even numbers, as most codecs want them.
        self._size = tuple(max(2, round(side * self._scale / 2) * 2) for side in (width, height))
        self._file = file
        codec = self._cv2.VideoWriter.fourcc(*"MJPG")
        self._writer = self._cv2.VideoWriter(
            str(file), self._cv2.CAP_FFMPEG, codec, rate, self._size
        )
        if not self._writer.isOpened():
            raise FootageError(
                f"No video can be written into {file.parent}. Choose another folder for takes in "
                "Mien's preferences."
            )

    def made(self, picture: Picture, points: Floats | None) -> Picture:
        """The picture in the video's size, with points drawn on it."""
        cv2 = self._cv2
        how = cv2.INTER_AREA if self._scale <= 1 else cv2.INTER_CUBIC
        made: Picture = cv2.resize(picture, self._size, interpolation=how)
        for x, y in points if points is not None else ():
            place = (round(float(x) * self._scale), round(float(y) * self._scale))
            cv2.circle(made, place, 1, _GREEN, -1, cv2.LINE_AA)
        return made

    def write(self, picture: Picture) -> None:
        self._writer.write(picture)

    def close(self) -> None:
        self._writer.release()
