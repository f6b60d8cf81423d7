# SPDX-License-Identifier: GPL-3.0-or-later
"""Cubic segments between samples: their best handles, many segments at once.

With both handles a third of the way along in time, Blender's curve is a polynomial of
time, and the two handle values are a linear least-squares problem with two unknowns.
Segments start and end on samples. Their inner samples are laid end to end in one flat
array, so that numpy's loops run over samples, not over segments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bezier import Floats, Integers

# Pulls handles toward the samples' own slopes where too few samples decide.
STIFFNESS = 1e-3


@dataclass(frozen=True, eq=False)
class Samples:
    """What is fitted: flat arrays, one channel after the other.

    count: samples of a channel. times, values, slopes: (channels × count,) float64.
    tolerance, lower, upper: (channels,) float64.
    """

    count: int
    times: Floats
    values: Floats
    slopes: Floats
    tolerance: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, eq=False)
class Handles:
    """Of each segment the first key's right handle and the second key's left handle.

    ahead, back: (segments,) how long they are in time, as shares of the segment's span.
    right, left: (segments,) their values above the first key's.
    """

    ahead: Floats
    back: Floats
    right: Floats
    left: Floats


class Segments:
    """A batch of segments and the sums from which their best handles follow.

    first, last: (segments,) flat indices of the samples where each starts and ends.
    Handle values are reckoned from the straight line between these two: `rise / 3` and
    `2 * rise / 3` above the first sample.
    """

    def __init__(self, samples: Samples, first: Integers, last: Integers) -> None:
        self.samples, self.first, self.last = samples, first, last
        channel = first // samples.count
        self.tolerance = samples.tolerance[channel]
        start_time = samples.times[first]
        self.start_value = samples.values[first]
        self.span = samples.times[last] - start_time
        self.rise = samples.values[last] - self.start_value
        self.lowest1 = samples.lower[channel] - self.start_value - self.rise / 3
        self.lowest2 = self.lowest1 - self.rise / 3
        self.highest1 = samples.upper[channel] - self.start_value - self.rise / 3
        self.highest2 = self.highest1 - self.rise / 3

        self.s11 = np.full(len(first), STIFFNESS)
        self.s22 = self.s11.copy()
        self.s12 = np.zeros(len(first))
        self.r1 = STIFFNESS * (samples.slopes[first] * self.span - self.rise) / 3
        self.r2 = STIFFNESS * (self.rise - samples.slopes[last] * self.span) / 3
        self.inner = np.flatnonzero(last - first > 1)
        if len(self.inner) == 0:
            return
        count = (last - first - 1)[self.inner]
        self.start = np.cumsum(count) - count
        self.owner = np.repeat(self.inner, count)
        self.index = index = np.arange(len(self.owner))
        index += np.repeat(first[self.inner] + 1 - self.start, count)
        u = samples.times[index]
        u -= start_time[self.owner]
        u *= (1 / self.span)[self.owner]
        self.residual = samples.values[index]
        self.residual -= self.start_value[self.owner]
        self.residual -= self.rise[self.owner] * u
        self.basis2 = 1 - u
        self.basis1 = 3 * u
        self.basis1 *= self.basis2
        self.basis2 = self.basis1 * u
        self.basis1 -= self.basis2
        self.s11[self.inner] += np.add.reduceat(self.basis1 * self.basis1, self.start)
        self.s12[self.inner] += np.add.reduceat(self.basis1 * self.basis2, self.start)
        self.s22[self.inner] += np.add.reduceat(self.basis2 * self.basis2, self.start)
        self.r1[self.inner] += np.add.reduceat(self.basis1 * self.residual, self.start)
        self.r2[self.inner] += np.add.reduceat(self.basis2 * self.residual, self.start)

    def best(self) -> tuple[Floats, Floats]:
        """The first key's right and the second key's left handle, by least squares.

        Both stay inside the limits, and so does the curve: where one strays, it is held
        at the limit and the other is solved for again.
        """
        determinant = self.s11 * self.s22 - self.s12 * self.s12
        right = (self.s22 * self.r1 - self.s12 * self.r2) / determinant
        left = (self.s11 * self.r2 - self.s12 * self.r1) / determinant
        kept_right = _between(right, self.lowest1, self.highest1)
        kept_left = _between(left, self.lowest2, self.highest2)
        every = np.arange(len(right))
        return (
            np.where(kept_left != left, self.right_beside(kept_left, every), kept_right),
            np.where(kept_right != right, self.left_beside(kept_right, every), kept_left),
        )

    def right_beside(self, left: Floats, some: Integers) -> Floats:
        """The best right handles of some segments whose left handles are given."""
        right = (self.r1[some] - self.s12[some] * left[some]) / self.s11[some]
        return _between(right, self.lowest1[some], self.highest1[some])

    def left_beside(self, right: Floats, some: Integers) -> Floats:
        """The best left handles of some segments whose right handles are given."""
        left = (self.r2[some] - self.s12[some] * right[some]) / self.s22[some]
        return _between(left, self.lowest2[some], self.highest2[some])

    def error(self, right: Floats, left: Floats) -> Floats:
        """(segments,): the largest distance from a sample, in tolerances."""
        result = np.zeros(len(self.first))
        if len(self.inner):
            rest = self.residual - right[self.owner] * self.basis1
            rest -= left[self.owner] * self.basis2
            np.abs(rest, out=rest)
            result[self.inner] = np.maximum.reduceat(rest, self.start)
        return result / self.tolerance

    def thirds(self, right: Floats, left: Floats) -> Handles:
        """Handles a third of the span long, from values above the straight line."""
        third = np.full(len(right), 1 / 3)
        return Handles(third, third.copy(), self.rise / 3 + right, self.rise * (2 / 3) + left)

    def band(self, handles: Handles) -> tuple[NDArray[np.bool_], Integers]:
        """Which segments leave the band between two neighbouring samples, and where.

        The band spans both samples, wider by the tolerance on each side. (segments,)
        bool, and for those a sample strictly inside beside the place, if there is one.
        """
        samples, count = self.samples, self.samples.count
        right, left = handles.right, handles.left
        # The value's slope over the curve's own parameter, as a quadratic.
        a, b, c = self.rise + 3 * (right - left), 2 * (left - 2 * right), right
        beyond = np.zeros(len(right), bool)
        beside = self.first + 1
        with np.errstate(all="ignore"):
            root = -(b + np.copysign(np.sqrt(b * b - 4 * a * c), b)) / 2
            extremes = np.stack([root / a, c / root])
        for each in extremes:
            some = np.flatnonzero((each > 0) & (each < 1))
            t = each[some]
            early, middle, late = 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            height = early * right[some] + middle * left[some] + late * self.rise[some]
            value = self.start_value[some] + height
            share = early * handles.ahead[some] + middle * (1 - handles.back[some]) + late
            time = samples.times[self.first[some]] + share * self.span[some]
            base = self.first[some] // count * count
            before = base + np.searchsorted(samples.times[:count], time, side="right") - 1
            before = np.clip(before, self.first[some], self.last[some] - 1)
            one, other = samples.values[before], samples.values[before + 1]
            slack = self.tolerance[some]
            out = value > np.maximum(one, other) + slack
            out |= value < np.minimum(one, other) - slack
            beyond[some] |= out
            beside[some[out]] = np.maximum(before[out], self.first[some[out]] + 1)
        return beyond, beside


def slopes(times: Floats, values: Floats) -> Floats:
    """(channels, samples): a slope at each sample that makes no new extremes.

    The weighted harmonic mean of the slopes on both sides, zero at extremes. Source:
    Fritsch and Butland, "A method for constructing local monotone piecewise cubic
    interpolants", 1984.
    """
    result = np.zeros_like(values)
    width = np.diff(times)
    secant = np.diff(values, axis=1) / width
    before, after = secant[:, :-1], secant[:, 1:]
    weight = (2 * width[1:] + width[:-1]) / (3 * (width[1:] + width[:-1]))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = before * after / (weight * after + (1 - weight) * before)
    result[:, 1:-1] = np.where(before * after > 0, mean, 0)
    result[:, 0] = secant[:, 0]
    result[:, -1] = secant[:, -1]
    return result


def _between(values: Floats, lowest: Floats, highest: Floats) -> Floats:
    """`values` within limits; faster than `numpy.clip` for few values."""
    result: Floats = np.minimum(np.maximum(values, lowest), highest)
    return result
