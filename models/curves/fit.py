# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples → few Bézier keys, never further from a sample than the tolerance.

    fit(times, values, tolerance, lower=None, upper=None, *, …) -> tuple[Keys, ...]

One `Keys` a channel: `times` (k,), `values` (k,), `left` (k, 2), `right` (k, 2), all
float32, `interpolation` ("BEZIER"), `error` (largest distance from a sample as Blender
evaluates the keys). In Blender: handle types FREE, `co` = `keys.points`, `handle_left` =
`keys.left`, `handle_right` = `keys.right`, extrapolation constant. `times` go into
Blender as they came in: give frames.

How it works: ends, holds and prominent extremes must carry a key (`landmarks`). From
each of them segments reach as far as one cubic follows the samples (`segments`), all
channels at once. Where the tolerance allows, the two handles of a key are then laid in
one line. In the end every sample is evaluated as Blender evaluates it (`bezier`), and a
segment that strays is split.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import MienError
from .bezier import ON_A_KEY, Floats, Integers, Keys, parameter, polynomial
from .joints import smooth_handles
from .landmarks import landmarks, stretches
from .reach import reach
from .segments import Samples, Segments, slopes

# An extreme that stands out by this many tolerances carries a key.
PROMINENCE = 10.0
# What the search leaves of the tolerance to Blender's single precision.
MARGIN = 0.002


class CurveError(MienError):
    """Samples or settings from which no curve can be made."""


def fit(
    times: ArrayLike,
    values: ArrayLike,
    tolerance: ArrayLike,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    *,
    allowed: ArrayLike | None = None,
    together: bool = False,
    drop_still: bool = False,
) -> tuple[Keys, ...]:
    """Few Bézier keys for each channel.

    times: (samples,) increasing frames. values: (samples, channels). tolerance: one, or
    one a channel, in units of the values; 0 keeps every sample that is not in a hold.
    lower, upper: the slider's range, one or one a channel; None: free (rotations).
    Samples outside the range are moved to it first. allowed: (samples,) True where a key
    may stand (whole frames only); the first and last sample always may. together: all
    channels get their keys at the same times. drop_still: a channel that never moves
    gets no keys at all instead of one.

    - At every sample the curve is within the tolerance, as Blender evaluates it. Only if
      `allowed` forbids the keys that this needs is it not; `Keys.error` tells.
    - Between two samples it is within the tolerance of the band that they span, and
      inside the range.
    - Four or more equal samples in a row are a hold: a key at each end, exactly constant.
    - An extreme that stands out by ten tolerances or more carries a key with exactly its
      value.
    - A channel that stays within the tolerance of its median gets a single key.
    - Handles stand a third of the way to the neighbouring key: they never fold back.

    What a channel gets does not depend on the other channels (unless `together`).
    Raises CurveError if shapes do not fit, numbers are not finite, or times do not
    increase by as much as Blender can tell apart.
    """
    task = _task(times, values, tolerance, lower, upper, allowed)
    still = np.abs(task.values - task.median[:, None]).max(axis=1) <= task.tolerance
    moving = np.flatnonzero(~still)
    result = [
        _no_keys() if drop_still else _single_key(task.times[0], median, row)
        for median, row in zip(task.median, task.values, strict=True)
    ]
    if len(moving):
        for channel, keys in zip(moving, _moving(task.only(moving), together), strict=True):
            result[channel] = keys
    return tuple(result)


@dataclass(frozen=True, eq=False)
class _Task:
    """What is asked for, checked: float32 samples, channels first."""

    times: Floats
    values: Floats
    median: Floats
    tolerance: Floats
    lower: Floats
    upper: Floats
    allowed: NDArray[np.bool_]

    def only(self, channels: Integers) -> _Task:
        return replace(
            self,
            values=self.values[channels],
            median=self.median[channels],
            tolerance=self.tolerance[channels],
            lower=self.lower[channels],
            upper=self.upper[channels],
        )


