# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves of a performance as a picture: what was captured, and what a recipe made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..capture.weights import library
from ..performance import Performance

Floats = NDArray[np.floating[Any]]

# Red, green, blue; and, of a row's height, what its curve leaves free for the name above.
_GROUND, _LINE, _NAME = (38, 38, 38), (62, 62, 62), (200, 200, 200)
_BEFORE, _AFTER = (130, 130, 130), (90, 190, 235)
_FREE, _MARGIN = 0.3, 8
STILL = 0.01
"""How far a weight must go to count as moving."""


def most_moving(performance: Performance, channels: Sequence[str], count: int) -> tuple[str, ...]:
    """The channels that move most, those first; at most `count`, at least the first given."""
    there = [channel for channel in channels if channel in performance.channels]
    ranges = {channel: float(np.ptp(performance.channel(channel))) for channel in there}
    moving = sorted((each for each in there if ranges[each] > STILL), key=lambda c: -ranges[c])
    return tuple((moving or there[:1])[:count])


def picture(
    before: Performance,
    after: Performance,
    channels: Sequence[str],
    size: tuple[int, int] = (384, 384),
) -> NDArray[np.uint8]:
    """(height, width, 3) red, green, blue: a row a channel, from 0 to 1, time to the right.

    channels: those of both performances. Grey is before, blue after.
    """
    cv2: Any = library("cv2")
    width, height = size
    made = np.full((height, width, 3), _GROUND, np.uint8)
    tall = height / max(len(channels), 1)
    end = max(before.times[-1], after.times[-1], 1e-6)
    for row, channel in enumerate(channels):
        top, bottom = row * tall + tall * _FREE, (row + 1) * tall - 4
        for level in (top, bottom):
            cv2.line(made, (0, round(level)), (width, round(level)), _LINE, 1)
        place = (_MARGIN, round(top - tall * 0.06))
        cv2.putText(made, channel, place, cv2.FONT_HERSHEY_SIMPLEX, 0.6, _NAME, 1, cv2.LINE_AA)
        for performance, color, thickness in ((before, _BEFORE, 1), (after, _AFTER, 2)):
            across = _MARGIN + performance.times / end * (width - 2 * _MARGIN)
            values = np.clip(performance.channel(channel), -0.1, 1.1)
            points = np.stack([across, bottom - values * (bottom - top)], axis=1)
            # Sixteenths of a pixel, so that slow curves do not step.
            shifted = np.round(points * 16).astype(np.int32)
            cv2.polylines(made, [shifted], False, color, thickness, cv2.LINE_AA, 4)
    return made
