# SPDX-License-Identifier: GPL-3.0-or-later
"""Variations of an expression or of a whole take: the same moment, played otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import REGIONS
from ..errors import RecipeError, SamplingError
from ..performance import Performance
from .frames import (
    BLINK,
    GAZE,
    JAW_OPEN,
    MOUTH_CLOSE,
    Regions,
    changed,
    columns,
    frames_of,
    region_factors,
)
from .lips import closedness, without_parting
from .mixture import Mixture
from .runtime import ExpressionModel

Floats = NDArray[np.floating[Any]]

# Of a variation's variance this share drifts during the take; the rest is how it differs
# throughout. A drift turns within this many seconds.
_DRIFT = 0.3
_SECONDS_OF_DRIFT = 1.5
_MOUTH = columns(REGIONS["mouth"])
_ALL_AT_ONCE = 4096


def vary(
    performance: Performance,
    amount: float = 1.0,
    seed: int = 0,
    regions: Regions | None = None,
    model: ExpressionModel | None = None,
) -> Performance:
    """One variation of a performance. See `variations`; this is the one of that seed."""
    return next(variations(performance, 1, amount, seed, regions, model))


def variations(
    performance: Performance,
    count: int,
    amount: float = 1.0,
    seed: int = 0,
    regions: Regions | None = None,
    model: ExpressionModel | None = None,
) -> Iterator[Performance]:
    """So many variations of a performance, one after the other; each has the next seed.

    The latents of each frame are moved, all in nearly the same direction, which drifts
    slowly; directions are likely as far as recordings vary around such expressions. What the
    model cannot say of the take (the difference between take and reconstruction) is carried
    over, so amount 0 is the take itself. Timing, gaze, blinks, head and closed lips stay.

    amount: how far, in standard deviations of how recordings vary around such expressions.
    seed: of the first variation. regions: names among `arkit.REGIONS` that may change, or a
    factor 0–1 for each; None: all. Where the mouth is kept, so is its opening, jawOpen and
    mouthClose. model: None loads Mien's own.

    Raises SamplingError for a count below 1 or an amount below 0, RecipeError for an unknown
    region or a seed below 0, PerformanceError if no channel is ARKit's.
    """
    if count < 1:
        raise SamplingError(f"{count} variations cannot be made; ask for at least 1.")
    if not (np.isfinite(amount) and amount >= 0):
        raise SamplingError(f"The amount of a variation must be 0 or more, not {amount}.")
    if seed < 0:
        raise RecipeError(f"A seed is a whole number from 0 on, not {seed}.")
    factors = region_factors(regions)
    factors[[*GAZE, *BLINK]] = 0
    if not factors[_MOUTH].any():
        factors[[JAW_OPEN, MOUTH_CLOSE]] = 0
    frames = frames_of(performance)
    return _made(performance, frames, count, amount, seed, factors, model)


def _made(
    performance: Performance,
    frames: Floats,
    count: int,
    amount: float,
    seed: int,
    factors: Floats,
    model: ExpressionModel | None,
) -> Iterator[Performance]:
    if amount == 0 or not factors.any():
        yield from (performance for _ in range(count))
        return
    model = model or ExpressionModel()
    latents, _ = model.encode(frames)
    before = decoded(model, latents)
    spread = spread_around(model.prior, latents)
    for number in range(count):
        path = _path(performance.times, spread, np.random.default_rng(seed + number))
        change = (decoded(model, latents + amount * path) - before) * factors
        yield changed(performance, _kept_closed(frames, change, performance.times))


def decoded(model: ExpressionModel, latents: Floats) -> Floats:
    """(frames, 52) of (frames, size) latents, in parts that fit the processor's cache."""
    parts = [
        model.decode(latents[start : start + _ALL_AT_ONCE])
        for start in range(0, len(latents), _ALL_AT_ONCE)
    ]
    return np.concatenate(parts)


def spread_around(prior: Mixture, latents: Floats) -> Floats:
    """(size, size) lower triangular: how the recordings vary around these latents.

    The square root of the mean of the covariances of the components that they belong to.
    """
    shares = prior.responsibilities(latents[:: max(len(latents) // 256, 1)]).mean(axis=0)
    covariances = prior.factors @ np.swapaxes(prior.factors, 1, 2)
    return np.asarray(np.linalg.cholesky(np.einsum("k,kij->ij", shares, covariances)))


def _path(times: Floats, spread: Floats, random: np.random.Generator) -> Floats:
    """(frames, size) displacements of latents: one direction, and a slow drift about it."""
    size = len(spread)
    direction = random.standard_normal(size)
    # A chosen distance, not one that is near now and far then.
    direction *= np.sqrt(size) / np.linalg.norm(direction)
    knots = int(np.ceil(times[-1] / _SECONDS_OF_DRIFT)) + 2
    drift = random.standard_normal((knots, size))
    at = times / _SECONDS_OF_DRIFT
    start = at.astype(int)
    share = (at - start)[:, None]
    # A raised cosine between knots, scaled to the same variance everywhere.
    share = 0.5 - 0.5 * np.cos(np.pi * share)
    drift = drift[start] * (1 - share) + drift[start + 1] * share
    drift /= np.sqrt((1 - share) ** 2 + share**2)
    if len(times) == 1:
        return np.asarray(direction[None] @ spread.T)
    return np.asarray((np.sqrt(1 - _DRIFT) * direction + np.sqrt(_DRIFT) * drift) @ spread.T)


def _kept_closed(frames: Floats, change: Floats, times: Floats) -> Floats:
    """The change without what would part closed lips; a single face may open its mouth."""
    if len(frames) == 1:
        return change
    result = without_parting(frames, change, times)
    result[:, [JAW_OPEN, MOUTH_CLOSE]] *= (1 - closedness(frames, times))[:, None]
    return result
