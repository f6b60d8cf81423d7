# SPDX-License-Identifier: GPL-3.0-or-later
"""What every panel of the sidebar tab shares: its place, and how buttons and words look."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, Panel, UILayout

from ..jobs.job import JOBS, Job
from ..manual import draw_manual_button
from ..operators.take import MIEN_OT_stop_job
from ..translations import CONTEXT
from ..translations.sentences import translated
from .lines import lines_of

PIXELS_A_LETTER = 6.2
PIXELS_OF_MARGIN = 50
NAMES = 0.4


class SidebarPanel(Panel):
    """Base of each panel of the tab, which defines `draw_in`.

    manual_page: what the question mark in its header opens; "" for none.
    """

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Mien"
    bl_translation_context = CONTEXT
    manual_page = ""

    def draw_header_preset(self, context: Context) -> None:
        """The question mark."""
        assert self.layout is not None
        if self.manual_page:
            draw_manual_button(self.layout, self.manual_page)

    def draw(self, context: Context) -> None:
        """Blender's question what the panel shows."""
        assert self.layout is not None
        self.draw_in(self.layout, context)

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Draw into the panel's layout."""
        raise NotImplementedError


def draw_main_button(layout: UILayout, operator: str, icon: Any, kind: type[Job]) -> None:
    """The panel's main button; below it the progress of what it started, and Stop."""
    column = layout.column()
    # The button stays, grey, while its job runs: where the button under a resting mouse
    # disappears, Blender draws the next one as if it were pressed.
    row = column.row()
    row.scale_y = 1.4
    row.operator(operator, icon=icon)
    draw_progress(column, kind)


def draw_progress(layout: UILayout, kind: type[Job]) -> None:
    """The progress of a job of that kind, if one runs, and Stop."""
    job = JOBS.running
    if type(job) is kind:
        row = layout.row(align=True)
        row.progress(text=f"{job.fraction:.0%}   {translated(job.text)}", factor=job.fraction)
        row.operator(MIEN_OT_stop_job.bl_idname, text="", icon="CANCEL")


def draw_figure(layout: UILayout, name: str, value: str, names: float = NAMES) -> None:
    """A name and its value, side by side as Blender's own properties are.

    names: the share of the width that names get.
    """
    split = layout.split(factor=names)
    name_side = split.row()
    name_side.alignment = "RIGHT"
    name_side.label(text=name, text_ctxt=CONTEXT)
    split.label(text=value, translate=False)


def draw_words(layout: UILayout, context: Context, text: str, icon: Any = "NONE") -> None:
    """Text broken into lines that fit the sidebar."""
    scale = context.preferences.system.ui_scale
    letters = int((context.region.width / scale - PIXELS_OF_MARGIN) / PIXELS_A_LETTER)
    following: Any = "NONE" if icon == "NONE" else "BLANK1"
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(lines_of(translated(text), max(letters, 12))):
        column.label(text=line, translate=False, icon=icon if number == 0 else following)
