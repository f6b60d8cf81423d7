# SPDX-License-Identifier: GPL-3.0-or-later
"""Which part of the take is used, said on the timeline. What stays keeps its frames."""

from __future__ import annotations

from typing import Any

from bpy.props import EnumProperty, FloatProperty
from bpy.types import Context

from ...models.errors import RecipeError
from ..scene_recipe import has_step, recipe_in_use
from ..take_memory import frame_of, kept_in_place, seconds_at, steps_in_use
from ..translations import CONTEXT
from ..translations.lookup import rpt_, tip_
from .reporting import NEEDS_TAKE, Outcome, ReportingOperator

# Seconds: how near to the take's end an end must lie to mean the end.
_AT_THE_END = 1e-3


class TrimOperator(ReportingOperator):
    """Base of each operator that trims."""

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take."""
        return "" if context.scene.mien.take else NEEDS_TAKE


class MIEN_OT_trim_take(TrimOperator):
    """Use only a part of the take, from one of its seconds to another"""

    bl_idname = "mien.trim_take"
    bl_label = "Trim Take"
    bl_options = {"REGISTER", "UNDO"}

    start: FloatProperty(
        name="Start",
        description="The second of the take at which the used part begins",
        subtype="TIME_ABSOLUTE",
        unit="TIME_ABSOLUTE",
        min=0.0,
        options={"SKIP_SAVE"},
    )
    end: FloatProperty(
        name="End",
        description="The second of the take at which the used part ends; 0 is the take's end",
        subtype="TIME_ABSOLUTE",
        unit="TIME_ABSOLUTE",
        min=0.0,
        options={"SKIP_SAVE"},
    )

    def run(self, context: Context) -> Outcome:
        """Trim to these seconds."""
        settings = context.scene.mien
        trim(settings, self.start, self.end or settings.take_duration)
        return {"FINISHED"}


class MIEN_OT_trim_at_frame(TrimOperator):
    """Let the used part of the take begin or end at the current frame"""

    bl_idname = "mien.trim_at_frame"
    bl_label = "Trim at This Frame"
    bl_options = {"REGISTER", "UNDO"}

    edge: EnumProperty(
        name="Edge",
        translation_context=CONTEXT,
        description="Which end of the used part",
        items=(
            ("START", "Start", "Leave out what is before the current frame"),
            ("END", "End", "Leave out what is after the current frame"),
        ),
        default="START",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def description(cls, context: Context, properties: Any) -> str:
        """What the chosen edge means."""
        return tip_(
            "Leave out what is before the current frame"
            if properties.edge == "START"
            else "Leave out what is after the current frame"
        )

    def run(self, context: Context) -> Outcome:
        """Move that end there; the other one stays."""
        scene: Any = context.scene
        settings = scene.mien
        first, last = part_in_use(settings)
        here = seconds_at(settings, scene.frame_current)
        if self.edge == "START":
            first = here
        else:
            last = here
        trim(settings, first, last)
        words = rpt_("{first:.2f}–{last:.2f} s of the take are used")
        first, last = part_in_use(settings)
        self.report({"INFO"}, words.format(first=first, last=last))
        return {"FINISHED"}


class MIEN_OT_trim_to_preview_range(TrimOperator):
    """Use the part of the take that lies in the timeline's preview range"""

    bl_idname = "mien.trim_to_preview_range"
    bl_label = "Trim to Preview Range"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take or a preview range."""
        without = "" if context.scene.use_preview_range else "Set a preview range first (P)"
        return super().disabled_reason(context) or without

    def run(self, context: Context) -> Outcome:
        """Trim to it."""
        scene: Any = context.scene
        settings = scene.mien
        first = seconds_at(settings, scene.frame_preview_start)
        trim(settings, first, seconds_at(settings, scene.frame_preview_end))
        return {"FINISHED"}


class MIEN_OT_clear_trim(TrimOperator):
    """Use the whole take again"""

    bl_idname = "mien.clear_trim"
    bl_label = "Use Whole Take"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Where nothing is trimmed."""
        whole = "" if has_step(context.scene.mien, "trim") else "The whole take is used"
        return super().disabled_reason(context) or whole

    def run(self, context: Context) -> Outcome:
        """Take the trim out of the recipe."""
        settings = context.scene.mien
        trim(settings, 0.0, settings.take_duration)
        return {"FINISHED"}


def part_in_use(settings: Any) -> tuple[float, float]:
    """The seconds (from, to) of the take that are used. Quick enough for drawing."""
    from ...models.recipe_timing import used_part

    return used_part(steps_in_use(settings), settings.take_duration)


def frames_in_use(settings: Any) -> tuple[int, int]:
    """The scene frames (first, last) that the used part lies on. Quick enough for drawing."""
    first, last = part_in_use(settings)
    return round(frame_of(settings, first)), int(frame_of(settings, last) + 0.01)


def trim(settings: Any, first: float, last: float) -> None:
    """Use the seconds `first` to `last` of the take; what they show stays on its frames.

    The recipe gets one trim, after its neutral, which is found in all of the take, and before
    all that costs time. Raises RecipeError if nothing lies between the two.
    """
    from ...models.recipe import Recipe, Step
    from ...models.recipe_of_a_shot import place_of_trim
    from ...models.recipe_timing import timing_of

    duration = settings.take_duration
    first, last = max(first, 0.0), min(last, duration)
    if not first < last:
        raise RecipeError(
            f"Nothing of the take would be left between {first:.2f} s and {last:.2f} s; "
            f"it is {duration:.2f} s long. Choose other frames."
        )
    steps = [step for step in recipe_in_use(settings).steps if step.name != "trim"]
    place = place_of_trim(steps)
    there = timing_of(steps[:place])
    values = {"start": round(there.after(first), 6)} if first > 0 else {}
    if last < duration - _AT_THE_END:
        values["end"] = round(there.after(last), 6)
    if values:
        steps.insert(place, Step("trim", values))
    with kept_in_place(settings):
        settings.recipe = Recipe(tuple(steps)).to_json()


CLASSES = (
    MIEN_OT_trim_take,
    MIEN_OT_trim_at_frame,
    MIEN_OT_trim_to_preview_range,
    MIEN_OT_clear_trim,
)
