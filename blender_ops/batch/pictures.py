# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of a shot as pictures: those that are missing only, each there whole or not at all."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import bpy
from mathutils import Vector

from ..character import Character
from ..face_camera import face_points
from ..mapping import match
from ..render import RenderError, RenderOptions, add_camera, apply_options, render_frames
from .stamp import Stamp, prepare_stamp

Progress = Callable[[float, str], None]

# Ears, hair and chin around what belongs to the face.
_MARGIN = 0.1


def chosen_frames(text: str, scene: bpy.types.Scene) -> list[int]:
    """The frames that a text such as “1-48,60”, “all” or “sample” means.

    all: the scene's range; sample: its first, middle and last. Raises RenderError for
    anything else.
    """
    first, last = scene.frame_start, scene.frame_end
    if text == "all":
        return list(range(first, last + 1))
    if text == "sample":
        return sorted({first, (first + last) // 2, last})
    frames: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*(-?\d+)(?:-(-?\d+))?\s*", part)
        if found is None:
            raise RenderError(f"“{text}” names no frames; write them like 1-48,60.")
        frames.update(range(int(found[1]), int(found[2] or found[1]) + 1))
    return sorted(frames)


def render_missing(
    scene: bpy.types.Scene,
    folder: Path,
    frames: Sequence[int],
    options: RenderOptions,
    stamp: Stamp | None = None,
    progress: Progress | None = None,
) -> int:
    """Render those frames that the folder does not hold yet; how many that were.

    stamp: what to write into each picture.

    Raises RenderError if Blender cannot render or write one.
    """
    apply_options(scene, options)
    prepare_stamp(scene, stamp is not None)
    folder.mkdir(parents=True, exist_ok=True)
    missing = [frame for frame in frames if not _picture(folder, frame).is_file()]
    # On the same disk, so that a picture can be moved into place at one stroke.
    working = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    try:
        for count, frame in enumerate(missing):
            if stamp is not None:
                scene.render.stamp_note_text = stamp.text(scene, frame)
            (done,) = render_frames(scene, working, [frame])
            done.replace(_picture(folder, frame))
            if progress is not None:
                progress((count + 1) / len(missing), f"frame {frame}")
    except OSError as error:
        raise RenderError(f"{folder} cannot be written: {error.strerror}; make room.") from None
    finally:
        shutil.rmtree(working, ignore_errors=True)
    return len(missing)


def _picture(folder: Path, frame: int) -> Path:
    return folder / f"{frame:06d}.png"


def frame_face(scene: bpy.types.Scene, character: Character) -> None:
    """Put a camera before the face, which looks along −Y, if the scene has none.

    Raises RenderError if there is nothing to see.
    """
    if scene.camera is not None:
        return
    points = face_points(character, match(character))
    if not len(points):
        raise RenderError(f"“{character.name}” has no face to look at: add a camera to its file.")
    low, high = points.min(axis=0), points.max(axis=0)
    margin = _MARGIN * (high - low).max()
    add_camera(scene, Vector(low - margin), Vector(high + margin))
