# SPDX-License-Identifier: GPL-3.0-or-later
"""Another rate, another speed, another start and end: always by time, never by counting.

Going down in rate samples the curves and does not smooth them first. At whole frames an
animator expects the value that the take has at that time, and a low-pass that kept 24
frames a second free of aliases would take a blink's top off; faces move below 12 Hz, and
what is faster is noise, which `clean` takes out before.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .. import rotation
from ..errors import RecipeError
from ..performance import Performance
from ..timecode import seconds, timecode
from .interpolation import interpolated, places

Floats = NDArray[np.floating[Any]]
Method = Literal["cubic", "linear"]

# Times this near to a sample are that sample's: 1/30 + 1/30 + … is not k/30.
_SAME = 1e-9
# Seconds after a trim's start within which a sample stands for it.
_NEAR = 1e-3


def retime(
    performance: Performance,
    *,
    rate: float = 0.0,
    speed: float = 1.0,
    method: Method = "cubic",
) -> Performance:
    """The performance at another rate and speed.

    rate: frames a second, also 24000/1001; 0 keeps the samples there are.
    speed: 2 is twice as fast, half as long.
    method: “cubic”, monotone between samples, or “linear”. The head turns along the
        shortest way. Neither goes beyond the samples, and both keep them at their times.

    The last frame is the last that lies within the performance. A frame between a seen and
    an unseen one has the lower confidence of the two. Raises RecipeError for a rate below
    0, a speed not above 0, or a method there is none of.
    """
    if not (np.isfinite(rate) and rate >= 0):
        raise RecipeError(f"Retime: the rate must be above 0 frames a second; it is {rate}.")
    if not (np.isfinite(speed) and speed > 0):
        raise RecipeError(f"Retime: the speed must be above 0; it is {speed}.")
    if method not in ("cubic", "linear"):
        raise RecipeError(f"Retime knows no method “{method}”; choose cubic or linear.")
    if speed != 1:
        performance = performance.replace(times=performance.times / speed)
    if not rate:
        return performance
    count = int(np.floor(performance.duration * rate + 1e-6)) + 1
    return sampled(performance, np.arange(count) / rate, cubic=method == "cubic")


def sampled(performance: Performance, times: Floats, cubic: bool = True) -> Performance:
    """The performance at the given times (seconds, increasing); outside it the ends hold.

    The result starts at 0 whatever the first time is.
    """
    wanted = _snapped(performance.times, np.asarray(times, np.float64))

    def curve(values: Floats, cubic: bool) -> Floats:
        return interpolated(performance.times, values, wanted, cubic)

    before, share = places(performance.times, wanted)
    after = np.minimum(before + 1, len(performance) - 1)
    head = None
    if performance.head is not None:
        quaternions = rotation.continuous(performance.head[:, :4])
        turns = rotation.slerp(quaternions[before], quaternions[after], share)
        # The sample itself, to the last bit, at its own time.
        turns = np.where((share == 0)[:, None], quaternions[before], turns)
        turns = np.where((share == 1)[:, None], quaternions[after], turns)
        head = np.concatenate([turns, curve(performance.head[:, 4:], cubic)], axis=1)
    confidence = np.minimum(
        performance.confidence[np.where(share == 1, after, before)],
        performance.confidence[np.where(share == 0, before, after)],
    )
    return performance.replace(
        weights=curve(performance.weights, cubic),
        times=times,
        head=head,
        eyes=None if performance.eyes is None else curve(performance.eyes, cubic),
        confidence=confidence,
    )


def trim(performance: Performance, *, start: float = 0.0, end: float | None = None) -> Performance:
    """The part from `start` to `end` seconds, both included; its times start at 0 again.

    end: None is the end; below 0 counts back from it. A timecode moves along. Where no sample
    lies within a millisecond after `start`, the result begins with one from between its
    neighbours, so that what happens keeps its time to a millisecond.
    Raises RecipeError if no sample lies between the two.
    """
    last = performance.duration if end is None else end
    if last < 0:
        last += performance.duration
    kept = (performance.times >= start - _SAME) & (performance.times <= last + _SAME)
    if not kept.any():
        raise RecipeError(
            f"Trim: nothing lies between {start:g} s and {last:g} s; "
            f"the performance is {performance.duration:g} s long."
        )
    if kept.all():
        return performance
    times = performance.times[kept]
    source = performance.source
    between = times[0] - max(start, 0) > _NEAR
    if source.timecode:
        moved = seconds(source.timecode, source.timecode_base)
        moved += (start if between else float(times[0])) * source.timecode_pace
        source = dataclasses.replace(source, timecode=timecode(moved, source.timecode_base))
    if between:
        return sampled(performance, np.concatenate([[start], times])).replace(source=source)
    return performance.replace(
        weights=performance.weights[kept],
        times=times,
        head=None if performance.head is None else performance.head[kept],
        eyes=None if performance.eyes is None else performance.eyes[kept],
        confidence=performance.confidence[kept],
        source=source,
    )


def _snapped(times: Floats, wanted: Floats) -> Floats:
    """Wanted times moved onto samples that they only miss by rounding."""
    nearest = times[np.clip(np.searchsorted(times, wanted), 0, len(times) - 1)]
    earlier = times[np.clip(np.searchsorted(times, wanted) - 1, 0, len(times) - 1)]
    nearest = np.where(np.abs(wanted - earlier) < np.abs(wanted - nearest), earlier, nearest)
    return np.where(np.abs(wanted - nearest) <= _SAME, nearest, wanted)
