# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 5: few, exact keys. Mien's fit beside Blender's own Decimate, in one run.

`python benchmarks/table5_keys.py --data DIR [--json FILE]`, with the `bpy` of the Blender
that is to be measured. DIR holds `performances/eval/MySlate_165_iPhone_cal.csv`.

The take is resampled to 60 fps and clipped to 0–1, one Bézier curve a channel. Blender's
`graph.decimate` (mode ERROR) starts from a key a frame; only the operator is timed. Mien's
time is fitting and writing the keys. Both errors are the largest |curve − sample| over all
samples as Blender's `FCurve.evaluate` gives them from the written curves. Beyond band is
how far a curve goes outside the band spanned by the two samples it lies between, checked
at seven places between each two; it may be as much as the tolerance.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import bpy
import numpy as np
from mien.blender_ops.animation import (
    BEZIER,
    Curve,
    Keys,
    evaluate,
    f_curves,
    write_curves,
)
from mien.models.curves.fit import fit
from mien.models.formats import read

TAKE = "performances/eval/MySlate_165_iPhone_cal.csv"
RATE = 60
TOLERANCES = (0.015, 0.005, 0.002)
GOAL_RATIO = 40
REPEATS = 5
LONG_MINUTES = 10
PLACES_BETWEEN = 7


@dataclass
class Result:
    """What one way of thinning the curves gave."""

    keys: int
    seconds: float
    error: float
    beyond_band: float
    lowest: float
    highest: float


def main() -> int:
    """Run the benchmark; 0 if every goal is met, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="folder of the data"
    )
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()

    frames, weights = prepared(arguments.data / TAKE)
    rows = []
    for tolerance in TOLERANCES:
        theirs = decimated(frames, weights, tolerance)
        ours = fitted(frames, weights, tolerance)
        rows.append({"tolerance": tolerance, "decimate": theirs, "mien": ours})
    long_frames, long_weights = long_take(weights)
    before = time.perf_counter()
    found = fit(long_frames, long_weights, 0.005, 0, 1)
    long_seconds = time.perf_counter() - before

    print(markdown(rows, frames, weights))
    print(
        f"A take of {LONG_MINUTES} minutes ({len(long_frames)} × {weights.shape[1]} samples, the "
        f"same one there and back again) at 0.005: {sum(map(len, found))} keys in "
        f"{long_seconds:.1f} s (goal: 10 s)."
    )
    if arguments.json:
        report = {
            "blender": bpy.app.version_string,
            "samples": weights.shape,
            "rows": [
                {
                    "tolerance": row["tolerance"],
                    "decimate": asdict(row["decimate"]),
                    "mien": asdict(row["mien"]),
                }
                for row in rows
            ],
            "long_take_seconds": long_seconds,
        }
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    met = all(
        row["mien"].error <= row["tolerance"]
        and row["mien"].beyond_band <= row["tolerance"]
        and row["mien"].keys <= row["decimate"].keys
        and row["decimate"].seconds >= GOAL_RATIO * row["mien"].seconds
        for row in rows
    )
    return 0 if met and long_seconds < 10 else 1


def prepared(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Frames from 1 on and (frames, channels) weights in 0–1 at 60 fps."""
    performance = read(path)
    times = np.arange(round(performance.duration * RATE) + 1) / RATE
    weights = [np.interp(times, performance.times, column) for column in performance.weights.T]
    return 1.0 + np.arange(len(times)), np.clip(weights, 0, 1).T.astype(np.float32)


