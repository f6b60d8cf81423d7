# SPDX-License-Identifier: GPL-3.0-or-later
"""Train a network on landmarks, perfect or as tracked, to see how much they can say."""

from __future__ import annotations

import dataclasses
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from mien.benchmarks.known_truth.expressions import training_weights
from mien.benchmarks.known_truth.heads import Floats, IctFaceKit
from mien.models.capture.weights import read_weights

from .config import SolverConfig
from .correspondence import Correspondence, find
from .features import Reference
from .network import Solver
from .projection import Cast
from .rendered import Person, opposite_landmarks, read_person, resting_views
from .samples import (
    COLUMNS,
    Basis,
    Samples,
    TrackerError,
    joined,
    of_person,
    simulated,
    steadiness,
)

_FIRST_SIMULATED = 100_000
_HELD_OUT = 8
"""Every so manieth rendered person is kept from training."""


@dataclass(frozen=True, eq=False)
class Material:
    """All that training needs: samples as components, and what made them."""

    rendered: Samples
    held_out: Samples
    simulated: Samples
    basis: Basis
    reference: Reference
    error: TrackerError


def prepare(data: Path, stills: Path, config: SolverConfig, *, perfect: bool = False) -> Material:
    """Find the correspondence, read the renders, measure the tracker's error, simulate.

    perfect: landmarks projected from the mesh stand for those tracked, without any error:
    what a tracker could at best give.
    """
    kit = IctFaceKit(data)
    paths = sorted(stills.glob("?????.npz"))
    correspondence = _correspondence(paths, kit, stills / "correspondence.npz")
    seeds = range(_FIRST_SIMULATED, _FIRST_SIMULATED + config.people)
    cast = Cast(kit, correspondence, seeds)
    reference = Reference(*steadiness(cast))
    people = [read_person(path, kit, correspondence) for path in paths]
    known = [person for person in people if person.seed % _HELD_OUT != _HELD_OUT - 1]
    unknown = [person for person in people if person.seed % _HELD_OUT == _HELD_OUT - 1]
    known = _with_mirrors(known)
    seen = joined([of_person(person, reference, true=perfect) for person in known])
    true = joined([of_person(person, reference, true=True) for person in known])
    basis = Basis.of(seen, config.moves, config.shapes)
    error = TrackerError(basis.apply(true), basis.apply(seen))
    taken = training_weights(data)
    rng = np.random.default_rng([config.seed, 7])
    acted = [
        basis.apply(simulated(cast, who, taken, config, reference)) for who in range(config.people)
    ]
    if not perfect:
        acted = [error.applied(samples, rng) for samples in acted]
    held_out = joined([of_person(person, reference, true=perfect) for person in unknown])
    return Material(
        _lasting(basis.apply(seen), config),
        _lasting(basis.apply(held_out), config),
        joined(acted),
        basis,
        reference,
        error,
    )


def _correspondence(paths: list[Path], kit: IctFaceKit, stored: Path) -> Correspondence:
    if not stored.exists():
        views = [view for path in paths for view in resting_views(path, kit)]
        find(views, kit.head(np.zeros(len(kit.identities)))).save(stored)
    return Correspondence.load(stored)


def _with_mirrors(people: list[Person]) -> list[Person]:
    with np.load(io.BytesIO(read_weights("face_geometry.npz"))) as geometry:
        opposite = opposite_landmarks(geometry["points"])
    return people + [person.mirrored(opposite) for person in people]


def _lasting(samples: Samples, config: SolverConfig) -> Samples:
    """Single pictures as moments in which nothing has changed."""
    moves = samples.moves.repeat(len(config.past), axis=1)
    return dataclasses.replace(samples, moves=moves)


def train(material: Material, config: SolverConfig) -> Solver:
    """Train on simulated and rendered samples in turn. Deterministic by the seed."""
    torch.manual_seed(config.seed)
    rng = np.random.default_rng([config.seed, 8])
    solver = Solver(config)
    optimiser = torch.optim.AdamW(
        solver.parameters(), config.rate, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, config.steps)
    rendered = max(1, round(config.batch * config.rendered_share))
    for step in range(config.steps):
        batch = _batch(material, rendered, config, rng)
        weights, spreads = solver(*batch[:-1])
        wrong = (weights - batch[-1]).abs()
        # What stays out of 0–1 after clipping is not wrong.
        clipped = (weights.clamp(0, 1) - batch[-1]).abs()
        loss = (clipped**2 + 0.1 * wrong**2).mean() * 20
        loss = loss + 0.02 * (wrong.detach() / spreads + spreads.log()).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 500 == 0:
            print(f"step {step}: loss {loss.item():.4f}, {report(solver, material)}", flush=True)
    return solver.eval()


def _batch(
    material: Material, rendered: int, config: SolverConfig, rng: np.random.Generator
) -> list[torch.Tensor]:
    first = rng.integers(len(material.rendered), size=rendered)
    second = rng.integers(len(material.simulated), size=config.batch - rendered)
    columns = []
    for name in COLUMNS:
        a = getattr(material.rendered, name)[first]
        b = getattr(material.simulated, name)[second]
        columns.append(np.concatenate([a, b]))
    noise = material.error.noise(columns[2][:rendered], rng).astype(np.float32) * config.jitter
    columns[0][:rendered] += noise[:, None, : config.moves]
    columns[3][:rendered] += noise[:, -columns[3].shape[1] :]
    return [torch.from_numpy(column) for column in columns]


def solved(solver: Solver, samples: Samples) -> Floats:
    """(n, 52) weights in 0–1."""
    was_training = solver.training
    solver.eval()
    with torch.no_grad():
        inputs = (torch.from_numpy(getattr(samples, name)) for name in COLUMNS[:-1])
        weights: Floats = solver(*inputs)[0].clamp(0, 1).numpy()
    solver.train(was_training)
    return weights


def correlations(weights: Floats, truth: Floats) -> Floats:
    """(52,) Pearson's r per channel; nan where the truth stays within 0.2."""
    result = np.full(truth.shape[1], np.nan)
    for channel in np.flatnonzero(np.ptp(truth, axis=0) > 0.2):
        pair = weights[:, channel], truth[:, channel]
        result[channel] = np.corrcoef(*pair)[0, 1] if np.ptp(pair[0]) > 1e-6 else 0.0
    return result


def report(solver: Solver, material: Material) -> str:
    """How the solver does on rendered people that it has not seen."""
    weights = solved(solver, material.held_out)
    r = correlations(weights, material.held_out.weights)
    error = np.abs(weights - material.held_out.weights).mean()
    return f"held-out people: mean r {np.nanmean(r):.3f}, mean |Δ| {error:.4f}"
