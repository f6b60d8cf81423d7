# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Bake": the take becomes an Action."""

from __future__ import annotations

from pathlib import PurePath

from bpy.types import Context, UILayout

from ..active_character import summary_of
from ..jobs.bake import BakeJob
from ..jobs.job import JOBS
from ..key_settings import draw_key_settings
from ..operators.bake import IN_PANEL, MIEN_OT_bake
from ..operators.curves import MIEN_OT_add_corrections, MIEN_OT_simplify_curves
from ..operators.trim import frames_in_use
from .presets import MIEN_PT_bake_presets
from .sidebar import SidebarPanel, draw_figure, draw_main_button, draw_words


class MIEN_PT_bake(SidebarPanel):
    """The take becomes an Action."""

    bl_label = "Bake"
    manual_page = "bake"

    def draw_header_preset(self, context: Context) -> None:
        """How keys are set, as presets."""
        assert self.layout is not None
        MIEN_PT_bake_presets.draw_panel_header(self.layout)
        super().draw_header_preset(context)

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """What is baked on whom, how, Bake, and what the last one did."""
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.mien
        if settings.take:
            draw_plan(layout, context)
            column = layout.column()
            for name in IN_PANEL:
                column.prop(settings, name)
        button = layout.column()
        # The line above says whom to select. What runs can be stopped whoever is selected.
        button.enabled = bool(JOBS.running) or not summary_of(context.object).problem
        draw_main_button(button, MIEN_OT_bake.bl_idname, "ACTION", BakeJob)
        if settings.bake_report:
            draw_words(layout, context, settings.bake_report)


def draw_plan(layout: UILayout, context: Context) -> None:
    """Which take comes on whom, and on which frames."""
    settings = context.scene.mien
    summary = summary_of(context.object)
    if summary.problem:
        draw_words(layout, context, "Select a character to bake on", icon="INFO")
        return
    box = layout.box().column(align=True)
    first, last = frames_in_use(settings)
    draw_figure(box, "Take", PurePath(settings.take.removeprefix("//")).name)
    draw_figure(box, "Onto", summary.name)
    draw_figure(box, "Frames", f"{first} – {last}")


class MIEN_PT_keys(SidebarPanel):
    """How the bake's keys are set."""

    bl_label = "Keys"
    bl_parent_id = "MIEN_PT_bake"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where there is a take."""
        return bool(context.scene.mien.take)

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Held poses, a range, tolerances by region."""
        layout.use_property_split = True
        layout.use_property_decorate = False
        draw_key_settings(layout, context.scene.mien)


class MIEN_PT_baked_curves(SidebarPanel):
    """What can be done to curves that are there."""

    bl_label = "Baked Curves"
    bl_parent_id = "MIEN_PT_bake"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only for a character."""
        return not summary_of(context.object).problem

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Fewer keys, and a layer for corrections."""
        layout.operator(MIEN_OT_simplify_curves.bl_idname).of = "CHARACTER"
        layout.operator(MIEN_OT_add_corrections.bl_idname)


CLASSES = (MIEN_PT_bake, MIEN_PT_keys, MIEN_PT_baked_curves)
