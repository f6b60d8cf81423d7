# SPDX-License-Identifier: GPL-3.0-or-later
"""The refiner's configuration, as the TOML files beside this module hold it.

The files say each key's meaning and unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..training.augmentation import Augmentation
from ..training.clips import Split
from ..training.configuration import read_configuration

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class GeneratorSettings:
    """The shape of the generator."""

    width: int
    kernel: int
    dilations: tuple[int, ...]
    channel_width: int
    channel_dilations: tuple[int, ...]
    channel_context: int
    bank_levels: int
    noise_channels: int
    causal: bool
    delay: int
    batch_normalisation: bool


@dataclass(frozen=True)
class DiscriminatorSettings:
    """The shape of the discriminator."""

    width: int
    layers: int
    scales: int
    spectral_normalisation: bool


@dataclass(frozen=True)
class LossSettings:
    """What counts how much. 0 leaves a loss out and its work undone."""

    reconstruction: float
    relative: float
    relative_from_epoch: int
    velocity: float
    steadiness: float
    peaks: float
    adversarial: float
    feature_matching: float
    gradient_penalty: float
    gradient_penalty_every: int


@dataclass(frozen=True)
class TrainingSettings:
    """How long and how fast."""

    seed: int
    rate: float
    window: int
    protocol_share: float
    batch: int
    takes: int
    take_windows: int
    steps_per_epoch: int
    epochs: int
    adversary_from_epoch: int
    generator_learning_rate: float
    discriminator_learning_rate: float
    falling_epochs: int
    closing_epochs: int
    final_learning_rate: float
    gradient_clip: float
    averaging: float
    half_precision: bool


@dataclass(frozen=True)
class RefinerConfiguration:
    """Everything that shapes one trained refiner."""

    generator: GeneratorSettings
    discriminator: DiscriminatorSettings
    losses: LossSettings
    training: TrainingSettings
    augmentation: Augmentation
    split: Split


def read_refiner_configuration(path: Path | str) -> RefinerConfiguration:
    """A configuration file, or one of Mien's own by name: "offline", "adversary", "live", "tiny".

    Raises TrainingError for what is unknown, missing or of the wrong type.
    """
    own = FOLDER / f"{path}.toml"
    return read_configuration(own if own.is_file() else Path(path), RefinerConfiguration)
