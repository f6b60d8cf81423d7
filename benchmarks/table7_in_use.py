# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 7: in use, in a real Blender with a window.

`python benchmarks/table7_in_use.py --archive ZIP [--blender 4.3|5.2] [--clip FILE] [--json FILE]`

Sets up Debian's Blender (`tests/ui/debian.py`, as root), installs the zip in it and works as a
person does, by simulated clicks and keys (`tests/ui/scenarios/in_use.py`): switches Mien on,
then runs every long job twice, once to its end and once stopped by Esc. Each job is stopped
first; so what Blender does once only, as compiling shaders for the gallery's first picture,
falls into the stopped run and not into the gaps, which are of the other.

Enabling: `addon_utils.enable` in a Blender that has just started and has Mien's files compiled.
First result: from the release of the mouse on Capture to the sidebar's first redraw that tells
of a tracked frame. Gap: the longest time between two redraws of the sidebar from the click to
the end of the job. Beside it the longest without what Blender needed to draw the 3D view:
without a graphics card that alone is 75–250 ms for the demo head, so the goal is held against
the rest. Esc: from its press to the first redraw without the job.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "ui"))

from clips import write_long_clip
from debian import DEBIANS, set_up
from window import Window, install

ROOT = Path(__file__).resolve().parents[1]
CLIP = ROOT / ".cache" / "footage" / "carphone_pristine.mp4"
ENABLING_GOAL, RESULT_GOAL, GAP_GOAL, ESC_GOAL = 0.05, 1.5, 0.15, 0.5
SECONDS_AT_MOST = 1200


def main() -> int:
    """Run the benchmark; 0 if every goal is met, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=Path, required=True, help="Mien's zip for this Blender")
    parser.add_argument("--blender", choices=list(DEBIANS), default="4.3")
    parser.add_argument("--clip", type=Path, default=CLIP, help="footage of a face")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mien-table7-") as folder:
        figures = measured(arguments.blender, arguments.archive, arguments.clip, Path(folder))
    print(markdown(figures))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0 if met(figures) else 1


def measured(blender: str, archive: Path, clip: Path, folder: Path) -> dict[str, Any]:
    """What both scenarios found out."""
    window = install(set_up(DEBIANS[blender]), archive, folder / "installed")
    prepared = folder / "prepared"
    (prepared / "files").mkdir(parents=True)
    shutil.copyfile(clip, prepared / "files" / "carphone.mp4")
    window.prepare(prepared)
    write_long_clip(clip, prepared / "files" / "long.mp4")
    return {
        **played(window, "enabling", prepared, folder),
        **played(window, "in_use", prepared, folder),
    }


def played(window: Window, scenario: str, prepared: Path, folder: Path) -> dict[str, Any]:
    """The figures that a scenario wrote."""
    work = folder / scenario
    shutil.copytree(prepared / "files", work / "files")
    window.play(scenario, work, Path("captured.blend"), SECONDS_AT_MOST)
    figures: dict[str, Any] = json.loads((work / "shots" / f"{scenario}.json").read_text())
    return figures


def met(figures: dict[str, Any]) -> bool:
    """Whether all goals are met."""
    jobs = figures["jobs"].values()
    return (
        figures["enabling"] < ENABLING_GOAL
        and not figures["imported"]
        and figures["jobs"]["capture"]["first_result"] < RESULT_GOAL
        and all(job["largest_gap_without_view"] <= GAP_GOAL for job in jobs)
        and all(job["esc"] is None or job["esc"] <= ESC_GOAL for job in jobs)
    )


def markdown(figures: dict[str, Any]) -> str:
    """The table."""
    imported = ", ".join(figures["imported"]) or "none"
    first = figures["jobs"]["capture"]["first_result"]
    lines = [
        f"Blender {figures['blender']}",
        "",
        "| | Measured | Goal |",
        "|---|---|---|",
        f"| enabling | {1000 * figures['enabling']:.0f} ms | < {1000 * ENABLING_GOAL:.0f} ms |",
        f"| onnxruntime, OpenCV, torch imported by it | {imported} | none |",
        f"| first capture result on screen | {first:.2f} s | < {RESULT_GOAL} s |",
        "",
        "| Job | Seconds | Redraws | Largest gap, ms | without 3D view | Goal | Esc, ms | Goal |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, job in figures["jobs"].items():
        esc = "over sooner" if job["esc"] is None else f"{1000 * job['esc']:.0f}"
        gaps = [1000 * job[name] for name in ("largest_gap", "largest_gap_without_view")]
        lines.append(
            f"| {name} | {job['seconds']:.1f} | {job['redraws']} | {gaps[0]:.0f} | {gaps[1]:.0f} | "
            f"≤ {1000 * GAP_GOAL:.0f} | {esc} | ≤ {1000 * ESC_GOAL:.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
