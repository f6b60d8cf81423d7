# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 6: the bake. Mien beside the bare bulk write and beside keyframe_insert, in one run.

`python benchmarks/table6_bake.py --data DIR [--json FILE]`, with the `bpy` of the Blender
that is to be measured. DIR holds `performances/eval/MySlate_165_iPhone_cal.csv`.

Speed: 52 shape keys, a key a frame (tolerance 0). The floor is what no add-on can go below:
new curves, `keyframe_points.add`, `foreach_set` of places and interpolation from arrays that
are ready, `update`. Mien's time is the whole of `bake`: matching excepted, all from a
performance to an Action that plays. Each is done several times in turn, in an empty file,
and the medians are compared.

Time: ten minutes of the take on every rate. With sub-frame keys the last sample's time, with
whole-frame keys the value at every frame, both as read back from Blender. A scene's rate is
what Blender plays it at: it keeps the base of 1.001 in single precision.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import bpy
import numpy as np
from mien.blender_ops.animation import evaluate, f_curves
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import find_character
from mien.blender_ops.mapping import match
from mien.blender_ops.sampling import scene_rate
from mien.models.arkit import CHANNELS
from mien.models.formats import read
from mien.models.performance import Performance

TAKE = "performances/eval/MySlate_165_iPhone_cal.csv"
RATE = 60
LONG, SHORT = 36_000, 3_000
REPEATS = 5
FLOOR_GOAL, INSERT_GOAL = 1.5, 300
TIME_GOAL_MS, VALUE_GOAL = 1.0, 1e-4
# Frames a second as Blender stores them: fps and fps_base.
RATES = {
    "23.976": (24, 1.001),
    "24": (24, 1.0),
    "25": (25, 1.0),
    "29.97": (30, 1.001),
    "30": (30, 1.0),
    "50": (50, 1.0),
    "59.94": (60, 1.001),
    "60": (60, 1.0),
}


def main() -> int:
    """Run the benchmark; 0 if every goal is met, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="folder of the data"
    )
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()

    long = repeated(arguments.data / TAKE, LONG)
    short = repeated(arguments.data / TAKE, SHORT)
    floors, bakes = [], []
    for _ in range(REPEATS):
        floors.append(seconds_of(bare_write, long))
        bakes.append(seconds_of(mien_bake, long))
    short_bake = statistics.median(seconds_of(mien_bake, short) for _ in range(REPEATS))
    insert = seconds_of(keyframe_insert, short)
    report = {
        "blender": bpy.app.version_string,
        "floor_seconds": statistics.median(floors),
        "bake_seconds": statistics.median(bakes),
        "short_bake_seconds": short_bake,
        "keyframe_insert_seconds": insert,
        "rates": {name: timing(long, *rate) for name, rate in RATES.items()},
    }
    print(markdown(report))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0 if met(report) else 1


def repeated(path: Path, frames: int) -> Performance:
    """The take at 60 fps, forward and backward until it is long enough, clipped to 0–1."""
    take = read(path)
    times = np.arange(round(take.duration * RATE) + 1) / RATE
    columns = [np.interp(times, take.times, take.channel(channel)) for channel in CHANNELS]
    there = np.clip(columns, 0, 1).T.astype(np.float32)
    both = np.concatenate([there, there[::-1]])
    weights = np.tile(both, (-(-frames // len(both)), 1))[:frames]
    return Performance(weights, np.arange(frames) / RATE)


def face(rate: tuple[int, float] = (RATE, 1.0)) -> bpy.types.Object:
    """A mesh with 52 shape keys in an otherwise empty file."""
    bpy.ops.wm.read_homefile(use_empty=True)
    render = bpy.context.scene.render
    render.fps, render.fps_base = rate
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    result = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(result)
    for name in ("Basis", *CHANNELS):
        result.shape_key_add(name=name, from_mix=False).value = 0
    return result


def seconds_of(write, performance: Performance) -> float:
    """How long one way of writing takes, in a fresh file."""
    return write(face(), performance)


def bare_write(target: bpy.types.Object, performance: Performance) -> float:
    """The floor: Blender's bulk interface and nothing else."""
    keys = target.data.shape_keys
    frames = len(performance)
    places = np.empty((len(CHANNELS), frames, 2), np.float32)
    places[:, :, 0] = 1 + np.arange(frames)
    places[:, :, 1] = performance.weights.T
    linear = np.ones(frames, np.int32)
    before = time.perf_counter()
    action = bpy.data.actions.new("Floor")
    animation_data = keys.animation_data_create()
    if hasattr(action, "slots"):
        slot = action.slots.new(id_type="KEY", name=keys.name)
        strip = action.layers.new("Layer").strips.new(type="KEYFRAME")
        curves = strip.channelbag(slot, ensure=True).fcurves
    else:
        curves = action.fcurves
    for channel, own in zip(CHANNELS, places, strict=True):
        curve = curves.new(f'key_blocks["{channel}"].value', index=0)
        curve.keyframe_points.add(frames)
        curve.keyframe_points.foreach_set("co", own.ravel())
        curve.keyframe_points.foreach_set("interpolation", linear)
        curve.update()
    animation_data.action = action
    if hasattr(action, "slots"):
        animation_data.action_slot = slot
    return time.perf_counter() - before


