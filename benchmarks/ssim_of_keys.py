# SPDX-License-Identifier: GPL-3.0-or-later
"""Few keys look like a key a frame: SSIM of each rendered frame of the demo character.

`python benchmarks/ssim_of_keys.py SOURCE [--json FILE]`, with the `bpy` of the Blender that
is to be measured. SOURCE is footage (`carphone_pristine.mp4`), which is captured first, or a
take.

The take is baked twice on the same character in the same scene: with a key on every frame
(tolerance 0), and with as few as the tolerance allows. Both are rendered by Workbench, one
sample a pixel. Structural similarity is scikit-image's, over the three colours, 1 = alike.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import bpy
import cv2
import numpy as np
from mien.blender_ops.bake import BakeOptions, BakeResult, bake
from mien.blender_ops.blend_files import fit_range, set_rate
from mien.blender_ops.character import Character, find_character
from mien.blender_ops.demo import build_demo_character, build_demo_scene
from mien.blender_ops.mapping import match
from mien.blender_ops.render import RenderOptions, apply_options, render_frames
from mien.models.capture.capture import CaptureOptions, capture
from mien.models.errors import MienError
from mien.models.performance import Performance
from mien.models.recipe import STANDARD, evaluate
from mien.models.take import read_take
from skimage.metrics import structural_similarity

GOAL = 0.99


def main() -> int:
    """Run the benchmark; 0 if every frame reaches the goal, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="footage or a take")
    parser.add_argument("--tolerance", type=float, default=0.005)
    parser.add_argument("--size", type=int, default=192, help="pixels a side")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth frame only")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()

    try:
        performance = performance_of(arguments.source)
        report = compare(performance, arguments.tolerance, arguments.size, arguments.every)
    except MienError as error:
        print(error, file=sys.stderr)
        return 1
    print(markdown(report))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0 if report["min"] >= GOAL else 1


def performance_of(source: Path) -> Performance:
    """A take with its recipe; footage captured, with the recipe of each new take."""
    if source.is_dir() or source.suffix in (".csv", ".json"):
        take = read_take(source)
        return evaluate(take.recipe, take.performance)
    captured = capture(source, CaptureOptions(), None, None)
    return evaluate(STANDARD, captured.performance)


def compare(performance: Performance, tolerance: float, size: int, every: int) -> dict:
    """Render the unreduced bake and the fitted one; figures of how alike they are."""
    bpy.ops.wm.read_homefile(use_empty=True)
    character = find_character(build_demo_character().head)
    build_demo_scene()
    scene = bpy.context.scene
    set_rate(scene, performance.rate)
    fit_range(scene, 1, performance.duration)
    apply_options(scene, RenderOptions("workbench", (size, size), 1))
    frames = range(scene.frame_start, scene.frame_end + 1, every)
    with tempfile.TemporaryDirectory() as name:
        full, reference = baked_pictures(performance, character, 0, frames, Path(name) / "full")
        few, pictures = baked_pictures(
            performance, character, tolerance, frames, Path(name) / "few"
        )
    similar = [
        structural_similarity(one, other, channel_axis=2)
        for one, other in zip(reference, pictures, strict=True)
    ]
    moves = [structural_similarity(reference[0], picture, channel_axis=2) for picture in reference]
    return {
        "blender": bpy.app.version_string,
        "frames": len(similar),
        "size": size,
        "tolerance": tolerance,
        "keys": few.keys,
        "keys_a_frame": full.keys,
        "largest_error": few.largest_error,
        "min": min(similar),
        "worst_frame": frames[int(np.argmin(similar))],
        "mean": float(np.mean(similar)),
        "least_alike_to_first_frame": min(moves),
    }


def baked_pictures(
    performance: Performance,
    character: Character,
    tolerance: float,
    frames: range,
    folder: Path,
) -> tuple[BakeResult, list[np.ndarray]]:
    """Bake with a tolerance and render; the result and a picture a frame."""
    options = BakeOptions(tolerance=tolerance)
    result = bake(performance, character, match(character), options)
    paths = render_frames(bpy.context.scene, folder, frames)
    return result, [cv2.imread(str(path)) for path in paths]


def markdown(report: dict) -> str:
    """The figures as a table, with what they are to be."""
    return "\n".join(
        [
            f"Blender {report['blender']}, {report['frames']} frames at {report['size']}², "
            f"{report['keys']} keys instead of {report['keys_a_frame']}, "
            f"largest error {report['largest_error']:.4f}",
            "",
            "| SSIM | measured | goal |",
            "|---|---|---|",
            f"| lowest (frame {report['worst_frame']}) | {report['min']:.5f} | ≥ {GOAL} |",
            f"| mean | {report['mean']:.5f} | |",
            "| first frame and the one least like it, for comparison "
            f"| {report['least_alike_to_first_frame']:.5f} | |",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
