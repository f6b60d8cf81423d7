# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions around a given one: the same face, made otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..performance import Performance
from .runtime import ExpressionModel
from .vary import variations

Floats = NDArray[np.floating[Any]]


def expressions_around(
    face: Floats,
    count: int,
    seed: int = 0,
    amount: float = 1.0,
    model: ExpressionModel | None = None,
) -> Floats:
    """(count, 52) variations of a face in [0, 1], (52,) weights; each has the next seed.

    Where it looks and how far its eyes are closed stay. amount, model, and what is raised: see
    `vary.variations`.
    """
    still = Performance(np.asarray(face, np.float32)[None], np.zeros(1))
    made = variations(still, count, amount, seed, model=model)
    return np.stack([np.clip(each.weights[0], 0, 1) for each in made])
