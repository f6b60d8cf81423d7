# SPDX-License-Identifier: GPL-3.0-or-later
"""How near carried displacements are to the true ones, and how alike to another artist's."""

from __future__ import annotations

import numpy as np
from mien.models.performance import Floats

_MOVING = 0.10
_LEAST_POINTS = 5


def against_truth(truth: Floats, seen: Floats) -> dict[str, float]:
    """Errors of one channel in shares of the truth's largest movement.

    truth, seen: (n, 3). median, p90: over the points that the truth moves by more than a
    tenth of its largest; else_median, else_p95, else_p99: over the others. Empty for a
    channel that the truth does not have.
    """
    far = np.linalg.norm(truth, axis=1)
    largest = float(far.max(initial=0))
    moving = far > _MOVING * largest
    if largest <= 0 or np.count_nonzero(moving) < _LEAST_POINTS:
        return {}
    error = np.linalg.norm(seen - truth, axis=1) / largest
    rest = error[~moving]
    return {
        "median": float(np.median(error[moving])),
        "p90": float(np.percentile(error[moving], 90)),
        "else_median": float(np.median(rest)) if len(rest) else 0.0,
        "else_p95": float(np.percentile(rest, 95)) if len(rest) else 0.0,
        "else_p99": float(np.percentile(rest, 99)) if len(rest) else 0.0,
    }


def against_artist(theirs: Floats, seen: Floats) -> dict[str, float]:
    """How alike one channel is to another artist's; (n, 3) each.

    cosine: of the two fields of displacements as one vector each. cosine_of_points: the mean
    over the points that both move. covered: the share of the artist's moving region (more
    than a tenth of its largest) that moves here too by its own measure; overlap: their
    intersection over the smaller one; union: over their union.
    """
    first, second = np.linalg.norm(theirs, axis=1), np.linalg.norm(seen, axis=1)
    if first.max(initial=0) <= 0:
        return {}
    one = first > _MOVING * first.max()
    other = second > _MOVING * second.max() if second.max() > 0 else np.zeros(len(one), bool)
    both = np.count_nonzero(one & other)
    dot = (theirs * seen).sum(axis=1)
    points = dot[one & other] / (first * second)[one & other]
    return {
        "cosine": float(dot.sum() / max(np.linalg.norm(theirs) * np.linalg.norm(seen), 1e-12)),
        "cosine_of_points": float(points.mean()) if both else 0.0,
        "covered": both / np.count_nonzero(one),
        "overlap": both / max(min(np.count_nonzero(one), np.count_nonzero(other)), 1),
        "union": both / np.count_nonzero(one | other),
    }
