# SPDX-License-Identifier: GPL-3.0-or-later
"""The ceiling of table 2: how much landmarks can say at all, as Markdown and JSON.

    python benchmarks/table2_ceiling.py --data ../shared/data --out out/table2_ceiling.json

Two regressors (ridge, and the solver's own network) learn from landmarks projected without
any error from the mesh, and two from those that the tracker gives; all four are measured
on the ICT-FaceKit clips of table 2. Needs torch, and what `benchmarks/known_truth` rendered.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np
import torch
from mien.benchmarks.ceiling.config import SolverConfig
from mien.benchmarks.ceiling.correspondence import Correspondence
from mien.benchmarks.ceiling.features import impressions, rest_of
from mien.benchmarks.ceiling.projection import projected
from mien.benchmarks.ceiling.samples import Samples, seen_from_rest
from mien.benchmarks.ceiling.train import Material, correlations, prepare, solved, train
from mien.benchmarks.known_truth.heads import Floats, IctFaceKit
from mien.benchmarks.known_truth.people import stranger
from mien.models.arkit import CHANNELS
from mien.models.capture.capture import CaptureOptions, capture

_RESTING = 6


def clip_samples(
    path: Path, kit: IctFaceKit, material: Material, stills: Path, times: int, *, perfect: bool
) -> Samples:
    """A clip's frames as the regressors want them; its first frames are at rest.

    perfect: of landmarks projected from the mesh, which the public network was not asked about.
    """
    with np.load(path) as stored:
        truth = stored["weights"]
        if perfect:
            correspondence = Correspondence.load(stills / "correspondence.npz")
            head = stranger(kit, int(str(stored["head"]).split()[-1]))
            landmarks = projected(
                correspondence.landmarks(head, truth),
                stored["turns"],
                stored["places"],
                float(stored["size"] / 2 / np.tan(stored["angle"] / 2)),
                float(stored["size"]),
            )
            impression = None
        else:
            captured = capture(path.with_suffix(".avi"), CaptureOptions(threads=1, smooth=False))
            landmarks, weights = captured.landmarks, np.array(captured.performance.weights)
            impression = impressions(weights, np.median(weights[:_RESTING], axis=0))
    rest = rest_of(landmarks[:_RESTING], material.reference)
    seen = seen_from_rest(landmarks, rest, material.reference, truth, impression)
    samples = material.basis.apply(seen)
    return dataclasses.replace(samples, moves=samples.moves.repeat(times, axis=1))


def ridge(material: Material, strength: float = 30.0) -> Floats:
    """(values, 52): a linear map from the present moves, shape and poses to weights."""
    known = np.concatenate([_linear(material.rendered), _linear(material.simulated)[::4]])
    wanted = np.concatenate([material.rendered.weights, material.simulated.weights[::4]])
    system = known.T @ known + strength * np.eye(known.shape[1])
    return np.linalg.solve(system, known.T @ wanted)


def _linear(samples: Samples) -> Floats:
    ones = np.ones((len(samples), 1))
    return np.concatenate([samples.moves[:, 0], samples.shapes, samples.poses, ones], axis=1)


def main() -> None:
    """Train the regressors, measure them on the clips, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--stills", type=Path, default=Path("out/known_truth/stills"))
    parser.add_argument("--clips", type=Path, default=Path("out/known_truth/clips"))
    parser.add_argument("--out", type=Path, default=Path("out/table2_ceiling.json"))
    parser.add_argument("--steps", type=int, default=2000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    paths = sorted(arguments.clips.glob("ict-*.npz"))
    if not paths:
        raise SystemExit(f"There are no ICT clips in {arguments.clips}; render them first.")
    config = SolverConfig(people=150, frames=120, steps=arguments.steps)
    kit = IctFaceKit(arguments.data)
    result: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    lines = ["| clip | landmarks | regressor | mean r | r < 0.5 | mean error |"]
    lines.append("|---|---|---|---|---|---|")
    for kind in ("perfect", "tracked"):
        settings = dataclasses.replace(config, jitter=0.0) if kind == "perfect" else config
        material = prepare(arguments.data, arguments.stills, settings, perfect=kind == "perfect")
        linear, network = ridge(material), train(material, settings)
        for path in paths:
            samples = clip_samples(
                path,
                kit,
                material,
                arguments.stills,
                len(config.past),
                perfect=kind == "perfect",
            )
            truth = samples.weights
            guesses = {
                "ridge": np.clip(_linear(samples) @ linear, 0, 1),
                "network": solved(network, samples),
            }
            for name, guess in guesses.items():
                r = correlations(guess, truth)
                moving = np.flatnonzero(~np.isnan(r))
                error = np.abs(guess - truth).mean(axis=0)
                result.setdefault(path.stem, {})[f"{kind} {name}"] = {
                    CHANNELS[i]: {"r": float(r[i]), "error": float(error[i])} for i in moving
                }
                lines.append(
                    f"| {path.stem} | {kind} | {name} | {np.nanmean(r):.2f} "
                    f"| {int((r[moving] < 0.5).sum())} of {len(moving)} "
                    f"| {error[moving].mean():.3f} |"
                )
    print("\n".join(lines))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
