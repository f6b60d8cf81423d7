# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes out of nothing: expressions, motions, idle life, the way from one face to another."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty
from bpy.types import Context

from ..expression_settings import (
    ANY_EMOTION,
    COUNT,
    EMOTION,
    FROM,
    IDLE_SECONDS,
    LOOP,
    MOOD,
    MOOD_INTENSITY,
    SECONDS,
    SEED,
    TEMPERATURE,
    TO,
    WAY_SECONDS,
    take_settings,
)
from ..jobs.job import JOBS, Job
from ..jobs.making import MakeTakeJob
from ..preferences import model_folder
from ..take_in_use import use_take
from ..take_paths import as_absolute, as_stored, takes_folder
from ..translations.lookup import rpt_
from .expressions import NEEDS_TAKE, same
from .reporting import Outcome, ReportingOperator
from .watching import WatchingOperator

if TYPE_CHECKING:
    from ...models.performance import Performance

# What a take is called, the settings it is made with, and what makes it.
Making: TypeAlias = tuple[str, dict[str, Any], Callable[[], "Performance"]]


class InventingOperator(WatchingOperator):
    """Base of each operator that makes a take, which defines `making`.

    made_by: the command that makes the same. from_scene: for each of its settings what the
    panel calls it.
    """

    made_by = ""
    from_scene: Mapping[str, str] = {}

    def making(self, context: Context) -> Making:
        """What the take is called, the settings it is made with, and what makes it."""
        raise NotImplementedError

    def start(self, context: Context) -> MakeTakeJob:
        """Make the take in a thread."""
        take_settings(self, context, self.from_scene)
        name, settings, make = self.making(context)
        self._scene_uid = context.scene.session_uid
        folder, made_by, weights = takes_folder(), self.made_by, model_folder()
        return JOBS.start(lambda: MakeTakeJob(make, folder, name, made_by, settings, weights))

    def finish(self, context: Context, job: Job) -> str:
        """Use the new take in the scene that asked for it, without an older one's recipe."""
        assert isinstance(job, MakeTakeJob) and job.take is not None
        take, performance = job.take, job.take.performance
        scene = next((s for s in bpy.data.scenes if s.session_uid == self._scene_uid), None)
        if scene is None:
            words = rpt_("The take is in “{folder}”, but its scene was deleted meanwhile")
            return words.format(folder=take.folder)
        settings = scene.mien  # type: ignore[attr-defined]
        use_take(
            settings,
            as_stored(take.folder),
            frames=len(performance),
            duration=performance.duration,
            rate=performance.rate,
            seen=1.0,
            report="",
        )
        settings.recipe = ""
        words = rpt_("“{name}” is in use: {seconds:.1f} s. Bake it next")
        return words.format(name=take.folder.name, seconds=performance.duration)


class MIEN_OT_sample_expressions(InventingOperator):
    """Invent faces that someone might make, one a second, to choose from"""

    bl_idname = "mien.sample_expressions"
    bl_label = "Sample Expressions"
    bl_options = {"UNDO"}
    made_by = "sample"
    from_scene = {"emotion": "any_emotion", **same("count", "temperature", "seed")}

    emotion: EnumProperty(**ANY_EMOTION, options={"SKIP_SAVE"})
    count: IntProperty(**COUNT, options={"SKIP_SAVE"})
    temperature: FloatProperty(**TEMPERATURE, options={"SKIP_SAVE"})
    seed: IntProperty(**SEED, options={"SKIP_SAVE"})

    def making(self, context: Context) -> Making:
        """Expressions as frames a second apart."""
        settings = {
            "count": self.count,
            "seed": self.seed,
            "temperature": self.temperature,
            "emotion": None if self.emotion == "ANY" else self.emotion,
        }
        name = f"{settings['emotion'] or 'expression'}_{self.seed}"
        return name, settings, functools.partial(_expressions, model_folder(), **settings)


def _model(weights: str) -> Any:
    from ...models.vae.runtime import ExpressionModel

    return ExpressionModel(Path(weights) if weights else None)


def _expressions(weights: str, **settings: Any) -> Performance:
    import numpy as np

    from ...models.performance import Performance, Source
    from ...models.vae.sample import sample_expressions

    faces = sample_expressions(**settings, model=_model(weights))
    source = Source(settings["emotion"] or "sampled")
    return Performance(faces, np.arange(len(faces), dtype=float), source=source)


class MIEN_OT_sample_motion(InventingOperator):
    """Invent a motion of face and head that someone might make"""

    bl_idname = "mien.sample_motion"
    bl_label = "Sample Motion"
    bl_options = {"UNDO"}
    made_by = "sample"
    from_scene = {"emotion": "any_emotion", **same("seconds", "temperature", "seed")}

    emotion: EnumProperty(**ANY_EMOTION, options={"SKIP_SAVE"})
    seconds: FloatProperty(**SECONDS, options={"SKIP_SAVE"})
    temperature: FloatProperty(**TEMPERATURE, options={"SKIP_SAVE"})
    seed: IntProperty(**SEED, options={"SKIP_SAVE"})

    def making(self, context: Context) -> Making:
        """One motion."""
        settings = {
            "seconds": self.seconds,
            "seed": self.seed,
            "temperature": self.temperature,
            "emotion": None if self.emotion == "ANY" else self.emotion,
        }
        name = f"{settings['emotion'] or 'motion'}_{self.seed}"
        return name, settings, functools.partial(_motion, model_folder(), **settings)


