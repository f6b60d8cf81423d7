# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions and head turns to learn from: what real takes hold, varied and mixed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from mien.models import formats
from mien.models.arkit import CHANNELS, REGIONS
from mien.models.capture.solver.examples import MIRROR

from .heads import Floats, rotation

_TONGUE_SHARE = 0.04
_FRONTAL_SHARE = 0.5
_CLOSED_SHARE = 0.04

_COLUMNS = {name: index for index, name in enumerate(CHANNELS)}
_UPPER = np.array([name in REGIONS["eyes"] + REGIONS["brows"] for name in CHANNELS])
_SIDEWAYS = ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
_TRAINING_TAKES = (
    "alexdjulin/alex_rom_3.csv",
    "alexdjulin/alex_rom_4.csv",
    "sentien/recording.csv",
    "jmtechart/MySlate_3_Jason_Millers_iPhone.csv",
)


def training_weights(data: Path) -> Floats:
    """(frames, 52): all frames of the training takes, and their mirror images."""
    folder = data / "performances" / "train"
    takes = [formats.read(folder / name) for name in _TRAINING_TAKES]
    rows = np.concatenate([np.clip(take.weights, 0, 1) for take in takes])
    return np.concatenate([rows, rows[:, MIRROR]])


def random_expressions(taken: Floats, count: int, rng: np.random.Generator) -> Floats:
    """(count, 52) weights for training: from takes, mixed from two, or a few channels alone."""
    result = np.empty((count, len(CHANNELS)), np.float32)
    for row in result:
        kind = rng.random()
        row[:] = taken[rng.integers(len(taken))]
        if kind < 0.3:
            row *= rng.uniform(0.7, 1.4)
        elif kind < 0.55:
            row[_UPPER] = taken[rng.integers(len(taken))][_UPPER]
            _put_on(row, rng, 1)
        else:
            row *= rng.choice([0.0, 0.1, 0.3])
            _put_on(row, rng, int(rng.integers(1, 5)))
        if rng.random() < _TONGUE_SHARE:
            row[_COLUMNS["tongueOut"]] = rng.uniform(0.3, 1)
            row[_COLUMNS["jawOpen"]] = rng.uniform(0.15, 0.6)
        elif rng.random() < _CLOSED_SHARE:
            row[_COLUMNS["jawOpen"]] = rng.uniform(0.2, 0.8)
            row[_COLUMNS["mouthClose"]] = row[_COLUMNS["jawOpen"]] * rng.uniform(0.7, 1)
    return possible(result)


def single_expressions(taken: Floats, count: int, rng: np.random.Generator) -> Floats:
    """(count, 52) weights of one or two channels, alone or over a faint expression of a take.

    The rarer a channel is in takes, the more often it is drawn: what hardly anyone does must
    be learned too.
    """
    activity = (taken > 0.3).mean(axis=0)
    chances = 1 / (activity + 0.05)
    chances /= chances.sum()
    result = np.zeros((count, len(CHANNELS)), np.float32)
    for row in result:
        if rng.random() < 0.3:
            row[:] = taken[rng.integers(len(taken))] * rng.uniform(0.1, 0.4)
        _put_on(row, rng, int(rng.integers(1, 3)), chances)
        if rng.random() < 0.15:
            # Puffed, rolled and pressed lips are told apart by how far the jaw is open.
            row[_COLUMNS["jawOpen"]] = max(row[_COLUMNS["jawOpen"]], rng.uniform(0, 0.3))
    return possible(result)


def _put_on(
    row: Floats, rng: np.random.Generator, count: int, chances: Floats | None = None
) -> None:
    for channel in rng.choice(len(CHANNELS), count, replace=False, p=chances):
        value = rng.uniform(0.15, 1.0)
        row[channel] = value
        name = CHANNELS[channel]
        if rng.random() < 0.6 and name not in _SIDEWAYS:
            row[MIRROR[channel]] = value
        if name == "mouthClose":
            row[_COLUMNS["jawOpen"]] = max(row[_COLUMNS["jawOpen"]], value)
        if name == "tongueOut":
            row[_COLUMNS["jawOpen"]] = max(row[_COLUMNS["jawOpen"]], rng.uniform(0.15, 0.6))
        if name.startswith("eyeLook"):
            _look(row, rng)


def _look(row: Floats, rng: np.random.Generator) -> None:
    """Both eyes look one way."""
    for name in REGIONS["eyes"]:
        if "Look" in name:
            row[_COLUMNS[name]] = 0
    side, up = rng.uniform(-1, 1, 2)
    for name in ("eyeLookOutLeft", "eyeLookInRight"):
        row[_COLUMNS[name]] = max(side, 0)
    for name in ("eyeLookInLeft", "eyeLookOutRight"):
        row[_COLUMNS[name]] = max(-side, 0)
    for eye in ("Left", "Right"):
        row[_COLUMNS[f"eyeLookUp{eye}"]] = max(up, 0)
        row[_COLUMNS[f"eyeLookDown{eye}"]] = max(-up, 0)


def possible(weights: Floats) -> Floats:
    """Weights a face can have: opposites exclude each other, lips close an open jaw only."""
    result = np.clip(weights, 0, 1).astype(np.float32)
    opposites = [("jawLeft", "jawRight"), ("mouthLeft", "mouthRight")]
    for eye in ("Left", "Right"):
        opposites += [
            (f"eyeLookIn{eye}", f"eyeLookOut{eye}"),
            (f"eyeLookUp{eye}", f"eyeLookDown{eye}"),
            (f"eyeWide{eye}", f"eyeBlink{eye}"),
            (f"mouthSmile{eye}", f"mouthFrown{eye}"),
            (f"browDown{eye}", f"browOuterUp{eye}"),
        ]
    for first, second in opposites:
        a, b = result[:, _COLUMNS[first]].copy(), result[:, _COLUMNS[second]].copy()
        result[:, _COLUMNS[first]] = np.maximum(a - b, 0)
        result[:, _COLUMNS[second]] = np.maximum(b - a, 0)
    jaw, close = _COLUMNS["jawOpen"], _COLUMNS["mouthClose"]
    result[:, close] = np.minimum(result[:, close], result[:, jaw])
    return result


def random_turns(count: int, rng: np.random.Generator) -> Floats:
    """(count, 3, 3): half nearly frontal, half up to 42° sideways and 22° nodded or tilted."""
    degrees = rng.normal(0, (17, 9, 8), (count, 3))
    degrees[rng.random(count) < _FRONTAL_SHARE] *= 0.35
    yaw, pitch, roll = np.radians(np.clip(degrees, (-42, -22, -22), (42, 22, 22))).T
    return rotation(yaw, pitch, roll)
