# SPDX-License-Identifier: GPL-3.0-or-later
"""Segments written as keys in Blender's single precision, and how far they then stray."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .bezier import Floats, Integers, Keys, parameter, polynomial
from .joints import smooth_handles
from .segments import Segments


class Written:
    """The keys and handles of segments as Blender stores them.

    segments: those that move, in order; between them lie holds. loose: (samples,) keys
    whose two handles need not lie in one line. original: (samples,) float32, what the
    error is measured against.

    loose: (segments + 1,) the joints at which they do not.
    error: (segments,) the largest distance from a sample as Blender evaluates the curve.
    worst: (segments,) the sample where that is.
    """

    def __init__(self, segments: Segments, loose: NDArray[np.bool_], original: Floats) -> None:
        self.segments, self.original = segments, original
        samples, first, last = segments.samples, segments.first, segments.last
        apart = (last[:-1] != first[1:]) | loose[first[1:]]
        handles, self.loose = smooth_handles(segments, np.concatenate([[True], apart, [True]]))
        channel = first // samples.count
        low, high = samples.lower[channel], samples.upper[channel]
        start, end, span = samples.times[first], samples.times[last], segments.span
        self.x0, self.x3 = _single(start), _single(end)
        self.x1 = _single(start + span * handles.ahead)
        self.x2 = _single(end - span * handles.back)
        self.y0, self.y3 = _single(samples.values[first]), _single(samples.values[last])
        self.y1 = _single(np.clip(segments.start_value + handles.right, low, high))
        self.y2 = _single(np.clip(segments.start_value + handles.left, low, high))
        self.error, self.worst = self._at_samples()

    def _at_samples(self) -> tuple[Floats, Integers]:
        segments = self.segments
        error = np.zeros(len(segments.first))
        worst = segments.first.copy()
        if len(segments.inner) == 0:
            return error, worst
        owner, index = segments.owner, segments.index
        x = _single(segments.samples.times[index])
        t = parameter(self.x0[owner], self.x1[owner], self.x2[owner], self.x3[owner], x)
        y = polynomial(self.y0[owner], self.y1[owner], self.y2[owner], self.y3[owner], t)
        away = np.abs(y.astype(np.float64) - self.original[index])
        error[segments.inner] = np.maximum.reduceat(away, segments.start)
        most = np.flatnonzero(away == error[owner])
        worst[owner[most]] = index[most]
        return error, worst

    def keys(self, stations: Integers) -> list[Keys]:
        """The keys of every channel that stand on `stations`, indices of samples."""
        samples, first = self.segments.samples, self.segments.first
        channels, count = len(samples.tolerance), samples.count
        times, values = _single(samples.times[stations]), _single(samples.values[stations])
        # Holds and the ends have level handles, a third of the span long like the others.
        third = np.diff(samples.times[stations]) / 3
        same = np.diff(stations // count) == 0
        ahead = np.where(np.append(same, False), np.append(third, 0), np.insert(third, 0, 0))
        back = np.where(np.insert(same, 0, False), np.insert(third, 0, 0), np.append(third, 0))
        right = np.stack([_single(samples.times[stations] + ahead), values], axis=1)
        left = np.stack([_single(samples.times[stations] - back), values], axis=1)
        start = np.searchsorted(stations, first)
        right[start] = np.stack([self.x1, self.y1], axis=1)
        left[start + 1] = np.stack([self.x2, self.y2], axis=1)
        away = np.abs(samples.values - self.original)
        if len(self.segments.inner):
            away[self.segments.index] = 0
        error = away.reshape(channels, count).max(axis=1)
        np.maximum.at(error, first // count, self.error)
        bounds = np.searchsorted(stations, np.arange(channels + 1) * count)
        held = np.zeros(len(stations), bool)
        return [
            Keys(times[a:b], values[a:b], left[a:b], right[a:b], held[a:b], float(largest))
            for a, b, largest in zip(bounds[:-1], bounds[1:], error, strict=True)
        ]


def _single(values: Floats) -> Floats:
    return values.astype(np.float32)
