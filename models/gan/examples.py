# SPDX-License-Identifier: GPL-3.0-or-later
"""Training examples of the refiner: a clean window, and what a tracker made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..training.augmentation import chances_of, draw_window
from ..training.clips import Clip
from .config import RefinerConfiguration
from .damage import Damage, draw_damage
from .evidence import Evidence, gathered, held

Floats = NDArray[np.floating[Any]]
Examples = dict[str, Floats]

# Share of windows whose confidence wavers between 0 and 1, and the noise that an
# unconfident frame has on top.
_WAVERING = 0.25
_UNCERTAIN_NOISE = 0.06


def draw_examples(
    clips: Sequence[Clip], configuration: RefinerConfiguration, random: np.random.Generator
) -> Examples:
    """A batch of random windows, each array (batch, channels, frames) float32.

    "true"; "motion", "curve" and "confidence" as `Evidence`; "noise" for the generator.
    """
    training = configuration.training
    settings = configuration.generator
    chances = chances_of(clips)
    drawn: dict[str, list[Floats]] = {"true": [], "motion": [], "curve": [], "confidence": []}
    for _ in range(training.batch):
        window = draw_window(
            clips, chances, training.window, training.rate, configuration.augmentation, random
        )
        waver = bool(random.random() < _WAVERING)
        damage = draw_damage(random, training.protocol_share)
        shown = show(window, damage, training.rate, settings.causal, random, waver)
        drawn["true"].append(window.T)
        drawn["motion"].append(shown.motion.T)
        drawn["curve"].append(shown.curve.T)
        drawn["confidence"].append(shown.confidence.T)
    noise = random.standard_normal((training.batch, settings.noise_channels, training.window))
    batch = {name: np.stack(windows).astype(np.float32) for name, windows in drawn.items()}
    return {**batch, "noise": noise.astype(np.float32)}


def show(
    weights: Floats,
    damage: Damage,
    rate: float,
    causal: bool,
    random: np.random.Generator,
    waver: bool = False,
) -> Evidence:
    """What the network is shown of damaged (frames, channels) weights.

    waver: let confidence drift, with noise where it is low.
    """
    if causal:
        seen, sure = damage.apply(weights, rate, random)
        places: Floats = np.arange(len(weights), dtype=np.float64)
    else:
        seen, sure, places = damage.observe(weights, rate, random)
    confidence = np.repeat(sure[:, None], weights.shape[1], axis=1)
    if waver:
        seen, confidence = _wavering(seen, confidence, random)
    if causal:
        return Evidence(held(seen, confidence), np.zeros_like(seen), confidence)
    return gathered(seen, confidence, places, np.arange(float(len(weights))))


def _wavering(
    seen: Floats, confidence: Floats, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Confidence that drifts, and noise where it is low."""
    frames, channels = seen.shape
    knots = random.uniform(0.15, 1.0, (6, channels if random.random() < 0.5 else 1))
    places = np.linspace(0, 5, frames)
    drift = np.stack([np.interp(places, np.arange(6), column) for column in knots.T], axis=1)
    sure = np.where(confidence > 0, np.broadcast_to(drift, confidence.shape), 0)
    noise = random.standard_normal(seen.shape) * _UNCERTAIN_NOISE * (1 - drift) ** 2
    return seen + np.where(confidence > 0, noise, 0), sure
