# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 3: how near refinement comes to the truth, beside every filter at its best.

    .venv/bin/python -m mien.benchmarks.table3_refinement --data DIR [--json FILE]

Takes of the evaluation performer, damaged as trackers damage; the baselines tuned on the
training takes by RMSE, separately for each damage.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from mien.models.arkit import CHANNELS
from mien.models.evaluate import metrics
from mien.models.gan.refine import refine
from mien.models.gan.runtime import FOLDER, LiveNetwork
from mien.models.performance import Performance
from mien.models.training.clips import load_clips

from .refinement import baselines
from .refinement.seen import RATE, Seen, see_all

TRAIN_SEED, EVAL_SEED = 100, 1
COLUMNS = ("rmse", "jitter", "jitter_still", "peak_error", "velocity_spectrum", "delay")
# Figures of the measuring protocol for white noise: RMSE, jitter.
PUBLISHED = {
    "damaged": (0.0200, 0.0395),
    "Savitzky–Golay 11/3": (0.0101, 0.0050),
    "Butterworth 8 Hz": (0.0087, 0.0023),
    "Wavelet hard 0.7": (0.0077, 0.0021),
}


def refined(seen: Seen, live: bool, weights: Path | None) -> np.ndarray:
    """One damaged take through the refiner, as an add-on would.

    A slower camera's take goes in as that camera gave it and is asked for at 60 fps; live,
    where the next sample is not known yet, it goes in brought back like One-Euro's.
    """
    slower = seen.samples is not None and not live
    performance = Performance(
        weights=seen.samples if slower else seen.damaged,
        times=(seen.places if slower else np.arange(len(seen.damaged))) / RATE,
        channels=CHANNELS,
        confidence=seen.sample_confidence if slower else seen.confidence,
    )
    result = refine(performance, live=live, weights=weights, rate=RATE if slower else None)
    missing = len(seen.true) - len(result)
    return np.pad(result.weights.astype(np.float64), ((0, missing), (0, 0)), mode="edge")


def figures(run: Callable[[Seen], np.ndarray], takes: Sequence[Seen]) -> dict[str, float]:
    """Every figure of one method over all takes together."""
    results = [run(seen) for seen in takes]
    quiet = [metrics.still(seen.true, RATE) for seen in takes]
    peak_errors = np.concatenate(
        [
            np.abs(result - seen.true)[metrics.peaks(seen.true)]
            for result, seen in zip(results, takes, strict=True)
        ]
    )
    pairs = list(zip(results, takes, strict=True))

    def mean(values: Sequence[float]) -> float:
        return float(np.mean(values))

    return {
        "rmse": baselines.pooled_rmse(results, takes),
        "jitter": mean([metrics.jitter(one) for one in results])
        / mean([metrics.jitter(seen.true) for seen in takes]),
        "jitter_still": mean(
            [metrics.jitter(one, where) for one, where in zip(results, quiet, strict=True)]
        )
        / mean(
            [metrics.jitter(seen.true, where) for seen, where in zip(takes, quiet, strict=True)]
        ),
        "peak_error": float(np.quantile(peak_errors, 0.95)),
        "velocity_spectrum": mean(
            [metrics.velocity_spectrum_distance(one, seen.true) for one, seen in pairs]
        ),
        "delay": mean([metrics.delay(one, seen.true) for one, seen in pairs]),
    }


def check_baselines(takes: Sequence[Seen]) -> list[dict]:
    """The published figures beside this machine's; they must agree before others count."""
    runs = {
        "damaged": lambda seen: seen.damaged,
        "Savitzky–Golay 11/3": lambda seen: baselines.savgol_filter(seen.damaged, 11, 3, axis=0),
        "Butterworth 8 Hz": lambda seen: baselines.butterworth(seen.damaged, 8.0),
        "Wavelet hard 0.7": lambda seen: baselines.wavelet(seen.damaged, 0.7, "hard"),
    }
    rows = []
    for name, run in runs.items():
        results = [run(seen) for seen in takes]
        rmse = baselines.pooled_rmse(results, takes)
        jitter = float(np.mean([metrics.jitter(one) for one in results]))
        row = {"method": name, "rmse": rmse, "published rmse": PUBLISHED[name][0]}
        rows.append(row | {"jitter": jitter, "published jitter": PUBLISHED[name][1]})
    return rows


