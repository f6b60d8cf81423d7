# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights and head turns of the clips that trackers are measured by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mien.benchmarks.known_truth.expressions import possible
from mien.benchmarks.known_truth.heads import Floats, rotation
from mien.models import formats
from mien.models.arkit import CHANNELS, mirrored

RATE = 24.0
_REST = 8
_RAMP = 2

_COLUMNS = {name: index for index, name in enumerate(CHANNELS)}


@dataclass(frozen=True, eq=False)
class Clip:
    """kind: "range", "speech" or "turning". weights: (frames, 52) at `RATE`; turns: (frames,
    3, 3) rotations of the head."""

    kind: str
    weights: Floats
    turns: Floats


def range_of_motion() -> Clip:
    """One pair of channels at a time, up and down again, from rest to rest."""
    frames = [np.zeros(len(CHANNELS), np.float32)] * _REST
    ramp = [*np.linspace(0, 1, _RAMP + 1)[1:], *np.linspace(1, 0, _RAMP + 1)[1:]]
    for names in _pairs():
        for value in ramp:
            row = np.zeros(len(CHANNELS), np.float32)
            row[[_COLUMNS[name] for name in names]] = value
            if "mouthClose" in names:
                row[_COLUMNS["jawOpen"]] = value * 0.6
                row[_COLUMNS["mouthClose"]] = value * 0.6
            if "tongueOut" in names:
                row[_COLUMNS["jawOpen"]] = value * 0.4
            frames.append(row)
    weights = np.stack(frames)
    return Clip("range", weights, np.broadcast_to(np.eye(3), (len(weights), 3, 3)))


def _pairs() -> list[tuple[str, ...]]:
    """Left and right together, gaze both eyes one way, and single ones."""
    pairs: list[tuple[str, ...]] = [
        ("eyeLookOutLeft", "eyeLookInRight"),
        ("eyeLookInLeft", "eyeLookOutRight"),
    ]
    for name in CHANNELS:
        if name.startswith(("eyeLookIn", "eyeLookOut")) or name.endswith("Right"):
            continue
        both = name.endswith("Left") and not name.startswith(("jaw", "mouthLeft"))
        pairs.append((name, mirrored(name)) if both else (name,))
    return [*pairs, ("jawRight",), ("mouthRight",)]


def speech(data: Path, take: str, start: float, seconds: float) -> Clip:
    """A stretch of a take, after a short rest; the head sways a little."""
    taken = formats.read(data / "performances" / "eval" / take)
    wanted = start + np.arange(round(seconds * RATE)) / RATE
    rows = np.stack([np.interp(wanted, taken.times, c) for c in taken.weights.T], axis=1)
    rows = np.concatenate([np.zeros((_REST, len(CHANNELS))), rows]).astype(np.float32)
    time = np.arange(len(rows)) / RATE
    sway = np.radians(4) * np.sin(time * 1.3)
    turns = rotation(sway, np.radians(3) * np.sin(time * 2.1), sway / 3)
    return Clip("speech", possible(rows), turns)


def turning(data: Path, take: str, start: float, seconds: float) -> Clip:
    """A stretch of a take while the head turns 28° to both sides."""
    still = speech(data, take, start, seconds)
    time = np.maximum(np.arange(len(still.weights)) - _REST, 0) / RATE
    yaw = np.radians(28) * np.sin(time * 2 * np.pi / seconds)
    zero = np.zeros_like(yaw)
    return Clip("turning", still.weights, rotation(yaw, zero, zero))
