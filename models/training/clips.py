# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings as training data: read, ordered by channel, mirrored, split into blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import rotation
from ..arkit import CHANNELS, mirrored
from ..errors import FormatError, TrainingError
from ..formats import read
from ..performance import Performance

Floats = NDArray[np.floating[Any]]

MIRROR = np.array([CHANNELS.index(mirrored(name)) for name in CHANNELS])
"""(channels,) for each channel the column that it takes in a mirrored face."""
MIRRORED_TURN = np.array([1, -1, -1], np.float32)
"""(3,) signs of a rotation vector's components in a mirror across the face's middle."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A stretch of recorded motion.

    name: of the file it comes from.
    weights: (frames, 52) float32 in [0, 1], columns in the order of `CHANNELS`.
    rate: frames a second; the frames are evenly spaced.
    head: (frames, 3) float32, the head's rotation vector in radians (axes of
        `Performance.head`), relative to how it is held on average; None: not recorded.
    """

    name: str
    weights: Floats
    rate: float
    head: Floats | None = None

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.weights) / self.rate


def find_recordings(places: Iterable[Path]) -> list[Path]:
    """The files and take folders among `places` and in the folders below them, sorted.

    Raises TrainingError if a place does not exist or holds no recording.
    """
    found: list[Path] = []
    for place in places:
        if not place.exists():
            raise TrainingError(f"There is no “{place}”; check its name and folder.")
        here = _recordings_in(place)
        if not here:
            raise TrainingError(
                f"“{place}” holds no recording; choose takes or Live Link Face CSVs."
            )
        found += here
    return found


def _recordings_in(place: Path) -> list[Path]:
    if place.is_file() or (place / "take.json").is_file():
        return [place]
    return [
        recording
        for entry in sorted(place.iterdir())
        if entry.is_dir() or entry.suffix.lower() == ".csv"
        for recording in _recordings_in(entry)
    ]


def load_clip(path: Path, rate: float | None = None) -> Clip:
    """One recording, clipped to [0, 1] and evenly sampled by linear interpolation.

    rate: frames a second wanted; None keeps the recording's own (median) rate.

    Raises TrainingError if it cannot be read or lacks one of the 52 channels.
    """
    try:
        performance = read(path)
    except FormatError as problem:
        raise TrainingError(str(problem)) from None
    return as_clip(performance, path.stem, rate)


def as_clip(performance: Performance, name: str, rate: float | None = None) -> Clip:
    """A performance as a clip; see `load_clip`."""
    missing = [channel for channel in CHANNELS if channel not in performance.channels]
    if missing:
        raise TrainingError(
            f"“{name}” has no {', '.join(missing[:4])}; training needs all 52 ARKit channels."
        )
    columns = [performance.index(channel) for channel in CHANNELS]
    weights = np.clip(performance.weights[:, columns], 0, 1)
    own = rate or performance.rate
    if len(performance) < 2 or own <= 0:
        raise TrainingError(f"“{name}” is a single frame; training needs motion.")
    times = np.arange(int(np.floor(performance.duration * own + 1e-6)) + 1) / own

    def even(values: Floats) -> Floats:
        columns = [np.interp(times, performance.times, column) for column in values.T]
        return np.asarray(np.stack(columns, axis=1), np.float32)

    head = None if performance.head is None else even(turns(performance.head[:, :4]))
    return Clip(name, even(weights), own, head)


def turns(quaternions: Floats) -> Floats:
    """(frames, 3) rotation vectors from the mean of (frames, 4) unit quaternions, in radians."""
    rest = rotation.inverse(rotation.mean(quaternions))
    return rotation.to_vectors(rotation.multiply(rest, quaternions))


def load_clips(places: Iterable[Path], rate: float | None = None) -> list[Clip]:
    """Every recording among `places`. Raises TrainingError if there is none."""
    return [load_clip(path, rate) for path in find_recordings(places)]


def mirror(clip: Clip) -> Clip:
    """The same motion with left and right exchanged."""
    head = None if clip.head is None else clip.head * MIRRORED_TURN
    return Clip(f"{clip.name} mirrored", clip.weights[:, MIRROR], clip.rate, head)


@dataclass(frozen=True)
class Split:
    """How a clip is cut into training and validation.

    block: seconds of a block.
    every: each so-manieth block is held out …
    first: … from this block on, counted from 0.
    guard: seconds on both sides of a held-out block that nothing uses.
    """

    block: float = 2.0
    every: int = 5
    first: int = 2
    guard: float = 0.5


def held_out(clip: Clip, split: Split = Split()) -> list[Clip]:
    """The clip's validation blocks."""
    return [
        _part(clip, f"{clip.name} block {number}", start, stop)
        for number, start, stop in _blocks(clip, split)
        if stop - start > 1
    ]


def kept(clip: Clip, split: Split = Split()) -> list[Clip]:
    """What is left to train on, in stretches between the guards."""
    guard = round(split.guard * clip.rate)
    edges = [0]
    for _, start, stop in _blocks(clip, split):
        edges += [start - guard, stop + guard]
    edges.append(len(clip.weights))
    return [
        _part(clip, clip.name, start, stop)
        for start, stop in zip(edges[::2], edges[1::2], strict=True)
        if stop - start > 1
    ]


def _part(clip: Clip, name: str, start: int, stop: int) -> Clip:
    head = None if clip.head is None else clip.head[start:stop]
    return Clip(name, clip.weights[start:stop], clip.rate, head)


def _blocks(clip: Clip, split: Split) -> Sequence[tuple[int, int, int]]:
    """Number, first frame and frame after the last of each held-out block."""
    frames = len(clip.weights)
    length = split.block * clip.rate
    result = []
    number = split.first
    while round(number * length) < frames:
        stop = min(round((number + 1) * length), frames)
        result.append((number, round(number * length), stop))
        number += split.every
    return result
