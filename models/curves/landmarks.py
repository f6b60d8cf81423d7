# SPDX-License-Identifier: GPL-3.0-or-later
"""The samples that must carry a key: ends, holds and prominent extremes.

A hold is a stretch of equal samples: a key at each end keeps it exactly still. An
extreme is prominent if the curve comes back by more than a given amount on both sides
before it goes further: a key there keeps the peak of a blink on its frame.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .bezier import Floats, Integers

SHORTEST_HOLD = 4


def stretches(values: Floats) -> Integers:
    """(channels, samples): a number for each stretch of equal samples, all different."""
    change = np.ones(values.shape, bool)
    np.not_equal(values[:, 1:], values[:, :-1], out=change[:, 1:])
    return np.cumsum(change.ravel()).reshape(values.shape) - 1


def settled(values: Floats, tolerance: Floats) -> Floats:
    """(channels, samples): values that stay still where they hardly leave a hold.

    Between two holds of the same value that the samples leave by no more than the
    tolerance (channels,), it is one hold. A filter leaves such ripples behind.
    """
    stretch = stretches(values)
    first, last = _bounds(stretch)
    hold = np.flatnonzero(last - first + 1 >= SHORTEST_HOLD)
    flat, samples = values.ravel(), values.shape[1]
    before, after = hold[:-1], hold[1:]
    alike = (flat[first[before]] == flat[first[after]]) & (
        first[before] // samples == first[after] // samples
    )
    start, end = last[before[alike]] + 1, first[after[alike]]
    if len(start) == 0:
        return values
    pairs = np.column_stack([start, end]).ravel()
    level = flat[start - 1]
    above = np.maximum.reduceat(flat, pairs)[::2] - level
    below = level - np.minimum.reduceat(flat, pairs)[::2]
    still = np.maximum(above, below) <= tolerance[start // samples]
    length = (end - start)[still]
    offset = np.cumsum(length) - length
    index = np.arange(length.sum()) + np.repeat(start[still] - offset, length)
    result = flat.copy()
    result[index] = np.repeat(level[still], length)
    return result.reshape(values.shape)


def landmarks(values: Floats, stretch: Integers, prominence: Floats) -> NDArray[np.bool_]:
    """(channels, samples): True where a key must stand.

    `values` (channels, samples), `stretch` as from `stretches`, `prominence` (channels,)
    in units of the values.
    """
    first, last = _bounds(stretch)
    held = last - first + 1 >= SHORTEST_HOLD
    marked = extremes(values, stretch, prominence)
    marked.flat[first[held]] = True
    marked.flat[last[held]] = True
    marked[:, [0, -1]] = True
    return marked


def extremes(values: Floats, stretch: Integers, prominence: Floats) -> NDArray[np.bool_]:
    """(channels, samples): True at prominent extremes, first and last sample of equal ones."""
    first, last = _bounds(stretch)
    prominent = _prominent(values.ravel()[first], first // values.shape[1], prominence)
    marked = np.zeros(values.shape, bool)
    marked.flat[first[prominent]] = True
    marked.flat[last[prominent]] = True
    return marked


def _bounds(stretch: Integers) -> tuple[Integers, Integers]:
    """The first and last sample of each stretch, counted through all channels."""
    number = stretch.ravel()
    first = np.flatnonzero(np.diff(number, prepend=-1))
    return first, np.append(first[1:], number.size) - 1


def _prominent(values: Floats, channel: Integers, prominence: Floats) -> NDArray[np.bool_]:
    """Which of the values are prominent extremes of their channel; neighbours differ.

    Rises and falls that are smaller than those beside them, and too small, are taken away
    with both their turning points until only prominent ones are left. Beside an end of the
    channel only the end goes, and the turning point is the new end.
    """
    size = np.maximum(prominence, np.finfo(np.float64).tiny)[channel]
    step = np.diff(values)
    same = np.diff(channel) == 0
    turning = np.zeros(len(values), bool)
    turning[1:-1] = (step[1:] * step[:-1] < 0) & same[1:] & same[:-1]
    end = np.ones(len(values), bool)
    end[1:-1] = ~(same[1:] & same[:-1])
    left = np.flatnonzero(turning | end)
    while True:
        travel = np.abs(np.diff(values[left]))
        travel[np.diff(channel[left]) != 0] = np.inf
        padded = np.concatenate([[np.inf], travel, [np.inf]])
        small = np.flatnonzero(
            (travel < size[left[:-1]]) & (travel < padded[:-2]) & (travel <= padded[2:])
        )
        at_start, at_end = end[left[small]], end[left[small + 1]]
        small, at_start, at_end = (x[~(at_start & at_end)] for x in (small, at_start, at_end))
        if len(small) == 0:
            break
        end[left[small + 1][at_start]] = True
        end[left[small][at_end]] = True
        gone = np.zeros(len(left), bool)
        gone[small[~at_end]] = True
        gone[small[~at_start] + 1] = True
        left = left[~gone]
    result = np.zeros(len(values), bool)
    result[left[~end[left]]] = True
    return result
