# SPDX-License-Identifier: GPL-3.0-or-later
"""The footage in the scene, below "Take"."""

from __future__ import annotations

from bpy.types import Context, UILayout

from ..jobs.footage import FootageJob
from ..operators.footage import MIEN_OT_hide_footage, MIEN_OT_show_footage
from .sidebar import SidebarPanel, draw_main_button


class MIEN_PT_footage(SidebarPanel):
    """The footage behind the camera's view."""

    bl_label = "Footage in View"
    bl_parent_id = "MIEN_PT_take"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where there is footage."""
        return bool(context.scene.mien.footage)

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Show it, with landmarks or without; hide it."""
        draw_main_button(layout, MIEN_OT_show_footage.bl_idname, "IMAGE_BACKGROUND", FootageJob)
        column = layout.column(align=True)
        button = column.operator(
            MIEN_OT_show_footage.bl_idname, text="With Landmarks", icon="OUTLINER_DATA_POINTCLOUD"
        )
        button.landmarks = True
        column.operator(MIEN_OT_hide_footage.bl_idname, icon="X")


CLASSES: tuple[type, ...] = (MIEN_PT_footage,)
