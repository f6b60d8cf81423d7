# SPDX-License-Identifier: GPL-3.0-or-later
"""The shot's name and the footage's timecode, burnt into pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy

from ...models import timecode
from ...models.performance import Source

# The text's height as a part of the picture's, within what Blender allows.
_HEIGHT, _LEAST, _MOST = 1 / 40, 8, 64


@dataclass(frozen=True)
class Stamp:
    """What pictures say of themselves.

    name: the shot's. start: timecode of the performance's second 0, in seconds since midnight,
    or its second of footage that has no timecode. start_frame: scene frame of second 0.
    """

    name: str
    start: float = 0.0
    start_frame: float = 1.0

    def text(self, scene: bpy.types.Scene, frame: int) -> str:
        """Name and timecode of a frame. Frames count at the scene's rate, none dropped."""
        rate = scene.render.fps / scene.render.fps_base
        time = self.start + (frame - self.start_frame) / rate
        return f"{self.name}  {timecode.timecode(time, round(rate)).partition('.')[0]}"


def seconds_of(source: Source, footage_start: float) -> float:
    """What `Stamp.start` is for a take: its timecode, or else the footage's second."""
    if not source.timecode:
        return footage_start
    return timecode.seconds(source.timecode, source.timecode_base)


def prepare_stamp(scene: bpy.types.Scene, wanted: bool) -> None:
    """Let pictures say note and frame, or nothing: dates and durations would make each one
    another file."""
    render: Any = scene.render
    for name in dir(render):
        if name.startswith("use_stamp"):
            setattr(render, name, False)
    if wanted:
        render.use_stamp = render.use_stamp_note = render.use_stamp_frame = True
        height = render.resolution_y * render.resolution_percentage / 100
        render.stamp_font_size = round(min(max(height * _HEIGHT, _LEAST), _MOST))
