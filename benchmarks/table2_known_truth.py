# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 2: what trackers see of faces whose weights are known, as Markdown and JSON.

    python benchmarks/table2_known_truth.py --clips out/known_truth/clips --out out/table2.json

`--clips` holds what `benchmarks/known_truth/clips.py` rendered. Compared are the weights of
MediaPipe's blendshape network as they come (through Mien's own tracker, which gives what
MediaPipe gives), the same after Mien's neutral and with the best gain per channel and clip,
and Mien's solver. Both calibrations are told that a clip begins at rest. Only channels that
the truth moves by more than 0.2 count.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mien.models.arkit import CHANNELS
from mien.models.capture.calibration import neutral_at, remove_neutral
from mien.models.capture.capture import CaptureOptions, capture
from mien.models.capture.solver.solve import LandmarkSolver, solved_again
from mien.models.performance import Floats

COLUMNS = ("MediaPipe", "MediaPipe calibrated", "Mien")
_LEAST_MOTION = 0.2
_PEAK = 0.2
# Each clip begins at rest; both calibrations are told so, as an animator would tell them.
_REST = 0.15


@dataclass(frozen=True, eq=False)
class Measured:
    """One clip: its head, its kind, the truth and what each column saw, (frames, 52)."""

    head: str
    kind: str
    truth: Floats
    seen: dict[str, Floats]


def measure(path: Path, solver: LandmarkSolver) -> Measured:
    """Track a clip and solve it in every way."""
    with np.load(path) as stored:
        truth, kind, head = stored["weights"], str(stored["kind"]), str(stored["head"])
    footage = path.with_suffix(".avi")
    raw = capture(footage, CaptureOptions(threads=1)).performance
    if len(raw) != len(truth):
        raise SystemExit(f"{path}: {len(truth)} frames were rendered, {len(raw)} were tracked.")
    calibrated = np.array(remove_neutral(raw, neutral_at(raw, _REST)).weights)
    best = (calibrated * truth).sum(axis=0) / np.maximum((calibrated**2).sum(axis=0), 1e-9)
    unfiltered = capture(footage, CaptureOptions(threads=1, smooth=False))
    mien = solved_again(unfiltered.performance, unfiltered.landmarks, solver, _REST)
    return Measured(
        head,
        kind,
        truth,
        {
            "MediaPipe": np.array(raw.weights),
            "MediaPipe calibrated": np.clip(calibrated * best, 0, 1),
            "Mien": np.array(mien.weights),
        },
    )


def figures(clip: Measured) -> dict[str, dict[str, dict[str, float]]]:
    """Per column and channel that moves: Pearson's r and the mean |Δ|."""
    moving = np.flatnonzero(np.ptp(clip.truth, axis=0) > _LEAST_MOTION)
    result = {}
    for column, seen in clip.seen.items():
        channels = {}
        for index in moving:
            a, b = seen[:, index], clip.truth[:, index]
            r = float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) > 1e-6 else 0.0
            channels[CHANNELS[index]] = {"r": r, "error": float(np.abs(a - b).mean())}
        result[column] = channels
    return result


def at_peaks(clip: Measured, column: str) -> float:
    """Mean |Δ| of the channels at the frames where their truth exceeds 0.2."""
    on = clip.truth > _PEAK
    return float(np.abs(clip.seen[column] - clip.truth)[on].mean())


def markdown(rows: list[dict[str, object]]) -> str:
    """The table, a row a clip and column."""
    lines = [
        "| head | kind | column | channels | mean r | r < 0.5 | mean error | where truth > 0.2 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            "| {head} | {kind} | {column} | {channels} | {r:.2f} | {low} | {error:.3f} "
            "| {peaks:.3f} |".format(**row)
        )
    return "\n".join(lines)


def main() -> None:
    """Measure all clips and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--clips", type=Path, default=Path("out/known_truth/clips"))
    parser.add_argument("--out", type=Path, default=Path("out/table2.json"))
    parser.add_argument("--weights", type=Path, default=None, help="another solver's folder")
    parser.add_argument("--card", type=Path, default=None, help="weights.json to note it in")
    arguments = parser.parse_args()
    paths = sorted(arguments.clips.glob("*.npz"))
    if not paths:
        raise SystemExit(
            f"There are no clips in {arguments.clips}: "
            "run `python -m mien.benchmarks.known_truth.clips` first."
        )
    solver = LandmarkSolver(folder=arguments.weights) if arguments.weights else LandmarkSolver()
    rows: list[dict[str, object]] = []
    details = {}
    for path in paths:
        clip = measure(path, solver)
        by_channel = figures(clip)
        details[path.stem] = by_channel
        for column in COLUMNS:
            values = by_channel[column].values()
            r = np.array([value["r"] for value in values])
            rows.append(
                {
                    "head": clip.head,
                    "kind": clip.kind,
                    "column": column,
                    "channels": len(r),
                    "r": float(r.mean()),
                    "low": int((r < 0.5).sum()),
                    "error": float(np.mean([value["error"] for value in values])),
                    "peaks": at_peaks(clip, column),
                }
            )
    print(markdown(rows))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps({"rows": rows, "channels": details}, indent=1) + "\n")
    if arguments.card:
        card = json.loads(arguments.card.read_text(encoding="utf-8"))
        card["figures"]["table 2"] = rows
        arguments.card.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
