# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be said of a performance where no truth is known to compare it with.

It is measured against what was seen: how much of the tremble is gone, and whether the moments
that a viewer reads are still there: lips that meet, lids that close.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..performance import Performance
from .metrics import jitter

Floats = NDArray[np.floating[Any]]

CHANGED = 0.02
"""A sample that a recipe moves by more than this weight counts as changed."""

# How far the mouth is open, jawOpen − mouthClose: the lips meet up to the first, and have been
# apart from the second on. Lids: open up to the first weight of eyeBlink, shut from the second.
_LIPS_MEET, _LIPS_APART = 0.03, 0.12
_LIDS_OPEN, _LIDS_SHUT = 0.3, 0.6
# A moment may come this many frames earlier or later than it was seen.
_REACH = 2
_DIGITS = 5


def figures(seen: Performance, made: Performance) -> dict[str, float]:
    """The figures of a performance against what was seen, by name.

    jitter_seen, jitter: mean |second difference|, in weights a frame². changed: share of
    samples that differ by more than `CHANGED`. lip_closures, blinks: how many were seen;
    lip_closures_kept, blinks_kept: how many of them are there still. Only channels that both
    have count, at the moments that were seen.
    """
    names = [name for name in seen.channels if name in made.channels]
    before = _at(seen, names, seen.times)
    after = _at(made, names, seen.times)
    result: dict[str, float] = {
        "jitter_seen": round(jitter(before), _DIGITS),
        "jitter": round(jitter(after), _DIGITS),
        "changed": round(float((np.abs(after - before) > CHANGED).mean()), _DIGITS),
    }
    moments = (
        ("lip_closures", ("jawOpen", "mouthClose"), _closed_lips, -_LIPS_APART, -_LIPS_MEET),
        ("blinks", ("eyeBlinkLeft", "eyeBlinkRight"), _shut_lids, _LIDS_OPEN, _LIDS_SHUT),
    )
    for name, channels, value, low, high in moments:
        if set(channels) <= set(names):
            columns = [names.index(channel) for channel in channels]
            spans = _rises(value(before[:, columns]), low, high)
            result[name] = len(spans)
            result[f"{name}_kept"] = _kept(value(after[:, columns]), spans, high)
    return result


def _at(performance: Performance, names: Sequence[str], times: Floats) -> Floats:
    columns = [np.interp(times, performance.times, performance.channel(name)) for name in names]
    return np.stack(columns, axis=1) if columns else np.zeros((len(times), 0))


def _closed_lips(weights: Floats) -> Floats:
    """(frames,) the opening of the mouth, negative: it rises as the lips close."""
    return np.asarray(weights[:, 1] - weights[:, 0])


def _shut_lids(weights: Floats) -> Floats:
    """(frames,) how far both lids are shut."""
    return np.asarray(weights.mean(axis=1))


def _rises(values: Floats, low: float, high: float) -> list[tuple[int, int]]:
    """First and last frame of each stretch at `high` or above that comes after one at `low` or
    below: what only trembles about one of the two is no moment."""
    spans: list[tuple[int, int]] = []
    was_low, was_high = False, False
    for frame, value in enumerate(values):
        if value >= high:
            if was_high:
                spans[-1] = (spans[-1][0], frame)
            elif was_low:
                spans.append((frame, frame))
                was_high, was_low = True, False
        else:
            was_high = False
            was_low = was_low or value <= low
    return spans


def _kept(values: Floats, spans: Sequence[tuple[int, int]], high: float) -> int:
    """How many of the stretches reach `high` in other values, too, then or nearly then."""
    around = [values[max(0, first - _REACH) : last + _REACH + 1] for first, last in spans]
    return sum(bool((each >= high).any()) for each in around)
