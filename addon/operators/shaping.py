# SPDX-License-Identifier: GPL-3.0-or-later
"""The face as it is, moved along the model's strongest directions by sliders."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpy.props import FloatVectorProperty
from bpy.types import Context

from ..active_character import summary_of
from ..preferences import model_folder
from .reporting import Outcome, ReportingOperator

if TYPE_CHECKING:
    from ...models.vae.axes import Axis
    from ...models.vae.runtime import ExpressionModel

AXES = 8


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
    def unregister(cls) -> None:
        """Give the model's memory back as well."""
        _model_and_axes.cache_clear()

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a character."""
        return summary_of(context.object).problem

    def draw(self, context: Context) -> None:
        """A slider for each direction, by its name."""
        layout = self.layout
        assert layout is not None
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column()
        for number, axis in enumerate(_model_and_axes(model_folder())[1]):
            column.prop(self, "values", index=number, text=axis.name, slider=True)

    def run(self, context: Context) -> Outcome:
        """Read the face, move it, put it on again."""
        import numpy as np

        from ...blender_ops.character import find_character
        from ...blender_ops.mapping import match
        from ...blender_ops.posing import expression_of, put_on
        from ...models.performance import Performance
        from ...models.vae.axes import along

        model, axes = _model_and_axes(model_folder())
        character = find_character(context.object)
        mapping = match(character)
        face = Performance(expression_of(character, mapping)[None], np.zeros(1))
        values = {axis.name: float(self.values[n]) for n, axis in enumerate(axes)}
        put_on(character, mapping, along(face, values, axes, model).weights[0])
        return {"FINISHED"}


@functools.cache
def _model_and_axes(weights: str) -> tuple[ExpressionModel, tuple[Axis, ...]]:
    """The model is kept, so that a slider answers at once."""
    from ...models.vae.axes import axes
    from ...models.vae.runtime import ExpressionModel

    model = ExpressionModel(Path(weights) if weights else None)
    return model, axes(AXES, model)


CLASSES: tuple[Any, ...] = (MIEN_OT_shape_expression,)
