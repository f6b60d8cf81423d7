# SPDX-License-Identifier: GPL-3.0-or-later
"""From recordings to weights that can be used: train, fit the prior, export, write the card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ..training.card import Card, described, write_network
from ..training.clips import find_recordings, load_clip
from ..training.configuration import to_data
from ..training.export import load_stored, round_to_half
from .config import AutoencoderConfiguration
from .examples import recorded
from .export import export_autoencoder
from .mixture import Mixture
from .network import Autoencoder
from .prior import aggregated, fit_mixture
from .runtime import FOLDER
from .train import AutoencoderTraining, train

LICENCE = "GPL-3.0-or-later"
ACTIVE = 0.1
"""Nats of divergence above which a latent says something."""


def train_autoencoder(
    data: Iterable[Path],
    output: Path,
    configuration: AutoencoderConfiguration,
    date: str,
    start: Path | None = None,
    threads: int = 1,
) -> Card:
    """Train on recordings and write `expression.onnx` or `motion.onnx` with its card.

    data: takes, CSVs, or folders of them. output: gets the weights, and the run itself in a
    folder beside them, from which a run that was stopped goes on. date: written into the
    card, YYYY-MM-DD. start: folder of weights to start from instead of from nothing. Where the
    configuration says so, a motion's frames are seen as by the expression model in `output`,
    or else in `start`, or else Mien's own.

    Raises TrainingError for recordings or weights that cannot be used.
    """
    places = find_recordings(data)
    clips = [load_clip(path, configuration.training.rate) for path in places]
    module = AutoencoderTraining(configuration, clips, output / f"{configuration.kind}-run")
    for network in (module.network, module.average):
        _begin(network, configuration, output, start)
    train(module, threads)
    return publish(module, places, output, date)


def _begin(
    network: Autoencoder, configuration: AutoencoderConfiguration, output: Path, start: Path | None
) -> None:
    """Load what training starts from; frames as the newest expression model sees them."""
    if start is not None:
        load_stored(network, start / f"{configuration.kind}.onnx", "network")
    if configuration.training.from_expressions:
        folders = [output, *([start] if start is not None else []), FOLDER]
        newest = next(one for one in folders if (one / "expression.onnx").is_file())
        load_stored(network.face, newest / "expression.onnx", "network")


def publish(
    module: AutoencoderTraining,
    places: Sequence[Path],
    output: Path,
    date: str,
    notes: Sequence[str] = (),
) -> Card:
    """Write the averaged network with its prior as ONNX, with a card. Returns the card."""
    configuration = module.configuration
    round_to_half(module.average)
    module.average.eval()
    prior, figures = fit_prior(module)
    figures |= {name: round(value, 6) for name, value in module.validate().items()}
    figures["parameters"] = sum(values.numel() for values in module.average.parameters())
    card = Card(
        network=f"Mien's {configuration.kind} autoencoder: ARKit's 52 channels to latents and back",
        data=tuple(described(place) for place in places),
        licence=LICENCE,
        date=date,
        seed=configuration.training.seed,
        configuration=to_data(configuration),
        figures=figures,
        notes=(
            "Validation: blocks of the training recordings that training never saw.",
            f"Active latents: divergence from N(0, 1) above {ACTIVE} nats, over the recordings.",
            *notes,
        ),
    )
    content = export_autoencoder(module.average, prior, configuration.training.rate)
    return write_network(output / f"{configuration.kind}.onnx", content, card)


def fit_prior(module: AutoencoderTraining) -> tuple[Mixture, dict[str, object]]:
    """The prior of the recordings' latents, and figures: what each latent says, in nats."""
    settings = module.configuration
    random = np.random.default_rng((settings.training.seed, 1))
    hop = max(round(settings.prior.hop * settings.training.rate), 1)
    frames = recorded(
        module.stretches, settings.network.window, hop, module.turns, settings.augmentation, random
    )
    mean, log_variance = module.posterior(frames)
    each = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).mean(axis=0)
    latents = aggregated(mean, log_variance, settings.prior.draws, random)
    prior = fit_mixture(latents, settings.prior, random)
    return prior, {
        "divergence of each latent, nats": [round(float(nats), 2) for nats in each],
        "active latents": int((each > ACTIVE).sum()),
        "prior, nats a sample": round(float(prior.log_density(latents).mean()), 3),
    }