def _task(
    times: ArrayLike,
    values: ArrayLike,
    tolerance: ArrayLike,
    lower: ArrayLike | None,
    upper: ArrayLike | None,
    allowed: ArrayLike | None,
) -> _Task:
    """The arguments of `fit`, checked. Raises CurveError."""
    at = np.asarray(times, np.float32)
    given = np.asarray(values, np.float32)
    if given.ndim != 2 or at.shape != given.shape[:1] or len(at) == 0:
        raise CurveError(
            f"Curves need one time for each row of values; {at.shape} times and "
            f"{given.shape} values were given."
        )
    if not (np.isfinite(at).all() and np.isfinite(given).all()):
        raise CurveError("Curves need finite times and values; some are not numbers.")
    # A key closer than this to a sample would answer for it.
    if len(at) > 1 and not np.diff(at.astype(np.float64)).min() > 2 * ON_A_KEY:
        raise CurveError(
            "Times must increase from sample to sample by more than Blender can tell "
            f"apart, {2 * ON_A_KEY} frames; start at an earlier frame or use fewer samples."
        )
    channels = given.shape[1]
    tolerances = _each("tolerance", tolerance, channels)
    low = _each("lower limit", -np.inf if lower is None else lower, channels)
    high = _each("upper limit", np.inf if upper is None else upper, channels)
    if not (tolerances >= 0).all() or not (low <= high).all():
        raise CurveError("A tolerance must not be negative, nor a lower limit above the upper.")
    rows = np.clip(given.T, low.astype(np.float32)[:, None], high.astype(np.float32)[:, None])
    rows = np.ascontiguousarray(rows)
    may = np.ones(len(at), bool) if allowed is None else np.array(allowed, bool)
    if may.shape != at.shape:
        raise CurveError(f"{len(at)} samples need as many “allowed”, not {may.shape}.")
    may[[0, -1]] = True
    middle = len(at) // 2
    median = np.partition(rows, middle, axis=1)[:, middle] if channels else rows[:, 0]
    return _Task(at, rows, median, tolerances, low, high, may)


def _each(name: str, value: ArrayLike, channels: int) -> Floats:
    """One number for each channel from one for all or one each."""
    array = np.asarray(value, np.float64)
    if array.shape not in ((), (channels,)) or np.isnan(array).any():
        raise CurveError(f"The {name} must be one number, or one for each of {channels} channels.")
    return np.broadcast_to(array, (channels,)).copy()


