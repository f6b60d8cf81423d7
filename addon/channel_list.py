# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of the face's channels that the panel "Mapping" shows a character's rows in.

Blender's lists need a collection: it is kept with the window, holds the channels' names only,
and so is filled once. What a row says is looked up when it is drawn.
"""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)
from bpy.types import Context, PropertyGroup, UILayout

from ..models.arkit import CHANNELS
from .row_correction import MienRowCorrection

REFERENCE: dict[str, Any] = {
    "name": "Other Head",
    "description": "An object of the head that has ARKit's face keys",
}
ONLY_MISSING: dict[str, Any] = {
    "name": "Missing Channels Only",
    "description": "Leave alone what moves already",
    "default": True,
}


class MienChannel(PropertyGroup):
    """One of the face's channels; its `name` is ARKit's."""


class MienChannelList(PropertyGroup):
    """All of the face's channels, which of them is looked at, and how it is put right."""

    channels: CollectionProperty(type=MienChannel)
    index: IntProperty(name="Channel", description="The channel whose row is shown below")
    correction: PointerProperty(type=MienRowCorrection)
    reference: StringProperty(**REFERENCE)
    only_missing: BoolProperty(**ONLY_MISSING)


CLASSES = (MienChannel, MienRowCorrection, MienChannelList)


def add_list() -> None:
    """Add the list to the window, filled."""
    pointer: Any = bpy.props.PointerProperty  # The stubs say that it returns nothing.
    bpy.types.WindowManager.mien_mapping = pointer(type=MienChannelList)  # type: ignore[attr-defined]
    fill()


def remove_list() -> None:
    """Take it away."""
    del bpy.types.WindowManager.mien_mapping  # type: ignore[attr-defined]


def fill(*_: object) -> None:
    """Put the channels in; another file begins with an empty list."""
    channels = bpy.context.window_manager.mien_mapping.channels
    if len(channels) != len(CHANNELS):
        channels.clear()
        for name in CHANNELS:
            channels.add().name = name


def draw_solving(layout: UILayout, context: Context, settings: Any) -> None:
    """By which head combinations of shapes are found, and for which channels."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    layout.prop_search(settings, "reference", context.scene, "objects")
    layout.prop(settings, "only_missing")


def chosen_channel(context: Context) -> str:
    """The channel that is selected in the list."""
    chosen = context.window_manager.mien_mapping
    if not 0 <= chosen.index < len(chosen.channels):
        return CHANNELS[0]
    name: str = chosen.channels[chosen.index].name
    return name
