# SPDX-License-Identifier: GPL-3.0-or-later
"""The solver's configuration, as `solver.toml` beside this module holds it.

The file says each key's meaning and unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...training.configuration import read_configuration

STANDARD = Path(__file__).resolve().parent / "solver.toml"


@dataclass(frozen=True)
class NetworkSettings:
    """The shape of the networks."""

    width: int
    later_width: int
    place_width: int
    appearance: int
    rest: int
    hidden: int
    dropout: float


@dataclass(frozen=True)
class PictureSettings:
    """How pictures are varied."""

    plain: int
    bent: int
    bend: float


@dataclass(frozen=True)
class TrainingSettings:
    """How long and how fast."""

    seed: int
    rendered: int
    people: int
    steps: int
    learning_rate: float
    weight_decay: float
    gradient_clip: float
    averaging: float
    difference: float
    rarity: float
    presence: float
    held_out: int
    half_precision: bool


@dataclass(frozen=True)
class SolverConfiguration:
    """Everything that shapes a trained solver."""

    network: NetworkSettings
    pictures: PictureSettings
    training: TrainingSettings


def read(path: Path = STANDARD) -> SolverConfiguration:
    """Read a configuration. Raises TrainingError if it is none."""
    return read_configuration(path, SolverConfiguration)
