# SPDX-License-Identifier: GPL-3.0-or-later
"""How far segments reach: the samples on which keys stand.

From each landmark a segment is made as long as one cubic stays within the tolerance,
the next one starts where it ends, and so on up to the next landmark. All landmarks of
all channels are worked from at once; stretches without any are cut, and cuts that turn
out not to be needed are taken back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .bezier import Floats, Integers
from .segments import Samples, Segments

# Samples that are searched in one go; longer stretches are cut first.
LONGEST = 384
# A segment's first guess, in samples.
GUESS = 8


def reach(
    samples: Samples,
    landmarks: NDArray[np.bool_],
    holds: NDArray[np.bool_],
    allowed: NDArray[np.bool_],
    together: int,
) -> Integers:
    """The samples that get a key, as sorted indices into `landmarks`.

    landmarks: (lanes × count,) True where a key must stand: at least at the first and
    last sample of each lane. A lane is one channel, or all of them if they get their
    keys together. holds: (lanes × count,) True for samples that equal the one before in
    every channel of the lane. allowed: (lanes × count,) where a key may stand. together:
    the channels of a lane.
    """
    search = _Search(samples, np.flatnonzero(allowed), together)
    fixed = np.flatnonzero(landmarks[search.stations])
    left, right = fixed[:-1], fixed[1:]
    moving = np.cumsum(~holds)[search.stations]
    lane = search.stations // samples.count
    work = (lane[left] == lane[right]) & (moving[left] != moving[right])
    left, right = left[work], right[work]
    parts = -(-(right - left) // LONGEST)
    owner = np.repeat(np.arange(len(left)), parts)
    part = np.arange(len(owner)) - (np.cumsum(parts) - parts)[owner]
    width = right - left
    start = left[owner] + width[owner] * part // parts[owner]
    end = left[owner] + width[owner] * (part + 1) // parts[owner]
    found = search.chains(start, end)
    keys = np.unique(np.concatenate([fixed, found]))
    cuts = np.zeros(len(search.stations), bool)
    cuts[start[part > 0]] = True
    return search.stations[search.mended(keys, cuts)]


class _Search:
    """Segments between stations: the samples where a key may stand, counted through."""

    def __init__(self, samples: Samples, stations: Integers, together: int) -> None:
        self.samples, self.stations = samples, stations
        self.channels = np.arange(together) * samples.count

    def error(self, start: Integers, end: Integers) -> Floats:
        """The error in tolerances of the best segment from station to station."""
        first = self.stations[start]
        last = self.stations[end]
        if len(self.channels) > 1:
            first = (first[:, None] + self.channels).ravel()
            last = (last[:, None] + self.channels).ravel()
        segments = Segments(self.samples, first, last)
        error = segments.error(*segments.best())
        if len(self.channels) > 1:
            error = error.reshape(-1, len(self.channels)).max(axis=1)
        return error

    def chains(self, start: Integers, limit: Integers) -> Integers:
        """Longest segments one after the other from each start to its limit: their ends."""
        ends: list[Integers] = []
        # The farthest end that fits and the nearest that does not, as far as is known.
        near: Integers = start + 1
        far: Integers = limit + 1
        trial: Integers = np.minimum(start + GUESS, limit)
        tries: Integers = np.zeros(len(start), np.intp)
        while len(start):
            error = self.error(start, trial)
            fits = (error <= 1) | (trial == start + 1)
            near, far = np.where(fits, trial, near), np.where(fits, far, trial)
            tries = tries + 1
            trial = _next_trial(start, near, far, trial, error, tries)
            done = far - near <= 1
            if not done.any():
                continue
            ends.append(near[done])
            # Where one segment ends the next one starts, first tried at the same length.
            trial = np.where(done, np.minimum(2 * near - start, limit), trial)
            start = np.where(done, near, start)
            near, far = np.where(done, start + 1, near), np.where(done, limit + 1, far)
            tries = np.where(done, 0, tries)
            left = np.flatnonzero(start < limit)
            start, limit, near, far = start[left], limit[left], near[left], far[left]
            trial, tries = trial[left], tries[left]
        return np.concatenate([np.zeros(0, np.intp), *ends])

    def mended(self, keys: Integers, cuts: NDArray[np.bool_]) -> Integers:
        """The keys without the cuts that one segment can bridge."""
        while True:
            before = len(keys)
            for parity in (0, 1):
                middle = np.flatnonzero(cuts[keys])
                middle = middle[middle % 2 == parity]
                if len(middle) == 0:
                    continue
                bridged = self.error(keys[middle - 1], keys[middle + 1]) <= 1
                keys = np.delete(keys, middle[bridged])
            if len(keys) == before:
                return keys


def _next_trial(
    start: Integers,
    near: Integers,
    far: Integers,
    trial: Integers,
    error: Floats,
    tries: Integers,
) -> Integers:
    """Which end to try next, between `near` and `far`."""
    # A cubic's error grows with about the third power of its length.
    factor = np.clip(error, 0.1, 10) ** -0.3
    guess = start + ((trial - start) * factor).astype(np.intp)
    guess = np.where(tries > 4, (near + far) // 2, guess)
    trial = np.minimum(np.maximum(guess, near + 1), far - 1)
    return trial
