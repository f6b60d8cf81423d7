# SPDX-License-Identifier: GPL-3.0-or-later
"""The live sliders' buttons: back to the face as it was, and keep it as keys."""

from __future__ import annotations

from typing import Any

from bpy.types import Context

from ..active_character import summary_of
from ..expression_model import MODEL
from ..face_preview import why_held
from ..live_face import LIVE_FACE, is_moved
from ..translations.lookup import rpt_
from .reporting import Outcome, ReportingOperator


class MIEN_OT_reset_live_face(ReportingOperator):
    """Bring the face back to what it showed before the sliders moved, and them to 0"""

    bl_idname = "mien.reset_live_face"
    bl_label = "Reset"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def unregister(cls) -> None:
        """Give the model's memory back as well."""
        LIVE_FACE.forget()
        MODEL.forget()

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """With all sliders at rest, or while the preview holds the face."""
        scene: Any = context.scene
        return why_held(context) or ("" if is_moved(scene.mien.live) else "All sliders stand at 0")

    def run(self, context: Context) -> Outcome:
        """Reset both."""
        scene: Any = context.scene
        LIVE_FACE.reset(scene.mien.live)
        return {"FINISHED"}


class MIEN_OT_key_live_face(ReportingOperator):
    """Key the whole face on the current frame as it stands"""

    bl_idname = "mien.key_live_face"
    bl_label = "Key This"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a character, or while the preview holds its face."""
        return summary_of(context.object).problem or why_held(context)

    def run(self, context: Context) -> Outcome:
        """Set the keys; the sliders stay until the frame changes."""
        from ...blender_ops.character import find_character
        from ...blender_ops.keying_face import key_expression
        from ...blender_ops.mapping import match

        scene: Any = context.scene
        character = find_character(context.object)
        count = key_expression(character, match(character), None, scene.frame_current_final)
        words = rpt_("{count} keys were set on frame {frame}")
        self.report({"INFO"}, words.format(count=count, frame=scene.frame_current))
        return {"FINISHED"}


CLASSES = (MIEN_OT_reset_live_face, MIEN_OT_key_live_face)
