# SPDX-License-Identifier: GPL-3.0-or-later
"""A character to bake on: the demo, or one's own made editable."""

from __future__ import annotations

from bpy.types import Context, Operator

from .reporting import ReportingOperator


class MIEN_OT_add_demo_character(ReportingOperator, Operator):
    """Add Mien's demo character: a head with all 52 face keys"""

    bl_idname = "mien.add_demo_character"
    bl_label = "Add Demo Character"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Outside Object Mode."""
        return "" if context.mode == "OBJECT" else "Go to Object Mode first"

    def run(self, context: Context) -> set[str]:
        """Build it and make it the active object."""
        from ...blender_ops.demo import build_demo_character

        character = build_demo_character()
        for other in context.selected_objects:
            other.select_set(False)
        character.face.select_set(True)
        context.view_layer.objects.active = character.face
        return {"FINISHED"}


class MIEN_OT_make_face_keys_editable(ReportingOperator, Operator):
    """Override the linked character's mesh and face keys, so that animation on them is saved"""

    bl_idname = "mien.make_face_keys_editable"
    bl_label = "Make Face Keys Editable"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without an object."""
        return "" if context.object else "Select a character first"

    def run(self, context: Context) -> set[str]:
        """Make library overrides of what is still linked."""
        from ...blender_ops.character import find_character, make_face_keys_editable

        make_face_keys_editable(find_character(context.object))
        return {"FINISHED"}


CLASSES = (MIEN_OT_add_demo_character, MIEN_OT_make_face_keys_editable)
