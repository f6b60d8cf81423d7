# SPDX-License-Identifier: GPL-3.0-or-later
"""Clean a performance: bridge short gaps, take out spikes, smooth without delay.

Nothing is moved in time, and no weight leaves the range that its channel had. Head and
eyes are treated alike, the head as a turn that never jumps to the far side of the sphere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .. import rotation
from ..errors import RecipeError
from ..performance import Performance
from . import filters, wavelet
from .interpolation import interpolated

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
Smoothing = Callable[[Floats, float], Floats]
Method = Literal["butterworth", "gaussian", "median", "wavelet", "none"]

# Below this a jump is noise for the filter, not a spike.
_LEAST_SPIKE = 0.1
# Below this rate any movement may last a single frame, as a spike does.
_LEAST_RATE_FOR_SPIKES = 20.0
# Nothing in a face is faster than a lid: at 30 frames a second a blink may last one frame.
# Lids are searched for no spikes, and their cutoff is higher, which halves what blinks lose
# in recordings of Live Link Face (95th percentile of peaks: 0.06 at 8 Hz, 0.03 at 12 Hz).
_LIDS = "eyeBlink"
_LIDS_FASTER = 1.5
# Steps that differ by less than this share count as even.
_EVEN = 0.1
# Columns that are filtered together: keeps memory small for long takes.
_COLUMNS = 8


def clean(
    performance: Performance,
    *,
    method: Method = "butterworth",
    cutoff: float = 8.0,
    window: float = 0.1,
    threshold: float = 0.7,
    longest_gap: float = 0.5,
    spikes: float = 4.0,
    smooth_weights: bool = True,
    rotations: bool = True,
) -> Performance:
    """The performance without gaps, spikes and jitter.

    method: “butterworth”, a zero-phase low-pass, of second order; “gaussian”, softer, never
        overshoots; “median” over `window`, keeps steps; “wavelet”, keeps what stands out of
        the noise at any speed; “none”, gaps and spikes only.
    cutoff: Hz at which a sine keeps half of its size, for butterworth and gaussian; lids,
        which are faster, have 1.5 times as much. At or above half the frame rate it does
        nothing.
    window: seconds, for the median; three frames at least.
    threshold: share of the universal threshold below which details go, for the wavelet.
    longest_gap: seconds; where nothing was seen (confidence 0) for no longer than this,
        values go smoothly from the last that was seen to the next. Longer gaps, and those
        at either end, stay as they are. 0 bridges none.
    spikes: a single frame that stands out of its neighbours by more than so many of their
        own deviations becomes their median (Hampel's filter), but for the lids, which blink
        as fast; 0 takes out none.
    smooth_weights: whether weights are smoothed, too; without, their gaps and spikes are
        mended only, for the refiner that tells tremble from motion better than a filter.
    rotations: whether head and eyes are cleaned too.

    Confidence stays: a bridged frame was still not seen. Raises RecipeError for a setting
    out of its range.
    """
    for name, value in (("window", window), ("longest_gap", longest_gap), ("spikes", spikes)):
        if not value >= 0:
            raise RecipeError(f"Clean: “{name}” cannot be below 0; it is {value}.")
    if not (cutoff > 0 and threshold >= 0):
        raise RecipeError("Clean: the cutoff must be above 0 and the threshold not below.")
    smooth = _smoothing(method, cutoff, window, threshold)
    smooth_lids = _smoothing(method, cutoff * _LIDS_FASTER, window, threshold)
    spikes = spikes if performance.rate >= _LEAST_RATE_FOR_SPIKES else 0

    def cleaned(values: Floats, unseen: Flags, smooth: Smoothing | None, spikes: float) -> Floats:
        values = bridged(values, performance.times, unseen, longest_gap)
        if spikes:
            values = without_spikes(values, spikes, _LEAST_SPIKE)
        if smooth is None:
            return values
        low, high = values.min(axis=0), values.max(axis=0)
        return np.clip(_evenly(values, performance.times, smooth), low, high)

    unseen, lost = performance.confidence == 0, ~performance.seen
    lids = np.array([name.startswith(_LIDS) for name in performance.channels])
    weights = np.empty(performance.weights.shape)
    for columns, how, most in ((lids, smooth_lids, 0.0), (~lids, smooth, spikes)):
        if columns.any():
            part = unseen if unseen.ndim == 1 else unseen[:, columns]
            how = how if smooth_weights else None
            weights[:, columns] = cleaned(performance.weights[:, columns], part, how, most)
    result = performance.replace(weights=weights)
    if not rotations:
        return result
    if performance.eyes is not None:
        result = result.replace(eyes=cleaned(performance.eyes, lost, smooth, spikes))
    if performance.head is not None:
        head: Floats = np.array(performance.head, np.float64)
        head[:, :4] = rotation.continuous(head[:, :4])
        head = cleaned(head, lost, smooth, spikes)
        head[:, :4] = rotation.normalised(head[:, :4])
        result = result.replace(head=head)
    return result


def bridged(values: Floats, times: Floats, unseen: Flags, longest: float) -> Floats:
    """(frames, columns) values with short unseen stretches replaced.

    unseen: (frames,) or (frames, columns). A stretch between two seen frames, at most
    `longest` seconds from the one to the other, becomes a cubic that leaves the one and
    meets the other at their own speed, within the range of the two.
    """
    result = np.array(values, np.float64)
    if longest <= 0 or not unseen.any():
        return result
    if unseen.ndim == 1:
        _bridge(result, times, unseen, longest)
    else:
        for column in np.flatnonzero(unseen.any(axis=0)):
            _bridge(result[:, column : column + 1], times, unseen[:, column], longest)
    return result


def without_spikes(values: Floats, deviations: float, least: float) -> Floats:
    """(frames, columns) values with single frames that stand out replaced by the median.

    Hampel's filter over five frames: a value further from their median than `deviations`
    of their own (1.4826 times the median distance), and than `least`. F. R. Hampel, "The
    influence curve and its role in robust estimation", 1974.
    """
    middle = filters.median(values, 5)
    distance = np.abs(values - middle)
    suspects = np.flatnonzero((distance > least).any(axis=1))
    result = np.array(values, np.float64)
    for frame in suspects:
        around = values[max(frame - 2, 0) : frame + 3]
        scale = 1.4826 * np.median(np.abs(around - middle[frame]), axis=0)
        out = distance[frame] > np.maximum(deviations * scale, least)
        result[frame, out] = middle[frame, out]
    return result


def _bridge(values: Floats, times: Floats, unseen: Flags, longest: float) -> None:
    """Fill the unseen stretches of some columns in place."""
    edges = np.diff(unseen.astype(np.int8))
    before = np.flatnonzero(edges == 1)
    for last in before:
        first = last + 1 + int(np.argmin(unseen[last + 1 :]))
        if unseen[first] or times[first] - times[last] > longest:
            continue
        span = times[first] - times[last]
        rise = values[first] - values[last]
        leaving = _slope(values, times, unseen, last, -1) * span
        meeting = _slope(values, times, unseen, first, 1) * span
        # Slopes of at most three times the rise, and with its sign, never overshoot
        # (F. Fritsch and R. Carlson, SIAM Journal on Numerical Analysis 17, 1980).
        leaving, meeting = (
            np.sign(rise) * np.clip(slope * np.sign(rise), 0, 3 * np.abs(rise))
            for slope in (leaving, meeting)
        )
        share = ((times[last + 1 : first] - times[last]) / span)[:, None]
        values[last + 1 : first] = (
            values[last]
            + rise * share**2 * (3 - 2 * share)
            + leaving * share * (1 - share) ** 2
            - meeting * share**2 * (1 - share)
        )


def _slope(values: Floats, times: Floats, unseen: Flags, frame: int, side: int) -> Floats:
    """Per second, between a frame and the one two further on to a side; 0 if unseen."""
    for steps in (2, 1):
        other = frame + side * steps
        if 0 <= other < len(times) and not unseen[min(frame, other) : max(frame, other) + 1].any():
            return np.asarray((values[other] - values[frame]) / (times[other] - times[frame]))
    return np.zeros(values.shape[1])


def _smoothing(method: str, cutoff: float, window: float, threshold: float) -> Smoothing | None:
    """The chosen filter as a function of (samples, columns) and rate; None for none."""
    match method:
        case "butterworth":
            return lambda values, rate: filters.butterworth(values, rate, cutoff)
        case "gaussian":
            # A Gaussian of deviation s scales a sine by exp(−2π²s²f²): one half at the cutoff.
            width = np.sqrt(np.log(2) / 2) / (np.pi * cutoff)
            return lambda values, rate: filters.gaussian(values, rate, width)
        case "median":
            return lambda values, rate: filters.median(
                values, 2 * max(round(window * rate / 2), 1) + 1
            )
        case "wavelet":
            return lambda values, rate: wavelet.shrunk(values, threshold=threshold)
        case "none":
            return None
    raise RecipeError(
        f"Clean knows no method “{method}”; choose butterworth, gaussian, median, wavelet or none."
    )


def _evenly(values: Floats, times: Floats, smooth: Smoothing) -> Floats:
    """Filter values whose times need not be even.

    Pauses part the performance: what lies before one says nothing of what lies behind.
    Uneven stretches are filtered on an even grid at their median rate, which a monotone
    cubic leads to and back from.
    """
    steps = np.diff(times)
    if not len(steps):
        return values
    usual = float(np.median(steps))
    cuts = np.flatnonzero(steps > max(0.5, 10 * usual)) + 1
    result = np.array(values, np.float64)
    for start, stop in zip([0, *cuts], [*cuts, len(times)], strict=True):
        for column in range(0, values.shape[1], _COLUMNS):
            part = (slice(start, stop), slice(column, column + _COLUMNS))
            result[part] = _piece(result[part], times[start:stop], smooth)
    return result


def _piece(values: Floats, times: Floats, smooth: Smoothing) -> Floats:
    if len(times) < 2:
        return values
    steps = np.diff(times)
    step = float(np.median(steps))
    if np.all(np.abs(steps - step) <= _EVEN * step):
        return smooth(values, 1 / step)
    duration = float(times[-1] - times[0])
    grid = np.linspace(times[0], times[-1], max(round(duration / step), 1) + 1)
    even = smooth(interpolated(times, values, grid), (len(grid) - 1) / duration)
    return interpolated(grid, even, times)
