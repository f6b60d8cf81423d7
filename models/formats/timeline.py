# SPDX-License-Identifier: GPL-3.0-or-later
"""The times of a file's rows, from their timecodes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from ..timecode import DAY, split, timecode

# Bases of other writers' timecodes, in whole frames. Live Link Face itself writes
# thousandths of frames, and counts in 60 at every rate.
_BASES = (24, 25, 30, 48, 50, 60, 90, 100, 120)


class Timeline:
    """Gathers timecodes row by row and turns them into seconds.

    Midnight may pass in between. A row without timecode, or with that of the row
    before, gets its time from its neighbours, evenly; at either end it follows the
    median step.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._first = ""
        self._fractions = False
        self._parts: list[NDArray[np.float64]] = []
        self._numbers: list[NDArray[np.int64]] = []

    def add(self, texts: Sequence[str], numbers: NDArray[np.int64]) -> None:
        """Take in the timecodes of some rows ("" for none) and the lines they stand on.

        Raises FormatError for one that is no timecode, naming its row.
        """
        if not self._parts and texts:
            self._first = texts[0]
        self._fractions = self._fractions or any("." in text for text in texts)
        self._parts.append(self._split(texts, numbers))
        self._numbers.append(numbers)

    def base(self) -> int:
        """Frames to a second in which the timecodes count.

        60 if they count thousandths of frames too. Else found where the seconds turn over:
        there the frame number falls by the base less one step.
        """
        whole, frames = self._known().T
        highest = float(frames.max(initial=0))
        base = 60
        if not self._fractions:
            step = np.diff(frames)
            within, over = np.diff(whole) == 0, np.diff(whole) == 1
            if within.any() and over.any():
                implied = float(np.median(np.median(step[within]) - step[over]))
                base = int(implied) if implied in _BASES else 60
        return base if highest < base else next((b for b in _BASES if b > highest), 1000)

    def times(self) -> NDArray[np.float64]:
        """(rows,) seconds since the first row.

        Raises FormatError for timecodes that go back, or too few to know the rate.
        """
        ticks = self._ticks()
        return np.asarray((ticks - ticks[0]) / (self.base() * 1000))

    def start(self) -> str:
        """The timecode of the first row, as the file has it or as found from the others."""
        if self._first:
            return self._first
        return timecode(float(self._ticks()[0]) / (self.base() * 1000), self.base())

    def warnings(self) -> list[str]:
        """What was bridged, in words."""
        missing = np.isnan(self._all()[:, 0])
        if not missing.any() or len(missing) == 1:
            return []
        count = np.count_nonzero(missing)
        first = np.concatenate(self._numbers)[np.argmax(missing)]
        words = "1 row has" if count == 1 else f"{count} rows have"
        return [
            f"{words} no timecode of their own (the first is row {first}); "
            "their times lie evenly between their neighbours'."
        ]

    def _split(self, texts: Sequence[str], numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """(rows, 2) whole seconds and frames; NaN for no timecode."""
        parts: NDArray[np.float64] = np.empty((0, 0))
        if all(texts):
            with suppress(ValueError):
                parts = np.loadtxt(list(texts), delimiter=":", ndmin=2, comments=None)
        if parts.shape == (len(texts), 4) and (parts >= 0).all() and (parts[:, 1:3] < 60).all():
            whole = parts[:, 0] * 3600 + parts[:, 1] * 60 + parts[:, 2]
            return np.stack([whole, parts[:, 3]], axis=1)
        result = np.full((len(texts), 2), np.nan)
        for index, text in enumerate(texts):
            if text:
                try:
                    result[index] = split(text)
                except FormatError as error:
                    raise FormatError(f"“{self._name}”, row {numbers[index]}: {error}") from None
        return result

    def _all(self) -> NDArray[np.float64]:
        """(rows, 2) whole seconds and frames; NaN where to be bridged."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
            self._numbers = [np.concatenate(self._numbers)]
        parts = self._parts[0]
        known = np.flatnonzero(~np.isnan(parts[:, 0]))
        same = known[1:][(np.diff(parts[known], axis=0) == 0).all(axis=1)]
        if same.size:
            parts = parts.copy()
            parts[same] = np.nan
        return parts

    def _known(self) -> NDArray[np.float64]:
        parts = self._all()
        return np.asarray(parts[~np.isnan(parts[:, 0])])

    def _ticks(self) -> NDArray[np.float64]:
        """(rows,) thousandths of frames since midnight of the first day."""
        parts = self._all()
        known = ~np.isnan(parts[:, 0])
        if len(parts) == 1:
            return np.zeros(1) if not known[0] else self._counted(parts)
        if np.count_nonzero(known) < 2:
            raise FormatError(
                f"“{self._name}” has fewer than two different timecodes, so its frame rate "
                "cannot be known; record it with timecode."
            )
        rows = np.flatnonzero(known)
        ticks = self._counted(parts[rows])
        back = np.flatnonzero(np.diff(ticks) <= 0)
        if back.size:
            number = np.concatenate(self._numbers)[rows[back[0] + 1]]
            raise FormatError(
                f"“{self._name}”, row {number}: the timecode goes back; "
                "if two recordings are in one file, split it there."
            )
        every = np.arange(len(parts), dtype=np.float64)
        result = np.interp(every, rows, ticks)
        step = np.median(np.diff(ticks) / np.diff(rows))
        head, tail = every < rows[0], every > rows[-1]
        result[head] = ticks[0] + (every[head] - rows[0]) * step
        result[tail] = ticks[-1] + (every[tail] - rows[-1]) * step
        return result

    def _counted(self, parts: NDArray[np.float64]) -> NDArray[np.float64]:
        base = self.base()
        ticks = parts[:, 0] * base * 1000 + np.round(parts[:, 1] * 1000, 6)
        day = DAY * base * 1000
        midnights = np.diff(ticks, prepend=ticks[:1]) < -day / 2
        return np.asarray(ticks + np.cumsum(midnights) * day)