def mien_bake(target: bpy.types.Object, performance: Performance, **options) -> float:
    """Mien, a key a frame."""
    character = find_character(target)
    mapping = match(character)
    before = time.perf_counter()
    result = bake(performance, character, mapping, BakeOptions(tolerance=0, **options))
    seconds = time.perf_counter() - before
    if not options and result.keys != performance.weights.size:
        sys.exit(f"{result.keys} keys were written, not {performance.weights.size}.")
    return seconds


def keyframe_insert(target: bpy.types.Object, performance: Performance) -> float:
    """What most scripts do."""
    blocks = [target.data.shape_keys.key_blocks[channel] for channel in CHANNELS]
    before = time.perf_counter()
    for frame, weights in enumerate(performance.weights.tolist(), start=1):
        for block, value in zip(blocks, weights, strict=True):
            block.value = value
            block.keyframe_insert("value", frame=frame)
    return time.perf_counter() - before


def timing(performance: Performance, fps: int, base: float) -> dict[str, float]:
    """How well a rate keeps time: milliseconds at the end, and the largest wrong value."""
    target = face((fps, base))
    rate = scene_rate(bpy.context.scene)
    mien_bake(target, performance, subframes=True)
    ends = [curve.keyframe_points[-1].co.x for curve in f_curves(target.data.shape_keys).values()]
    late = max(abs((end - 1) / rate - performance.duration) for end in ends)
    target = face((fps, base))
    mien_bake(target, performance, start_frame=1)
    curves = f_curves(target.data.shape_keys)
    frames = np.arange(1, np.floor(1 + performance.duration * rate + 1e-6) + 1)
    seconds = (frames - 1) / rate
    wrong = 0.0
    for channel in CHANNELS:
        played = evaluate(curves[f'key_blocks["{channel}"].value', 0], frames)
        taken = np.interp(seconds, performance.times, performance.channel(channel))
        wrong = max(wrong, float(np.abs(played - taken).max()))
    return {"end_ms": late * 1000, "value_error": wrong}


def met(report: dict) -> bool:
    """Whether every goal is reached."""
    return (
        report["bake_seconds"] <= FLOOR_GOAL * report["floor_seconds"]
        and report["keyframe_insert_seconds"] >= INSERT_GOAL * report["short_bake_seconds"]
        and all(
            row["end_ms"] <= TIME_GOAL_MS and row["value_error"] <= VALUE_GOAL
            for row in report["rates"].values()
        )
    )


def markdown(report: dict) -> str:
    """The table as text."""
    floor, ours = report["floor_seconds"], report["bake_seconds"]
    short, insert = report["short_bake_seconds"], report["keyframe_insert_seconds"]
    lines = [
        f"Blender {report['blender']}",
        "",
        "| 52 channels | frames | seconds | ratio | goal |",
        "|---|---|---|---|---|",
        f"| bare `foreach_set` | {LONG} | {floor:.2f} | | |",
        f"| Mien's bake | {LONG} | {ours:.2f} | {ours / floor:.2f} × the floor | ≤ {FLOOR_GOAL} |",
        f"| `keyframe_insert` | {SHORT} | {insert:.1f} | | |",
        f"| Mien's bake | {SHORT} | {short:.3f} | {insert / short:.0f} × as fast "
        f"| ≥ {INSERT_GOAL} |",
        "",
        "| scene rate | sub-frame keys: end off by | whole frames: largest wrong value |",
        "|---|---|---|",
    ]
    for name, row in report["rates"].items():
        lines.append(f"| {name} | {row['end_ms']:.3f} ms | {row['value_error']:.1e} |")
    lines.append(f"| goal | ≤ {TIME_GOAL_MS} ms | ≤ {VALUE_GOAL:.0e} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
