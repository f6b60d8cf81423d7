# SPDX-License-Identifier: GPL-3.0-or-later
"""The footage in the scene, below "Take"."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, UILayout

from ...blender_ops.footage_view import is_shown
from ..jobs.footage import FootageJob
from ..landmark_overlay import problem_of
from ..operators.footage import MIEN_OT_hide_footage, MIEN_OT_show_footage
from .sidebar import SidebarPanel, draw_main_button, draw_words


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
        """Show it, draw landmarks over it, hide it."""
        scene: Any = context.scene
        settings = scene.mien
        draw_main_button(layout, MIEN_OT_show_footage.bl_idname, "IMAGE_BACKGROUND", FootageJob)
        if not is_shown(scene):
            return
        layout.prop(settings, "show_landmarks")
        problem = problem_of(settings)
        if problem:
            draw_words(layout, context, problem, icon="INFO")
        layout.operator(MIEN_OT_hide_footage.bl_idname, icon="X")


CLASSES: tuple[type, ...] = (MIEN_PT_footage,)
