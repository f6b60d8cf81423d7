# SPDX-License-Identifier: GPL-3.0-or-later
"""The gallery: how long twelve pictures of the demo character take.

`python benchmarks/gallery.py [--json FILE]`, with the `bpy` of the Blender that is to be
measured. From the click to the last picture: the model is loaded, twelve expressions are made
in a thread, the character is copied with each and each copy is rendered by Workbench. The longest
stroke is the time in which Blender cannot answer once shaders are compiled. Drawing the window is
not in these figures.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import bpy
from mien.addon import registration
from mien.addon.gallery_pictures import GALLERY
from mien.blender_ops.character import find_character
from mien.blender_ops.console import without_blenders_remarks
from mien.blender_ops.demo.character import build_demo_character
from mien.blender_ops.gallery import pictures_in_steps
from mien.blender_ops.mapping import match

GOAL = 5.0
RUNS = 5


def main() -> int:
    """Run the benchmark; 0 if the goal is met, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    bpy.ops.wm.read_homefile(use_empty=True)
    registration.register()
    with without_blenders_remarks():
        report = measured()
    print(markdown(report))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    registration.unregister()
    return 0 if max(report["seconds"]) < GOAL else 1


def measured() -> dict[str, Any]:
    """Seconds of whole galleries, the first of the process before the others, and of strokes."""
    head = build_demo_character().head
    bpy.context.view_layer.objects.active = head
    bpy.context.view_layer.update()
    seconds = []
    for seed in range(RUNS):
        before = time.perf_counter()
        bpy.ops.mien.make_gallery(subject="joy", seed=seed)
        seconds.append(time.perf_counter() - before)
    if GALLERY.expressions is None:
        sys.exit("No gallery was made.")
    character = find_character(head)
    steps = pictures_in_steps(character, match(character), GALLERY.expressions)
    strokes = []
    while True:
        before = time.perf_counter()
        try:
            next(steps)
        except StopIteration:
            break
        strokes.append(time.perf_counter() - before)
    copies, renders = strokes[: len(GALLERY)], strokes[len(GALLERY) :]
    return {
        "blender": bpy.app.version_string,
        "pictures": len(GALLERY),
        "seconds": seconds,
        "copy_seconds": statistics.median(copies),
        "render_seconds": statistics.median(renders),
        "longest_seconds": max(strokes),
    }


def markdown(report: dict[str, Any]) -> str:
    """The figures as text."""
    first, *others = report["seconds"]
    rows = [
        ("first gallery of the process", first),
        ("later ones, median", statistics.median(others)),
        ("a copy, median", report["copy_seconds"]),
        ("a render, median", report["render_seconds"]),
        ("longest stroke, shaders being there", report["longest_seconds"]),
    ]
    return "\n".join(
        [
            f"Blender {report['blender']}, {report['pictures']} pictures of the demo character",
            "",
            "| | seconds |",
            "|---|---|",
            *(f"| {name} | {seconds:.3f} |" for name, seconds in rows),
            "",
            f"Goal: a gallery in less than {GOAL:g} s.",
        ]
    )


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # The bpy module may wait for ever for threads while the process ends.
    os._exit(code)
