# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the solver on rendered people.

python -m mien.models.capture.solver.train out/known_truth/examples -o models/weights/solver
"""

from __future__ import annotations

import argparse
import copy
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from ...arkit import CHANNELS
from ...performance import Floats
from ...training.run import learning_rate, set_learning_rate
from .config import STANDARD, SolverConfiguration, read
from .examples import Examples, read_examples
from .network import Encoder, Reader, of_one_size

_WARM_UP = 0.03
_MOVING = 0.2
_AT_ONCE = 128


class Solver(nn.Module):
    """Both networks."""

    def __init__(self, configuration: SolverConfiguration) -> None:
        super().__init__()
        self.encoder = Encoder(configuration.network)
        self.reader = Reader(configuration.network)


@dataclass(frozen=True, eq=False)
class Batch:
    """People at a step. rows: into the examples. rests: for each picture, the place in the
    batch of one of the same person at rest. people: for each picture, which of the batch's."""

    rows: Tensor
    rests: Tensor
    people: Tensor


class Material:
    """Examples as tensors, and who may be shown together: one person in one version."""

    def __init__(self, examples: Examples, held_out: int) -> None:
        self.features = torch.from_numpy(examples.features).to(torch.bfloat16)
        self.landmarks = torch.from_numpy(examples.landmarks)
        self.weights = torch.from_numpy(examples.weights)
        self.resting = examples.resting
        groups: dict[tuple[int, int], list[int]] = {}
        pairs = zip(examples.people.tolist(), examples.versions.tolist(), strict=True)
        for row, (person, version) in enumerate(pairs):
            groups.setdefault((person, version), []).append(row)
        whole = {
            key: np.array(rows) for key, rows in groups.items() if examples.resting[rows].any()
        }
        self.training = [rows for (p, _), rows in whole.items() if p % held_out != held_out - 1]
        self.validation = [
            rows for (p, v), rows in whole.items() if p % held_out == held_out - 1 and v == 0
        ]

    def batch(self, people: int, random: np.random.Generator) -> Batch:
        """Some people of the training part, each picture with a rest drawn for it."""
        chosen = random.choice(len(self.training), min(people, len(self.training)), replace=False)
        rows, rests, owners, before = [], [], [], 0
        for number, index in enumerate(chosen):
            group = self.training[index]
            resting = np.flatnonzero(self.resting[group])
            rows.append(group)
            rests.append(before + random.choice(resting, len(group)))
            owners.append(np.full(len(group), number))
            before += len(group)
        stacked = (torch.from_numpy(np.concatenate(part)) for part in (rows, rests, owners))
        return Batch(*stacked)


