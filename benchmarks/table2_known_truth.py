# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 2: what trackers see of faces whose weights are known, as Markdown and JSON.

    python benchmarks/table2_known_truth.py --clips out/known_truth/clips --out out/table2.json

`--clips` holds what `benchmarks/known_truth/clips.py` rendered. Compared are the weights of
MediaPipe's blendshape network as they come (through Mien's own tracker, which gives what
MediaPipe gives), the same after Mien's neutral and with the best gain per channel and clip,
and Mien's solver, once told that a clip begins at rest, as the calibration is, and once
finding the rest itself. Only channels that the truth moves by more than 0.2 count. Lips: of the
frames in which the true lips meet although the jaw is open, the share in which they meet in what
was seen, both on ICT-FaceKit's mean head.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mien.benchmarks.marks.questions import Gap, gaps
from mien.models.arkit import CHANNELS
from mien.models.capture.calibration import neutral_at, remove_neutral
from mien.models.capture.capture import CaptureOptions, capture
from mien.models.performance import Floats

COLUMNS = ("MediaPipe", "MediaPipe calibrated", "Mien", "Mien, rest found")
_LEAST_MOTION = 0.2
_PEAK = 0.2
# Each clip begins at rest; both calibrations are told so, as an animator would tell them.
_REST = 0.15
# Centimetres between lips that meet; a jaw that is open.
_MEETING = 0.1
_OPEN_JAW = 0.1


@dataclass(frozen=True, eq=False)
class Measured:
    """One clip: its head, its kind, the truth and what each column saw, (frames, 52)."""

    head: str
    kind: str
    truth: Floats
    seen: dict[str, Floats]


def measure(path: Path, threads: int = 1) -> Measured:
    """Track a clip and solve it in every way."""
    with np.load(path) as stored:
        truth, kind, head = stored["weights"], str(stored["kind"]), str(stored["head"])
    footage = path.with_suffix(".avi")
    raw = capture(footage, CaptureOptions.as_mediapipe(threads)).performance
    if len(raw) != len(truth):
        raise SystemExit(f"{path}: {len(truth)} frames were rendered, {len(raw)} were tracked.")
    calibrated = np.array(remove_neutral(raw, neutral_at(raw, _REST)).weights)
    best = (calibrated * truth).sum(axis=0) / np.maximum((calibrated**2).sum(axis=0), 1e-9)
    mien = capture(footage, CaptureOptions(threads=threads, solver="mien", rest=_REST))
    found = capture(footage, CaptureOptions(threads=threads, solver="mien"))
    return Measured(
        head,
        kind,
        truth,
        {
            "MediaPipe": np.array(raw.weights),
            "MediaPipe calibrated": np.clip(calibrated * best, 0, 1),
            "Mien": np.array(mien.performance.weights),
            "Mien, rest found": np.array(found.performance.weights),
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


def lips_that_meet(clip: Measured, column: str, gap: Gap) -> str:
    """How many of the frames in which true lips meet over an open jaw are seen so."""
    jaw = clip.truth[:, CHANNELS.index("jawOpen")]
    meet = (gap.opened(clip.truth) < _MEETING) & (jaw > _OPEN_JAW)
    seen = gap.opened(clip.seen[column])[meet] < 2 * _MEETING
    return f"{int(seen.sum())} of {int(meet.sum())}"


def markdown(rows: list[dict[str, object]]) -> str:
    """The table, a row a clip and column."""
    lines = [
        "| head | kind | column | channels | mean r | r < 0.5 | mean error | > 0.2 | lips |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            "| {head} | {kind} | {column} | {channels} | {r:.2f} | {low} | {error:.3f} "
            "| {peaks:.3f} | {lips} |".format(**row)
        )
    return "\n".join(lines)


def main() -> None:
    """Measure all clips and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--clips", type=Path, default=Path("out/known_truth/clips"))
    parser.add_argument("--out", type=Path, default=Path("out/table2.json"))
    arguments = parser.parse_args()
    paths = sorted(arguments.clips.glob("*.npz"))
    if not paths:
        raise SystemExit(
            f"There are no clips in {arguments.clips}: "
            "run `python -m mien.benchmarks.known_truth.clips` first."
        )
    gap = gaps(arguments.data)["lips"]
    rows: list[dict[str, object]] = []
    details = {}
    for path in paths:
        clip = measure(path)
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
                    "lips": lips_that_meet(clip, column, gap),
                }
            )
    print(markdown(rows))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps({"rows": rows, "channels": details}, indent=1) + "\n")


if __name__ == "__main__":
    main()
