# SPDX-License-Identifier: GPL-3.0-or-later
"""A performance at the frames of a scene. Seconds become frames here and nowhere else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ..models import rotation
from ..models.performance import Performance

Floats = NDArray[np.floating[Any]]


def scene_rate(scene: bpy.types.Scene) -> float:
    """Frames a second as Blender plays them: 24 over a base of 1.001 is 23.976."""
    return float(scene.render.fps / scene.render.fps_base)


# How far, in frames, the end of a take may lie before the whole frame that it stands for.
END_ROUNDING = 0.01


@dataclass(frozen=True, eq=False)
class Samples:
    """Which frames are keyed, and where each lies among a performance's samples.

    frames: (keys,) scene frames, increasing.
    index, share: (keys,) the sample before each, and how far it is to the next, 0–1.
    """

    frames: Floats
    index: NDArray[np.intp]
    share: Floats

    def of(self, values: Floats) -> Floats:
        """(columns, keys) of (samples, columns) values, interpolated linearly in time.

        The rows are contiguous, one for each F-Curve.
        """
        columns = np.ascontiguousarray(values.T)
        result = columns[:, self.index]
        if np.any(self.share):
            following = columns[:, np.minimum(self.index + 1, columns.shape[1] - 1)]
            result += (following - result) * self.share.astype(columns.dtype)
        return result

    def of_turns(self, quaternions: Floats) -> Floats:
        """(keys, 4) of (samples, 4) unit quaternions, the short way round."""
        following = np.minimum(self.index + 1, len(quaternions) - 1)
        return rotation.slerp(quaternions[self.index], quaternions[following], self.share)


def sample(
    performance: Performance,
    rate: float,
    start_frame: float = 1,
    frame_range: tuple[float, float] | None = None,
    subframes: bool = False,
) -> Samples:
    """The frames at which a performance is keyed; none if it lies outside the range.

    Second 0 falls on `start_frame`. On whole frames, frame f takes the performance's
    value at (f − start_frame) / rate; with `subframes` every sample of the performance
    keeps its own time.
    """
    times = performance.times
    first, last = frame_range or (-math.inf, math.inf)
    if subframes:
        frames = start_frame + times * rate
        index = np.flatnonzero((frames >= first) & (frames <= last))
        return Samples(frames[index], index, np.zeros(len(index)))
    # A take that ends on a whole frame keeps that frame, although its times are rounded
    # and Blender stores fps_base in single precision.
    end = start_frame + times[-1] * rate + END_ROUNDING
    frames = np.arange(
        math.ceil(max(start_frame - 1e-6, first)),
        math.floor(min(end, last)) + 1,
        dtype=float,
    )
    seconds = np.clip((frames - start_frame) / rate, 0, times[-1])
    index = np.clip(np.searchsorted(times, seconds, side="right") - 1, 0, max(len(times) - 2, 0))
    steps = np.diff(times, append=times[-1] + 1)[index]
    return Samples(frames, index, np.clip((seconds - times[index]) / steps, 0, 1))


def lost_spans(performance: Performance) -> tuple[tuple[float, float], ...]:
    """Where no face was seen: (start, length) in seconds of each stretch."""
    lost = np.concatenate([[False], ~performance.seen, [False]])
    starts = np.flatnonzero(lost[1:] & ~lost[:-1])
    ends = np.flatnonzero(~lost[1:] & lost[:-1])
    step = 1 / performance.rate if performance.rate else 0.0
    return tuple(
        (
            float(performance.times[start]),
            float(performance.times[end - 1] - performance.times[start] + step),
        )
        for start, end in zip(starts, ends, strict=True)
    )
