# SPDX-License-Identifier: GPL-3.0-or-later
"""The live sliders: how many times a second a slider moves the demo character's face.

`python benchmarks/live_sliders.py [--json FILE]`, with the `bpy` of the Blender that is to be
measured. An update is what a drag does between two redraws: the property's callback (decode,
values, shape keys) and `view_layer.update()`, which evaluates all meshes of the head. Each
slider is dragged from end to end; beside them, the first movement after the model was not yet
loaded, and one after the character had to be looked up anew.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mien.addon import registration
from mien.addon.expression_settings import emotion_items
from mien.addon.live_face import LIVE_FACE, slider_values
from mien.blender_ops.demo.character import build_demo_character

STEPS = 60
GOAL = 30.0


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
    return 0 if report["slowest_a_second"] >= GOAL else 1


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
    }


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
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
