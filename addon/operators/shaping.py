# SPDX-License-Identifier: GPL-3.0-or-later
"""The face as it is, moved along the model's strongest directions by sliders."""

from __future__ import annotations

from typing import Any

from bpy.props import FloatVectorProperty
from bpy.types import Context

from ..active_character import summary_of
from ..expression_model import AXES, MODEL
from ..face_preview import why_held
from .reporting import Outcome, ReportingOperator


class MIEN_OT_shape_expression(ReportingOperator):
    """Move the character's face along the directions in which faces vary most"""

    bl_idname = "mien.shape_expression"
    bl_label = "Shape Expression"
    bl_options = {"REGISTER", "UNDO"}

    values: FloatVectorProperty(
        name="Values",
        description="How far along each direction; 0 leaves the face as it is",
        size=AXES,
        default=(0.0,) * AXES,
        min=-3.0,
        max=3.0,
        step=5,
        precision=2,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a character, or while the preview holds its face."""
        return summary_of(context.object).problem or why_held(context)

    def draw(self, context: Context) -> None:
        """A slider for each direction, by its name."""
        layout = self.layout
        assert layout is not None
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column()
        for number, axis in enumerate(MODEL.get()[1]):
            column.prop(self, "values", index=number, text=axis.name, slider=True)

    def run(self, context: Context) -> Outcome:
        """Read the face, move it, put it on again."""
        import numpy as np

        from ...blender_ops.character import find_character
        from ...blender_ops.mapping import match
        from ...blender_ops.posing import expression_of, put_on
        from ...models.performance import Performance
        from ...models.vae.axes import along

        model, axes = MODEL.get()
        character = find_character(context.object)
        mapping = match(character)
        face = Performance(expression_of(character, mapping)[None], np.zeros(1))
        values = {axis.name: float(self.values[n]) for n, axis in enumerate(axes)}
        put_on(character, mapping, along(face, values, axes, model).weights[0])
        return {"FINISHED"}


CLASSES: tuple[Any, ...] = (MIEN_OT_shape_expression,)
