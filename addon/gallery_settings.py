# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel "Gallery" asks: in the scene what is shown, in the window what is chosen."""

from __future__ import annotations

import functools
from typing import Any

import bpy
from bpy.props import (
    BoolVectorProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
)
from bpy.types import Context, PropertyGroup

from .expression_settings import SEED, TEMPERATURE, emotion_items_with_any
from .gallery_pictures import GALLERY
from .translations import CONTEXT

COUNT = 12
"""How many pictures a gallery has."""

FACE_NOW = "FACE"
ANY = "ANY"


@functools.cache
def _subjects() -> list[tuple[str, str, str]]:
    # Blender keeps no copy of names that a function gives: they must stay.
    now = (FACE_NOW, "Face Now", "The face that the character shows now, made otherwise")
    first, *emotions = emotion_items_with_any(None, None)
    return [first, now, *emotions]


def subject_items(_owner: Any, _context: Context | None) -> list[tuple[str, str, str]]:
    """What twelve pictures can be of."""
    return _subjects()


SUBJECT: dict[str, Any] = {
    "name": "Of",
    "description": "What the twelve pictures are of",
    "items": subject_items,
    "default": 0,
    "translation_context": CONTEXT,
}


class MienGallerySettings(PropertyGroup):
    """What the next gallery of a scene shows."""

    subject: EnumProperty(**SUBJECT)
    temperature: FloatProperty(**TEMPERATURE)
    seed: IntProperty(**SEED)


class MienGalleryChoice(PropertyGroup):
    """Which pictures are chosen. It belongs to the window: no undo, not part of the file."""

    chosen: BoolVectorProperty(
        name="Choose",
        description="Save this expression with those that become assets",
        size=COUNT,
        options={"SKIP_SAVE"},
    )


CLASSES: tuple[type, ...] = (MienGallerySettings, MienGalleryChoice)


def add_settings() -> None:
    """Give scenes and the window manager theirs."""
    pointer: Any = PointerProperty  # The stubs say that it returns nothing.
    scene: Any = bpy.types.Scene
    manager: Any = bpy.types.WindowManager
    scene.mien_gallery = pointer(type=MienGallerySettings)
    manager.mien_gallery = pointer(type=MienGalleryChoice)


def remove_settings() -> None:
    """Take them away, and the pictures that were chosen from."""
    GALLERY.drop()
    scene: Any = bpy.types.Scene
    manager: Any = bpy.types.WindowManager
    del manager.mien_gallery
    del scene.mien_gallery