def long_take(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ten minutes: the take forward and backward until it is long enough."""
    length = LONG_MINUTES * 60 * RATE
    there_and_back = np.concatenate([weights, weights[::-1]])
    repeated = np.tile(there_and_back, (-(-length // len(there_and_back)), 1))[:length]
    return 1.0 + np.arange(length), repeated


def decimated(frames: np.ndarray, weights: np.ndarray, tolerance: float) -> Result:
    """Blender's own Decimate on a key a frame."""
    holder = empty_holder(weights.shape[1])
    write(holder, [Keys(frames, column, BEZIER) for column in weights.T])
    for curve in f_curves(holder).values():
        curve.select = True
        every = np.ones(len(frames), bool)
        for name in ("select_control_point", "select_left_handle", "select_right_handle"):
            curve.keyframe_points.foreach_set(name, every)
    window = bpy.context.window_manager.windows[0]
    area = max(window.screen.areas, key=lambda area: area.width * area.height)
    area.type = "GRAPH_EDITOR"
    area.spaces[0].dopesheet.show_only_selected = False
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        before = time.perf_counter()
        bpy.ops.graph.decimate(mode="ERROR", remove_error_margin=tolerance)
        seconds = time.perf_counter() - before
    result = measured(holder, frames, weights, seconds)
    if result.keys >= weights.size:
        sys.exit("graph.decimate removed no keys: the comparison would mean nothing.")
    return result


def fitted(frames: np.ndarray, weights: np.ndarray, tolerance: float) -> Result:
    """Mien: samples to written keys, the median of a few times."""
    seconds = []
    for _ in range(REPEATS):
        holder = empty_holder(weights.shape[1])
        before = time.perf_counter()
        found = fit(frames, weights, tolerance, 0, 1)
        write(
            holder,
            [Keys(keys.times, keys.values, BEZIER, keys.left, keys.right) for keys in found],
        )
        seconds.append(time.perf_counter() - before)
    return measured(holder, frames, weights, statistics.median(seconds))


def empty_holder(channels: int) -> bpy.types.Object:
    """An object, active in a fresh file, with a property for each channel."""
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    holder = bpy.context.view_layer.objects.active
    for channel in range(channels):
        holder[f"{channel}"] = 0.0
    return holder


def write(holder: bpy.types.Object, keys: list[Keys]) -> None:
    """A curve for each channel, by the function that Mien's bake uses."""
    write_curves("Benchmark", {holder: [Curve(f'["{i}"]', each) for i, each in enumerate(keys)]})


def measured(
    holder: bpy.types.Object, frames: np.ndarray, weights: np.ndarray, seconds: float
) -> Result:
    """Count the keys that are there and let Blender evaluate them."""
    curves = f_curves(holder)
    assert len(curves) == weights.shape[1]
    error = beyond = 0.0
    lowest, highest = np.inf, -np.inf
    low = np.minimum(weights[:-1], weights[1:])
    high = np.maximum(weights[:-1], weights[1:])
    for channel, samples in enumerate(weights.T):
        curve = curves[f'["{channel}"]', 0]
        error = max(error, float(np.abs(evaluate(curve, frames) - samples).max()))
        for place in range(1, PLACES_BETWEEN + 1):
            between = evaluate(curve, frames[:-1] + place / (PLACES_BETWEEN + 1))
            over = between - high[:, channel]
            under = low[:, channel] - between
            beyond = max(beyond, float(np.maximum(over, under).max()))
            lowest, highest = min(lowest, between.min()), max(highest, between.max())
    keys = sum(len(curve.keyframe_points) for curve in curves.values())
    return Result(keys, seconds, error, beyond, float(lowest), float(highest))


def markdown(rows: list[dict], frames: np.ndarray, weights: np.ndarray) -> str:
    """The table."""
    lines = [
        f"Blender {bpy.app.version_string}: {len(frames)} frames × {weights.shape[1]} channels, "
        f"{weights.size} keys before",
        "",
        "| tolerance | | keys | error | beyond band | values | seconds | times as fast |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        for name in ("decimate", "mien"):
            result = row[name]
            ratio = row["decimate"].seconds / result.seconds
            lines.append(
                f"| {row['tolerance']} | {name} | {result.keys} | {result.error:.6f} "
                f"| {result.beyond_band:.6f} | {result.lowest:.4f} … {result.highest:.4f} "
                f"| {result.seconds:.3f} | {ratio:.0f} |"
            )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
