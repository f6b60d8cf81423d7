# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Take": footage becomes a take."""

from __future__ import annotations

from bpy.types import Context, UILayout

from ..jobs.capture import CaptureJob
from ..operators.take import MIEN_OT_capture, MIEN_OT_choose_footage, MIEN_OT_load_take
from ..operators.take_export import MIEN_OT_export_take, MIEN_OT_take_from_action
from ..take_list import listed_takes
from .sidebar import SidebarPanel, draw_main_button
from .take_list import draw_take, draw_take_list


class MIEN_PT_take(SidebarPanel):
    """Footage becomes a take."""

    bl_label = "Take"
    manual_page = "take"

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Footage, Capture and its progress, the takes there are, and the one in use."""
        settings = context.scene.mien
        if settings.footage:
            layout.prop(settings, "footage", text="")
        else:
            layout.operator(MIEN_OT_choose_footage.bl_idname, icon="FILE_MOVIE")
        draw_main_button(layout, MIEN_OT_capture.bl_idname, "REC", CaptureJob)
        if len(listed_takes()):
            draw_take_list(layout, context, settings)
        if settings.take:
            draw_take(layout, context, settings)
        column = layout.column(align=True)
        column.operator(MIEN_OT_load_take.bl_idname, icon="FILEBROWSER")
        column.operator(MIEN_OT_take_from_action.bl_idname, icon="ACTION")
        if settings.take:
            column.operator(MIEN_OT_export_take.bl_idname, icon="EXPORT")


class MIEN_PT_capture_settings(SidebarPanel):
    """How footage is captured."""

    bl_label = "Capture"
    bl_parent_id = "MIEN_PT_take"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Which face, and by whose solver."""
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.mien
        layout.prop(settings, "face")
        layout.prop(settings, "solver")


CLASSES = (MIEN_PT_take, MIEN_PT_capture_settings)
