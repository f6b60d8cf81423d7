# SPDX-License-Identifier: GPL-3.0-or-later
"""Training the refiner: generator against discriminator, Lightning around them."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from ..training import run
from ..training.batches import Batch, SeededBatches, loader
from ..training.clips import Clip, held_out, kept
from ..training.losses import soft_clip
from . import losses
from .config import RefinerConfiguration
from .damage import PROTOCOL, Damage
from .evidence import Evidence
from .examples import draw_examples, show_take
from .network import Discriminator, Generator

Floats = NDArray[np.floating[Any]]


class Refiner(lightning.LightningModule):
    """Generator, discriminator and the generator's averaged weights, which are kept.

    clips: recordings at their own rates; cut into training and validation here.
    folder: where the history is written.
    """

    def __init__(
        self, configuration: RefinerConfiguration, clips: Sequence[Clip], folder: Path
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.configuration = configuration
        self.folder = folder
        run.seed_initial_weights(configuration.training.seed)
        self.generator = Generator(configuration.generator)
        self.discriminator = Discriminator(configuration.discriminator)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.stretches = [part for clip in clips for part in kept(clip, configuration.split)]
        self.validation = [held_out(clip, configuration.split) for clip in clips]
        self._sums: dict[str, Tensor] = {}
        self._began = time.monotonic()

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """One optimizer each, at two rates (M. Heusel et al., arXiv:1706.08500)."""
        training = self.configuration.training
        return [
            torch.optim.AdamW(
                self.generator.parameters(),
                training.generator_learning_rate,
                betas=(0.9, 0.99),
                weight_decay=0.01,
            ),
            torch.optim.AdamW(
                self.discriminator.parameters(),
                training.discriminator_learning_rate,
                betas=(0.0, 0.99),
                weight_decay=0.0,
            ),
        ]

    def train_dataloader(self) -> Any:
        """This epoch's batches."""
        training = self.configuration.training
        return loader(
            SeededBatches(
                lambda random: dict(draw_examples(self.stretches, self.configuration, random)),
                training.seed,
                self.current_epoch,
                training.steps_per_epoch,
            )
        )

    @property
    def adversary_acts(self) -> bool:
        """Whether the discriminator takes part in this epoch."""
        weights = self.configuration.losses
        return (
            weights.adversarial > 0 or weights.feature_matching > 0
        ) and self.current_epoch >= self.configuration.training.adversary_from_epoch

    def training_step(self, batch: Batch, step: int) -> None:
        """One step of the generator, and one of the discriminator while it takes part."""
        training = self.configuration.training
        generator_steps, discriminator_steps = self.optimizers()  # type: ignore[misc, attr-defined]
        self._set_learning_rates(generator_steps, discriminator_steps, step)
        half = training.half_precision
        with torch.autocast(self.device.type, torch.bfloat16, enabled=half):
            refined, true = self.refine(batch)
            if self.adversary_acts:
                self._step_discriminator(discriminator_steps, true, refined.detach(), step)
            loss = self._generator_loss(refined, true)
        generator_steps.zero_grad()
        self.manual_backward(loss)
        self._note("gradient", clip_grad_norm_(self.generator.parameters(), training.gradient_clip))
        generator_steps.step()
        run.move_average(self.average, self.generator, training.averaging)

    def _set_learning_rates(
        self, generator_steps: Any, discriminator_steps: Any, step: int
    ) -> None:
        """For the step that comes."""
        steps_done = step / self.configuration.training.steps_per_epoch
        rates = self.learning_rates(self.current_epoch + steps_done)
        for steps, rate in zip((generator_steps, discriminator_steps), rates, strict=True):
            run.set_learning_rate(steps, rate)

    def learning_rates(self, done: float) -> tuple[float, float]:
        """Generator's and discriminator's rates after so many epochs.

        Each falls by a half cosine, the discriminator's from the epoch from which it acts, and
        starts again where that has ended (I. Loshchilov and F. Hutter, arXiv:1608.03983); at
        the end a line leads down to the final rate, so that a training can end before.
        """
        training = self.configuration.training
        late = training.adversary_from_epoch
        left = (training.epochs - done) / max(training.closing_epochs, 1e-9)

        def rate(largest: float, since: float, span: float) -> float:
            falling = run.learning_rate(since / span % 1, largest, training.final_learning_rate)
            final = min(falling, largest * training.final_learning_rate)
            return max(falling * min(left, 1), final)

        return (
            rate(training.generator_learning_rate, done, training.falling_epochs),
            rate(
                training.discriminator_learning_rate,
                max(done - late, 0),
                max(training.falling_epochs - late, 1),
            ),
        )

    def refine(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The generator's motion and the truth that belongs to it, frame by frame."""
        refined = self.generator(
            batch["motion"],
            batch["confidence"],
            batch["noise"],
            *(() if self.configuration.generator.causal else (batch["curve"], batch["shared"])),
        )
        delay = self.generator.delay
        frames = batch["true"].shape[2]
        return soft_clip(refined[:, :, delay:]), batch["true"][:, :, : frames - delay]

    def _generator_loss(self, refined: Tensor, true: Tensor) -> Tensor:
        weights = self.configuration.losses
        error = losses.reconstruction(refined, true)
        self._note("reconstruction", error)
        if weights.relative and self.current_epoch >= weights.relative_from_epoch:
            total = weights.relative * losses.relative_reconstruction(refined, true)
        else:
            total = weights.reconstruction * error
        if weights.velocity:
            shake = losses.velocity(refined, true)
            self._note("velocity", shake)
            total = total + weights.velocity * shake
        if weights.steadiness:
            tremble = losses.steadiness(refined, true)
            self._note("steadiness", tremble)
            total = total + weights.steadiness * tremble
        if weights.peaks:
            missed = losses.peaks(refined, true)
            self._note("peaks", missed)
            total = total + weights.peaks * missed
        if self.adversary_acts:
            with torch.no_grad():
                _, real_features = self.discriminator(true)
            logits, features = self.discriminator(refined)
            fooled = losses.generator_adversarial(logits)
            matched = losses.feature_matching(real_features, features)
            self._note("adversarial", fooled)
            self._note("feature_matching", matched)
            total = total + weights.adversarial * fooled + weights.feature_matching * matched
        return total

    def _step_discriminator(self, steps: Any, true: Tensor, fake: Tensor, step: int) -> None:
        weights = self.configuration.losses
        real, _ = self.discriminator(true)
        judged, _ = self.discriminator(fake)
        loss = losses.discriminator_adversarial(real, judged)
        self._note("discriminator", loss)
        if weights.gradient_penalty and step % weights.gradient_penalty_every == 0:
            with torch.autocast(self.device.type, enabled=False):
                penalty = losses.gradient_penalty(lambda x: self.discriminator(x)[0], true)
            self._note("gradient_penalty", penalty)
            loss = loss + weights.gradient_penalty * weights.gradient_penalty_every * penalty
        steps.zero_grad()
        self.manual_backward(loss)
        clip_grad_norm_(self.discriminator.parameters(), self.configuration.training.gradient_clip)
        steps.step()
        steps.zero_grad()

    def _note(self, name: str, value: Tensor) -> None:
        self._sums.setdefault(name, torch.zeros(2, device=value.device))
        self._sums[name] += torch.stack([value.detach().float(), torch.ones_like(value).float()])

    def on_train_epoch_end(self) -> None:
        """Measure on the validation blocks and write the epoch down."""
        figures: dict[str, Any] = {"epoch": self.current_epoch}
        figures |= {name: total[0] / total[1] for name, total in self._sums.items()}
        figures |= {f"rmse {name}": value for name, value in self.validate().items()}
        figures["seconds"] = time.monotonic() - self._began
        self._sums.clear()
        run.note(self.folder, figures)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """RMSE of the averaged generator on the validation blocks, for each damage."""
        result = {}
        for name, damage in PROTOCOL.items():
            square, count = 0.0, 0
            for shown, true in self.validation_shown(damage):
                delay = self.generator.delay
                error = self.refine_evidence(shown)[delay:] - true[: len(true) - delay]
                square += float(np.square(error).sum())
                count += error.size
            result[name] = float(np.sqrt(square / max(count, 1)))
        return result

    def validation_shown(self, damage: Damage) -> Iterator[tuple[Evidence, Floats]]:
        """What is shown of each damaged validation block, and its true (frames, channels)."""
        training = self.configuration.training
        causal = self.configuration.generator.causal
        for number, blocks in enumerate(self.validation):
            random = np.random.default_rng((training.seed, number))
            true = [np.asarray(at_rate(block, training.rate), np.float64) for block in blocks]
            yield from zip(
                show_take(true, damage, training.rate, causal, random), true, strict=True
            )

    @torch.no_grad()
    def refine_evidence(self, shown: Evidence) -> Floats:
        """(frames, channels) from the averaged generator, without noise, clipped."""
        motion, confidence, curve, shared = (
            torch.as_tensor(values.T[None], dtype=torch.float32, device=self.device)
            for values in (shown.motion, shown.confidence, shown.curve, shown.shared)
        )
        settings = self.configuration.generator
        noise = torch.zeros(1, settings.noise_channels, motion.shape[2], device=self.device)
        both_sides = () if settings.causal else (curve, shared)
        refined = self.average(motion, confidence, noise, *both_sides)
        return np.asarray(refined[0].T.clamp(0, 1).cpu())


def at_rate(clip: Clip, rate: float) -> Floats:
    """(frames, 52) of a clip at another rate, on straight lines."""
    if abs(clip.rate - rate) < 1e-9:
        return clip.weights
    frames = np.arange(int((len(clip.weights) - 1) / clip.rate * rate) + 1) / rate * clip.rate
    places = np.arange(len(clip.weights))
    return np.stack([np.interp(frames, places, column) for column in clip.weights.T], axis=1)


def train(module: Refiner, threads: int = 1) -> Refiner:
    """Train a refiner, or go on with the run that its folder holds."""
    run.train(module, module.folder, module.configuration.training.epochs, threads)
    return module
