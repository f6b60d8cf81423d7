# SPDX-License-Identifier: GPL-3.0-or-later
"""Stepped animation, as drawn by hand: whole poses held for two or three frames each.

`step` chooses when the pose changes, so that the held poses stay as near to the
movement as they can, and keeps prominent extremes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .bezier import Floats, Integers, Keys
from .fit import PROMINENCE, CurveError
from .landmarks import extremes, stretches


def step(
    times: ArrayLike,
    values: ArrayLike,
    tolerance: ArrayLike = 0.005,
    *,
    shortest: int = 2,
    longest: int = 3,
) -> tuple[Keys, ...]:
    """Keys that hold each value until the next one, on twos, threes or what is asked for.

    times: (frames,) increasing, one sample a frame. values: (frames, channels). tolerance:
    one, or one a channel, in units of the values. shortest, longest: frames that a pose is
    held; the last one may be shorter. All channels change on the same frames; a channel
    that would change by no more than the tolerance gets no key there.

    A pose is the sample nearest to the middle of what happens while it is held. A channel
    whose extreme stands out by ten tolerances within a hold shows that extreme instead,
    so that a blink of one frame still closes the eye. `Keys.error` is the largest distance
    of what is shown from the poses.

    Raises CurveError if shapes do not fit or the lengths of holds make no sense.
    """
    at, rows = np.asarray(times, np.float32), np.asarray(values, np.float32)
    if rows.ndim != 2 or at.shape != rows.shape[:1] or len(at) == 0:
        raise CurveError(
            f"Curves need one time for each row of values; {at.shape} times and "
            f"{rows.shape} values were given."
        )
    if not 1 <= shortest <= longest:
        raise CurveError(
            f"A pose cannot be held for {shortest} to {longest} frames; give the shorter first."
        )
    starts = _changes(rows.astype(np.float64), shortest, longest)
    poses = _poses(rows, starts, tolerance)
    kept = _kept(poses, tolerance)
    return tuple(_held(at[starts], *each) for each in zip(poses.T, kept.T, strict=True))


def thinned(values: ArrayLike, tolerance: float) -> NDArray[np.bool_]:
    """(keys,): which of the held values of one channel differ from the one kept before."""
    return _kept(np.asarray(values)[:, None], tolerance)[:, 0]


def _changes(values: Floats, shortest: int, longest: int) -> Integers:
    """The frames on which the pose changes, with the least squared distance in all."""
    frames = len(values)
    zero = np.zeros((1, values.shape[1]))
    total = np.concatenate([zero, np.cumsum(values, axis=0)])
    squares = np.concatenate([[0], np.cumsum(np.sum(values**2, axis=1))])
    # What it costs to hold the mean of frames [start, start + length).
    cost = {}
    for length in range(1, longest + 1):
        if length <= frames:
            sums = total[length:] - total[:-length]
            spread = squares[length:] - squares[:-length] - np.sum(sums**2, axis=1) / length
            cost[length] = spread.tolist()
    best = [0.0] + [np.inf] * frames
    before = [0] * (frames + 1)
    for end in range(1, frames + 1):
        least = shortest if end < frames else 1
        for length in range(least, min(longest, end) + 1):
            candidate = best[end - length] + cost[length][end - length]
            if candidate < best[end]:
                best[end], before[end] = candidate, end - length
    starts = []
    end = frames
    while end > 0:
        end = before[end]
        starts.append(end)
    return np.array(starts[::-1])


def _poses(values: Floats, starts: Integers, tolerance: ArrayLike) -> Floats:
    """(holds, channels): the values that each hold shows."""
    lengths = np.diff(starts, append=len(values))
    hold = np.repeat(np.arange(len(starts)), lengths)
    mean = np.add.reduceat(values, starts, axis=0) / lengths[:, None]
    distance = np.sum((values - mean[hold]) ** 2, axis=1)
    nearest: Floats = np.minimum.reduceat(distance, starts)
    candidates = np.flatnonzero(distance <= nearest[hold] * (1 + 1e-5) + 1e-12)
    _, first = np.unique(hold[candidates], return_index=True)
    poses = values[candidates[first]]
    rows = np.ascontiguousarray(values.T)
    least = np.maximum(tolerance, np.finfo(np.float32).eps)
    prominence = np.broadcast_to(least * PROMINENCE, len(rows))
    frame, channel = np.nonzero(extremes(rows, stretches(rows), prominence).T)
    poses[hold[frame], channel] = values[frame, channel]
    return poses


def _kept(poses: Floats, tolerance: ArrayLike) -> NDArray[np.bool_]:
    """(holds, channels): where a channel differs from what it held before."""
    kept = np.zeros(poses.shape, bool)
    kept[0] = True
    shown = poses[0].copy()
    for hold in range(1, len(poses)):
        kept[hold] = np.abs(poses[hold] - shown) > tolerance
        np.copyto(shown, poses[hold], where=kept[hold])
    return kept


def _held(starts: Floats, poses: Floats, kept: NDArray[np.bool_]) -> Keys:
    times, values = starts[kept], poses[kept]
    shown = values[np.cumsum(kept) - 1]
    level = np.stack([times, values], axis=1)
    return Keys(
        times,
        values,
        left=level,
        right=level.copy(),
        held=np.ones(len(times), bool),
        error=float(np.abs(poses - shown).max()),
    )
