# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a shot as a film, with the footage's sound under it, in time."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import bpy

from ...models.capture.footage import open_footage
from ..render import RenderError, Sound, encode_video, picture_size


@dataclass(frozen=True)
class FootageSound:
    """The sound of footage, and which second of it belongs to which scene frame.

    start: second at which the capture began; the first picture from there on is shown at
    start_frame.
    """

    footage: Path
    start: float = 0.0
    start_frame: float = 1.0


def write_film(
    folder: Path, scene: bpy.types.Scene, target: Path, heard: FootageSound | None = None
) -> tuple[int, str]:
    """Write a folder's pictures, named by their frames, as an mp4 at the scene's rate.

    The number of pictures, and why there is no sound if there should be.
    Raises RenderError if a frame is missing, or the film cannot be written; FootageError if
    the footage cannot be read.
    """
    pictures = sorted(folder.glob("[0-9]*.png"))
    if not pictures:
        raise RenderError(f"{folder} holds no pictures; render them first.")
    frames = [int(picture.stem) for picture in pictures]
    gap = next((a for a, b in pairwise(frames) if b != a + 1), None)
    if gap is not None:
        raise RenderError(f"{folder} has no frame {gap + 1}; render the missing frames first.")
    rate = (scene.render.fps, scene.render.fps_base)
    sound, silence = None, ""
    built_with: Any = bpy.app.build_options
    if heard is not None and not built_with.audaspace:
        silence = "this Blender was built without sound"
    elif heard is not None:
        begins = _begins(heard, rate[0] / rate[1]) - frames[0]
        sound = Sound(heard.footage, begins)
    missing = encode_video(pictures, rate, picture_size(pictures[0]), target, sound)
    return len(pictures), silence or missing


def _begins(heard: FootageSound, rate: float) -> float:
    """The scene frame at which the footage's second 0 would stand."""
    with closing(open_footage(heard.footage).frames(heard.start)) as frames:
        first = next(frames).time
    return heard.start_frame - first * rate
