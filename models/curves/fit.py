# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples → few Bézier keys, never further from a sample than the tolerance.

    fit(times, values, tolerance, lower=None, upper=None, *, …) -> tuple[Keys, ...]
    fit_rotation(times, quaternions, tolerance) -> tuple[Keys, ...], one for w, x, y and z

One `Keys` a channel: `times` (k,), `values` (k,), `left` (k, 2), `right` (k, 2), all
float32, `held` (all False: interpolation BEZIER), `error` (largest distance from a sample
as Blender evaluates the keys). In Blender: handle types FREE, `co` = `keys.points`,
`handle_left` = `keys.left`, `handle_right` = `keys.right`, extrapolation constant. `times`
go into Blender as they came in: give frames.

How it works: ends, holds and prominent extremes must carry a key (`landmarks`). From
each of them segments reach as far as one cubic follows the samples (`segments`), all
channels at once (`reach`). Where the tolerance allows, the two handles of a key are then
laid in one line (`joints`, `lengths`). In the end every sample is evaluated as Blender
evaluates it (`written`, `bezier`), and a segment that strays is split.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import rotation
from ..errors import MienError
from .bezier import ON_A_KEY, Floats, Integers, Keys
from .landmarks import landmarks, settled, stretches
from .reach import reach
from .segments import Samples, Segments, slopes
from .written import Written

