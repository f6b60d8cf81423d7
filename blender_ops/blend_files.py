# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening and saving .blend files without a window."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import bpy

from ..models.errors import MienError
from .sampling import END_ROUNDING


class BlendFileError(MienError):
    """A .blend file cannot be opened or written."""


def open_blend(path: Path) -> bpy.types.Scene:
    """Open a .blend; its scene. Raises BlendFileError if it is not there or is none."""
    if not path.is_file():
        raise BlendFileError(f"There is no file {path}. Check its name and folder.")
    try:
        bpy.ops.wm.open_mainfile(filepath=str(path.absolute()), load_ui=False)
    except RuntimeError:
        raise BlendFileError(
            f"{path} cannot be opened: it is no .blend file, or a newer Blender saved it."
        ) from None
    return current_scene()


def current_scene() -> bpy.types.Scene:
    """The scene of the file that is open."""
    scene = bpy.context.scene
    assert scene is not None, "every file has a scene"
    return scene


def save_blend(path: Path) -> None:
    """Save the open file under a path, where it appears when it is complete.

    Raises BlendFileError if it cannot be written.
    """
    part = path.with_name(f".{path.stem}.part.blend")
    try:
        # Blender would report the name of the unfinished file.
        with contextlib.redirect_stdout(io.StringIO()):
            bpy.ops.wm.save_as_mainfile(
                filepath=str(part.absolute()), copy=True, check_existing=False
            )
        part.replace(path)
    except (RuntimeError, OSError):
        raise BlendFileError(
            f"{path} could not be written. Check that its folder exists, that you may write "
            "there, and that the disk is not full."
        ) from None
    finally:
        part.unlink(missing_ok=True)


def set_rate(scene: bpy.types.Scene, rate: float) -> None:
    """Set a scene's frames a second; NTSC's rates by Blender's fps_base of 1.001."""
    whole = round(rate * 1.001)
    if abs(whole / 1.001 - rate) < abs(round(rate) - rate):
        scene.render.fps, scene.render.fps_base = whole, 1.001
    else:
        scene.render.fps, scene.render.fps_base = max(1, round(rate)), 1.0


def fit_range(scene: bpy.types.Scene, start_frame: float, seconds: float) -> None:
    """Let a scene's frame range span what begins at a frame and lasts so many seconds."""
    rate = scene.render.fps / scene.render.fps_base
    # Times in files are rounded: a last sample just before a frame belongs to that frame.
    last = start_frame + seconds * rate + END_ROUNDING
    scene.frame_start = int(start_frame)
    scene.frame_end = max(scene.frame_start, int(last))
    scene.frame_set(scene.frame_start)