def _moving(task: _Task, together: bool) -> list[Keys]:
    """Keys for channels that move."""
    channels, count = task.values.shape
    samples = _samples(task)
    number = stretches(task.values)
    must = landmarks(task.values, number, task.tolerance * PROMINENCE) & task.allowed
    held = np.diff(number, axis=1, prepend=-1) == 0
    if together:
        must, still = must.any(axis=0, keepdims=True), held.all(axis=0, keepdims=True)
    else:
        still = held
    may = np.tile(task.allowed, len(must))
    keys = reach(samples, must.ravel(), still.ravel(), may, channels // len(must))
    if together:
        keys = (keys + count * np.arange(channels)[:, None]).ravel()
    number, may = number.ravel(), np.tile(task.allowed, channels)
    loose = np.zeros(channels * count, bool)
    while True:
        first, last = keys[:-1], keys[1:]
        moves = (first // count == last // count) & (number[first] != number[last])
        curves = _Curves(task, Segments(samples, first[moves], last[moves]), loose)
        stray = curves.stray()
        loosened = stray & ~(curves.loose[:-1] & curves.loose[1:])
        loose[first[moves][loosened]] = True
        loose[last[moves][loosened]] = True
        split = _nearest(may, first[moves], last[moves], curves.worst, stray & ~loosened)
        if not loosened.any() and len(split) == 0:
            return curves.keys(keys)
        loose[split] = True
        keys = np.union1d(keys, split)


def _samples(task: _Task) -> Samples:
    """The samples in double precision for the search, with a margin for Blender's single."""
    channels, count = task.values.shape
    times, values = task.times.astype(np.float64), task.values.astype(np.float64)
    rounding = 4 * np.finfo(np.float32).eps * np.abs(values).max(axis=1)
    tolerance = np.maximum(task.tolerance * (1 - MARGIN) - rounding, np.finfo(np.float64).tiny)
    return Samples(
        count=count,
        times=np.tile(times, channels),
        values=values.ravel(),
        slopes=slopes(times, values).ravel(),
        tolerance=tolerance,
        lower=task.lower,
        upper=task.upper,
    )


def _nearest(
    may: NDArray[np.bool_], first: Integers, last: Integers, wanted: Integers, which: Floats
) -> Integers:
    """For some segments the inner sample nearest to the wanted one that may carry a key."""
    found = []
    for segment in np.flatnonzero(which):
        inner = np.arange(first[segment] + 1, last[segment])
        inner = inner[may[inner]]
        if len(inner):
            found.append(inner[np.argmin(np.abs(inner - wanted[segment]))])
    return np.array(found, np.intp)


class _Curves:
    """Segments as Blender will have them: float32 handles, and how far they stray."""

    def __init__(self, task: _Task, segments: Segments, loose: NDArray[np.bool_]) -> None:
        self.task, self.segments = task, segments
        first, last = segments.first, segments.last
        joined = last[:-1] == first[1:]
        self.loose = np.concatenate([[True], ~joined | loose[first[1:]], [True]])
        right, left, self.loose = smooth_handles(segments, self.loose)
        flat = task.values.ravel()
        channel = first // task.values.shape[1]
        low, high = task.lower[channel], task.upper[channel]
        line = segments.start_value + segments.rise / 3
        self.y0, self.y3 = flat[first], flat[last]
        self.y1 = np.clip(line + right, low, high).astype(np.float32)
        self.y2 = np.clip(line + segments.rise / 3 + left, low, high).astype(np.float32)
        time = segments.samples.times
        self.x0, self.x3 = time[first].astype(np.float32), time[last].astype(np.float32)
        self.x1 = (time[first] + segments.span / 3).astype(np.float32)
        self.x2 = (time[first] + segments.span * (2 / 3)).astype(np.float32)
        self.error, self.worst = self._at_samples()

    def stray(self) -> NDArray[np.bool_]:
        """(segments,): True where a sample, or the band between two, is missed."""
        tolerance = self.task.tolerance[self.segments.first // self.segments.samples.count]
        return (self.error > tolerance) | self._beyond_band(tolerance)

    def _at_samples(self) -> tuple[Floats, Integers]:
        """The largest error at a sample of each segment, and at which, as Blender plays."""
        segments = self.segments
        error = np.zeros(len(segments.first))
        worst = (segments.first + segments.last) // 2
        if len(segments.inner) == 0:
            return error, worst
        owner, index = segments.owner, segments.index
        x = segments.samples.times[index].astype(np.float32)
        t = parameter(self.x0[owner], self.x1[owner], self.x2[owner], self.x3[owner], x)
        y = polynomial(self.y0[owner], self.y1[owner], self.y2[owner], self.y3[owner], t)
        away = np.abs(y - segments.samples.values[index])
        most = np.maximum.reduceat(away, segments.start)
        error[segments.inner] = most
        at = np.flatnonzero(away == np.repeat(most, np.diff(segments.start, append=len(away))))
        worst[owner[at]] = index[at]
        return error, worst

    def _beyond_band(self, tolerance: Floats) -> NDArray[np.bool_]:
        """Whether an extreme between two samples leaves the band they span."""
        y0, y1, y2, y3 = (y.astype(np.float64) for y in (self.y0, self.y1, self.y2, self.y3))
        a, b, c = y3 - y0 + 3 * (y1 - y2), 2 * (y0 - 2 * y1 + y2), y1 - y0
        segments, count = self.segments, self.segments.samples.count
        base = segments.first // count * count
        beyond = np.zeros(len(y0), bool)
        with np.errstate(all="ignore"):
            root = -(b + np.copysign(np.sqrt(b * b - 4 * a * c), b)) / 2
            for t in (root / a, c / root):
                some = np.flatnonzero((t > 0) & (t < 1))
                s = t[some]
                y = polynomial(y0[some], y1[some], y2[some], y3[some], s)
                time = segments.samples.times[segments.first[some]] + s * segments.span[some]
                before = np.searchsorted(self.task.times, time, side="right") - 1 + base[some]
                before = np.clip(before, segments.first[some], segments.last[some] - 1)
                one, other = segments.samples.values[before], segments.samples.values[before + 1]
                slack = tolerance[some]
                outside = (y > np.maximum(one, other) + slack) | (
                    y < np.minimum(one, other) - slack
                )
                beyond[some] |= outside
                near = before + (before == segments.first[some])
                self.worst[some[outside]] = near[outside]
        return beyond

    def keys(self, stations: Integers) -> list[Keys]:
        """The keys of every channel that stand on the given samples."""
        task, segments = self.task, self.segments
        channels, count = task.values.shape
        times, values = task.times[stations % count], task.values.ravel()[stations]
        third = np.diff(times.astype(np.float64)) / 3
        same = np.diff(stations // count) == 0
        third[~same] = 0
        ahead, back = np.append(third, 0), np.insert(third, 0, 0)
        ahead, back = np.where(ahead > 0, ahead, back), np.where(back > 0, back, ahead)
        right = np.stack([times + ahead, values], axis=1).astype(np.float32)
        left = np.stack([times - back, values], axis=1).astype(np.float32)
        start = np.searchsorted(stations, segments.first)
        right[start] = np.stack([self.x1, self.y1], axis=1)
        left[start + 1] = np.stack([self.x2, self.y2], axis=1)
        error = np.zeros(channels)
        np.maximum.at(error, segments.first // count, self.error)
        bounds = np.searchsorted(stations, np.arange(channels + 1) * count)
        return [
            Keys(times[a:b], values[a:b], left[a:b], right[a:b], error=float(worst))
            for a, b, worst in zip(bounds[:-1], bounds[1:], error, strict=True)
        ]


def _single_key(time: np.float32, value: np.float32, values: Floats) -> Keys:
    """One key for a channel that stays where it is."""
    flat = np.array([[time, value]], np.float32)
    return Keys(
        times=flat[:, 0],
        values=flat[:, 1],
        left=flat - np.float32([1, 0]),
        right=flat + np.float32([1, 0]),
        error=float(np.abs(values - value).max()),
    )


def _no_keys() -> Keys:
    none = np.zeros((0, 2), np.float32)
    return Keys(times=none[:, 0], values=none[:, 1], left=none, right=none)
