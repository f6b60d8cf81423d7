# SPDX-License-Identifier: GPL-3.0-or-later
"""The sequencer's strips, which Blender calls `sequences` before 4.4, and sound among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy


def strips_of(scene: bpy.types.Scene) -> Any:
    """The scene's strips; it gets a sequencer if it has none."""
    editor: Any = scene.sequence_editor_create()
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def add_sound_strip(scene: bpy.types.Scene, file: Path, name: str, frame: int) -> Any:
    """A strip with a file's sound from a frame on, in a channel that is free; None if it has none.

    Sound plays in true time whatever the scene's rate.
    """
    strips = strips_of(scene)
    channel = max((strip.channel for strip in strips), default=0) + 1
    try:
        strip = strips.new_sound(name, str(file), channel, frame)
    except RuntimeError:
        return None
    if strip.frame_final_duration <= 1:
        sound = strip.sound
        strips.remove(strip)
        if sound is not None and not sound.users:
            bpy.data.sounds.remove(sound)
        return None
    return strip


def strips_named(scene: bpy.types.Scene, name: str) -> list[Any]:
    """The strips of that name, also with a number behind."""
    if scene.sequence_editor is None:
        return []
    return [strip for strip in strips_of(scene) if strip.name.partition(".")[0] == name]


def remove_strips(scene: bpy.types.Scene, name: str) -> int:
    """Remove the strips of that name, also with a number behind; how many there were."""
    found = strips_named(scene, name)
    for strip in found:
        strips_of(scene).remove(strip)
    return len(found)
