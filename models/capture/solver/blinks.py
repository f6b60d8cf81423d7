# SPDX-License-Identifier: GPL-3.0-or-later
"""A full blink is 1, for narrow and wide eyes alike.

A blink lasts 100–400 ms and blurs in most footage, so that it is seen too small, by a factor
that is much the same for a person before one camera. The higher blinks of a take are taken to
be full ones.
"""

from __future__ import annotations

import numpy as np

from ...arkit import CHANNELS
from ...performance import Floats

_BLINKS = [CHANNELS.index(name) for name in ("eyeBlinkLeft", "eyeBlinkRight")]
# Lower peaks are no blinks. Of the others this percentile is full. Nothing is raised more.
_LOWEST = 0.25
_FULL = 80
_MOST = 2.0


def with_full_blinks(weights: Floats) -> Floats:
    """(frames, 52) weights with both eyes' blinks raised alike, at most to twice as much."""
    raised = np.array(weights)
    raised[:, _BLINKS] = np.clip(raised[:, _BLINKS] * blink_gain(weights), 0, 1)
    return raised


def blink_gain(weights: Floats) -> float:
    """By how much blinks are seen too small, 1 to 2; 1 where there is none."""
    gains: list[float] = []
    for column in _BLINKS:
        values = weights[:, column]
        inner = values[1:-1]
        peaks = inner[(inner > _LOWEST) & (inner >= values[:-2]) & (inner > values[2:])]
        gains.append(float(1 / np.percentile(peaks, _FULL)) if len(peaks) else 1.0)
    return float(np.clip(np.mean(gains), 1, _MOST))
