# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Expression": the take given otherwise, and takes that nobody gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpy.types import Context, UILayout

from ..jobs.bake import BakeJob
from ..jobs.making import MakeTakeJob
from ..operators.expressions import (
    MIEN_OT_bake_variations,
    MIEN_OT_direct_take,
    MIEN_OT_remove_step,
    MIEN_OT_vary_take,
)
from ..operators.inventing import (
    MIEN_OT_between,
    MIEN_OT_find_moments,
    MIEN_OT_idle,
    MIEN_OT_sample_expressions,
    MIEN_OT_sample_motion,
)
from ..scene_recipe import has_step
from .sidebar import SidebarPanel, draw_main_button


class MIEN_PT_expression(SidebarPanel):
    """How the take is given."""

    bl_label = "Expression"
    manual_page = "expressions"
    bl_parent_id = "MIEN_PT_performance"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Which emotion, how strongly, and Direct; without a take only what is below."""
        if not context.scene.mien.take:
            return
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.mien.expression
        column = layout.column()
        for name in ("emotion", "intensity", "speech"):
            column.prop(settings, name)
        draw_step_button(layout, MIEN_OT_direct_take.bl_idname, "direct", context)
        layout.operator(MIEN_OT_find_moments.bl_idname, icon="VIEWZOOM")


class MIEN_PT_vary(SidebarPanel):
    """The take given otherwise."""

    bl_label = "Variations"
    bl_parent_id = "MIEN_PT_expression"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where there is a take."""
        return bool(context.scene.mien.take)

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """How far, what stays, one variation or several."""
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.mien.expression
        column = layout.column()
        for name in ("amount", "seed"):
            column.prop(settings, name)
        column.column().prop(settings, "keep")
        draw_step_button(layout, MIEN_OT_vary_take.bl_idname, "vary", context)
        column = layout.column()
        column.prop(settings, "count")
        draw_main_button(column, MIEN_OT_bake_variations.bl_idname, "ACTION", BakeJob)


class MIEN_PT_invent(SidebarPanel):
    """Takes out of nothing."""

    bl_label = "Invent"
    bl_parent_id = "MIEN_PT_expression"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """What kind, what it needs to know, and its button."""
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.mien.expression
        column = layout.column()
        operator, names = _KINDS[settings.kind]
        for name in ("kind", *names):
            column.prop(settings, name)
        draw_main_button(layout, operator.bl_idname, "ADD", MakeTakeJob)


def draw_step_button(layout: UILayout, operator: str, step: str, context: Context) -> None:
    """The button that gives the recipe a step, and where it has one, what takes it out."""
    row = layout.row(align=True)
    row.scale_y = 1.4
    row.operator(operator, icon="CHECKMARK" if has_step(context.scene.mien, step) else "NONE")
    if has_step(context.scene.mien, step):
        row.operator(MIEN_OT_remove_step.bl_idname, text="", icon="X").step = step


# For each kind its operator, and what the panel shows for it.
_KINDS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "EXPRESSIONS": (MIEN_OT_sample_expressions, ("any_emotion", "count", "temperature", "seed")),
    "MOTION": (MIEN_OT_sample_motion, ("any_emotion", "seconds", "temperature", "seed")),
    "IDLE": (MIEN_OT_idle, ("mood", "mood_intensity", "idle_seconds", "loop", "seed")),
    "BETWEEN": (MIEN_OT_between, ("start_emotion", "end_emotion", "way_seconds")),
}

CLASSES = (MIEN_PT_expression, MIEN_PT_vary, MIEN_PT_invent)
