# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Mapping": what of the character moves with which channel, and how sure that is."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, UILayout, UIList

from ..active_character import RowSummary, summary_of
from ..channel_list import chosen_channel, draw_solving
from ..operators.mapping import (
    MIEN_OT_correct_mapping,
    MIEN_OT_leave_channel_out,
    MIEN_OT_open_conventions,
    MIEN_OT_reset_mapping,
    MIEN_OT_save_mapping,
    MIEN_OT_solve_mapping,
    MIEN_OT_uncorrect_mapping,
)
from ..row_correction import draw_correction
from .sidebar import SidebarPanel, draw_words

ROWS_SHOWN = 8


class MIEN_UL_mapping(UIList):
    """A channel a row, with what moves with it."""

    def draw_item(
        self,
        context: Context,
        layout: UILayout,
        data: Any,
        item: Any,
        icon: int,
        active_data: Any,
        active_property: str,
    ) -> None:
        """The channel, what moves, and how sure that is."""
        row = summary_of(context.object).rows.get(item.name, RowSummary())
        if row.short == item.name:
            # Once is enough: twice, neither would be readable.
            layout.label(text=item.name, translate=False, icon=icon_of(row))
            return
        split = layout.split(factor=0.55)
        split.label(text=item.name, translate=False, icon=icon_of(row))
        split.label(text=row.short or "–", translate=False)


class MIEN_PT_mapping(SidebarPanel):
    """What moves with which channel."""

    bl_label = "Mapping"
    bl_parent_id = "MIEN_PT_character"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where there is a character."""
        return bool(summary_of(context.object).name)

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """The convention, the rows, the selected one, and what can be done."""
        summary = summary_of(context.object)
        draw_words(layout, context, summary.conventions or "No known naming convention")
        channels = context.window_manager.mien_mapping
        layout.template_list(
            MIEN_UL_mapping.__name__,
            "",
            channels,
            "channels",
            channels,
            "index",
            rows=ROWS_SHOWN,
        )
        draw_row(layout, context, summary.rows.get(chosen_channel(context), RowSummary()))
        column = layout.column(align=True)
        column.operator(MIEN_OT_save_mapping.bl_idname, icon="FILE_TICK")
        column.operator(MIEN_OT_reset_mapping.bl_idname, icon="LOOP_BACK")
        column.operator(MIEN_OT_open_conventions.bl_idname, icon="FILE_FOLDER")
        for text in summary.remarks:
            draw_words(layout, context, text, icon="INFO")


class MIEN_PT_row_correction(SidebarPanel):
    """The selected row put right by hand."""

    bl_label = "Correct Row"
    bl_parent_id = "MIEN_PT_mapping"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """What is to move with the channel, and the button that keeps it."""
        layout.label(text=chosen_channel(context), translate=False)
        draw_correction(layout, context, context.window_manager.mien_mapping.correction)
        layout.operator(MIEN_OT_correct_mapping.bl_idname, icon="CHECKMARK")


class MIEN_PT_solved_mapping(SidebarPanel):
    """Rows by the shapes of another head."""

    bl_label = "Solve from Another Head"
    bl_parent_id = "MIEN_PT_mapping"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """By which head, and the button that solves."""
        draw_solving(layout, context, context.window_manager.mien_mapping)
        layout.operator(MIEN_OT_solve_mapping.bl_idname, icon="SNAP_VERTEX")


def draw_row(layout: UILayout, context: Context, row: RowSummary) -> None:
    """All that is known of the selected row, and what can be done with it."""
    box = layout.box()
    words = row.text or "Nothing moves with this channel"
    draw_words(box, context, f"{words} ({row.origin})" if row.origin else words)
    for note in row.notes:
        draw_words(box, context, note, icon="ERROR")
    buttons = box.row(align=True)
    buttons.operator(MIEN_OT_leave_channel_out.bl_idname, text="Leave Out")
    buttons.operator(MIEN_OT_uncorrect_mapping.bl_idname, text="By Name")


def icon_of(row: RowSummary) -> Any:
    """How sure a row is, as Blender's icons have it."""
    if not row.text:
        return "BLANK1"
    if row.certainty >= 0.85:
        return "INFO" if row.notes else "CHECKMARK"
    return "QUESTION" if row.certainty > 0 else "ERROR"


CLASSES = (MIEN_UL_mapping, MIEN_PT_mapping, MIEN_PT_row_correction, MIEN_PT_solved_mapping)
