# SPDX-License-Identifier: GPL-3.0-or-later
"""Natural motion from one expression to another: the way faces go, as fast as one likes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..arkit import CHANNELS, region_of
from ..capture.gaze import eyes_from_weights
from ..errors import PerformanceError, SamplingError
from ..performance import Floats, Performance, Source
from .runtime import ExpressionModel
from .transitions import transitions

LONGEST = 60.0

# Faces on the way, at even steps; between two of them a straight line is near enough.
_STEPS = 33


def between(
    start: ArrayLike,
    end: ArrayLike,
    seconds: float,
    rate: float = 60.0,
    model: ExpressionModel | None = None,
) -> Performance:
    """A face that goes from one expression to another.

    The way leads through the model's latents, past faces that people make, not straight from
    weight to weight; each channel goes it at the pace at which its region rises or falls in
    recordings (`transitions`). The first and the last frame are the expressions themselves.
    No channel leaves the range that the recordings show of it, unless an expression does.

    start, end: (52,) weights in the order of `arkit.CHANNELS`, 0–1. seconds: how long it
    takes. rate: frames a second. model: None loads Mien's own.

    Raises SamplingError for a time that is not above 0 or above a minute, or a rate outside
    10–240; PerformanceError for expressions that are not 52 finite numbers.
    """
    if not (np.isfinite(seconds) and 0 < seconds <= LONGEST):
        raise SamplingError(f"A transition takes up to {LONGEST:g} seconds, not {seconds}.")
    if not (np.isfinite(rate) and 10 <= rate <= 240):
        raise SamplingError(f"A transition has 10 to 240 frames a second, not {rate}.")
    ends = np.stack([_expression(start, "first"), _expression(end, "last")])
    frames = max(round(seconds * rate), 1) + 1
    times = np.linspace(0, seconds, frames)
    way = _way(ends, model or ExpressionModel())
    weights = _at_pace(way, times / seconds)
    weights[[0, -1]] = ends
    return Performance(
        weights=weights,
        times=times,
        eyes=eyes_from_weights(weights),
        source=Source("between two expressions"),
    )


def _expression(weights: ArrayLike, which: str) -> Floats:
    try:
        values = np.asarray(weights, np.float32)
    except (TypeError, ValueError):
        values = np.zeros(0, np.float32)
    if values.shape != (len(CHANNELS),) or not np.all(np.isfinite(values)):
        raise PerformanceError(f"The {which} expression needs {len(CHANNELS)} finite weights.")
    return np.clip(values, 0, 1)


def _way(ends: Floats, model: ExpressionModel) -> Floats:
    """(_STEPS, 52) faces from one end to the other, through the latents."""
    latents, _ = model.encode(ends)
    share = np.linspace(0, 1, _STEPS)[:, None]
    way = model.decode(latents[0] + share * (latents[1] - latents[0]))
    # What the model cannot say of the ends goes over from one into the other.
    rest = ends - way[[0, -1]]
    way = way + (1 - share) * rest[0] + share * rest[1]
    measured = transitions()
    low = np.minimum(measured.lowest, ends.min(axis=0))
    high = np.maximum(measured.highest, ends.max(axis=0))
    return np.asarray(np.clip(way, low, high), np.float32)


def _at_pace(way: Floats, moments: Floats) -> Floats:
    """(frames, 52) the way at moments 0–1, each channel at its region's pace."""
    measured = transitions()
    shares = np.linspace(0, 1, len(way))
    result = np.empty((len(moments), len(CHANNELS)), np.float32)
    for column, name in enumerate(CHANNELS):
        course = measured.course(region_of(name), bool(way[-1, column] > way[0, column]))
        result[:, column] = np.interp(course.at(moments), shares, way[:, column])
    return result