# An extreme that stands out by this many tolerances carries a key.
PROMINENCE = 10.0
# What the search leaves of the tolerance to Blender's single precision.
MARGIN = 0.002
# How much of the tolerance the search uses. The rest lets most keys have their handles in
# one line: fewer kinks for a tenth more keys.
SEARCHED = 0.75
# As many as fit a processor's cache.
SAMPLES_AT_ONCE = 100_000
# Quaternions shorter than this mean no turn.
ZERO_LENGTH = 1e-9


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
      Two holds of one value that the samples hardly leave between them are one.
    - An extreme that stands out by ten tolerances or more carries a key with exactly its
      value.
    - A channel that stays within the tolerance of its median gets a single key.
    - Two handles that face each other never reach past each other: no curve folds back.

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
    at_once = len(moving) if together else max(1, SAMPLES_AT_ONCE // len(task.times))
    for start in range(0, len(moving), max(at_once, 1)):
        some = moving[start : start + at_once]
        for channel, keys in zip(some, _moving(task.only(some), together), strict=True):
            result[channel] = keys
    return tuple(result)


def fit_rotation(
    times: ArrayLike, quaternions: ArrayLike, tolerance: float, *, allowed: ArrayLike | None = None
) -> tuple[Keys, ...]:
    """Few keys for the w, x, y and z of a rotation; those that move have the same times.

    times: (samples,) increasing frames. quaternions: (samples, 4) w, x, y, z of any length
    but zero; of the two signs that mean the same turn the one nearer to the sample before
    is taken, so that nothing flips. tolerance: radians, below π. allowed: as in `fit`.

    At every sample the turn that Blender makes of the four curves (it brings the
    quaternion to length one) is within the tolerance. Raises CurveError as `fit` does,
    and for a quaternion of length zero.
    """
    given = np.asarray(quaternions, np.float64)
    if given.ndim != 2 or given.shape[1] != 4:
        raise CurveError(f"A rotation needs four numbers a sample, not {given.shape}.")
    if not 0 <= tolerance < np.pi:
        raise CurveError(f"A rotation's tolerance lies between 0 and π radians: not {tolerance}.")
    if not np.linalg.norm(given, axis=1).min(initial=1) > ZERO_LENGTH:
        raise CurveError("A rotation holds a quaternion of length zero.")
    turns = rotation.continuous(rotation.normalised(given))
    # Components that are off by this much are off by twice as much together; that is the
    # sine of half the angle of the turn.
    component = max(np.sin(tolerance / 2) / 2 - np.finfo(np.float32).eps, 0)
    return fit(times, turns, component, allowed=allowed, together=True)


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
    values = settled(task.values, task.tolerance * (1 - MARGIN))
    samples = _samples(task, values)
    stretch = stretches(values)
    must = landmarks(values, stretch, task.tolerance * PROMINENCE) & task.allowed
    still = np.diff(stretch, axis=1, prepend=-1) == 0
    if together:
        must = np.logical_or.reduce(must, axis=0, keepdims=True)
        still = np.logical_and.reduce(still, axis=0, keepdims=True)
    may = np.tile(task.allowed, len(must))
    searched = replace(samples, tolerance=samples.tolerance * SEARCHED)
    stations = reach(searched, must.ravel(), still.ravel(), may, channels // len(must))
    places = _Places(count, channels, task.allowed, stretch.ravel(), together)
    stations = _without_swings(samples, places, places.of_all(stations))
    loose = np.zeros(channels * count, bool)
    tolerance = np.repeat(task.tolerance, count)
    while True:
        first, last = places.spans(stations)
        written = Written(Segments(samples, first, last), loose, task.values.ravel())
        stray = written.error > tolerance[first]
        tied = stray & ~(written.loose[:-1] & written.loose[1:])
        split = places.between(first, last, written.worst, stray & ~tied)
        if not tied.any() and len(split) == 0:
            return written.keys(stations)
        for key in (first[tied], last[tied], split):
            loose[key] = True
        stations = np.union1d(stations, split)


def _without_swings(samples: Samples, places: _Places, stations: Integers) -> Integers:
    """The stations and more, so that no curve swings out between two samples."""
    first, last = places.spans(stations)
    while len(first):
        segments = Segments(samples, first, last)
        beyond, beside = segments.band(segments.thirds(*segments.best()))
        new = places.between(first, last, beside, beyond)
        stations = np.union1d(stations, new)
        first, last = places.spans(stations)
        fresh = np.isin(first, new) | np.isin(last, new)
        first, last = first[fresh], last[fresh]
    return stations


@dataclass(frozen=True, eq=False)
class _Places:
    """Where keys stand and may stand, as indices of samples counted through all channels."""

    count: int
    channels: int
    allowed: NDArray[np.bool_]
    stretch: Integers
    together: bool

    def of_all(self, stations: Integers) -> Integers:
        """The same places in every channel, if channels go together."""
        if not self.together:
            return stations
        base: Integers = self.count * np.arange(self.channels)[:, None]
        return (np.unique(stations % self.count) + base).ravel()

    def spans(self, stations: Integers) -> tuple[Integers, Integers]:
        """Where segments that move start and end: neither holds nor across channels."""
        first, last = stations[:-1], stations[1:]
        moves = first // self.count == last // self.count
        moves &= self.stretch[first] != self.stretch[last]
        return first[moves], last[moves]

    def between(
        self, first: Integers, last: Integers, wanted: Integers, which: NDArray[np.bool_]
    ) -> Integers:
        """For each of some segments the allowed inner sample nearest to the wanted one."""
        first, last, wanted = first[which], last[which], wanted[which]
        place = np.arange(self.count)
        before = np.maximum.accumulate(np.where(self.allowed, place, 0))
        after = np.minimum.accumulate(np.where(self.allowed, place, self.count)[::-1])[::-1]
        wanted = np.clip(wanted, first + 1, np.maximum(last - 1, first + 1))
        base = wanted // self.count * self.count
        below, above = base + before[wanted - base], base + after[wanted - base]
        nearest = np.where(
            (below > first) & ((wanted - below <= above - wanted) | (above >= last)), below, above
        )
        return self.of_all(nearest[(nearest > first) & (nearest < last)])


def _samples(task: _Task, settled_values: Floats) -> Samples:
    """The samples in double precision for the search, with a margin for Blender's single."""
    channels, count = task.values.shape
    times, values = task.times.astype(np.float64), settled_values.astype(np.float64)
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


def _single_key(time: np.float32, value: np.float32, values: Floats) -> Keys:
    """One key for a channel that stays where it is."""
    flat, level = np.array([[time, value]], np.float32), np.array([1, 0], np.float32)
    return Keys(
        times=flat[:, 0],
        values=flat[:, 1],
        left=flat - level,
        right=flat + level,
        held=np.zeros(1, bool),
        error=float(np.abs(values - value).max()),
    )


def _no_keys() -> Keys:
    none = np.zeros((0, 2), np.float32)
    return Keys(none[:, 0], none[:, 1], left=none, right=none, held=np.zeros(0, bool))
