# SPDX-License-Identifier: GPL-3.0-or-later
"""Values between samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def places(times: Floats, wanted: Floats) -> tuple[NDArray[np.intp], Floats]:
    """For each wanted time the sample before it, and how far it is to the next (0–1).

    Wanted times outside the samples take the nearest end.
    """
    if len(times) == 1:
        return np.zeros(len(wanted), np.intp), np.zeros(len(wanted))
    before = np.clip(np.searchsorted(times, wanted, side="right") - 1, 0, len(times) - 2)
    share = (wanted - times[before]) / (times[before + 1] - times[before])
    return before, np.clip(share, 0.0, 1.0)


def interpolated(times: Floats, values: Floats, wanted: Floats, cubic: bool = True) -> Floats:
    """(wanted, columns) values at any times, from (samples, columns).

    Exactly the sample at a sample's own time, never beyond its two neighbours between.
    cubic: a monotone cubic (F. Fritsch and R. Carlson, "Monotone Piecewise Cubic
        Interpolation", SIAM Journal on Numerical Analysis 17, 1980, with the slopes of
        F. Fritsch and J. Butland, 1984); else straight lines.
    """
    values = np.asarray(values, np.float64)
    if len(times) == 1:
        return np.repeat(values, len(wanted), axis=0)
    before, share = places(times, wanted)
    share = share[:, None]
    first, second = values[before], values[before + 1]
    if not cubic or len(times) == 2:
        result = first + (second - first) * share
    else:
        slopes = _slopes(times, values)
        step = (times[before + 1] - times[before])[:, None]
        result = (
            first
            + (second - first) * share**2 * (3 - 2 * share)
            + slopes[before] * step * share * (1 - share) ** 2
            - slopes[before + 1] * step * share**2 * (1 - share)
        )
    result = np.clip(result, np.minimum(first, second), np.maximum(first, second))
    # first + (second − first) is not always second in floating point.
    return np.where(share == 1, second, result)


def _slopes(times: Floats, values: Floats) -> Floats:
    """(samples, columns) slopes that keep a monotone cubic monotone."""
    steps = np.diff(times)[:, None]
    rises = np.diff(values, axis=0) / steps
    slopes = np.zeros_like(values)
    left, right = rises[:-1], rises[1:]
    same = left * right > 0
    ahead = steps[1:] + 2 * steps[:-1]
    behind = 2 * steps[1:] + steps[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        harmonic = (ahead + behind) / (ahead / right + behind / left)
    slopes[1:-1] = np.where(same, harmonic, 0)
    slopes[0] = rises[0]
    slopes[-1] = rises[-1]
    return slopes
