# SPDX-License-Identifier: GPL-3.0-or-later
"""Cleaning and refining, alone and one after the other: what the standard recipe should do.

    .venv/bin/python -m mien.benchmarks.refinement.standard --data DIR

RMSE / jitter over the clean take's / 95th percentile of the error at peaks, on the takes of
table 3, for each damage and for the own tracker's, at each of several strengths.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from mien.models.arkit import CHANNELS
from mien.models.curves.clean import clean
from mien.models.evaluate import metrics
from mien.models.gan.refine import refine
from mien.models.performance import Performance
from mien.models.training.clips import load_clips

from .baselines import pooled_rmse
from .seen import RATE, Seen, see_all

SEED = 1
Way = Callable[[Performance], Performance]


def ways(weights: Path | None) -> dict[str, Way]:
    """What is compared, by its name."""

    def cleaned_then(strength: float, performance: Performance) -> Performance:
        return refine(clean(performance), strength, weights=weights)

    def unsmoothed_then(strength: float, performance: Performance) -> Performance:
        return refine(clean(performance, smooth_weights=False), strength, weights=weights)

    result: dict[str, Way] = {"as damaged": lambda performance: performance, "cleaned": clean}
    for strength in (0.5, 1.0):
        result[f"cleaned, refined at {strength:g}"] = partial(cleaned_then, strength)
    for strength in (0.5, 0.7, 0.8, 0.9, 1.0):
        result[f"gaps and spikes, refined at {strength:g}"] = partial(unsmoothed_then, strength)
    return result


def performance_of(seen: Seen) -> Performance:
    """A damaged take as a performance at the rate at which it was seen."""
    slower = seen.samples is not None
    return Performance(
        weights=seen.samples if slower else seen.damaged,
        times=(seen.places if slower else np.arange(len(seen.damaged))) / RATE,
        channels=CHANNELS,
        confidence=seen.sample_confidence if slower else seen.confidence,
    )


def at_sixty(performance: Performance, frames: int) -> np.ndarray:
    """(frames, 52) on straight lines between the performance's samples."""
    times = np.arange(frames) / RATE
    return np.stack(
        [np.interp(times, performance.times, column) for column in performance.weights.T], axis=1
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, help="folder of weights; Mien's own if not given")
    options = parser.parse_args()
    clips = load_clips([options.data / "performances" / "eval"], RATE)
    takes = see_all(clips, SEED)
    print("| | " + " | ".join(takes) + " |\n|---" + "|---" * len(takes) + "|")
    for name, way in ways(options.weights).items():
        cells = []
        for seen in takes.values():
            results = [at_sixty(way(performance_of(one)), len(one.true)) for one in seen]
            jitter = np.mean([metrics.jitter(one) for one in results]) / np.mean(
                [metrics.jitter(one.true) for one in seen]
            )
            pairs = zip(results, seen, strict=True)
            peak = np.mean([metrics.peak_error(one, other.true) for one, other in pairs])
            cells.append(f"{pooled_rmse(results, seen):.4f} / {jitter:.2f} / {peak:.3f}")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
