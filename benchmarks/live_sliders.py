# SPDX-License-Identifier: GPL-3.0-or-later
"""The live sliders and the preview: how many times a second they move the demo character's face.

`python benchmarks/live_sliders.py [--json FILE]`, with the `bpy` of the Blender that is to be
measured. An update is what a drag does between two redraws: the property's callback (decode,
values, shape keys) and `view_layer.update()`, which evaluates all meshes of the head. Each
slider is dragged from end to end; beside them, the first movement after the model was not yet
loaded, and one after the character had to be looked up anew.

The preview of a recipe: a minute of 52 channels and a turning head goes by frame after frame, once
over a character without animation and once over one with a key a frame, as `frame_set` plays it.
Drawing the viewport is not in these figures.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mien.addon import registration
from mien.addon.expression_settings import emotion_items
from mien.addon.face_preview import FACE_PREVIEW
from mien.addon.live_face import LIVE_FACE, slider_values
from mien.blender_ops.demo.character import build_demo_character
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance
from mien.models.recipe import Recipe
from mien.models.take import write_take

STEPS = 60
FRAMES = 240
GOAL = 30.0
PREVIEW_GOAL = 24.0


def main() -> int:
    """Run the benchmark; 0 if the goal is met, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    bpy.ops.wm.read_homefile(use_empty=True)
    registration.register()
    report = measured()
    print(markdown(report))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    registration.unregister()
    slider, preview = report["slowest_a_second"], min(report["preview_a_second"].values())
    return 0 if slider >= GOAL and preview >= PREVIEW_GOAL else 1


def measured() -> dict[str, Any]:
    """Seconds of each kind of update."""
    bpy.context.view_layer.objects.active = build_demo_character().head
    bpy.context.view_layer.update()
    live: Any = bpy.context.scene.mien.live  # type: ignore[attr-defined]
    first = update(live.axes, 0, 0.5)
    LIVE_FACE.forget()
    looked_up = update(live.axes, 0, 0.6)
    emotions = [name for name, *_ in emotion_items(None, None)]
    sliders = {
        **{name: (live.axes, i, -3.0, 3.0) for i, name in enumerate(slider_values(live)[1])},
        **{name.capitalize(): (live.emotions, i, 0.0, 1.0) for i, name in enumerate(emotions)},
    }
    rows = {name: drag(*slider) for name, slider in sliders.items()}
    if LIVE_FACE.problem:
        sys.exit(LIVE_FACE.problem)
    medians = {name: statistics.median(seconds) for name, seconds in rows.items()}
    every = [second for seconds in rows.values() for second in seconds]
    return {
        "blender": bpy.app.version_string,
        "first_seconds": first,
        "looked_up_seconds": looked_up,
        "sliders": medians,
        "slowest_a_second": 1 / max(medians.values()),
        "worst_seconds": max(every),
        "preview_a_second": {
            "no animation": previewed(baked=False),
            "a key a frame below": previewed(baked=True),
        },
    }


def previewed(baked: bool) -> float:
    """Frames a second of a preview that follows the timeline."""
    times = np.arange(3600) / 60
    weights = 0.5 - 0.5 * np.cos(times[:, None] * np.linspace(1, 6, len(CHANNELS)))
    half, zero = 0.2 * np.sin(times), np.zeros(len(times))
    head = np.stack([np.cos(half), zero, np.sin(half), zero, zero, zero, zero], axis=1)
    scene: Any = bpy.context.scene
    with tempfile.TemporaryDirectory() as folder:
        write_take(Path(folder) / "minute", Performance(weights, times, head=head))
        bpy.ops.mien.load_take(filepath=str(Path(folder) / "minute" / "take.json"))
        scene.mien.recipe = Recipe().to_json()
        if baked:
            bpy.ops.mien.bake(tolerance=0.0)
        bpy.ops.mien.preview_on_character()
    if FACE_PREVIEW.problem:
        sys.exit(FACE_PREVIEW.problem)
    before = time.perf_counter()
    for frame in range(100, 100 + FRAMES):
        scene.frame_set(frame)
    seconds = time.perf_counter() - before
    bpy.ops.mien.preview_on_character(on=False)
    return FRAMES / seconds


def drag(values: Any, index: int, lower: float, upper: float) -> list[float]:
    """Seconds of each update while a slider goes from end to end."""
    seconds = [update(values, index, value) for value in np.linspace(lower, upper, STEPS).tolist()]
    values[index] = 0.0
    return seconds


def update(values: Any, index: int, value: float) -> float:
    """Seconds of one movement of a slider, until the meshes show it."""
    before = time.perf_counter()
    values[index] = value
    bpy.context.view_layer.update()
    return time.perf_counter() - before


def markdown(report: dict[str, Any]) -> str:
    """The figures as text."""
    lines = [
        f"Blender {report['blender']}, the demo character",
        "",
        "| slider | ms an update | updates a second |",
        "|---|---|---|",
    ]
    for name, seconds in report["sliders"].items():
        lines.append(f"| {name} | {seconds * 1000:.1f} | {1 / seconds:.0f} |")
    lines += [
        "",
        f"Slowest slider: {report['slowest_a_second']:.0f} updates a second (goal ≥ {GOAL:.0f}); "
        f"longest single update {report['worst_seconds'] * 1000:.0f} ms.",
        f"First movement, the model loaded by it: {report['first_seconds'] * 1000:.0f} ms; "
        f"with the character looked up anew: {report['looked_up_seconds'] * 1000:.0f} ms.",
        "",
        f"| preview, a minute of 52 channels | frames a second (goal ≥ {PREVIEW_GOAL:.0f}) |",
        "|---|---|",
        *(f"| {name} | {rate:.0f} |" for name, rate in report["preview_a_second"].items()),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # At once: the bpy module may wait for ever for threads while the process ends.
    os._exit(code)
