# SPDX-License-Identifier: GPL-3.0-or-later
"""How a bake writes its keys: settings that a scene and the Bake operator have alike."""

from __future__ import annotations

from typing import Any

from bpy.props import BoolProperty, FloatVectorProperty, IntProperty
from bpy.types import UILayout

from ..blender_ops.bake_options import HEAD_SHARE
from ..models.arkit import REGIONS
from .translations import CONTEXT

# What may have a tolerance of its own, in the order of `region_tolerances`.
WITH_TOLERANCE = (*REGIONS, "head")


class KeySettings:
    """Base of what has these settings."""

    hold: IntProperty(
        name="Hold Poses",
        description=(
            "Frames for which a pose stands still, as in drawn animation: 2 is on twos, "
            "3 on threes; 1 moves smoothly"
        ),
        default=1,
        min=1,
        soft_max=4,
        options={"SKIP_SAVE"},
    )
    drop_still: BoolProperty(
        name="Skip Still Curves",
        description="Make no curve for a face key that stays at rest all the time",
        default=False,
        options={"SKIP_SAVE"},
    )
    use_region_tolerances: BoolProperty(
        name="Tolerance by Region",
        description="Give each region of the face a tolerance of its own",
        default=False,
        options={"SKIP_SAVE"},
    )
    region_tolerances: FloatVectorProperty(
        name="Tolerances",
        description="How far the curves of a region may lie from the captured values",
        size=len(WITH_TOLERANCE),
        default=(*(0.005 for _ in REGIONS), 0.005 * HEAD_SHARE),
        min=0.0,
        max=1.0,
        soft_max=0.05,
        step=0.1,
        precision=3,
        options={"SKIP_SAVE"},
    )
    use_range: BoolProperty(
        name="Only a Range",
        description="Bake some frames only; what is animated before and after stays",
        default=False,
        options={"SKIP_SAVE"},
    )
    range_start: IntProperty(
        name="From Frame",
        description="First frame that is baked",
        default=1,
        options={"SKIP_SAVE"},
    )
    range_end: IntProperty(
        name="To Frame",
        description="Last frame that is baked",
        default=250,
        options={"SKIP_SAVE"},
    )
    blend_in: IntProperty(
        name="Blend In",
        description="Frames over which the old animation gives way to the take",
        default=0,
        min=0,
        options={"SKIP_SAVE"},
    )
    blend_out: IntProperty(
        name="Blend Out",
        description="Frames over which the take gives way to the old animation",
        default=0,
        min=0,
        options={"SKIP_SAVE"},
    )


KEY_SETTINGS = tuple(KeySettings.__annotations__)


def key_options(settings: Any) -> dict[str, Any]:
    """The settings as arguments of `BakeOptions`."""
    tolerances = dict(zip(WITH_TOLERANCE, settings.region_tolerances, strict=True))
    return {
        "hold": settings.hold,
        "drop_still": settings.drop_still,
        "region_tolerance": tolerances if settings.use_region_tolerances else {},
        "frame_range": (settings.range_start, settings.range_end) if settings.use_range else None,
        "blend_in": settings.blend_in,
        "blend_out": settings.blend_out,
    }


def draw_key_settings(layout: UILayout, settings: Any) -> None:
    """Show them, in a panel as after the bake."""
    column = layout.column()
    column.prop(settings, "hold")
    column.prop(settings, "drop_still")
    column.prop(settings, "use_range")
    if settings.use_range:
        frames = column.column(align=True)
        frames.prop(settings, "range_start")
        frames.prop(settings, "range_end", text="To")
    blends = column.column(align=True)
    blends.prop(settings, "blend_in")
    blends.prop(settings, "blend_out", text="Out", text_ctxt=CONTEXT)
    column.prop(settings, "use_region_tolerances")
    if settings.use_region_tolerances:
        tolerances = column.column(align=True)
        for number, region in enumerate(WITH_TOLERANCE):
            tolerances.prop(settings, "region_tolerances", index=number, text=region.capitalize())
