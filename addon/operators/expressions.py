# SPDX-License-Identifier: GPL-3.0-or-later
"""The take in use is directed and varied: steps of its recipe, which the next bake follows."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty
from bpy.types import Context

from ...models.arkit import REGIONS
from ..expression_settings import (
    AMOUNT,
    COUNT,
    EMOTION,
    INTENSITY,
    KEEP,
    SEED,
    SPEECH,
    take_settings,
)
from ..face_preview import FACE_PREVIEW
from ..jobs.bake import BakeJob
from ..jobs.job import JOBS, Job
from ..jobs.sliced import Progress
from ..preferences import model_folder, refiner_folder
from ..scene_recipe import put_step, recipe_in_use, remove_step
from ..take_paths import as_absolute
from ..translations import CONTEXT
from ..translations.lookup import rpt_
from ..translations.sentences import translated
from .bake import MIEN_OT_bake, bake_settings, prepared_performance
from .reporting import Outcome, ReportingOperator
from .watching import WatchingOperator

if TYPE_CHECKING:
    from ...blender_ops.bake import BakeResult
    from ...blender_ops.steps import Steps
    from ...models.performance import Performance

NEEDS_TAKE = "Capture footage, load a take or invent one first"


class MIEN_OT_direct_take(ReportingOperator):
    """Give the take an emotion: a step of its recipe, which the next bake follows"""

    bl_idname = "mien.direct_take"
    bl_label = "Direct Take"
    bl_options = {"REGISTER", "UNDO"}

    emotion: EnumProperty(**EMOTION, options={"SKIP_SAVE"})
    intensity: FloatProperty(**INTENSITY, options={"SKIP_SAVE"})
    speech: BoolProperty(**SPEECH, options={"SKIP_SAVE"})

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take."""
        return "" if context.scene.mien.take else NEEDS_TAKE

    def run(self, context: Context) -> Outcome:
        """Put the step into the scene's recipe."""
        take_settings(self, context, same("emotion", "intensity", "speech"))
        values = {
            "emotion": self.emotion,
            "intensity": self.intensity,
            "speech": self.speech,
        }
        put_step(context.scene.mien, "direct", values)
        words = rpt_("The next bake shows {share:.0%} {emotion}")
        emotion = rpt_(self.emotion.capitalize())
        self.report({"INFO"}, words.format(share=self.intensity, emotion=emotion))
        return {"FINISHED"}


class MIEN_OT_vary_take(ReportingOperator):
    """Give the take otherwise: a step of its recipe, which the next bake follows"""

    bl_idname = "mien.vary_take"
    bl_label = "Vary Take"
    bl_options = {"REGISTER", "UNDO"}

    amount: FloatProperty(**AMOUNT, options={"SKIP_SAVE"})
    seed: IntProperty(**SEED, options={"SKIP_SAVE"})
    keep: EnumProperty(**{**KEEP, "options": {"ENUM_FLAG", "SKIP_SAVE"}})

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take."""
        return "" if context.scene.mien.take else NEEDS_TAKE

    def run(self, context: Context) -> Outcome:
        """Put the step into the scene's recipe."""
        take_settings(self, context, same("amount", "seed", "keep"))
        put_step(context.scene.mien, "vary", variation(self.amount, self.seed, self.keep))
        words = rpt_("The next bake shows variation {seed}")
        self.report({"INFO"}, words.format(seed=self.seed))
        return {"FINISHED"}


class MIEN_OT_remove_step(ReportingOperator):
    """Take this step out of the take's recipe"""

    bl_idname = "mien.remove_step"
    bl_label = "Remove Step"
    bl_options = {"REGISTER", "UNDO"}

    step: StringProperty(
        name="Step",
        translation_context=CONTEXT,
        description="Name of the step, such as direct",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take."""
        return "" if context.scene.mien.take else NEEDS_TAKE

    def run(self, context: Context) -> Outcome:
        """Take it out, if it is there."""
        if not remove_step(context.scene.mien, self.step):
            words = rpt_("The recipe has no step “{step}”")
            self.report({"INFO"}, words.format(step=self.step))
            return {"CANCELLED"}
        return {"FINISHED"}


class MIEN_OT_bake_variations(WatchingOperator):
    """Bake variations of the take, each as an Action of its own; the last one plays"""

    bl_idname = "mien.bake_variations"
    bl_label = "Bake Variations"
    bl_options = {"REGISTER", "UNDO"}

    count: IntProperty(**COUNT, options={"SKIP_SAVE"})
    amount: FloatProperty(**AMOUNT, options={"SKIP_SAVE"})
    seed: IntProperty(**SEED, options={"SKIP_SAVE"})
    keep: EnumProperty(**{**KEEP, "options": {"ENUM_FLAG", "SKIP_SAVE"}})

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """As for a bake."""
        return MIEN_OT_bake.disabled_reason(context)

    def start(self, context: Context) -> BakeJob:
        """Evaluate the recipe without its own variation, vary the result, bake each."""
        from ...blender_ops.bake import bake_in_steps
        from ...blender_ops.character import find_character
        from ...blender_ops.mapping import match
        from ...models.errors import MienError
        from ...models.recipe import Recipe
        from ...models.vae.frames import all_but
        from ...models.vae.runtime import ExpressionModel
        from ...models.vae.vary import variations

        take_settings(self, context, same("count", "amount", "seed", "keep"))
        scene = context.scene
        FACE_PREVIEW.stop(scene)
        if context.object is None:
            raise MienError("Select the character to bake on.")
        character = find_character(context.object)
        mapping = match(character)
        take = as_absolute(scene.mien.take)
        others = tuple(s for s in recipe_in_use(scene.mien).steps if s.name != "vary")
        options = bake_settings(scene.mien, "")
        count, amount, seed, regions = self.count, self.amount, self.seed, all_but(self.keep)
        folder, refiner = model_folder(), refiner_folder()

        def prepare(tell: Progress) -> list[Performance]:
            """In a thread, networks and all."""
            model = ExpressionModel(Path(folder)) if folder else None
            performance = prepared_performance(
                take, Recipe(others), tell, refiner=refiner, model=folder
            )
            return list(variations(performance, count, amount, seed, regions, model))

        def steps(made: list[Performance]) -> Steps[BakeResult]:
            from ...blender_ops.steps import part_of

            for number, each in enumerate(made):
                named = dataclasses.replace(options, action_name=f"{take.stem} {seed + number}")
                baking = bake_in_steps(each, character, mapping, named, scene)
                result = yield from part_of(baking, number / count, (number + 1) / count)
            return result

        return JOBS.start(lambda: BakeJob(prepare, steps))

    def finish(self, context: Context, job: Job) -> str:
        """Show in the panel what the last bake did."""
        assert isinstance(job, BakeJob) and job.result is not None
        words = rpt_("{count} variations are baked; the last one plays. {result}")
        told = words.format(count=self.count, result=translated(job.result.words()))
        context.scene.mien.bake_report = told
        return told


def same(*names: str) -> dict[str, str]:
    """Settings that the panel calls as the operator does."""
    return {name: name for name in names}


def variation(amount: float, seed: int, keep: Collection[str]) -> dict[str, Any]:
    """The settings of the step “vary” where some regions are kept."""
    regions = {region: 1.0 for region in REGIONS if region not in keep} if keep else None
    return {"amount": amount, "seed": seed, "regions": regions}


CLASSES = (
    MIEN_OT_direct_take,
    MIEN_OT_vary_take,
    MIEN_OT_remove_step,
    MIEN_OT_bake_variations,
)
