# SPDX-License-Identifier: GPL-3.0-or-later
"""How well samples cover what is real, and how well what is real covers them.

Precision and recall: T. Kynkäänniemi et al., "Improved precision and recall metric for
assessing generative models", arXiv:1904.06991. Density and coverage: M. Naeem et al.,
"Reliable fidelity and diversity metrics for generative models", arXiv:2002.09797.

Each set is (count, columns). The neighbourhood of a sample is the ball that reaches to its
k-th nearest other sample of the same set.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

NEIGHBOURS = 5


def distances(one: Floats, other: Floats) -> Floats:
    """(len(one), len(other)) Euclidean distances."""
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    square = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
    return np.asarray(np.sqrt(np.maximum(square, 0)))


def radii(values: Floats, neighbours: int = NEIGHBOURS) -> Floats:
    """(count,) distance of each to its k-th nearest other. Needs more than k values."""
    apart = distances(values, values)
    np.fill_diagonal(apart, 0)
    return np.asarray(np.partition(apart, neighbours, axis=1)[:, neighbours])


def sample_figures(real: Floats, samples: Floats, neighbours: int = NEIGHBOURS) -> dict[str, float]:
    """Precision, recall, density and coverage of samples against what is real.

    precision: share of samples within some real neighbourhood. recall: share of the real
    within some sample's. density: in how many real neighbourhoods a sample lies, over k.
    coverage: share of real neighbourhoods that hold a sample.
    """
    apart = distances(real, samples)
    within_real = apart <= radii(real, neighbours)[:, None]
    within_samples = apart <= radii(samples, neighbours)[None]
    return {
        "precision": float(within_real.any(axis=0).mean()),
        "recall": float(within_samples.any(axis=1).mean()),
        "density": float(within_real.sum(axis=0).mean() / neighbours),
        "coverage": float(within_real.any(axis=1).mean()),
    }


def nearest(values: Floats, among: Floats) -> Floats:
    """(count,) distance of each value to the nearest `among` others."""
    return np.asarray(distances(values, among).min(axis=1))
