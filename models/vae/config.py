# SPDX-License-Identifier: GPL-3.0-or-later
"""The configurations of both autoencoders, as the TOML files beside this module hold them.

The files say each key's meaning and unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from ..errors import TrainingError
from ..training.clips import Split
from ..training.configuration import read_configuration

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class NetworkSettings:
    """The shape of encoder and decoder.

    An expression is a window of one frame, a motion one of several.
    """

    window: int
    strides: tuple[int, ...]
    latents_a_step: int
    width: int
    layers: int
    tracks: int
    time_width: int

    @property
    def steps(self) -> int:
        """Steps of a window, each with its own latents."""
        return self.window // math.prod(self.strides)

    @property
    def latents(self) -> int:
        """Latents of a window."""
        return self.steps * self.latents_a_step


@dataclass(frozen=True)
class LossSettings:
    """What counts how much."""

    deviation: float
    change_deviation: float
    divergence: float
    free_bits: float
    warm_up: float


@dataclass(frozen=True)
class TrainingSettings:
    """How long and how fast."""

    seed: int
    from_expressions: bool
    rate: float
    batch: int
    steps_per_epoch: int
    epochs: int
    learning_rate: float
    final_learning_rate: float
    gradient_clip: float
    averaging: float


@dataclass(frozen=True)
class Augmentation:
    """How far examples may stray from what was recorded."""

    slowest: float
    fastest: float
    mirrored: float
    mixed: float
    blended: float
    scaled: float
    least_gain: float
    most_gain: float
    dulled: float
    most_dulled: float
    still_head: float
    most_turn: float


@dataclass(frozen=True)
class PriorSettings:
    """The mixture that is fitted to the latents of the recordings."""

    components: int
    shrinkage: float
    floor: float
    rounds: int
    draws: int
    hop: float


@dataclass(frozen=True)
class AutoencoderConfiguration:
    """Everything that shapes one trained autoencoder."""

    network: NetworkSettings
    losses: LossSettings
    training: TrainingSettings
    augmentation: Augmentation
    prior: PriorSettings
    split: Split

    @property
    def kind(self) -> str:
        """ "expression" for windows of one frame, else "motion": what the files are called."""
        return "expression" if self.network.window == 1 else "motion"


def read_autoencoder_configuration(path: Path | str) -> AutoencoderConfiguration:
    """A configuration file, or one of Mien's own by name: "expression", "motion" ….

    Raises TrainingError for what is unknown, missing, of the wrong type or impossible.
    """
    own = FOLDER / f"{path}.toml"
    configuration = read_configuration(
        own if own.is_file() else Path(path), AutoencoderConfiguration
    )
    network = configuration.network
    frames = math.prod(network.strides)
    if network.window % frames or (network.window > 1 and network.steps % 2):
        raise TrainingError(
            f"{path}: the window of {network.window} frames must be an even number of steps "
            f"of {frames} frames."
        )
    return configuration