def train(examples: Examples, configuration: SolverConfiguration) -> tuple[Solver, dict[str, Any]]:
    """The trained solver, its weights averaged over the last steps, and its figures."""
    settings = configuration.training
    torch.manual_seed(settings.seed)
    random = np.random.default_rng(settings.seed)
    material = Material(examples, settings.held_out)
    solver = Solver(configuration)
    _standardise(solver.encoder, material)
    average = copy.deepcopy(solver)
    solver.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    steps = torch.optim.AdamW(
        solver.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    importance = _importance(material.weights, settings.rarity)
    progress = tqdm(range(settings.steps), desc="Solver", unit="step", mininterval=10)
    for step in progress:
        set_learning_rate(
            steps, learning_rate(step / settings.steps, settings.learning_rate, 0.005, _WARM_UP)
        )
        batch = material.batch(settings.people, random)
        loss = _loss(solver, material, batch, importance, settings)
        steps.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(solver.parameters(), settings.gradient_clip)
        steps.step()
        _follow(average, solver, min(settings.averaging, step / (step + 10)))
        if step % 500 == 499:
            figures = validate(average.eval(), material)
            progress.write(f"{step + 1}: {figures}")
    return average.eval(), validate(average.eval(), material)


def _importance(weights: Tensor, rarity: float) -> Tensor:
    """(52,) what a channel's errors count: the more the less it moves, 1 on average."""
    importance = (weights.std(dim=0) + 0.03) ** -rarity
    result: Tensor = importance / importance.mean()
    return result


def _loss(
    solver: Solver, material: Material, batch: Batch, importance: Tensor, settings: Any
) -> Tensor:
    features = material.features[batch.rows].float()
    features = features.contiguous(memory_format=torch.channels_last)
    true = material.weights[batch.rows]
    with torch.autocast("cpu", torch.bfloat16, enabled=settings.half_precision):
        appearance = solver.encoder(features, material.landmarks[batch.rows])
        weights, expected, unrest = solver.reader(appearance, appearance[batch.rests])
        straight = solver.reader.straight(appearance)
    importance = importance * (1 + settings.presence * true)
    error = (weights.float() - true) ** 2
    # Any two pictures of a person differ by their weights, whatever rest may be.
    straight = centred(straight.float(), batch.people)
    difference = (straight - centred(true, batch.people)) ** 2
    off = (weights.float().clamp(0, 1) - true).abs().detach()
    doubt = functional.mse_loss(expected.float(), off)
    restless = functional.smooth_l1_loss(unrest.float(), true.sum(dim=1), beta=1.0)
    # Squares, not distances: of a channel that is seldom on, the median guess is never on.
    total = ((error + settings.difference * difference) * importance).mean()
    result: Tensor = 10 * total + doubt + 0.02 * restless
    return result


def centred(values: Tensor, people: Tensor) -> Tensor:
    """(pictures, n) values less their mean over the pictures of the same person."""
    count = int(people.max()) + 1
    sums = torch.zeros(count, values.shape[1]).index_add_(0, people, values)
    return values - (sums / torch.bincount(people, minlength=count)[:, None])[people]


@torch.no_grad()
def _standardise(encoder: Encoder, material: Material) -> None:
    rows = torch.from_numpy(np.concatenate(material.training)[::11])
    features = material.features[rows].float()
    encoder.feature_mean.copy_(features.mean(dim=(0, 2, 3))[:, None, None])
    encoder.feature_spread.copy_(features.std(dim=(0, 2, 3))[:, None, None] + 1e-3)
    points = of_one_size(material.landmarks[rows])
    encoder.landmark_mean.copy_(points.mean(dim=0))
    encoder.landmark_spread.fill_(points.std(dim=0).mean() + 1e-3)


@torch.no_grad()
def _follow(average: nn.Module, network: nn.Module, kept: float) -> None:
    for mean, now in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.lerp_(now, 1 - kept)


@torch.no_grad()
def validate(solver: Solver, material: Material) -> dict[str, float]:
    """Pearson's r and mean error on the people that were held out, each from one rest."""
    guesses, truths = [], []
    for rows in solved_groups(material):
        appearance = torch.cat(
            [
                solver.encoder(material.features[part].float(), material.landmarks[part])
                for part in rows.split(_AT_ONCE)
            ]
        )
        rest = appearance[int(np.flatnonzero(material.resting[rows.numpy()])[0])]
        guesses.append(solver.reader(appearance, rest.expand_as(appearance))[0].clamp(0, 1))
        truths.append(material.weights[rows])
    guess, true = torch.cat(guesses).numpy(), torch.cat(truths).numpy()
    r = correlations(guess, true)
    return {
        "people held out": len(material.validation),
        "mean r": round(float(np.nanmean(r)), 4),
        "channels below 0.5": int(np.sum(r < 0.5)),
        "mean error": round(float(np.abs(guess - true).mean()), 5),
    }


def solved_groups(material: Material) -> Iterator[Tensor]:
    """The rows of each person held out, as they are."""
    for rows in material.validation:
        yield torch.from_numpy(rows)


def correlations(guess: Floats, true: Floats) -> Floats:
    """(52,) Pearson's r of (frames, 52); NaN where the truth moves by no more than 0.2."""
    result = np.full(len(CHANNELS), np.nan)
    for channel in np.flatnonzero(np.ptp(true, axis=0) > _MOVING):
        moved = np.ptp(guess[:, channel]) > 1e-6
        result[channel] = np.corrcoef(guess[:, channel], true[:, channel])[0, 1] if moved else 0.0
    return result


def main() -> None:
    """Train, measure, write the networks and their card."""
    from .publish import publish

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--configuration", type=Path, default=STANDARD)
    parser.add_argument("--date", default=datetime.date.today().isoformat())
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    configuration = read(arguments.configuration)
    examples = read_examples(arguments.examples, configuration.training.rendered)
    solver, figures = train(examples, configuration)
    print(figures)
    publish(solver, configuration, figures, arguments.out, arguments.date)


if __name__ == "__main__":
    main()
