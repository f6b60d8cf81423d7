# SPDX-License-Identifier: GPL-3.0-or-later
"""When a face rests: it looks at the camera, lids open, lips closed, and the solver sees little."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...performance import Floats, Performance
from .solve import MOMENT, Solver, frames_seen, where_seen

# Landmarks: the middles of the inner lips and their corners; of each eye the middles of the
# lids and its corners.
_LIPS = (13, 14, 78, 308)
_EYES = ((159, 145, 33, 133), (386, 374, 362, 263))
# Lids are open, but not wide, where they are higher than in so many percent of the frames.
_OPEN = 70
# What counts beside the sum of all weights: a mouth as open as it is wide, lids closed all the
# way from where they mostly are, a radian of turning.
_OPEN_LIPS = 8.0
_CLOSED_LIDS = 8.0
_TURNED = 3.0


def found_rest(
    performance: Performance,
    appearance: NDArray[np.floating[Any]],
    landmarks: NDArray[np.floating[Any]],
    solver: Solver,
) -> float:
    """Seconds at which the face rests: the quietest quarter of a second.

    appearance: (frames, 192); landmarks: (frames, 478, 3). Raises PerformanceError if no face
    is seen at all.
    """
    shown, times = frames_seen(performance, appearance)
    seen = where_seen(performance, appearance)
    points = np.asarray(landmarks[seen], np.float64)
    unrest = solver.unrest(shown) + _OPEN_LIPS * lip_gap(points)
    unrest = (
        unrest
        + _CLOSED_LIDS * np.abs(lids_from_usual(points))
        + _TURNED * turned(performance)[seen]
    )
    return float(times[np.argmin(_smoothed(unrest, times))])


def lip_gap(points: Floats) -> Floats:
    """(frames,): how far the lips are apart, in widths of the mouth. points: (frames, 478, 3)."""
    return _across(points, *_LIPS)


def lids_from_usual(points: Floats) -> Floats:
    """(frames,): how far the lids are from where they are when open: -1 closed, above 0 wider."""
    opened = np.mean([_across(points, *eye) for eye in _EYES], axis=0)
    return np.asarray(opened / np.maximum(np.percentile(opened, _OPEN), 1e-6) - 1)


def turned(performance: Performance) -> Floats:
    """(frames,) radians between the face's way forward and the camera's; zeros if unknown."""
    if performance.head is None:
        return np.zeros(len(performance))
    _, x, y, _ = performance.head[:, :4].T.astype(np.float64)
    return np.asarray(np.arccos(np.clip(1 - 2 * (x**2 + y**2), -1, 1)))


def _across(points: Floats, upper: int, lower: int, first: int, second: int) -> Floats:
    height = np.linalg.norm(points[:, upper, :2] - points[:, lower, :2], axis=1)
    width = np.linalg.norm(points[:, first, :2] - points[:, second, :2], axis=1)
    return np.asarray(height / np.maximum(width, 1e-6))


def _smoothed(values: Floats, times: Floats) -> Floats:
    """The mean of each value and those within half a moment of it."""
    first = np.searchsorted(times, times - MOMENT / 2, "left")
    last = np.searchsorted(times, times + MOMENT / 2, "right")
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray((sums[last] - sums[first]) / (last - first))
