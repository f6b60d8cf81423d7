# SPDX-License-Identifier: GPL-3.0-or-later
"""The take becomes an Action on the character."""

from __future__ import annotations

from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty
from bpy.types import Context, Object, Operator

from ...models.errors import MienError
from ..jobs import JOBS, ONE_AT_A_TIME
from ..properties import HEAD, MARKERS, START_FRAME, SUBFRAMES, TOLERANCE, recipe_of
from ..take_paths import as_absolute
from .reporting import ReportingOperator

# The operator's own settings, which start as those of the scene.
FROM_SCENE = ("start_frame", "tolerance", "head", "subframes", "markers")


class MIEN_OT_bake(ReportingOperator, Operator):
    """Write the take as a new Action on the character's face keys. An old Action is kept"""

    bl_idname = "mien.bake"
    bl_label = "Bake"
    bl_options = {"REGISTER", "UNDO"}

    character: StringProperty(
        name="Character",
        description="Name of the object to bake on; empty = the active object",
        options={"SKIP_SAVE"},
    )
    start_frame: IntProperty(**START_FRAME, options={"SKIP_SAVE"})
    tolerance: FloatProperty(**TOLERANCE, options={"SKIP_SAVE"})
    head: EnumProperty(**HEAD, options={"SKIP_SAVE"})
    subframes: BoolProperty(**SUBFRAMES, options={"SKIP_SAVE"})
    markers: BoolProperty(**MARKERS, options={"SKIP_SAVE"})

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take, or while one is captured."""
        if JOBS.running:
            return ONE_AT_A_TIME
        if not context.scene.mien.take:
            return "Capture footage or load a take first"
        return ""

    def run(self, context: Context) -> set[str]:
        """Evaluate the recipe and bake."""
        from ...blender_ops.bake import BakeOptions, bake
        from ...blender_ops.character import find_character
        from ...blender_ops.mapping import match
        from ...models.recipe import evaluate
        from ...models.take import read_take

        settings = context.scene.mien
        for name in FROM_SCENE:
            if not self.properties.is_property_set(name):
                setattr(self, name, getattr(settings, name))
        character = find_character(self._target(context))
        take = read_take(as_absolute(settings.take))
        result = bake(
            evaluate(recipe_of(settings), take.performance),
            character,
            match(character),
            BakeOptions(
                start_frame=self.start_frame,
                subframes=self.subframes,
                tolerance=self.tolerance,
                head=self.head,
                markers=self.markers,
            ),
        )
        settings.bake_report = result.words()
        self.report({"INFO"}, result.words())
        return {"FINISHED"}

    def _target(self, context: Context) -> Object:
        if not self.character:
            if context.object is None:
                raise MienError("Select the character to bake on.")
            return context.object
        found = context.scene.objects.get(self.character)
        if found is None:
            raise MienError(f"This scene has no object “{self.character}”.")
        return found


CLASSES = (MIEN_OT_bake,)
