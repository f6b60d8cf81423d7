# SPDX-License-Identifier: GPL-3.0-or-later
"""How the regressors of the ceiling are built and trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SolverConfig:
    """Everything that decides what training yields.

    seed: of all that is random.
    past: how many frames of `FRAME` seconds back the solver looks, the present as 0.
    moves, shapes: components kept of what a face does, and of what it is at rest.
    width: neurons of a hidden layer. dropout: share of them left out in training.
    people, frames: simulated people, and frames of each.
    rendered_share: share of a batch that was rendered and tracked, not simulated.
    jitter: spread of the noise on rendered samples, in parts of the error measured on renders.
    batch: samples. steps: batches. rate: of learning, falling to nothing along a cosine.
    weight_decay: AdamW's.
    """

    seed: int = 4
    past: tuple[int, ...] = (0, 1, 2, 4)
    moves: int = 96
    shapes: int = 24
    width: int = 256
    dropout: float = 0.3
    people: int = 200
    frames: int = 150
    rendered_share: float = 0.7
    jitter: float = 0.3
    batch: int = 512
    steps: int = 1800
    rate: float = 1e-3
    weight_decay: float = 0.1


FRAME = 1 / 30
"""Seconds between the frames that `SolverConfig.past` counts."""

SMOKE = SolverConfig(people=4, frames=24, moves=24, shapes=6, width=16, steps=20, batch=32)
"""A training that takes seconds, for tests."""
