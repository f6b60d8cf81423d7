# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions and motions that nobody gave, but that someone might have."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS
from ..capture.gaze import eyes_from_weights
from ..curves.retime import sampled
from ..errors import SamplingError
from ..performance import Performance, Source
from ..rotation import from_vectors
from .direct import direct, toward
from .emotions import emotion_weights, strength
from .frames import BLINK, GAZE, Regions, region_factors
from .runtime import HEAD, ExpressionModel, MotionModel, check_request
from .vary import decoded, spread_around

Floats = NDArray[np.floating[Any]]

LONGEST = 600.0

# Of so many candidates for each expression of an emotion, those most like it are taken.
_CANDIDATES = 16
# How far expressions of an emotion lie apart at temperature 1, in standard deviations of how
# recordings vary around it, and how much weaker than the whole emotion they may be.
_APART = 1.0
_WEAKER = 0.4
_NOW = np.zeros(1)
_METRES_FROM_CAMERA = 0.6


def sample_expressions(
    count: int,
    seed: int = 0,
    temperature: float = 1.0,
    emotion: str | None = None,
    regions: Regions | None = None,
    model: ExpressionModel | None = None,
) -> Floats:
    """(count, 52) expressions in [0, 1], in the order of `arkit.CHANNELS`; each has the next seed.

    temperature: 1 spreads as the recordings do, 0 gives only what is most usual.
    emotion: which they express, see `emotions.blend`; None: any that occurs. Those of an
    emotion look straight ahead with open eyes. regions: names among `arkit.REGIONS` that
    express something, or a factor 0–1 for each; the others rest; None: all. model: None loads
    Mien's own.

    Raises SamplingError for a count below 1, or a temperature or seed below 0; RecipeError
    for an unknown region; ActionUnitError for an unknown emotion.
    """
    if seed < 0:
        raise SamplingError(f"A seed is a whole number from 0 on, not {seed}.")
    factors = region_factors(regions)
    if emotion is not None:
        emotion_weights(emotion)  # Says what is wrong.
    model = model or ExpressionModel()
    check_request(count, temperature)
    random = [np.random.default_rng(seed + number) for number in range(count)]
    if emotion is None:
        latents = [model.sample(1, each, temperature) for each in random]
        faces = decoded(model, np.concatenate(latents))
    else:
        faces = _of_an_emotion(emotion, random, temperature, model)
    return np.asarray(faces * factors, np.float32)


def _of_an_emotion(
    emotion: str,
    random: list[np.random.Generator],
    temperature: float,
    model: ExpressionModel,
) -> Floats:
    """(count, 52) faces that show an emotion, each in its own way."""
    felt = strength(emotion)
    rest = np.zeros((1, len(CHANNELS)), np.float32)
    faces = np.empty((len(random), len(CHANNELS)), np.float32)
    for number, each in enumerate(random):
        intensity = float(1 - temperature * each.uniform(0, _WEAKER))
        goal = emotion_weights(emotion, each if temperature > 0 else None)
        change, _ = toward(rest, _NOW, goal, felt, max(intensity, 0), model, deviation=0)
        face = np.clip(rest + change, 0, 1)
        latents, _ = model.encode(face)
        spread = spread_around(model.prior, latents)
        noise = each.standard_normal((_CANDIDATES, model.size))
        moved = latents + _APART * temperature * noise @ spread.T
        change = decoded(model, moved) - decoded(model, latents)
        change[:, [*GAZE, *BLINK]] = 0
        candidates = np.clip(face + change, 0, 1)
        faces[number] = candidates[_most_like(candidates, goal, each)]
    return faces


def _most_like(faces: Floats, goal: Floats, random: np.random.Generator) -> int:
    """One of the third of the faces that show the emotion most clearly."""
    distance = np.linalg.norm(faces - goal, axis=1)
    best = np.argsort(distance)[: max(len(faces) // 3, 1)]
    return int(random.choice(best))


def sample_motions(
    count: int,
    seconds: float,
    seed: int = 0,
    temperature: float = 1.0,
    emotion: str | None = None,
    intensity: float = 0.7,
    regions: Regions | None = None,
    rate: float = 60.0,
    motions: MotionModel | None = None,
    expressions: ExpressionModel | None = None,
) -> list[Performance]:
    """So many motions of a face and its head; each has the next seed.

    seconds: how long each is. temperature, regions: as for `sample_expressions`. emotion,
    intensity: what they are moved toward, as `direct` does it; None: nothing. rate: frames a
    second; the model works at 30, what lies between is filled in. motions, expressions: None
    loads Mien's own.

    Raises as `sample_expressions` does, and SamplingError for a length that is not above 0 or
    above ten minutes, or a rate outside 10–240.
    """
    if count < 1:
        raise SamplingError(f"{count} motions cannot be sampled; ask for at least 1.")
    if seed < 0:
        raise SamplingError(f"A seed is a whole number from 0 on, not {seed}.")
    if not (np.isfinite(seconds) and 0 < seconds <= LONGEST):
        raise SamplingError(f"A motion lasts up to {LONGEST:g} seconds, not {seconds}.")
    if not (np.isfinite(rate) and 10 <= rate <= 240):
        raise SamplingError(f"A motion has 10 to 240 frames a second, not {rate}.")
    factors = region_factors(regions)
    if emotion is not None:
        emotion_weights(emotion)
        expressions = expressions or ExpressionModel()
    motions = motions or MotionModel()
    result = []
    for number in range(seed, seed + count):
        performance = _motion(seconds, number, temperature, rate, motions)
        if emotion is not None:
            performance = direct(performance, emotion, intensity, model=expressions)
        result.append(performance.replace(weights=performance.weights * factors))
    return [each.replace(eyes=eyes_from_weights(each.weights)) for each in result]


def _motion(
    seconds: float, seed: int, temperature: float, rate: float, model: MotionModel
) -> Performance:
    frames = int(np.ceil(seconds * model.rate)) + 1
    random = np.random.default_rng(seed)
    latents = model.sample_long(model.windows_for(frames), random, temperature)
    motion = model.decode_long(latents)[:frames]
    place = np.tile(np.array([0, 0, -_METRES_FROM_CAMERA]), (frames, 1))
    performance = Performance(
        weights=motion[:, : len(CHANNELS)],
        times=np.arange(frames) / model.rate,
        head=np.hstack([from_vectors(motion[:, -HEAD:]), place]),
        source=Source(f"sampled, seed {seed}"),
    )
    wanted = np.arange(int(np.floor(seconds * rate + 1e-6)) + 1) / rate
    return sampled(performance, np.minimum(wanted, performance.duration))
