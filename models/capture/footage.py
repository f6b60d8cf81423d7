# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage as frames, each with its own time: video files, picture sequences, cameras.

Nothing is kept: a frame is read, handed on and forgotten, whatever the length.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FootageError
from .containers import completeness
from .pictures import EightBit, Picture, find_sequence, is_picture, read_picture
from .timecode_track import StartTimecode, start_timecode
from .weights import library

_LEAST_SIDE = 16
_AHEAD = 4


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of the footage.

    time: seconds in the footage's own clock, the footage's first frame about 0.
    picture: (height, width, 3) uint8, blue, green, red; upright.
    """

    time: float
    picture: Picture


# Frames may be left early: closing them releases the file.
Frames = Generator[Frame, None, None]


class Footage(ABC):
    """Something that frames can be read from, once.

    name: what a person calls it.
    duration: seconds, as far as is known beforehand; None for a camera.
    warnings: what went wrong without stopping the reading; complete when it is over.
    timecode: of the first picture, None if the footage does not say.
    """

    name: str
    duration: float | None = None
    timecode: StartTimecode | None = None

    def __init__(self) -> None:
        self.warnings: list[str] = []

    @abstractmethod
    def _read(self) -> Frames:
        """All frames, times strictly increasing."""

    def frames(self, start: float | None = None, end: float | None = None) -> Frames:
        """The frames from `start` to `end` seconds, both included; None = all there are.

        Raises FootageError if there are none, or if pictures are too small or change size.
        """
        shape: tuple[int, ...] | None = None
        last = None
        with closing(self._read()) as frames:
            for frame in frames:
                last = frame.time
                if end is not None and frame.time > end:
                    break
                if start is not None and frame.time < start:
                    continue
                shape = shape or _checked_shape(frame.picture, self.name)
                if frame.picture.shape != shape:
                    raise FootageError(
                        f"{self.name}: the picture changes its size at {frame.time:.2f} s; "
                        f"give every part as footage of its own."
                    )
                yield frame
        if shape is None and last is not None:
            raise FootageError(
                f"{self.name} has no frame from {start or 0:g} s on; it ends at {last:.2f} s. "
                f"Choose an earlier start."
            )
        if shape is None:
            raise FootageError(
                f"{self.name} holds no picture that can be read: it is damaged or cut off. "
                f"Copy it again from where it was recorded."
            )


class Video(Footage):
    """A video file, read with OpenCV and its FFmpeg. Phone video comes upright.

    threads: how many cores decoding may use.

    Raises FootageError if it cannot be opened.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        super().__init__()
        self.name = path.name
        _check_file(path)
        cv2: Any = library("cv2")
        self._cv2 = cv2
        self._whole = completeness(path)
        self.timecode = start_timecode(path)
        self._capture = cv2.VideoCapture(
            str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, threads]
        )
        if not self._capture.isOpened():
            if not self._whole.has_index:
                raise FootageError(
                    f"{path} is cut off: its recording was never finished, and the index without "
                    f"which nothing in it can be found is missing. Copy it again, or repair it."
                )
            raise FootageError(
                f"{path} is not a video that can be read. Convert it to MP4 (H.264) and try again."
            )
        # Releases of OpenCV differ in whether they turn pictures upright by themselves.
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
        self._turn = {
            90: cv2.ROTATE_90_CLOCKWISE,
            180: cv2.ROTATE_180,
            270: cv2.ROTATE_90_COUNTERCLOCKWISE,
        }.get(round(self._capture.get(cv2.CAP_PROP_ORIENTATION_META)) % 360)
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self._rate = rate if math.isfinite(rate) and rate > 0 else 25.0
        self._expected = max(0, int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        self.duration = self._expected / self._rate or None

    def _read(self) -> Frames:
        cv2, capture = self._cv2, self._capture
        count, last = 0, -math.inf
        try:
            while True:
                read, picture = capture.read()
                if not read:
                    break
                stamp = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                # Some files have no time stamps, or the same one twice.
                if not math.isfinite(stamp) or stamp <= last:
                    stamp = last + 1 / self._rate if count else 0.0
                count, last = count + 1, stamp
                if self._turn is not None:
                    picture = cv2.rotate(picture, self._turn)
                yield Frame(stamp, picture)
        finally:
            capture.release()
        if self._cut_off(count):
            self.warnings.append(
                f"the video is cut off after {count} of {self._expected} frames "
                f"({max(last, 0):.2f} s); what could be read was kept"
            )

    def _cut_off(self, count: int) -> bool:
        """Whether fewer frames came than were recorded, so many having been read.

        Some encoders count a few frames too many, and where the number is not stated it
        is estimated; a file that says itself that it is whole is believed.
        """
        tolerated = self._expected // 10 if not self._whole.cut_off else 0
        return count < self._expected - tolerated


class Pictures(Footage):
    """A sequence of picture files at a steady rate, in the order of their numbers.

    source: a folder, one picture, or a pattern: ``shot.####.png``, ``shot.%04d.png``, ``*.png``.
    rate: pictures a second.

    Raises FootageError if there is none.
    """

    def __init__(self, source: Path, rate: float) -> None:
        super().__init__()
        if not (math.isfinite(rate) and rate > 0):
            raise FootageError(f"A picture sequence needs a rate above 0, not {rate:g}.")
        self.name = source.name
        self._files = find_sequence(source)
        self._rate = rate
        self.duration = len(self._files) / rate

    def _read(self) -> Frames:
        to_eight_bit = EightBit()
        for number, file in enumerate(self._files):
            yield Frame(number / self._rate, to_eight_bit(read_picture(file)))


class Camera(Footage):
    """A camera of this computer, by its number; times are those of a steady clock.

    Raises FootageError if there is no such camera.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.name = f"camera {number}"
        cv2: Any = library("cv2")
        self._capture = cv2.VideoCapture(number)
        if not self._capture.isOpened():
            raise FootageError(
                f"Camera {number} cannot be opened: it is not there, another program uses it, "
                f"or this system asks for leave first. Camera 0 is the first one."
            )

    def _read(self) -> Frames:
        began = time.perf_counter()
        try:
            while True:
                read, picture = self._capture.read()
                if not read:
                    self.warnings.append("the camera stopped to send pictures")
                    break
                yield Frame(time.perf_counter() - began, picture)
        finally:
            self._capture.release()


def open_footage(source: Path | int, rate: float = 24.0, threads: int = 1) -> Footage:
    """Footage of a video file, a picture sequence, or a camera's number.

    rate: pictures a second of a sequence; a video has its own.

    Raises FootageError if it is none of them, with what to do next.
    """
    if isinstance(source, int):
        return Camera(source)
    if source.is_dir() or is_picture(source):
        return Pictures(source, rate)
    return Video(source, threads)


def read_ahead(frames: Iterator[Frame]) -> Frames:
    """The same frames, read by a thread of its own while the last ones are worked on."""
    waiting: queue.Queue[Frame | BaseException | None] = queue.Queue(_AHEAD)
    stopped = threading.Event()

    def read() -> None:
        last: BaseException | None = None
        try:
            for frame in frames:
                waiting.put(frame)
                if stopped.is_set():
                    return
        except BaseException as problem:
            last = problem
        waiting.put(last)

    reader = threading.Thread(target=read, name="mien-footage", daemon=True)
    reader.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        while reader.is_alive():
            # The reader may wait for a place: make room until it has seen the sign.
            try:
                waiting.get(timeout=0.02)
            except queue.Empty:
                continue


def _check_file(path: Path) -> None:
    try:
        empty = path.stat().st_size == 0
    except FileNotFoundError:
        raise FootageError(f"There is no file {path}. Check its name and folder.") from None
    except OSError as problem:
        raise FootageError(f"{path} cannot be read ({problem.strerror}).") from None
    if empty:
        raise FootageError(
            f"{path} is empty: it holds not one byte. Copy it again from where it was recorded."
        )


def _checked_shape(picture: Picture, name: str) -> tuple[int, ...]:
    height, width = picture.shape[:2]
    if min(height, width) < _LEAST_SIDE:
        raise FootageError(
            f"{name}: a picture of {width} × {height} pixels is too small to show a face. "
            f"Give the footage in its full size."
        )
    return picture.shape
