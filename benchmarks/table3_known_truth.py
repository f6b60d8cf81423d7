# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 3, the rendered known-truth case: what refining does to what was really captured.

    .venv/bin/python -m mien.benchmarks.table3_known_truth --clips DIR [--json FILE]

Table 2's clips, captured, their neutral taken out, then filtered or refined. Filters are
tuned for each head on the other heads. A solver's gain and bias are nothing that motion
tells, so the figures are given twice: as they come, and after each channel got the gain and
bias that fit it best, the same way for every column.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from mien.models.evaluate import metrics
from mien.models.gan.refine import refine

from .refinement import baselines
from .refinement.own_tracker import Tracked, track_all

Way = Callable[[Tracked], np.ndarray]


def refined(weights: Path | None, live: bool, one: Tracked) -> np.ndarray:
    """What the refiner makes of a clip."""
    return np.asarray(refine(one.seen, weights=weights, live=live).weights, np.float64)


def filtered(run: baselines.Filter, one: Tracked) -> np.ndarray:
    """What a filter makes of it."""
    return run(np.asarray(one.seen.weights, np.float64))


def fitted(motion: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The motion with the gain and bias of each channel that bring it nearest to the truth."""
    mean = motion.mean(axis=0)
    power = ((motion - mean) ** 2).sum(axis=0)
    gain = ((motion - mean) * (truth - truth.mean(axis=0))).sum(axis=0) / np.maximum(power, 1e-9)
    return gain * (motion - mean) + truth.mean(axis=0)


def tuned(family: baselines.Family, clips: Sequence[Tracked]) -> dict[str, tuple[str, Way]]:
    """For each head the family's setting that is best on all other heads."""
    tried = [(name, partial(filtered, run)) for name, run in family.candidates()]
    errors = {
        name: {one.name: float(np.square(way(one) - one.truth).sum()) for one in clips}
        for name, way in tried
    }
    result = {}
    for head in sorted({one.head for one in clips}):
        others = [one.name for one in clips if one.head != head] or [one.name for one in clips]
        best = min(tried, key=lambda one: sum(errors[one[0]][name] for name in others))
        result[head] = best
    return result


def figures(results: Sequence[np.ndarray], clips: Sequence[Tracked]) -> dict[str, float]:
    """Errors over all clips together."""
    pairs = [(result, one.truth) for result, one in zip(results, clips, strict=True)]
    fits = [(fitted(result, truth), truth) for result, truth in pairs]

    def rmse(of: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
        return float(np.sqrt(np.mean(np.concatenate([(a - b) ** 2 for a, b in of]))))

    return {
        "rmse": rmse(pairs),
        "rmse, fitted": rmse(fits),
        "jitter": float(
            np.mean([metrics.jitter(a) for a, _ in pairs])
            / np.mean([metrics.jitter(b) for _, b in pairs])
        ),
        "peak error, fitted": float(np.mean([metrics.peak_error(a, b) for a, b in fits])),
        "velocity spectrum": float(
            np.mean([metrics.velocity_spectrum_distance(a, b) for a, b in pairs])
        ),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, default=Path("out/known_truth/clips"))
    parser.add_argument("--weights", type=Path, help="folder of weights; Mien's own if not given")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    tables: dict[str, list[dict[str, object]]] = {}
    for words, smooth in (("landmarks filtered", True), ("landmarks as they come", False)):
        clips = track_all(options.clips, smooth)
        rows: list[dict[str, object]] = []
        for family in (*baselines.FAMILIES, baselines.LIVE):
            ways = tuned(family, clips)
            results = [ways[one.head][1](one) for one in clips]
            name = f"live: {family.name}" if family is baselines.LIVE else family.name
            rows.append({"method": name, **figures(results, clips)})
        for name, live in (("Mien", False), ("live: Mien", True)):
            results = [refined(options.weights, live, one) for one in clips]
            rows.append({"method": name, **figures(results, clips)})
        tables[words] = rows
        names = list(rows[0])
        print(f"\n**{words}**\n\n| " + " | ".join(names) + " |\n" + "|---" * len(names) + "|")
        for row in rows:
            cells = (v if isinstance(v, str) else f"{v:.4g}" for v in row.values())
            print("| " + " | ".join(cells) + " |", flush=True)
    if options.json:
        options.json.write_text(json.dumps(tables, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