def _motion(weights: str, **settings: Any) -> Performance:
    from ...models.vae.runtime import MotionModel
    from ...models.vae.sample import sample_motions

    motions = MotionModel(Path(weights) if weights else None)
    expressions = _model(weights) if settings["emotion"] else None
    return sample_motions(1, **settings, motions=motions, expressions=expressions)[0]


class MIEN_OT_idle(InventingOperator):
    """Invent someone who listens: blinks, looks, breath, nods, and thoughts that pass"""

    bl_idname = "mien.idle"
    bl_label = "Idle"
    bl_options = {"UNDO"}

    made_by = "idle"
    from_scene = {
        "seconds": "idle_seconds",
        "emotion": "mood",
        "intensity": "mood_intensity",
        **same("loop", "seed"),
    }

    seconds: FloatProperty(**IDLE_SECONDS, options={"SKIP_SAVE"})
    loop: BoolProperty(**LOOP, options={"SKIP_SAVE"})
    emotion: EnumProperty(**MOOD, options={"SKIP_SAVE"})
    intensity: FloatProperty(**MOOD_INTENSITY, options={"SKIP_SAVE"})
    seed: IntProperty(**SEED, options={"SKIP_SAVE"})

    def making(self, context: Context) -> Making:
        """Idle motion."""
        settings = {
            "seconds": self.seconds,
            "seed": self.seed,
            "loop": self.loop,
            "emotion": self.emotion,
            "intensity": self.intensity,
        }
        return f"idle_{self.seed}", settings, functools.partial(_idle, model_folder(), **settings)


def _idle(weights: str, **settings: Any) -> Performance:
    from ...models.vae.idle import idle

    return idle(**settings, model=_model(weights))


class MIEN_OT_between(InventingOperator):
    """Invent the way from one emotion's face to another's"""

    bl_idname = "mien.between"
    bl_label = "Between"
    bl_options = {"UNDO"}

    made_by = "between"
    from_scene = {"seconds": "way_seconds", **same("start_emotion", "end_emotion")}

    start_emotion: EnumProperty(**FROM, options={"SKIP_SAVE"})
    end_emotion: EnumProperty(**TO, options={"SKIP_SAVE"})
    seconds: FloatProperty(**WAY_SECONDS, options={"SKIP_SAVE"})

    def making(self, context: Context) -> Making:
        """The transition."""
        names = (self.start_emotion, self.end_emotion)
        settings = {"from": names[0], "to": names[1], "seconds": self.seconds}
        make = functools.partial(_between, model_folder(), *names, self.seconds)
        return f"{names[0]}_to_{names[1]}", settings, make


def _between(weights: str, start: str, end: str, seconds: float) -> Performance:
    from ...models.vae.between import between
    from ...models.vae.emotions import emotion_weights

    ends = emotion_weights(start), emotion_weights(end)
    return between(*ends, seconds, model=_model(weights))


class MIEN_OT_find_moments(ReportingOperator):
    """Set timeline markers where the take looks most like an emotion"""

    bl_idname = "mien.find_moments"
    bl_label = "Find Moments"
    bl_options = {"REGISTER", "UNDO"}

    emotion: EnumProperty(**EMOTION, options={"SKIP_SAVE"})
    count: IntProperty(**COUNT, options={"SKIP_SAVE"})

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take."""
        return "" if context.scene.mien.take else NEEDS_TAKE

    def run(self, context: Context) -> Outcome:
        """Search the take and mark what is found."""
        take_settings(self, context, same("emotion", "count"))
        from ...blender_ops.sampling import scene_rate
        from ...models.take import read_take
        from ...models.vae.emotions import emotion_weights
        from ...models.vae.find import find

        scene: Any = context.scene
        performance = read_take(as_absolute(scene.mien.take)).performance
        moments = find([performance], emotion_weights(self.emotion), self.count)
        for moment in moments:
            frame = scene.mien.start_frame + moment.time * scene_rate(scene)
            name = f"{self.emotion.capitalize()} {moment.likeness:.0%}"
            scene.timeline_markers.new(name, frame=round(frame))
        self.report({"INFO"}, rpt_("{count} markers were set").format(count=len(moments)))
        return {"FINISHED"}


CLASSES = (
    MIEN_OT_sample_expressions,
    MIEN_OT_sample_motion,
    MIEN_OT_idle,
    MIEN_OT_between,
    MIEN_OT_find_moments,
)
