# SPDX-License-Identifier: GPL-3.0-or-later
"""Handles longer or shorter than a third of their segment, where that follows better.

With its slopes given, a segment has two lengths left to choose. The curve is then no
longer a polynomial of time, so they are found step by step (Gauss and Newton), for all
segments that need it at once.
"""

from __future__ import annotations

import numpy as np

from .bezier import Floats, Integers
from .segments import Segments

STEPS = 3
LONGEST_STEP = 0.15
SHORTEST, LONGEST = 0.05, 0.6
# Lets a length alone that makes no difference.
STIFFNESS = 1e-4


class Lengths:
    """Some segments whose first and second key have given slopes.

    ahead, back: (some,) the time of the right handle after the first key and of the left
    handle before the second, as shares of the span; never more than 1 together. error:
    (some,) the largest distance from a sample, in tolerances.
    """

    def __init__(
        self, segments: Segments, some: Integers, first_slope: Floats, last_slope: Floats
    ) -> None:
        inside = np.zeros(len(segments.first), bool)
        inside[some] = True
        chosen = inside[segments.owner]
        self.owner = np.searchsorted(some, segments.owner[chosen])
        self.start = np.flatnonzero(np.diff(self.owner, prepend=-1))
        samples, index, first = segments.samples, segments.index[chosen], segments.first[some]
        self.span, self.rise = segments.span[some], segments.rise[some]
        since = samples.times[index] - samples.times[first][self.owner]
        self.share = since / self.span[self.owner]
        self.height = samples.values[index] - segments.start_value[some][self.owner]
        self.tolerance = segments.tolerance[some]
        # Values are reckoned per span of time: a slope times a share is a height.
        self.first_slope, self.last_slope = first_slope * self.span, last_slope * self.span
        channel = first // samples.count
        low = samples.lower[channel] - segments.start_value[some]
        high = samples.upper[channel] - segments.start_value[some]
        self.longest_ahead = _room(self.first_slope, low, high)
        self.longest_back = _room(self.last_slope, self.rise - high, self.rise - low)
        self.ahead = np.full(len(some), 1 / 3)
        self.back = self.ahead.copy()
        self.error = np.full(len(some), np.inf)
        self._search()

    def _search(self) -> None:
        ahead: Floats = self.ahead.copy()
        back: Floats = self.back.copy()
        for step in range(STEPS + 1):
            error, (ahead_step, back_step) = self._tried(ahead, back)
            better = error < self.error
            for mine, theirs in ((self.error, error), (self.ahead, ahead), (self.back, back)):
                np.copyto(mine, theirs, where=better)
            if step < STEPS:
                ahead = np.clip(ahead + ahead_step, SHORTEST, self.longest_ahead)
                back = np.clip(back + back_step, SHORTEST, self.longest_back)
                together = np.maximum(ahead + back, 1)
                ahead, back = ahead / together, back / together

    def _tried(self, ahead: Floats, back: Floats) -> tuple[Floats, tuple[Floats, Floats]]:
        """The error in tolerances with these lengths, and how to change them."""
        owner = self.owner
        along = _coefficients(ahead, 1 - back, np.ones(len(ahead)))
        up = _coefficients(self.first_slope * ahead, self.rise - self.last_slope * back, self.rise)
        along1, along2, along3 = (each[owner] for each in along)
        up1, up2, up3 = (each[owner] for each in up)
        t = self.share.copy()
        for _ in range(4):
            away = ((along3 * t + along2) * t + along1) * t - self.share
            speed = (3 * along3 * t + 2 * along2) * t + along1
            t = np.clip(t - away / np.maximum(speed, 1e-3), 0, 1)
        missing = self.height - ((up3 * t + up2) * t + up1) * t
        error = np.maximum.reduceat(np.abs(missing), self.start) / self.tolerance
        speed = (3 * along3 * t + 2 * along2) * t + along1
        slope = ((3 * up3 * t + 2 * up2) * t + up1) / np.maximum(speed, 1e-3)
        weight = 3 * t * (1 - t)
        by_ahead = weight * (1 - t) * (self.first_slope[owner] - slope)
        by_back = weight * t * (slope - self.last_slope[owner])
        stiffness = STIFFNESS * self.tolerance**2 + 1e-24
        s11 = np.add.reduceat(by_ahead * by_ahead, self.start) + stiffness
        s12 = np.add.reduceat(by_ahead * by_back, self.start)
        s22 = np.add.reduceat(by_back * by_back, self.start) + stiffness
        r1 = np.add.reduceat(by_ahead * missing, self.start)
        r2 = np.add.reduceat(by_back * missing, self.start)
        determinant = s11 * s22 - s12 * s12
        steps = (s22 * r1 - s12 * r2) / determinant, (s11 * r2 - s12 * r1) / determinant
        ahead_step, back_step = (np.clip(each, -LONGEST_STEP, LONGEST_STEP) for each in steps)
        return error, (ahead_step, back_step)


def _coefficients(second: Floats, third: Floats, last: Floats) -> tuple[Floats, Floats, Floats]:
    """Of the cubic Bézier 0, second, third, last as a polynomial without constant."""
    return 3 * second, 3 * third - 6 * second, last + 3 * (second - third)


def _room(slope: Floats, low: Floats, high: Floats) -> Floats:
    """How long a handle may be and stay between two heights below and above its key.

    A third is never too long: slopes are chosen so.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(slope > 0, high, low) / slope
    return np.where(slope == 0, LONGEST, np.clip(room, 1 / 3, LONGEST))
