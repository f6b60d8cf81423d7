# SPDX-License-Identifier: GPL-3.0-or-later
"""Below "Take": which part of it is used, and where on the timeline it begins."""

from __future__ import annotations

from bpy.types import Context, UILayout

from ..operators.take_folder import MIEN_OT_align_by_timecode
from ..operators.trim import (
    MIEN_OT_clear_trim,
    MIEN_OT_trim_at_frame,
    MIEN_OT_trim_to_preview_range,
    frames_in_use,
    part_in_use,
)
from .sidebar import SidebarPanel, draw_figure


class MIEN_PT_trim(SidebarPanel):
    """The used part of the take."""

    bl_label = "Trim and Place"
    bl_parent_id = "MIEN_PT_take"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where there is a take."""
        return bool(context.scene.mien.take)

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """The used part in seconds and frames, buttons that set it, and where it begins."""
        settings = context.scene.mien
        (first, last), (start, end) = part_in_use(settings), frames_in_use(settings)
        box = layout.box().column(align=True)
        draw_figure(box, "Used", f"{first:.2f} – {last:.2f} s")
        draw_figure(box, "Frames", f"{start} – {end}")
        column = layout.column(align=True)
        row = column.row(align=True)
        trim = MIEN_OT_trim_at_frame.bl_idname
        row.operator(trim, text="Start Here", icon="TRIA_LEFT_BAR").edge = "START"
        row.operator(trim, text="End Here", icon="TRIA_RIGHT_BAR").edge = "END"
        column.operator(MIEN_OT_trim_to_preview_range.bl_idname, icon="PREVIEW_RANGE")
        column.operator(MIEN_OT_clear_trim.bl_idname, icon="LOOP_BACK")
        layout.operator(MIEN_OT_align_by_timecode.bl_idname, icon="TIME")


CLASSES: tuple[type, ...] = (MIEN_PT_trim,)
