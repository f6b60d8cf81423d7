# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to curves after a bake: fewer keys, a layer for corrections by hand."""

from __future__ import annotations

from typing import Any

from bpy.props import BoolProperty, EnumProperty, FloatProperty
from bpy.types import Context

from ..active_character import summary_of
from ..properties import TOLERANCE
from .reporting import Outcome, ReportingOperator


class MIEN_OT_simplify_curves(ReportingOperator):
    """Give curves as few keys as they need to play the same within a tolerance"""

    bl_idname = "mien.simplify_curves"
    bl_label = "Simplify Curves"
    bl_options = {"REGISTER", "UNDO"}

    of: EnumProperty(
        name="Curves",
        description="Which curves get fewer keys",
        items=(
            ("SELECTED", "Selected", "The curves that are selected in this Graph Editor"),
            ("CHARACTER", "Whole Character", "All that is baked on the selected character"),
        ),
        default="SELECTED",
        options={"SKIP_SAVE"},
    )
    tolerance: FloatProperty(
        **{
            **TOLERANCE,
            "description": (
                "How far a curve may lie from what it was, in its own units; "
                "for rotations the turn in radians"
            ),
        }
    )
    whole_frames: BoolProperty(
        name="Whole Frames",
        description="Keys on whole frames only; what was between them does not count",
        default=False,
    )

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Outside the Graph Editor without a character."""
        if getattr(context, "selected_visible_fcurves", None) is not None:
            return ""
        return summary_of(context.object).problem

    def run(self, context: Context) -> Outcome:
        """Simplify them and tell the figures."""
        from ...blender_ops.character import find_character
        from ...blender_ops.simplify import SimplifyError, simplify_character, simplify_curves

        if self.of == "CHARACTER":
            character = find_character(context.object)
            result = simplify_character(character, self.tolerance, whole_frames=self.whole_frames)
        else:
            curves: Any = getattr(context, "selected_visible_fcurves", None)
            if not curves:
                raise SimplifyError("Select curves in the Graph Editor first.")
            result = simplify_curves(curves, self.tolerance, whole_frames=self.whole_frames)
        self.report({"INFO"}, result.words())
        return {"FINISHED"}


class MIEN_OT_add_corrections(ReportingOperator):
    """Put the bake below a layer for keys by hand, which later bakes leave as they are"""

    bl_idname = "mien.add_corrections"
    bl_label = "Add Corrections Layer"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a character."""
        return summary_of(context.object).problem

    def run(self, context: Context) -> Outcome:
        """Move the bake into NLA strips with an empty Action above."""
        from ...blender_ops.character import find_character
        from ...blender_ops.corrections import add_corrections_layer

        if add_corrections_layer(find_character(context.object)) is None:
            self.report({"INFO"}, "The corrections layer is there already")
            return {"CANCELLED"}
        self.report({"INFO"}, "Keys that you set now correct the bake and stay when you bake again")
        return {"FINISHED"}


CLASSES = (MIEN_OT_simplify_curves, MIEN_OT_add_corrections)
