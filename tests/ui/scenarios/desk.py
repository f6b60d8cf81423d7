# SPDX-License-Identifier: GPL-3.0-or-later
"""What scenarios look at in Blender, besides the screen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import bpy

MIEN = "bl_ext.user_default.mien"
FILES = Path("/mnt/files")
CLIP = FILES / "carphone.mp4"
LONG_CLIP = FILES / "long.mp4"


def settings() -> Any:
    """Mien's settings in the scene, found anew as an undo replaces them."""
    return bpy.context.window_manager.windows[0].scene.mien


def running() -> Any:
    """The job that runs, or None."""
    return sys.modules[f"{MIEN}.addon.jobs.job"].JOBS.running


def started_jobs() -> list[Any]:
    """A list that the next job comes into when it starts, however soon it is over."""
    jobs = sys.modules[f"{MIEN}.addon.jobs.job"].JOBS
    started: list[Any] = []

    def start(make: Any) -> Any:
        del jobs.start
        started.append(jobs.start(make))
        return started[0]

    jobs.start = start
    return started


def active() -> Any:
    """The active object."""
    return bpy.context.window_manager.windows[0].view_layer.objects.active


def key_blocks() -> Any:
    """The active character's face keys."""
    return active().data.shape_keys.key_blocks


def face() -> dict[str, float]:
    """What its face keys show."""
    return {key.name: key.value for key in key_blocks()}


def difference(one: dict[str, float], other: dict[str, float]) -> float:
    """The largest of any key."""
    return max(abs(one[name] - other[name]) for name in one)


def face_action() -> Any:
    """The Action on the active character's face keys, or None."""
    data = active().data.shape_keys.animation_data
    return data.action if data else None


def number_of_keys(action: Any) -> int:
    """On all of the Action's curves."""
    animation = sys.modules[f"{MIEN}.blender_ops.animation"]
    return sum(len(curve.keyframe_points) for curve in animation.curves_of_action(action))


def leftovers(folder: Path) -> list[str]:
    """Files of a capture that were left lying about below a folder."""
    return [str(path) for path in folder.rglob(".capturing-*")]


def drop(animator: Any, file: Path) -> None:
    """Drop a file on the 3D view. A simulated event cannot: this is what the drop calls."""
    window = bpy.context.window_manager.windows[0]
    area = animator.view
    region = next(each for each in area.regions if each.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.wm.drop_import_file(
            "INVOKE_DEFAULT", directory=str(file.parent), files=[{"name": file.name}]
        )
