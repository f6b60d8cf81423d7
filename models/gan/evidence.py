# SPDX-License-Identifier: GPL-3.0-or-later
"""What the refiner is shown where nothing was seen.

Frames of confidence 0 may hold anything, so they are filled before the network sees
them: offline by a straight line between the frames around, live by the last frame seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def bridged(weights: Floats, confidence: Floats) -> Floats:
    """(frames, channels) with a straight line across every gap; ends are held.

    confidence: (frames, channels); a gap is where it is 0. A channel that was never seen
    is left as it is.
    """
    return _filled(weights, confidence, _straight)


def held(weights: Floats, confidence: Floats) -> Floats:
    """(frames, channels) with the last frame seen kept through every gap.

    A gap at the start takes what stands there, since nothing is known before it.
    """
    return _filled(weights, confidence, _last_seen)


def _filled(weights: Floats, confidence: Floats, fill: Any) -> Floats:
    lost = confidence <= 0
    if not lost.any():
        return weights
    if np.array_equal(lost.all(axis=1), lost.any(axis=1)):
        seen = ~lost[:, 0]
        return fill(np.asarray(weights), seen) if seen.any() else weights
    result = np.array(weights)
    for column in np.flatnonzero(lost.any(axis=0)):
        seen = ~lost[:, column]
        if seen.any():
            result[:, column] = fill(result[:, [column]], seen)[:, 0]
    return result


def _straight(values: Floats, seen: NDArray[np.bool_]) -> Floats:
    """(frames, columns) with the frames that were not seen on straight lines."""
    known = np.flatnonzero(seen)
    places = np.interp(np.arange(len(values)), known, np.arange(len(known)))
    base = np.minimum(places.astype(int), max(len(known) - 2, 0))
    after = np.minimum(base + 1, len(known) - 1)
    share = (places - base)[:, None]
    bridge = (1 - share) * values[known[base]] + share * values[known[after]]
    return np.where(seen[:, None], values, bridge)


def _last_seen(values: Floats, seen: NDArray[np.bool_]) -> Floats:
    """(frames, columns) with each frame that was not seen like the last that was."""
    frames = np.arange(len(values))
    latest = np.maximum.accumulate(np.where(seen, frames, -1))
    return values[np.where(latest < 0, frames, latest)]
