# SPDX-License-Identifier: GPL-3.0-or-later
"""In the panel "Character": face keys for a character that lacks some."""

from __future__ import annotations

from bpy.types import Context, UILayout

from ..active_character import summary_of
from ..jobs.transfer import LandmarksJob, TransferJob
from ..operators.transfer import MIEN_OT_add_face_landmarks, MIEN_OT_transfer_face_keys
from .sidebar import SidebarPanel, draw_main_button, draw_progress


class MIEN_PT_transfer(SidebarPanel):
    """Face keys from a template head."""

    bl_label = "Transfer Face Keys"
    bl_parent_id = "MIEN_PT_character"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """For a mesh or armature that lacks face keys."""
        chosen = context.object
        if chosen is None or chosen.type not in ("MESH", "ARMATURE"):
            return False
        summary = summary_of(chosen)
        return bool(summary.problem or summary.missing)

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """The button, its progress, and landmarks for a face that is not found."""
        draw_main_button(layout, MIEN_OT_transfer_face_keys.bl_idname, "SHAPEKEY_DATA", TransferJob)
        column = layout.column()
        column.operator(MIEN_OT_add_face_landmarks.bl_idname, icon="EMPTY_AXIS")
        draw_progress(column, LandmarksJob)


CLASSES = (MIEN_PT_transfer,)
