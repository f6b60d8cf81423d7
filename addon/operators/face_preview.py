# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe is shown on the character, following the timeline, before it is baked."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty
from bpy.types import Context

from ..active_character import summary_of
from ..face_preview import FACE_PREVIEW
from ..live_face import LIVE_FACE
from .reporting import NEEDS_TAKE, Outcome, ReportingOperator


class MIEN_OT_preview_on_character(ReportingOperator):
    """Show the recipe on the character without keys, and leave its animation as it is"""

    bl_idname = "mien.preview_on_character"
    bl_label = "Preview on Character"
    bl_options = {"REGISTER", "UNDO"}

    on: BoolProperty(
        name="Show",
        description="Show the preview, otherwise the face as it was before",
        default=True,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take or a character; never while it is on."""
        scene: Any = context.scene
        if scene.mien.preview.on:
            return ""
        if not scene.mien.take:
            return NEEDS_TAKE
        summary = summary_of(context.object)
        linked = "The character is linked: make its face keys editable first"
        return summary.problem or (linked if summary.linked else "")

    def run(self, context: Context) -> Outcome:
        """Switch it on or off. Where there is no window, wait until the face is shown."""
        scene: Any = context.scene
        if not self.on:
            FACE_PREVIEW.stop(scene)
            return {"FINISHED"}
        assert context.object is not None, "checked by `disabled_reason`"
        LIVE_FACE.let_go(scene.mien.live)
        FACE_PREVIEW.start(scene, context.object)
        if bpy.app.background:
            FACE_PREVIEW.wait()
        return {"FINISHED"}


CLASSES = (MIEN_OT_preview_on_character,)
