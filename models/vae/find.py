# SPDX-License-Identifier: GPL-3.0-or-later
"""The moments of takes that are most like an expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arkit import CHANNELS
from ..errors import PerformanceError, SamplingError
from ..performance import Performance
from .frames import BLINK, GAZE, Regions, frames_of, region_factors
from .runtime import ExpressionModel
from .vary import decoded

Floats = NDArray[np.floating[Any]]

By = Literal["cosine", "latents", "weights"]

# A face whose weights are together no more than this expresses nothing that is like anything.
_CALM = 0.15
_FAINT = 0.03


@dataclass(frozen=True)
class Moment:
    """A moment that was found.

    take: its place in what was searched. time: seconds from the take's beginning.
    likeness: by cosine −1 to 1, a little less for faint faces; by a distance
    1 / (1 + distance): 1 is the same.
    """

    take: int
    time: float
    likeness: float


def find(
    takes: Sequence[Performance],
    expression: ArrayLike,
    count: int = 10,
    by: By = "cosine",
    regions: Regions | None = None,
    apart: float = 1.0,
    model: ExpressionModel | None = None,
) -> list[Moment]:
    """The moments most like an expression, the most alike first.

    expression: (52,) weights in the order of `arkit.CHANNELS`. by: cosine of the weights, so
    that a faint smile is like a broad one; or the Euclidean distance of the latents, or of
    the weights, where strength counts. regions: what is compared, names among
    `arkit.REGIONS`; None: all; with regions, latents are compared as the model would draw
    those regions. Where the eyes look and whether they blink does not count. apart: seconds
    that two moments of one take lie apart at least. model: None loads Mien's own.

    Raises SamplingError for a count below 1, a time below 0, no take, or an expression of
    which nothing can be compared; PerformanceError for an expression that is not 52 finite
    numbers, or a take without ARKit's channels; RecipeError for an unknown region.
    """
    if count < 1:
        raise SamplingError(f"{count} moments cannot be found; ask for at least 1.")
    if not apart >= 0:
        raise SamplingError(f"Moments lie at least 0 seconds apart, not {apart}.")
    if not takes:
        raise SamplingError("There is no take to search.")
    wanted = np.asarray(expression, np.float32)
    if wanted.shape != (len(CHANNELS),) or not np.all(np.isfinite(wanted)):
        raise PerformanceError(f"An expression needs {len(CHANNELS)} finite weights.")
    counted = region_factors(regions)
    counted[[*GAZE, *BLINK]] = 0
    if not counted.any():
        raise SamplingError("Nothing is left to compare; choose other regions.")
    if by == "latents":
        model = model or ExpressionModel()
    moments = [
        Moment(number, float(take.times[frame]), float(likeness[frame]))
        for number, take in enumerate(takes)
        for likeness in [_likeness(frames_of(take), wanted, counted, by, model)]
        for frame in _peaks(np.where(take.seen, likeness, -np.inf), take.times, apart, count)
    ]
    return sorted(moments, key=lambda moment: -moment.likeness)[:count]


def _likeness(
    frames: Floats, wanted: Floats, counted: Floats, by: By, model: ExpressionModel | None
) -> Floats:
    """(frames,) how like the expression each frame is."""
    if by == "cosine":
        shown, goal = frames * counted, wanted * counted
        length, own = np.linalg.norm(shown, axis=1), float(np.linalg.norm(goal))
        if own < _CALM:
            # Like a calm face is a calm face, whatever it faintly shows.
            return np.asarray(1 / (1 + np.linalg.norm(shown - goal, axis=1)))
        # Of faces alike in kind the clearer one is more like it; a calm one is like nothing.
        return np.asarray(shown @ goal / ((length + _FAINT) * own))
    if by == "latents":
        assert model is not None
        here, _ = model.encode(frames)
        there, _ = model.encode(wanted[None])
        if np.all(counted[[place for place in range(len(CHANNELS)) if place not in _EYES]] == 1):
            return np.asarray(1 / (1 + np.linalg.norm(here - there, axis=1)))
        frames, wanted = decoded(model, here), decoded(model, there)[0]
    return np.asarray(1 / (1 + np.linalg.norm((frames - wanted) * counted, axis=1)))


_EYES = frozenset(int(place) for place in (*GAZE, *BLINK))


def _peaks(likeness: Floats, times: Floats, apart: float, count: int) -> list[int]:
    """The frames that are most alike, none nearer to a better one than `apart` seconds."""
    left = likeness.copy()
    result: list[int] = []
    while len(result) < count and np.isfinite(left.max()):
        best = int(np.argmax(left))
        result.append(best)
        left[np.abs(times - times[best]) < max(apart, 1e-9)] = -np.inf
    return result
