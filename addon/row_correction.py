# SPDX-License-Identifier: GPL-3.0-or-later
"""What a row of the mapping is corrected to: the settings of the panel and of the operator."""

from __future__ import annotations

from typing import Any

from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty
from bpy.types import Context, Object, PropertyGroup, UILayout

KINDS = (
    ("KEY", "Shape Key", "A shape key of one of the character's meshes"),
    ("BONE", "Bone", "Location, rotation or scale of a bone, such as a face control"),
    ("PROPERTY", "Property", "A custom property, or any number that can be animated"),
)
BONE_CHANNELS = tuple(
    (f"{path}.{index}", f"{label} {axis}", f"{label} of the bone along or about its own {axis}")
    for path, label in (
        ("location", "Location"),
        ("rotation_euler", "Rotation"),
        ("scale", "Scale"),
    )
    for index, axis in enumerate("XYZ")
)


class RowCorrection:
    """Base of what has these settings."""

    kind: EnumProperty(
        name="Moves", description="What moves", items=KINDS, default="KEY", options={"SKIP_SAVE"}
    )
    holder: StringProperty(
        name="Object",
        description="The object that has it; empty = the selected one, or the character's own",
        options={"SKIP_SAVE"},
    )
    key: StringProperty(
        name="Shape Key", description="The shape key that moves", options={"SKIP_SAVE"}
    )
    bone: StringProperty(name="Bone", description="The bone that moves", options={"SKIP_SAVE"})
    bone_channel: EnumProperty(
        name="Moves Along",
        description="Which of the bone's values moves",
        items=BONE_CHANNELS,
        options={"SKIP_SAVE"},
    )
    data_path: StringProperty(
        name="Data Path",
        description='The property as a driver names it, such as ["smile"]',
        options={"SKIP_SAVE"},
    )
    weight: FloatProperty(
        name="Weight",
        description="How far it goes when the channel is 1; below 0 it goes the other way",
        default=1.0,
        soft_min=-2.0,
        soft_max=2.0,
        step=5,
        precision=3,
        options={"SKIP_SAVE"},
    )
    rest: FloatProperty(
        name="Rest",
        description="Where a bone or property is when the channel is 0",
        default=0.0,
        precision=3,
        options={"SKIP_SAVE"},
    )
    add: BoolProperty(
        name="Beside What Is There",
        description="Let this move as well, instead of in place of what moves now",
        default=False,
        options={"SKIP_SAVE"},
    )


CORRECTION_SETTINGS = tuple(RowCorrection.__annotations__)


class MienRowCorrection(RowCorrection, PropertyGroup):
    """The correction that the panel prepares."""


def holder_meant(settings: Any, context: Context) -> Object | None:
    """The object named, otherwise the selected one if it has what is to move."""
    if settings.holder:
        named: Object | None = context.scene.objects.get(settings.holder)
        return named
    chosen: Object | None = context.object
    if settings.kind == "KEY":
        return chosen if getattr(getattr(chosen, "data", None), "shape_keys", None) else None
    if settings.kind == "BONE":
        return chosen if getattr(chosen, "pose", None) else None
    return chosen


def draw_correction(layout: UILayout, context: Context, settings: Any) -> None:
    """What moves, chosen from what there is."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    column = layout.column()
    column.prop(settings, "kind")
    column.prop_search(settings, "holder", context.scene, "objects")
    _draw_choice(column, settings, holder_meant(settings, context))
    column.prop(settings, "weight")
    if settings.kind != "KEY":
        column.prop(settings, "rest")
    column.prop(settings, "add")


def _draw_choice(layout: UILayout, settings: Any, holder: Any) -> None:
    keys = getattr(getattr(holder, "data", None), "shape_keys", None)
    if settings.kind == "KEY" and keys is not None:
        layout.prop_search(settings, "key", keys, "key_blocks", icon="SHAPEKEY_DATA")
    elif settings.kind == "BONE" and holder is not None and holder.pose is not None:
        layout.prop_search(settings, "bone", holder.pose, "bones", icon="BONE_DATA")
        layout.prop(settings, "bone_channel")
    elif settings.kind == "PROPERTY":
        layout.prop(settings, "data_path", icon="RNA")
