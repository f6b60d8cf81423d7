# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar tab "Mien" of the 3D view, in the order of work: Take, Character, Bake.

Drawing reads what the scene and the job already know; it never opens a file.
"""

from __future__ import annotations

import textwrap
from pathlib import PurePath
from typing import Any

from bpy.types import Context, Panel, UILayout

from ..models.arkit import CHANNELS
from .active_character import summary_of
from .jobs.bake import BakeJob
from .jobs.capture import CaptureJob
from .jobs.job import JOBS, Job
from .key_settings import draw_key_settings
from .operators.bake import IN_PANEL, MIEN_OT_bake
from .operators.character import MIEN_OT_add_demo_character, MIEN_OT_make_face_keys_editable
from .operators.curves import MIEN_OT_add_corrections, MIEN_OT_simplify_curves
from .operators.take import (
    MIEN_OT_capture,
    MIEN_OT_choose_footage,
    MIEN_OT_load_take,
    MIEN_OT_stop_job,
)
from .properties import MienSceneSettings

PIXELS_A_LETTER = 6.2
PIXELS_OF_MARGIN = 50


class SidebarPanel(Panel):
    """Base of each panel of the tab, which defines `draw_in`."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Mien"

    def draw(self, context: Context) -> None:
        """Blender's question what the panel shows."""
        assert self.layout is not None
        self.draw_in(self.layout, context)

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Draw into the panel's layout."""
        raise NotImplementedError


class MIEN_PT_take(SidebarPanel):
    """Footage becomes a take."""

    bl_label = "Take"

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Footage, Capture or its progress, and the take in use."""
        settings = context.scene.mien
        if settings.footage:
            layout.prop(settings, "footage", text="")
        else:
            layout.operator(MIEN_OT_choose_footage.bl_idname, icon="FILE_MOVIE")
        draw_main_button(layout, MIEN_OT_capture.bl_idname, "REC", CaptureJob)
        if settings.take:
            draw_take(layout, context, settings)
        layout.operator(MIEN_OT_load_take.bl_idname, icon="FILEBROWSER")


class MIEN_PT_character(SidebarPanel):
    """Who it is for."""

    bl_label = "Character"

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """The selected character and how many face keys it has."""
        summary = summary_of(context.object)
        if summary.problem:
            draw_words(layout, context, summary.problem, icon="INFO")
            layout.operator(MIEN_OT_add_demo_character.bl_idname, icon="ADD")
            return
        box = layout.box().column(align=True)
        box.label(text=summary.name, icon="USER")
        draw_figure(box, "Face keys", f"{summary.found} of {len(CHANNELS)}")
        if summary.linked:
            draw_words(layout, context, "Linked from another file", icon="LINKED")
            layout.operator(MIEN_OT_make_face_keys_editable.bl_idname)


class MIEN_PT_missing_keys(SidebarPanel):
    """Which face keys the character lacks."""

    bl_label = "Missing Face Keys"
    bl_parent_id = "MIEN_PT_character"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where some are missing."""
        summary = summary_of(context.object)
        return bool(summary.missing) and not summary.problem

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """One a line, in ARKit's spelling."""
        column = layout.column(align=True)
        column.scale_y = 0.8
        for channel in summary_of(context.object).missing:
            column.label(text=channel)


class MIEN_PT_bake(SidebarPanel):
    """The take becomes an Action."""

    bl_label = "Bake"

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """How to bake, Bake, and what the last one did."""
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.mien
        if settings.take:
            column = layout.column()
            for name in IN_PANEL:
                column.prop(settings, name)
        draw_main_button(layout, MIEN_OT_bake.bl_idname, "ACTION", BakeJob)
        if settings.bake_report:
            draw_words(layout, context, settings.bake_report)


class MIEN_PT_keys(SidebarPanel):
    """How the bake's keys are set."""

    bl_label = "Keys"
    bl_parent_id = "MIEN_PT_bake"
    bl_options = {"DEFAULT_CLOSED"}

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

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Fewer keys, and a layer for corrections."""
        layout.operator(MIEN_OT_simplify_curves.bl_idname).of = "CHARACTER"
        layout.operator(MIEN_OT_add_corrections.bl_idname)


def draw_main_button(layout: UILayout, operator: str, icon: Any, kind: type[Job]) -> None:
    """The panel's main button; below it the progress of what it started, and Stop."""
    column = layout.column()
    # The button stays, grey, while its job runs: where the button under a resting mouse
    # disappears, Blender draws the next one as if it were pressed.
    row = column.row()
    row.scale_y = 1.4
    row.operator(operator, icon=icon)
    job = JOBS.running
    if isinstance(job, kind):
        row = column.row(align=True)
        row.progress(text=f"{job.fraction:.0%}   {job.text}", factor=job.fraction)
        row.operator(MIEN_OT_stop_job.bl_idname, text="", icon="CANCEL")


def draw_take(layout: UILayout, context: Context, settings: MienSceneSettings) -> None:
    """The take's name and figures."""
    box = layout.box().column(align=True)
    box.label(text=PurePath(settings.take.removeprefix("//")).name, icon="CHECKMARK")
    draw_figure(box, "Length", f"{settings.take_duration:.2f} s")
    draw_figure(box, "Rate", f"{settings.take_rate:.5g} fps")
    draw_figure(box, "Face seen", f"{settings.take_seen:.0%}")
    if settings.take_seen < 1 and settings.take_report:
        draw_words(box, context, settings.take_report)


def draw_figure(layout: UILayout, name: str, value: str) -> None:
    """A name and its value, side by side as Blender's own properties are."""
    split = layout.split(factor=0.4)
    name_side = split.row()
    name_side.alignment = "RIGHT"
    name_side.label(text=name)
    split.label(text=value)


def draw_words(layout: UILayout, context: Context, text: str, icon: Any = "NONE") -> None:
    """Text broken into lines that fit the sidebar."""
    scale = context.preferences.system.ui_scale
    letters = int((context.region.width / scale - PIXELS_OF_MARGIN) / PIXELS_A_LETTER)
    following: Any = "NONE" if icon == "NONE" else "BLANK1"
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(textwrap.wrap(text, max(letters, 12))):
        column.label(text=line, icon=icon if number == 0 else following)


CLASSES = (
    MIEN_PT_take,
    MIEN_PT_character,
    MIEN_PT_missing_keys,
    MIEN_PT_bake,
    MIEN_PT_keys,
    MIEN_PT_baked_curves,
)
