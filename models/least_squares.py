# SPDX-License-Identifier: GPL-3.0-or-later
"""Least squares whose answer is nowhere negative."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def nonnegative(products: Floats, wanted: Floats, tolerance: float = 1e-10) -> Floats:
    """(n,) the x ≥ 0 for which |A·x − b| is smallest, by Lawson and Hanson's active sets.

    products: (n, n) AᵀA. wanted: (n,) Aᵀb. Given by their products, because A has as many
    rows as a mesh has numbers and few columns.

    C. L. Lawson, R. J. Hanson: Solving Least Squares Problems, 1974, chapter 23. A variable
    enters where the error falls most; when the answer of those that entered would be negative,
    the step goes as far as the first zero, and what is zero leaves again.
    """
    count = len(wanted)
    x = np.zeros(count)
    free = np.zeros(count, bool)
    slope = np.asarray(wanted, float).copy()
    enough = tolerance * max(float(np.abs(wanted).max(initial=0.0)), 1e-300)
    for _ in range(3 * count + 1):
        candidates = np.where(free, -np.inf, slope)
        best = int(np.argmax(candidates)) if count else 0
        if count == 0 or candidates[best] <= enough:
            break
        free[best] = True
        while True:
            trial = np.zeros(count)
            chosen = np.flatnonzero(free)
            solved = np.linalg.lstsq(products[np.ix_(chosen, chosen)], wanted[chosen], rcond=None)
            trial[chosen] = solved[0]
            if not len(chosen) or trial[chosen].min() > 0:
                x = trial
                break
            negative = free & (trial <= 0)
            steps = x[negative] / np.maximum(x[negative] - trial[negative], 1e-300)
            x = x + steps.min() * (trial - x)
            free &= x > tolerance
            x[~free] = 0.0
        slope = wanted - products @ x
    return x
