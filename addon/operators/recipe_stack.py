# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of the recipe are added, removed and moved, as modifiers are."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bpy.props import EnumProperty, IntProperty
from bpy.types import Context, OperatorProperties

from ..recipe_stack import KINDS
from ..scene_recipe import put_step, recipe_in_use, settings_of
from ..take_memory import kept_in_place, seconds_at
from ..translations import CONTEXT
from ..translations.lookup import rpt_, tip_
from .reporting import NEEDS_TAKE, Outcome, ReportingOperator

if TYPE_CHECKING:
    from ...models.recipe import Step

_NO_STEP = "The recipe has no such step"


class StackOperator(ReportingOperator):
    """Base of each operator that changes the stack, which defines `run`."""

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take."""
        return "" if context.scene.mien.take else NEEDS_TAKE

    def change(
        self, context: Context, change: Callable[[list[Step]], int | None], nothing: str = _NO_STEP
    ) -> Outcome:
        """Change the list of steps; `change` returns which is selected then, None if it did not.

        Raises as `recipe_in_use` does.
        """
        from ...models.recipe import Recipe

        settings = context.scene.mien
        steps = list(recipe_in_use(settings).steps)
        selected = change(steps)
        if selected is None:
            self.report({"INFO"}, nothing)
            return {"CANCELLED"}
        with kept_in_place(settings):
            settings.recipe = Recipe(tuple(steps)).to_json()
        settings.recipe_index = selected
        return {"FINISHED"}


class MIEN_OT_add_recipe_step(StackOperator):
    """Add a step to the end of the recipe"""

    bl_idname = "mien.add_recipe_step"
    bl_label = "Add Step"
    bl_options = {"REGISTER", "UNDO"}

    kind: EnumProperty(
        name="Step",
        translation_context=CONTEXT,
        description="What the step does",
        items=[
            (name, label, words, icon, number)
            for number, (name, label, words, icon) in enumerate(KINDS)
        ],
        options={"SKIP_SAVE"},
    )

    @classmethod
    def description(cls, context: Context, properties: OperatorProperties) -> str:
        """What the chosen step does."""
        chosen: Any = properties
        return tip_(next(words for name, _, words, _ in KINDS if name == chosen.kind))

    def run(self, context: Context) -> Outcome:
        """Add it with its default settings."""
        from ...models.recipe import Step

        def add(steps: list[Step]) -> int:
            steps.append(Step(self.kind))
            return len(steps) - 1

        return self.change(context, add)


class MIEN_OT_remove_recipe_step(StackOperator):
    """Remove the selected step from the recipe"""

    bl_idname = "mien.remove_recipe_step"
    bl_label = "Remove Step"
    bl_options = {"REGISTER", "UNDO"}

    index: IntProperty(
        name="Place",
        description="The step's place in the recipe, from 0; -1 is the selected one",
        default=-1,
        min=-1,
        options={"SKIP_SAVE"},
    )

    def run(self, context: Context) -> Outcome:
        """Remove it; the next one is selected."""
        place = _place(context, self.index)

        def remove(steps: list[Step]) -> int | None:
            if not 0 <= place < len(steps):
                return None
            del steps[place]
            return max(0, min(place, len(steps) - 1))

        return self.change(context, remove)


class MIEN_OT_duplicate_recipe_step(StackOperator):
    """Add the selected step once more, below it"""

    bl_idname = "mien.duplicate_recipe_step"
    bl_label = "Duplicate Step"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, context: Context) -> Outcome:
        """Put a copy of it below and select that."""
        place = _place(context, -1)

        def duplicate(steps: list[Step]) -> int | None:
            if not 0 <= place < len(steps):
                return None
            steps.insert(place + 1, dataclasses.replace(steps[place]))
            return place + 1

        return self.change(context, duplicate)


class MIEN_OT_move_recipe_step(StackOperator):
    """Do the selected step earlier or later"""

    bl_idname = "mien.move_recipe_step"
    bl_label = "Move Step"
    bl_options = {"REGISTER", "UNDO"}

    direction: EnumProperty(
        name="Direction",
        description="Where the step goes",
        items=(("UP", "Up", "Do it earlier"), ("DOWN", "Down", "Do it later")),
        options={"SKIP_SAVE"},
    )

    def run(self, context: Context) -> Outcome:
        """Change places with its neighbour."""
        place = _place(context, -1)
        other = place + (-1 if self.direction == "UP" else 1)

        def move(steps: list[Step]) -> int | None:
            if not (0 <= place < len(steps) and 0 <= other < len(steps)):
                return None
            steps[place], steps[other] = steps[other], steps[place]
            return other

        return self.change(context, move, "There is no step beyond")


class MIEN_OT_reset_recipe(StackOperator):
    """Go back to the recipe that the take came with"""

    bl_idname = "mien.reset_recipe"
    bl_label = "Take's Own Recipe"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Where it is in use already."""
        settings = context.scene.mien
        unchanged = "" if settings.recipe else "The take's own recipe is in use"
        return super().disabled_reason(context) or unchanged

    def run(self, context: Context) -> Outcome:
        """Drop the scene's recipe."""
        settings = context.scene.mien
        with kept_in_place(settings):
            settings.recipe = ""
        return {"FINISHED"}


class MIEN_OT_rest_at_frame(StackOperator):
    """Say that the face rests at the current frame: what it shows there is taken out of the take"""

    bl_idname = "mien.rest_at_frame"
    bl_label = "Rest at This Frame"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, context: Context) -> Outcome:
        """Give the recipe's neutral step the time of that frame in the take."""
        from ...models.errors import RecipeError
        from ...models.recipe_timing import timing_of

        scene: Any = context.scene
        settings = scene.mien
        seconds = seconds_at(settings, scene.frame_current)
        if not 0 <= seconds <= settings.take_duration:
            raise RecipeError(
                f"Frame {scene.frame_current} lies outside the take, which begins at frame "
                f"{settings.start_frame}; go to a frame on which the face rests."
            )
        said = settings_of(settings, "neutral")
        steps = recipe_in_use(settings).steps
        names = [step.name for step in steps]
        place = len(names) - 1 - names[::-1].index("neutral") if "neutral" in names else 0
        at = timing_of(steps[:place]).after(seconds)
        put_step(settings, "neutral", {**said, "at": round(at, 6)}, first=True)
        self.report({"INFO"}, rpt_("The face rests at {seconds:.2f} s").format(seconds=seconds))
        return {"FINISHED"}


def _place(context: Context, index: int) -> int:
    place: int = context.scene.mien.recipe_index if index < 0 else index
    return place


CLASSES = (
    MIEN_OT_add_recipe_step,
    MIEN_OT_remove_recipe_step,
    MIEN_OT_duplicate_recipe_step,
    MIEN_OT_move_recipe_step,
    MIEN_OT_reset_recipe,
    MIEN_OT_rest_at_frame,
)