def measure_damage(
    damage: str, train: Sequence[Seen], takes: Sequence[Seen], weights: Path | None
) -> list[dict]:
    """The rows of one damage: damaged, each family at its best, Mien; then live."""
    rows = [{"method": "damaged", **figures(lambda seen: seen.damaged, takes)}]
    for name, run, _ in baselines.tune(damage, train).values():
        rows.append({"method": name, **figures(run, takes)})
    best = min(row["rmse"] for row in rows)
    row = {"method": "Mien", **figures(lambda seen: refined(seen, False, weights), takes)}
    rows.append({**row, "ratio": row["rmse"] / best if best else None})
    name, run, _ = baselines.tune_live(train)
    rows.append({"method": f"live: {name}", **figures(run, takes)})
    best = rows[-1]["rmse"]
    row = {"method": "live: Mien", **figures(lambda seen: refined(seen, True, weights), takes)}
    rows.append({**row, "ratio": row["rmse"] / best if best else None})
    return rows


def speed(weights: Path | None) -> dict[str, float]:
    """Seconds for a take of 60 s at 60 fps, and milliseconds for a live frame, at best of 5."""
    random = np.random.default_rng(0)
    performance = Performance(random.random((3600, 52)), np.arange(3600) / RATE)
    whole, frame = [], []
    network = LiveNetwork(weights) if weights else LiveNetwork()
    for _ in range(5):
        began = time.perf_counter()
        refine(performance, weights=weights)
        whole.append(time.perf_counter() - began)
        began = time.perf_counter()
        for row in performance.weights[:200]:
            network.push(row)
        frame.append((time.perf_counter() - began) / 200 * 1000)
    return {"seconds a 60 s take": min(whole), "milliseconds a live frame": min(frame)}


def as_markdown(tables: dict[str, list[dict]]) -> str:
    """One table a damage."""
    lines = []
    for damage, rows in tables.items():
        names = [name for name in rows[-1] if any(name in row for row in rows)]
        lines += [f"\n**{damage}**\n", "| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
        for row in rows:
            lines.append("| " + " | ".join(_cell(row.get(name)) for name in names) + " |")
    return "\n".join(lines)


def note_in_cards(tables: dict[str, list[dict]], folder: Path) -> None:
    """Write what each network scored into its card."""
    for name, method, beside in (
        ("offline", "Mien", "over the best filter"),
        ("live", "live: Mien", "over One-Euro"),
    ):
        card = folder / f"{name}.json"
        content = json.loads(card.read_text(encoding="utf-8"))
        for damage, rows in tables.items():
            for row in rows:
                if row.get("method") == method:
                    content["figures"][f"table 3, {damage}"] = {
                        "rmse": round(row["rmse"], 6),
                        beside: row["ratio"] and round(row["ratio"], 3),
                        "jitter": round(row["jitter"], 3),
                        "peak error": round(row["peak_error"], 4),
                        "velocity spectrum": round(row["velocity_spectrum"], 3),
                    }
        card.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _cell(value: float | str | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:.4g}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, help="folder of weights; Mien's own if not given")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--card", action="store_true", help="write the figures into the cards")
    parser.add_argument("--damage", nargs="*", help="only these damages")
    parser.add_argument("--rounds", type=int, default=1, help="times each take is damaged anew")
    options = parser.parse_args()
    performances = options.data / "performances"
    train = see_all(
        load_clips(sorted(path for path in (performances / "train").iterdir()), RATE), TRAIN_SEED
    )
    takes = see_all(load_clips([performances / "eval"], RATE), EVAL_SEED, options.rounds)
    tables = {"check": check_baselines(takes["white"])}
    print(as_markdown(tables))
    for damage in options.damage or takes:
        tables[damage] = measure_damage(damage, train[damage], takes[damage], options.weights)
        print(as_markdown({damage: tables[damage]}), flush=True)
    tables["speed"] = [speed(options.weights)]
    print(as_markdown({"speed": tables["speed"]}))
    if options.card:
        note_in_cards(tables, options.weights or FOLDER)
    if options.json:
        options.json.write_text(json.dumps(tables, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
