# SPDX-License-Identifier: GPL-3.0-or-later
"""Handles of neighbouring segments laid in one line where the tolerance allows it.

Segments that are fitted one by one meet at an angle. Here each key gets one slope for
both its handles, chosen so that the segments beside it together follow their samples
best. Where a sample would then be missed, handles may become longer or shorter
(`lengths`); where that does not help, the key keeps two handles of its own.

Joint k lies between segments k − 1 and k: there is one more joint than segments.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .bezier import Floats, Integers
from .lengths import Lengths
from .segments import Handles, Segments

SWEEPS = 6


def smooth_handles(
    segments: Segments, loose: NDArray[np.bool_]
) -> tuple[Handles, NDArray[np.bool_]]:
    """The handles of the segments, and which joints are loose in the end.

    loose: (segments + 1,) joints that must not be smoothed, among them the ends of each
    channel. A segment whose best handles keep to the tolerance, keeps to it.
    """
    best = segments.best()
    loose = loose.copy()
    first_slope = (segments.rise + 3 * best[0]) / segments.span
    last_slope = (segments.rise - 3 * best[1]) / segments.span
    bend = np.zeros(len(loose))
    bend[1:-1] = np.abs(first_slope[1:] - last_slope[:-1])
    bend[1:-1] *= np.minimum(segments.span[1:], segments.span[:-1])
    tries = 0
    while True:
        right, left = _relaxed(segments, best, loose)
        handles = segments.thirds(right, left)
        beyond, _ = segments.band(handles)
        strays: Integers = np.flatnonzero((segments.error(right, left) > 1) | beyond)
        strays = strays[~(loose[strays] & loose[strays + 1])]
        if len(strays):
            strays = _lengthened(segments, strays, handles)
        if len(strays) == 0:
            return handles, loose
        # The sharper bend of the two is given up first.
        tries += 1
        here = np.where(loose[strays], -1, bend[strays])
        there = np.where(loose[strays + 1], -1, bend[strays + 1])
        loose[strays[(here >= there) | (tries > 2)]] = True
        loose[strays[(there >= here) | (tries > 2)] + 1] = True


def _lengthened(segments: Segments, strays: Integers, handles: Handles) -> Integers:
    """Give strays that need it handles of other lengths; which go on straying."""
    inner = strays[segments.last[strays] - segments.first[strays] > 1]
    if len(inner) == 0:
        return strays
    span, rise = segments.span[inner], segments.rise[inner]
    first_slope = handles.right[inner] * 3 / span
    last_slope = (rise - handles.left[inner]) * 3 / span
    lengths = Lengths(segments, inner, first_slope, last_slope)
    fits = lengths.error <= 1
    chosen = inner[fits]
    handles.ahead[chosen] = lengths.ahead[fits]
    handles.back[chosen] = lengths.back[fits]
    handles.right[chosen] = (first_slope * lengths.ahead * span)[fits]
    handles.left[chosen] = (rise - last_slope * lengths.back * span)[fits]
    beyond, _ = segments.band(handles)
    fitting = np.zeros(len(segments.first), bool)
    fitting[chosen] = ~beyond[chosen]
    strays = strays[~fitting[strays]]
    return strays


def _relaxed(
    segments: Segments, best: tuple[Floats, Floats], loose: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """The handles of least error with one slope at each joint that is not loose.

    Every other joint is solved with its neighbours held, in turn (Gauss and Seidel).
    """
    right, left = best[0].copy(), best[1].copy()
    channel = segments.first // segments.samples.count
    # Counted from the start of each channel, so that channels do not depend on each other.
    number = np.append(np.arange(len(channel)) - np.searchsorted(channel, channel), 0)
    halves = [_Tied(segments, np.flatnonzero(~loose & (number % 2 == odd))) for odd in (0, 1)]
    free_right = np.flatnonzero(loose[:-1] & ~loose[1:])
    free_left = np.flatnonzero(loose[1:] & ~loose[:-1])
    for _ in range(SWEEPS):
        for tied in halves:
            tied.settle(right, left)
        right[free_right] = segments.right_beside(left, free_right)
        left[free_left] = segments.left_beside(right, free_left)
    return right, left


class _Tied:
    """Joints whose two handles share one slope, no two of them beside each other."""

    def __init__(self, segments: Segments, joint: Integers) -> None:
        before, after = joint - 1, joint
        self.before, self.after = before, after
        self.back, self.ahead = segments.span[before] / 3, segments.span[after] / 3
        self.fall, self.rise = segments.rise[before] / 3, segments.rise[after] / 3
        self.s12_before, self.s12_after = segments.s12[before], segments.s12[after]
        self.constant = self.back * (
            segments.s22[before] * self.fall - segments.r2[before]
        ) + self.ahead * (segments.s11[after] * self.rise + segments.r1[after])
        self.weight = self.back**2 * segments.s22[before] + self.ahead**2 * segments.s11[after]
        self.lowest = np.maximum(
            (self.fall - segments.highest2[before]) / self.back,
            (segments.lowest1[after] + self.rise) / self.ahead,
        )
        self.highest = np.minimum(
            (self.fall - segments.lowest2[before]) / self.back,
            (segments.highest1[after] + self.rise) / self.ahead,
        )

    def settle(self, right: Floats, left: Floats) -> None:
        """Set the best slope of each joint, the other ends of its segments as they are."""
        slope = (
            self.constant
            + self.back * self.s12_before * right[self.before]
            - self.ahead * self.s12_after * left[self.after]
        ) / self.weight
        slope = np.minimum(np.maximum(slope, self.lowest), self.highest)
        left[self.before] = self.fall - slope * self.back
        right[self.after] = slope * self.ahead - self.rise
