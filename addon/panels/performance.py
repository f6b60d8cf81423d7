# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Performance": what is done to the take before it is baked."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, UILayout

from ..face_preview import FACE_PREVIEW
from ..operators.face_preview import MIEN_OT_preview_on_character
from ..operators.refine import MIEN_OT_refine
from ..operators.reporting import NEEDS_TAKE
from ..recipe_stack import refining_step
from ..translations import CONTEXT
from ..translations.lookup import iface_
from .presets import MIEN_PT_recipe_presets
from .recipe_stack import draw_recipe_stack
from .sidebar import SidebarPanel, draw_words


class MIEN_PT_performance(SidebarPanel):
    """What is done to the take."""

    bl_label = "Performance"
    manual_page = "performance"

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Refining before and after, and the preview; without a take what is missing."""
        scene: Any = context.scene
        if scene.mien.take:
            draw_refining(layout, context)
        else:
            draw_words(layout, context, NEEDS_TAKE, icon="INFO")
        if scene.mien.take or scene.mien.preview.on:
            draw_preview(layout, context)


class MIEN_PT_recipe(SidebarPanel):
    """The recipe as a stack of steps."""

    bl_label = "Recipe"
    bl_parent_id = "MIEN_PT_performance"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where there is a take."""
        scene: Any = context.scene
        return bool(scene.mien.take)

    def draw_header_preset(self, context: Context) -> None:
        """Recipes as presets."""
        assert self.layout is not None
        MIEN_PT_recipe_presets.draw_panel_header(self.layout)

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """The steps, and the selected one's settings."""
        draw_recipe_stack(layout, context)


def draw_refining(layout: UILayout, context: Context) -> None:
    """Refine, or the switch between before and after it, with its strength."""
    scene: Any = context.scene
    step = refining_step(scene.mien)
    if step is None:
        layout.operator(MIEN_OT_refine.bl_idname, icon="MOD_SMOOTH").refined = True
        return
    column = layout.column(align=True)
    row = column.row(align=True)
    refine = MIEN_OT_refine.bl_idname
    before = row.operator(refine, text="Before", text_ctxt=CONTEXT, depress=not step.active)
    after = row.operator(refine, text="After", text_ctxt=CONTEXT, depress=step.active)
    before.refined, after.refined = False, True
    strength = column.row(align=True)
    strength.active = step.active
    strength.prop(step.refine, "strength", text="Refine", text_ctxt=CONTEXT, slider=True)


def draw_preview(layout: UILayout, context: Context) -> None:
    """The switch of the preview, how far its evaluation is, and what is wrong with it."""
    scene: Any = context.scene
    on = scene.mien.preview.on
    job = FACE_PREVIEW.job if on else None
    row = layout.row(align=True)
    row.scale_y = 1.4
    icon: Any = "HIDE_OFF" if on else "HIDE_ON"
    switch = MIEN_OT_preview_on_character.bl_idname
    if job is None:
        row.operator(switch, icon=icon, depress=on).on = not on
    else:
        # In one row, so that nothing below it moves each time the recipe changes.
        row.operator(switch, text="", icon=icon, depress=on).on = not on
        row.progress(text=f"{job.fraction:.0%}   {iface_(job.text, CONTEXT)}", factor=job.fraction)
    if on and FACE_PREVIEW.problem:
        draw_words(layout, context, FACE_PREVIEW.problem, icon="ERROR")


CLASSES = (MIEN_PT_performance, MIEN_PT_recipe)
