# SPDX-License-Identifier: GPL-3.0-or-later
"""`Performance`: the one thing that flows through Mien."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arkit import CHANNELS
from .errors import PerformanceError

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Source:
    """Where a performance came from.

    text: what a person reads: a file's name, an app, a seed.
    timecode: ``HH:MM:SS:FF`` or ``HH:MM:SS:FF.mmm`` of the first frame, "" if unknown.
    timecode_base: frames to a second in which the timecode counts.
    timecode_rate: how many of these frames pass in a second of the clock, 23.976 where a camera
        counts 24; 0 where the timecode keeps up with the clock.
    """

    text: str = ""
    timecode: str = ""
    timecode_base: int = 60
    timecode_rate: float = 0.0

    @property
    def timecode_pace(self) -> float:
        """Seconds of the timecode in a second of the clock."""
        return self.timecode_rate / self.timecode_base if self.timecode_rate else 1.0


@dataclass(frozen=True, eq=False)
class Performance:
    """Weights of face channels over time, with what else was seen.

    weights: (frames, channels) float32; 1 = the shape key fully on.
    times: (frames,) float64 seconds, strictly increasing; made to start at 0.
    channels: channel names, ARKit's spelling, no name twice.
    head: (frames, 7) float32 or None: unit quaternion w, x, y, z that turns a head
        which faces the camera into the one seen, and its place in metres from the
        camera. Axes: +X the subject's left, +Y up, +Z toward the camera.
    eyes: (frames, 4) float32 or None: left pitch, left yaw, right pitch, right yaw in
        radians, right-handed about +X and +Y of the same axes, relative to the head:
        positive pitch looks down, positive yaw looks to the subject's left.
    confidence: (frames,) or (frames, channels) float32 in 0–1; 0 where nothing was seen.
    source: where it came from.

    Arrays are copied and made read-only. Two performances are equal if their digests
    are. Raises PerformanceError for shapes that do not fit, values that are not
    finite, times that do not increase, or no frame at all.
    """

    weights: Floats
    times: Floats
    channels: tuple[str, ...] = CHANNELS
    head: Floats | None = None
    eyes: Floats | None = None
    confidence: Floats = field(default_factory=lambda: np.ones(0, np.float32))
    source: Source = Source()

    def __post_init__(self) -> None:
        weights = _frozen("weights", self.weights, np.float32, 2)
        frames = len(weights)
        if frames == 0:
            raise PerformanceError("A performance needs at least one frame; this one has none.")
        channels = tuple(self.channels)
        if len(channels) != weights.shape[1] or len(set(channels)) != len(channels):
            raise PerformanceError(
                f"{weights.shape[1]} columns of weights need as many different channel "
                f"names; {len(set(channels))} were given."
            )
        times = _frozen("times", self.times, np.float64, 1)
        times = _frozen("times", times - times[0] if len(times) else times, np.float64, 1)
        if len(times) > 1 and not np.all(np.diff(times) > 0):
            raise PerformanceError("Times must increase from frame to frame.")
        confidence = self.confidence
        if np.size(confidence) == 0:
            confidence = np.ones(frames, np.float32)
        confidence = _frozen("confidence", np.clip(confidence, 0, 1), np.float32, None)
        if confidence.ndim not in (1, 2) or (
            confidence.ndim == 2 and confidence.shape[1] != len(channels)
        ):
            raise PerformanceError("Confidence must be one number a frame, or one a channel.")
        head = None if self.head is None else _with_unit_quaternions(self.head)
        eyes = None if self.eyes is None else _frozen("eyes", self.eyes, np.float32, 2)
        if eyes is not None and eyes.shape[1] != 4:
            raise PerformanceError("Eyes need four angles a frame.")
        for name, array in (
            ("times", times),
            ("head", head),
            ("eyes", eyes),
            ("confidence", confidence),
        ):
            if array is not None and len(array) != frames:
                raise PerformanceError(f"{frames} frames of weights, but {len(array)} of {name}.")
        for name, value in (
            ("weights", weights),
            ("times", times),
            ("channels", channels),
            ("head", head),
            ("eyes", eyes),
            ("confidence", confidence),
        ):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.times)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Performance) and self.digest() == other.digest()

    def __hash__(self) -> int:
        return hash(self.digest())

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the last."""
        return float(self.times[-1])

    @property
    def rate(self) -> float:
        """Frames a second, by the median step; 0 for a single frame."""
        return float(1 / np.median(np.diff(self.times))) if len(self) > 1 else 0.0

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(frames,): True where a face was seen at all."""
        confidence = self.confidence
        return confidence > 0 if confidence.ndim == 1 else confidence.max(axis=1) > 0

    def index(self, channel: str) -> int:
        """The column of a channel. Raises PerformanceError if there is none."""
        try:
            return self.channels.index(channel)
        except ValueError:
            raise PerformanceError(f"This performance has no channel “{channel}”.") from None

    def channel(self, name: str) -> Floats:
        """(frames,) weights of one channel. Raises PerformanceError if there is none."""
        return self.weights[:, self.index(name)]

    def replace(self, **changes: object) -> Performance:
        """The same performance with some fields changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    def digest(self) -> str:
        """A hash of everything in it: equal digests, equal performances."""
        result = hashlib.sha256()
        result.update(repr((self.channels, self.source)).encode())
        for array in (self.weights, self.times, self.head, self.eyes, self.confidence):
            if array is None:
                result.update(b"none")
            else:
                result.update(str(array.shape).encode())
                result.update(np.ascontiguousarray(array).tobytes())
        return result.hexdigest()


def _frozen(name: str, values: ArrayLike, dtype: type, dimensions: int | None) -> Floats:
    """A read-only copy, checked for dimensions and finite values."""
    try:
        array: Floats = np.array(values, dtype=dtype)
    except (TypeError, ValueError):
        raise PerformanceError(f"The {name} are not numbers.") from None
    if dimensions is not None and array.ndim != dimensions:
        raise PerformanceError(f"The {name} need {dimensions} dimensions, not {array.ndim}.")
    if not np.all(np.isfinite(array)):
        raise PerformanceError(f"The {name} hold values that are not finite numbers.")
    array.setflags(write=False)
    return array


def _with_unit_quaternions(head: ArrayLike) -> Floats:
    array: Floats = np.array(_frozen("head", head, np.float32, 2))
    if array.shape[1] != 7:
        raise PerformanceError("Head poses need a quaternion and a place: seven numbers.")
    length = np.linalg.norm(array[:, :4], axis=1, keepdims=True)
    if np.any(length < 1e-6):
        raise PerformanceError("A head pose holds a quaternion of length zero.")
    # A length of one up to rounding stays as it is: what was written is what is read.
    off = np.abs(length[:, 0] - 1) > 1e-6
    array[off, :4] /= length[off]
    array.setflags(write=False)
    return array
