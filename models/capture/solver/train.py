# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the solver:

    python -m mien.models.capture.solver.train --data ../shared/data \\
        --stills out/known_truth/stills --out models/weights/solver

`--stills` holds what `benchmarks/known_truth/stills.py` rendered. Needs torch.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch

from ...arkit import CHANNELS
from ..weights import read_weights
from .config import FRAME, SolverConfig
from .correspondence import Correspondence, find
from .expressions import training_weights
from .features import Reference
from .heads import Floats, IctFaceKit
from .network import IMPRESSIONS, SURE, Deployed, Solver
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
_PICTURE = 256.0


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
    return people + [person.mirrored(opposite, _PICTURE) for person in people]


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


def export(solver: Solver, material: Material, config: SolverConfig, folder: Path) -> float:
    """Write solver.onnx and reference.npz; returns the largest |Δ| of ONNX against torch."""
    folder.mkdir(parents=True, exist_ok=True)
    deployed = Deployed(solver, material.basis).eval()
    rng = np.random.default_rng(0)
    times = len(config.past)
    inputs = tuple(
        torch.from_numpy(rng.normal(0, scale, shape).astype(np.float32))
        for scale, shape in (
            (0.2, (5, times, 1434)),
            (0.3, (5, 1434)),
            (0.2, (5, 6)),
            (0.5, (5, IMPRESSIONS)),
        )
    )
    path = folder / "solver.onnx"
    torch.onnx.export(
        deployed,
        inputs,
        str(path),
        input_names=list(COLUMNS[:-1]),
        output_names=["weights", "confidence"],
        dynamic_axes={name: {0: "frames"} for name in (*COLUMNS, "confidence")},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load(path)
    model.ir_version = min(model.ir_version, 10)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    np.savez_compressed(
        folder / "reference.npz",
        points=material.reference.points.astype(np.float32),
        steadiness=material.reference.steadiness.astype(np.float32),
        past=np.array(config.past, np.float32) * np.float32(FRAME),
    )
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    given = session.run(
        None, {name: value.numpy() for name, value in zip(COLUMNS[:-1], inputs, strict=True)}
    )
    with torch.no_grad():
        wanted = deployed(*inputs)
    return max(float(np.abs(a - b.numpy()).max()) for a, b in zip(given, wanted, strict=True))


def write_card(folder: Path, config: SolverConfig, figures: dict[str, object]) -> None:
    """Write weights.json: what the files are, what they were trained on, what they score."""
    files = {
        name: {"sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
        for name in ("solver.onnx", "reference.npz")
    }
    card = {
        "what": "landmarks of MediaPipe's face landmarker -> weights of ARKit's 52 channels",
        "licence": "GPL-3.0-or-later",
        "data": [
            "ICT-FaceKit light (MIT): heads, rendered and projected",
            "Live Link Face takes of alexdjulin, sentien-io, JMTechArt (MIT): their weights",
            "landmarks of MediaPipe's face landmarker (Apache-2.0) on those renders",
        ],
        "date": datetime.date.today().isoformat(),
        "config": dataclasses.asdict(config),
        "channels": list(CHANNELS),
        "sure": SURE,
        "figures": figures,
        "files": files,
    }
    (folder / "weights.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Train and write the weights with their card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--stills", type=Path, default=Path("out/known_truth/stills"))
    parser.add_argument("--out", type=Path, default=Path("models/weights/solver"))
    parser.add_argument("--steps", type=int, default=SolverConfig.steps)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    config = SolverConfig(steps=arguments.steps)
    material = prepare(arguments.data, arguments.stills, config)
    print(
        f"{len(material.rendered)} rendered, {len(material.simulated)} simulated samples; "
        f"{material.error.explained:.2f} of what the tracker sees is explained by the truth"
    )
    solver = train(material, config)
    difference = export(solver, material, config, arguments.out)
    if difference > 1e-4:
        raise SystemExit(f"ONNX differs from torch by {difference:.1e}; the card is not written.")
    figures: dict[str, object] = {
        "held-out people": report(solver, material),
        "largest difference of ONNX against torch": difference,
    }
    write_card(arguments.out, config, figures)
    print(figures)


if __name__ == "__main__":
    main()
