# SPDX-License-Identifier: GPL-3.0-or-later
"""The takes of table 3 as each damage leaves them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from mien.models.gan.damage import OWN_TRACKER, PROTOCOL, Damage, decimated
from mien.models.training.clips import Clip

RATE = 60.0


@dataclass(frozen=True, eq=False)
class Seen:
    """One take, true and damaged, both (frames, 52) at 60 fps.

    confidence: (frames,), 0 where the face was lost. samples, places, sample_confidence:
    what a slower camera gave, and where, in frames; None if the camera was not slower.
    """

    name: str
    true: np.ndarray
    damaged: np.ndarray
    confidence: np.ndarray
    samples: np.ndarray | None = None
    places: np.ndarray | None = None
    sample_confidence: np.ndarray | None = None


def see(clip: Clip, damage: Damage, seed: int) -> Seen:
    """A clip through a damage; the same for the same seed."""
    true = np.asarray(clip.weights, np.float64)
    damaged, confidence = damage.apply(true, RATE, np.random.default_rng(seed))
    if not damage.low_rate:
        return Seen(clip.name, true, damaged, confidence)
    fast, sure = dataclasses.replace(damage, low_rate=0.0).apply(
        true, RATE, np.random.default_rng(seed)
    )
    samples, places = decimated(fast, RATE, damage.low_rate)
    certain, _ = decimated(sure[:, None], RATE, damage.low_rate)
    sample_confidence = (certain[:, 0] > 1 - 1e-6).astype(np.float32)
    return Seen(clip.name, true, damaged, confidence, samples, places, sample_confidence)


DAMAGES = {**PROTOCOL, "own tracker": OWN_TRACKER}


def see_all(clips: Sequence[Clip], seed: int, rounds: int = 1) -> dict[str, list[Seen]]:
    """Every clip through every damage, by the damage's name.

    rounds: how often each, every time damaged anew.
    """
    return {
        name: [
            see(clip, damage, seed + number + 1000 * one)
            for one in range(rounds)
            for number, clip in enumerate(clips)
        ]
        for name, damage in DAMAGES.items()
    }
