# SPDX-License-Identifier: GPL-3.0-or-later
"""The motion part of table 4: windows there and back, long motions beside real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from mien.models.arkit import CHANNELS
from mien.models.evaluate.metrics import frechet_distance
from mien.models.vae.runtime import HEAD, ExpressionModel, MotionModel

from .baselines import Components, Wandering
from .takes import Takes, windows

FACE = len(CHANNELS)
# Long motions that are sampled, windows of each, and axes of the embedding.
MOTIONS, WINDOWS, EMBEDDED = 40, 8, 32
HOP = 15


def measure(takes: Takes, expressions: ExpressionModel, weights: Path | None) -> dict:
    """All tables about motion."""
    model = MotionModel(weights)
    long = [model.decode_long(latents) for latents in sampled(model)]
    return {
        "motions: reconstruction of windows": reconstruction(takes, model),
        "motions: Fréchet distance to real windows": distances(takes, expressions, model, long),
        "motions: jerk at joins": [{"joins over elsewhere": jerk_at_joins(long, model.hop)}],
    }


def sampled(model: MotionModel) -> list[np.ndarray]:
    """Latents of a few long motions."""
    return [model.sample_long(WINDOWS, np.random.default_rng(seed)) for seed in range(MOTIONS)]


def reconstruction(takes: Takes, model: MotionModel) -> list[dict]:
    """Windows of the eval takes and of the held-out blocks, by as many numbers a window."""
    train = windows(takes.kept, model.window, 5)
    components = Components.of(train.reshape(len(train), -1), model.size)
    sets = {
        "eval rmse": windows(takes.eval, model.window, HOP, mirrored=False),
        "held-out rmse": windows(takes.held_out, model.window, HOP, mirrored=False),
    }

    def by_components(values: np.ndarray) -> np.ndarray:
        return components.reconstructed(values.reshape(len(values), -1)).reshape(values.shape)

    def by_model(values: np.ndarray) -> np.ndarray:
        still = np.zeros((*values.shape[:2], HEAD))
        latents = model.encode(np.concatenate([values, still], axis=2))[0]
        return model.decode(latents)[..., :FACE]

    rows: list[dict] = []
    for name, run in ((f"PCA {model.size}", by_components), ("Mien", by_model)):
        figures = {
            title: float(np.sqrt(np.mean(np.square(run(values) - values))))
            for title, values in sets.items()
        }
        rows.append({"method": name, **figures})
    for row in rows:
        row["eval, of PCA"] = row["eval rmse"] / rows[0]["eval rmse"]
    return rows


def distances(
    takes: Takes, expressions: ExpressionModel, model: MotionModel, long: list[np.ndarray]
) -> list[dict]:
    """How near windows of sampled motion are to real ones, by two sets of features."""
    length = model.window
    train = windows(takes.kept, length, HOP)
    # Held-out blocks are few windows: enough for figures of change, not for an embedding.
    real = {
        "recordings": windows(takes.train, length, HOP),
        "held-out": windows(takes.held_out, length, HOP),
    }
    wandering = Wandering.of(
        [np.asarray(expressions.encode(clip.weights)[0], np.float64) for clip in takes.kept]
    )
    frames = len(long[0])
    wandered = [
        expressions.decode(wandering.sample(frames, np.random.default_rng(seed)))
        for seed in range(MOTIONS)
    ]
    embedding = Components.of(_lively(train), EMBEDDED)
    methods = {
        "expression VAE, autoregressive latents": cut(wandered, length),
        "Mien": cut([motion[:, :FACE] for motion in long], length),
        "training windows, to compare": train,
    }
    rows: list[dict] = []
    for name, values in methods.items():
        row: dict = {"method": name}
        for title, reference in real.items():
            row[f"velocity and acceleration, {title}"] = frechet_distance(
                changes(values), changes(reference)
            )
            row[f"embedding, {title}"] = frechet_distance(
                embedding.encode(_lively(values)), embedding.encode(_lively(reference))
            )
        rows.append(row)
    baseline = dict(rows[0])
    for row in rows:
        for title in ("velocity and acceleration, recordings", "embedding, recordings"):
            row[f"{title}, of the baseline"] = row[title] / baseline[title]
    return rows


def cut(motions: list[np.ndarray], length: int) -> np.ndarray:
    """(windows, length, 52) of long motions."""
    return np.stack(
        [
            motion[start : start + length]
            for motion in motions
            for start in range(0, len(motion) - length + 1, HOP)
        ]
    ).astype(np.float64)


def changes(values: np.ndarray) -> np.ndarray:
    """(windows, 2 · 52): logarithms of each channel's mean |velocity| and |acceleration|."""
    speed = np.abs(np.diff(values, 1, axis=1)).mean(axis=1) * 30
    bend = np.abs(np.diff(values, 2, axis=1)).mean(axis=1) * 30
    return np.concatenate([np.log1p(speed), np.log1p(bend)], axis=1)


def _lively(values: np.ndarray) -> np.ndarray:
    """(windows, features): what the embedding sees: a window's course and its velocity.

    At every third frame; velocity in weights a fifth of a second counts like weights.
    """
    course = values[:, ::3].reshape(len(values), -1)
    velocity = 6 * np.diff(values, axis=1)[:, ::3].reshape(len(values), -1)
    return np.concatenate([course, velocity], axis=1)


def jerk_at_joins(long: list[np.ndarray], hop: int) -> float:
    """Mean |third difference| where windows begin or end, over that elsewhere."""
    at, elsewhere = [], []
    for motion in long:
        jerk = np.abs(np.diff(motion[:, :FACE].astype(np.float64), 3, axis=0)).mean(axis=1)
        places = np.arange(len(jerk)) + 1.5
        near = np.abs((places + hop / 2) % hop - hop / 2) <= 2
        at.append(jerk[near])
        elsewhere.append(jerk[~near])
    return float(np.concatenate(at).mean() / np.concatenate(elsewhere).mean())
