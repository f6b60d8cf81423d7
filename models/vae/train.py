# SPDX-License-Identifier: GPL-3.0-or-later
"""Training an autoencoder, Lightning around it."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from ..errors import TrainingError
from ..training import run
from ..training.batches import Batch, SeededBatches, loader
from ..training.clips import Clip, held_out, kept
from ..training.losses import soft_clip
from . import losses
from .config import AutoencoderConfiguration
from .examples import draw_examples, heads, recorded, recordings
from .network import TURN, WEIGHTS, build

Floats = NDArray[np.floating[Any]]

_LEAST_DEVIATION = 0.03
# Examples that standardisation is measured on, and frames encoded at once.
_MEASURED = 4096


class AutoencoderTraining(lightning.LightningModule):
    """The network in training and its averaged weights, which are kept.

    clips: recordings at the configuration's rate; cut into training and validation here.
    folder: where the history is written.

    Raises TrainingError if what is left to train on is shorter than a window.
    """

    def __init__(
        self, configuration: AutoencoderConfiguration, clips: Sequence[Clip], folder: Path
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.configuration = configuration
        self.folder = folder
        window = configuration.network.window
        self.stretches = [part for clip in clips for part in kept(clip, configuration.split)]
        long_enough = [part for part in self.stretches if len(part.weights) >= window + 4]
        if not long_enough:
            raise TrainingError(
                f"The recordings hold no stretch of {window + 4} frames at "
                f"{configuration.training.rate:g} frames a second; add longer takes."
            )
        self.validation = [block for clip in clips for block in held_out(clip, configuration.split)]
        self.faces = recordings(long_enough)
        self.turns = heads(long_enough)
        seed = configuration.training.seed
        run.seed_initial_weights(seed)
        self.network = build(
            configuration.network, *self._standardisation(np.random.default_rng(seed))
        )
        if configuration.training.from_expressions:
            self.network.face.requires_grad_(False)
        self.average = copy.deepcopy(self.network).requires_grad_(False)
        self._sums: dict[str, Tensor] = {}
        self._began = time.monotonic()

    def _standardisation(self, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """(columns,) mean and deviation of augmented examples."""
        window = self.configuration.network.window
        examples = self.draw(max(_MEASURED // window, 2), random)
        values = examples.reshape(-1, examples.shape[-1])
        mean, deviation = values.mean(axis=0), np.maximum(values.std(axis=0), _LEAST_DEVIATION)
        return torch.tensor(mean), torch.tensor(deviation)

    def draw(self, count: int, random: np.random.Generator) -> Floats:
        """Augmented examples: (count, 52) or (count, frames, 55)."""
        settings = self.configuration
        return draw_examples(
            self.faces, self.turns, count, settings.network.window, settings.augmentation, random
        )

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam."""
        return torch.optim.Adam(
            self.network.parameters(), self.configuration.training.learning_rate
        )

    def train_dataloader(self) -> Any:
        """This epoch's batches, with the noise of the posterior."""
        training = self.configuration.training
        latents = self.configuration.network.latents

        def make(random: np.random.Generator) -> Batch:
            return {
                "frames": self.draw(training.batch, random),
                "noise": random.standard_normal((training.batch, latents), np.float32),
            }

        batches = SeededBatches(make, training.seed, self.current_epoch, training.steps_per_epoch)
        return loader(batches)

    def training_step(self, batch: Batch, step: int) -> None:
        """One step down the negative evidence lower bound."""
        training = self.configuration.training
        progress = (self.current_epoch + step / training.steps_per_epoch) / training.epochs
        optimizer: Any = self.optimizers()
        run.set_learning_rate(
            optimizer,
            run.learning_rate(progress, training.learning_rate, training.final_learning_rate),
        )
        loss = self._loss(batch["frames"], batch["noise"], progress)
        optimizer.zero_grad()
        self.manual_backward(loss)
        self._note("gradient", clip_grad_norm_(self.network.parameters(), training.gradient_clip))
        optimizer.step()
        run.move_average(self.average, self.network, training.averaging)

    def _loss(self, frames: Tensor, noise: Tensor, progress: float) -> Tensor:
        settings = self.configuration.losses
        mean, log_variance = self.network.encode(frames)
        decoded = in_weights(self.network.decode(losses.drawn(mean, log_variance, noise)))
        true = in_weights(frames)
        likelihood = losses.log_likelihood(decoded, true, settings.deviation)
        self._note("log likelihood", likelihood)
        total = -likelihood
        if settings.change_deviation > 0:
            changes = losses.log_likelihood(
                decoded.diff(dim=1), true.diff(dim=1), settings.change_deviation
            )
            self._note("log likelihood of changes", changes)
            total = total - changes
        each = losses.divergence(mean, log_variance)
        self._note("divergence", each.sum())
        factor = settings.divergence * losses.warmed_up(progress, settings.warm_up)
        return total + factor * losses.with_free_bits(each, settings.free_bits)

    def _note(self, name: str, value: Tensor) -> None:
        self._sums.setdefault(name, torch.zeros(2, device=value.device))
        self._sums[name] += torch.stack([value.detach().float(), torch.ones_like(value).float()])

    def on_train_epoch_end(self) -> None:
        """Measure on the validation blocks and write the epoch down."""
        figures: dict[str, Any] = {"epoch": self.current_epoch}
        figures |= {name: total[0] / total[1] for name, total in self._sums.items()}
        figures |= self.validate()
        figures["seconds"] = time.monotonic() - self._began
        self._sums.clear()
        run.note(self.folder, figures)

    def validate(self) -> dict[str, float]:
        """RMSE of the averaged network on the validation blocks, in weights."""
        window = self.configuration.network.window
        random = np.random.default_rng(self.configuration.training.seed)
        frames = recorded(
            self.validation, window, window, self.turns, self.configuration.augmentation, random
        )
        if len(frames) == 0:
            return {"validation rmse": float("nan")}
        error = self.reconstructed(frames)[..., :WEIGHTS] - frames[..., :WEIGHTS]
        return {"validation rmse": float(np.sqrt(np.square(error).mean()))}

    @torch.no_grad()
    def reconstructed(self, frames: Floats) -> Floats:
        """Frames or windows there and back through the averaged network."""
        return np.concatenate(
            [
                np.asarray(self.average.clipped(self.average.decode(self.average.encode(part)[0])))
                for part in torch.split(torch.as_tensor(frames), _MEASURED)
            ]
        )

    @torch.no_grad()
    def posterior(self, frames: Floats) -> tuple[Floats, Floats]:
        """Mean and log-variance of frames or windows, by the averaged network."""
        parts = [
            self.average.encode(part) for part in torch.split(torch.as_tensor(frames), _MEASURED)
        ]
        mean, log_variance = (np.asarray(torch.cat(one)) for one in zip(*parts, strict=True))
        return mean, log_variance


def in_weights(values: Tensor) -> Tensor:
    """Softly clipped weights; a head's turn in units that count like weights."""
    if values.shape[-1] == WEIGHTS:
        return soft_clip(values)
    weights, turn = values[..., :WEIGHTS], values[..., WEIGHTS:]
    return torch.cat([soft_clip(weights), turn / TURN], dim=-1)


def train(module: AutoencoderTraining, threads: int = 1) -> AutoencoderTraining:
    """Train an autoencoder, or go on with the run that its folder holds."""
    run.train(module, module.folder, module.configuration.training.epochs, threads)
    return module
