# SPDX-License-Identifier: GPL-3.0-or-later
"""tongueOut, from what the landmark network says besides the landmarks.

MediaPipe leaves that output unused. It stays below 0.12 in speech and expressions
without the tongue, and rises when a tongue is seen before the lips; but also, at times,
for a hand over the mouth, of which the lips' landmarks know: they stay closed beneath it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_UPPER_LIP, _LOWER_LIP = 13, 14
_RIGHT_CORNER, _LEFT_CORNER = 78, 308

# The network's output at which the channel begins to rise, and is fully on.
_SIGNAL = (0.2, 0.7)
# The gap between the lips in widths of the mouth, likewise: no tongue without one.
_GAP = (0.03, 0.12)


def tongue_out(signal: float, points: NDArray[np.floating]) -> float:
    """The weight of tongueOut, 0–1.

    signal: the network's output, 0–1. points: (478, 3) landmarks in pixels.
    """
    return _rise(signal, *_SIGNAL) * _rise(_lip_gap(points), *_GAP)


def _lip_gap(points: NDArray[np.floating]) -> float:
    """How far the inner lips are apart, in widths of the mouth."""
    gap = np.linalg.norm(points[_UPPER_LIP] - points[_LOWER_LIP])
    width = np.linalg.norm(points[_RIGHT_CORNER] - points[_LEFT_CORNER])
    return float(gap / width) if width > 0 else 0.0


def _rise(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, along 3x² − 2x³ between them."""
    part = min(1.0, max(0.0, (value - low) / (high - low)))
    return part * part * (3 - 2 * part)
