# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves that several channels move together, taken apart again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def unmixed(parts: Floats, values: Floats, sweeps: int = 200) -> Floats:
    """(frames, parts) weights ≥ 0 of which `weights @ parts` comes nearest to `values`.

    parts: (parts, numbers) what each part does when fully on. values: (frames, numbers).
    Each weight in turn is set to its best, for all frames at once, and again, until nothing
    changes by more than 1e-7 or after `sweeps` times (V. Franc, V. Hlaváč, M. Navara,
    "Sequential Coordinate-Wise Algorithm for the Non-negative Least Squares Problem", 2005).
    """
    parts = np.asarray(parts, np.float64)
    rest = np.array(values, np.float64)
    weights = np.zeros((len(rest), len(parts)))
    lengths = np.sum(parts**2, axis=1)
    for _ in range(sweeps):
        largest = 0.0
        for index in np.flatnonzero(lengths > 0):
            old = weights[:, index]
            new = np.maximum(old + rest @ parts[index] / lengths[index], 0)
            rest -= np.outer(new - old, parts[index])
            largest = max(largest, float(np.abs(new - old).max(initial=0)))
            weights[:, index] = new
        if largest <= 1e-7:
            break
    return weights
