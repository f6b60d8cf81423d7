# SPDX-License-Identifier: GPL-3.0-or-later
"""What all readers do with the numbers of a file before they become a performance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError, PerformanceError
from ..performance import Performance

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.integer[Any]]

# A weight of 1 is a shape fully on; apps go a little past it, none goes here.
LARGEST_WEIGHT = 1000.0
# Frames a second at which cameras and apps record.
RATES = (24, 25, 30, 48, 50, 60, 90, 100, 120, 24000 / 1001, 30000 / 1001, 60000 / 1001)


def numbers_of(cells: Sequence[str], name: str, line: int) -> list[float]:
    """The cells as finite numbers. Raises FormatError, naming file and line, if one is none."""
    try:
        values = list(map(float, cells))
    except ValueError:
        values = []
    good = len(values) == len(cells) and all(map(math.isfinite, values))
    # Python takes 1_000 for a number; a file that holds it is damaged.
    if good and "_" not in "".join(cells):
        return values
    wrong = next((cell for cell in cells if not _is_number(cell)), "")
    raise FormatError(
        f"“{name}”, line {line}: “{wrong[:30]}” is not a number; correct or remove it."
    )


def as_weights(values: Floats, name: str, place: str, numbers: Integers) -> Floats:
    """(frames, channels) float32 weights; NaN where the file has none.

    name: the file's. place, numbers: what a frame is called there (“row”) and (frames,) which
    one it is. Raises FormatError, naming both, for what is too large to be a weight.
    """
    wrong = (np.abs(values) > LARGEST_WEIGHT).any(axis=1)
    if wrong.any():
        raise FormatError(
            f"“{name}”, {place} {numbers[np.argmax(wrong)]}: a number is too large to be a "
            "weight; correct or remove it."
        )
    return values.astype(np.float32)


def check_times(times: Floats, name: str, place: str, numbers: Integers) -> None:
    """Raise FormatError, naming file and place, where a time does not come after the last."""
    back = np.flatnonzero(~(np.diff(times) > 0))
    if back.size:
        raise FormatError(
            f"“{name}”, {place} {numbers[back[0] + 1]}: its time does not come after the one "
            "before; sort the file by time, or split it where a recording ends."
        )


def regular(times: Floats, resolution: float, counts: Floats | None = None) -> Floats:
    """Times as they were before a file rounded them, if one step explains them all.

    A file that counts in thousandths writes 60 frames a second as 0, 17, 33, 50 ….
    times: (frames,) seconds, increasing. resolution: seconds from one possible time to the
    next. counts: (frames,) the number of each frame where some may be missing. Times that
    no even step explains come back as they are.
    """
    counts = np.arange(len(times), dtype=np.float64) if counts is None else counts
    if len(times) < 3:
        return times
    since, frames = times - times[0], counts - counts[0]
    measured = since[-1] / frames[-1]
    for step in (*(1 / rate for rate in RATES), measured):
        if np.abs(frames * step - since).max() <= resolution * (1 + 1e-6):
            return np.asarray(times[0] + frames * step)
    return times


def held(values: Floats) -> Floats:
    """Each NaN replaced by the value before it in its column, at the start by the first.

    A column of nothing but NaN stays so.
    """
    known = ~np.isnan(values)
    rows = np.arange(len(values))[:, None]
    latest = np.maximum.accumulate(np.where(known, rows, -1), axis=0)
    latest = np.where(latest < 0, np.argmax(known, axis=0), latest)
    return np.asarray(np.take_along_axis(values, latest, axis=0))


def recorded(values: Floats) -> Floats | None:
    """(frames, columns) with gaps held, or None if all is zero or missing: not recorded."""
    if not np.nan_to_num(values).any():
        return None
    empty = np.isnan(values).all(axis=0)
    return held(np.where(empty, 0, values))


def performance_of(name: str, **fields: Any) -> Performance:
    """The performance with these fields. Raises FormatError, naming the file, if it is none."""
    try:
        return Performance(**fields)
    except PerformanceError as error:
        raise FormatError(f"“{name}” cannot be used: {error}") from None


def listed(names: Sequence[str], most: int = 6) -> str:
    """Some names for a sentence, and how many more there are."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell)) and "_" not in cell
    except ValueError:
        return False
