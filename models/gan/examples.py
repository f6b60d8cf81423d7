# SPDX-License-Identifier: GPL-3.0-or-later
"""Training examples of the refiner: a clean window, and what a tracker made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..training.augmentation import chances_of, draw_windows
from ..training.clips import Clip
from .config import RefinerConfiguration
from .damage import Damage, draw_damage
from .evidence import SHOWN, Evidence, gathered, held, together_with

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

    "true"; "motion", "curve", "confidence" and "shared" as `Evidence`; "noise" for the
    generator. The windows come of a few takes, each damaged in its own way, of which more
    is seen than is learned from.
    """
    training = configuration.training
    settings = configuration.generator
    chances = chances_of(clips)
    used = training.batch // training.takes
    # Only the offline refiner knows the whole take.
    seen = used if settings.causal else max(training.take_windows, used)
    drawn: dict[str, list[Floats]] = {"true": [], **{name: [] for name in SHOWN}}
    for _ in range(training.takes):
        take = draw_windows(
            clips,
            chances,
            seen,
            training.window,
            training.rate,
            configuration.augmentation,
            random,
        )
        damage = draw_damage(random, training.protocol_share)
        shown = show_take(list(take), damage, training.rate, settings.causal, random, _WAVERING)
        for window, evidence in zip(take[:used], shown[:used], strict=True):
            drawn["true"].append(window.T)
            for name in SHOWN:
                drawn[name].append(getattr(evidence, name).T)
    noise = random.standard_normal(
        (len(drawn["true"]), settings.noise_channels, training.window), np.float32
    )
    batch = {name: np.stack(windows).astype(np.float32) for name, windows in drawn.items()}
    return {**batch, "noise": noise}


def show_take(
    parts: Sequence[Floats],
    damage: Damage,
    rate: float,
    causal: bool,
    random: np.random.Generator,
    waver: float = 0.0,
) -> list[Evidence]:
    """What the network is shown of parts of a damaged take, (frames, channels) weights each.

    waver: share of parts whose confidence drifts, with noise where it is low.
    """
    shown = [
        _show(part, damage, rate, causal, random, bool(random.random() < waver)) for part in parts
    ]
    return shown if causal else together_with(shown)


def _show(
    weights: Floats,
    damage: Damage,
    rate: float,
    causal: bool,
    random: np.random.Generator,
    waver: bool,
) -> Evidence:
    """One part, each channel by itself."""
    if causal:
        seen, sure = damage.apply(weights, rate, random)
        places: Floats = np.arange(len(weights), dtype=np.float64)
    else:
        seen, sure, places = damage.observe(weights, rate, random)
    confidence = np.repeat(sure[:, None], weights.shape[1], axis=1)
    if waver:
        seen, confidence = _wavering(seen, confidence, random)
    if causal:
        nothing = np.zeros_like(seen)
        return Evidence(held(seen, confidence), nothing, confidence, nothing)
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
