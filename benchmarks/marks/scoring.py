# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a value tells frames of two kinds apart, and whether lips that meet are seen to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from mien.models.performance import Floats

REACH = 0.24
"""Seconds before and after a closure in which the lips are at their widest beside it."""
SHUT = 0.25
"""A closure is seen where the aperture falls to this part of what it is beside it."""


def area(yes: Floats, no: Floats) -> float:
    """The area under the ROC curve: how often a yes lies above a no, a tie counted half.

    1 = always, 0.5 = by chance. NaN without a yes or without a no. As the Mann–Whitney
    statistic: Hanley and McNeil, "The meaning and use of the area under a receiver operating
    characteristic (ROC) curve", Radiology 143 (1982).
    """
    if not len(yes) or not len(no):
        return float("nan")
    difference = np.subtract.outer(np.asarray(yes, np.float64), np.asarray(no, np.float64))
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())


@dataclass(frozen=True)
class Shares:
    """What a threshold does: the share of yes at or above it, and the share of no."""

    threshold: float
    hits: float
    false_alarms: float

    @property
    def balanced(self) -> float:
        """Balanced accuracy: the mean of the shares that are right; 0.5 = by chance."""
        return (self.hits + 1 - self.false_alarms) / 2


def at(threshold: float, yes: Floats, no: Floats) -> Shares:
    """What a given threshold does; NaN where there is no yes, or no no."""

    def share(values: Floats) -> float:
        return float((np.asarray(values) >= threshold).mean()) if len(values) else float("nan")

    return Shares(float(threshold), share(yes), share(no))


def best(yes: Floats, no: Floats) -> Shares:
    """The threshold of the highest balanced accuracy, halfway between two values that occur.

    Of equally good ones the lowest. NaN without a yes or without a no.
    """
    if not len(yes) or not len(no):
        return Shares(float("nan"), float("nan"), float("nan"))
    values = np.unique(np.concatenate([yes, no]).astype(np.float64))
    candidates = np.concatenate([values[:1], (values[1:] + values[:-1]) / 2])
    return max((at(each, yes, no) for each in candidates), key=lambda shares: shares.balanced)


@dataclass(frozen=True)
class Fall:
    """The aperture of the lips at a closure: its lowest, and the widest beside it."""

    lowest: float
    beside: float

    @property
    def part(self) -> float:
        """What is left of the aperture, 0 = nothing; 1 if it was not open beside it either."""
        return self.lowest / self.beside if self.beside > 0 else 1.0

    @property
    def shut(self) -> bool:
        """Whether the closure is seen."""
        return self.part <= SHUT


def fall(aperture: Floats, times: Floats, first: int, last: int) -> Fall:
    """How far an aperture (frames,) falls from frame `first` to `last`.

    Beside is the mean of the widest within `REACH` before and within `REACH` after.
    """
    before = (times >= times[first] - REACH - 1e-6) & (np.arange(len(times)) < first)
    after = (times <= times[last] + REACH + 1e-6) & (np.arange(len(times)) > last)
    widest = [float(aperture[near].max()) for near in (before, after) if near.any()]
    return Fall(float(aperture[first : last + 1].min()), float(np.mean(widest or [0.0])))
