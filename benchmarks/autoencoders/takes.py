# SPDX-License-Identifier: GPL-3.0-or-later
"""The recordings of table 4 at 30 fps, split as the measuring protocol says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mien.models.training.clips import MIRROR, Clip, held_out, kept, load_clips

RATE = 30.0
# Frames that count as different expressions are at least 0.1 s apart.
_APART = 3


@dataclass(frozen=True, eq=False)
class Takes:
    """Training clips, what is kept of them to train on, what is held out, and the eval clips."""

    train: list[Clip]
    kept: list[Clip]
    held_out: list[Clip]
    eval: list[Clip]


def load(data: Path) -> Takes:
    """Everything under DIR/performances."""
    train = load_clips([data / "performances" / "train"], RATE)
    return Takes(
        train,
        [part for clip in train for part in kept(clip)],
        [block for clip in train for block in held_out(clip)],
        load_clips([data / "performances" / "eval"], RATE),
    )


def frames(clips: Sequence[Clip], every: int = 1, mirrored: bool = True) -> np.ndarray:
    """(frames, 52) of all clips together, and their mirror images."""
    values = np.concatenate([clip.weights[::every] for clip in clips]).astype(np.float64)
    return np.concatenate([values, values[:, MIRROR]]) if mirrored else values


def expressions(clips: Sequence[Clip]) -> np.ndarray:
    """(frames, 52) at least 0.1 s apart, and their mirror images."""
    return frames(clips, _APART)


def windows(clips: Sequence[Clip], length: int, hop: int, mirrored: bool = True) -> np.ndarray:
    """(windows, length, 52), one every `hop` frames, and their mirror images."""
    values = np.stack(
        [
            clip.weights[start : start + length]
            for clip in clips
            for start in range(0, len(clip.weights) - length + 1, hop)
        ]
    ).astype(np.float64)
    return np.concatenate([values, values[:, :, MIRROR]]) if mirrored else values
