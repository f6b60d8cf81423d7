# SPDX-License-Identifier: GPL-3.0-or-later
"""Twelve expressions as pictures of the character; one of them is put on it, or keyed."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpy.props import EnumProperty, FloatProperty, IntProperty
from bpy.types import Context

from ...models.errors import MienError
from ..active_character import summary_of
from ..expression_settings import SEED, TEMPERATURE
from ..face_preview import why_held
from ..gallery_pictures import GALLERY
from ..gallery_settings import ANY, COUNT, FACE_NOW, SUBJECT
from ..jobs.gallery import GalleryJob
from ..jobs.job import JOBS, Job
from ..jobs.sliced import Progress
from ..preferences import model_folder
from ..translations.lookup import rpt_
from .reporting import Outcome, ReportingOperator
from .watching import WatchingOperator

if TYPE_CHECKING:
    from ...blender_ops.character import Character
    from ...blender_ops.mapping import Mapping
    from ...models.performance import Floats

NO_PICTURES = "Make a gallery first"

STRENGTH: dict[str, Any] = {
    "name": "Strength",
    "description": "How far from the face as it is to this expression",
    "default": 1.0,
    "min": 0.0,
    "max": 1.0,
    "subtype": "FACTOR",
}


class MIEN_OT_make_gallery(WatchingOperator):
    """Show twelve expressions as pictures of the character. The scene stays as it is"""

    bl_idname = "mien.make_gallery"
    bl_label = "Twelve of This"

    subject: EnumProperty(**SUBJECT, options={"SKIP_SAVE"})
    temperature: FloatProperty(**TEMPERATURE, options={"SKIP_SAVE"})
    seed: IntProperty(**SEED, options={"SKIP_SAVE"})

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a character, or while another job runs."""
        return summary_of(context.object).problem or super().disabled_reason(context)

    def start(self, context: Context) -> GalleryJob:
        """Make expressions in a thread, then take a picture of each."""
        from ...blender_ops.gallery import pictures_in_steps
        from ...blender_ops.posing import expression_of

        for name in ("subject", "temperature", "seed"):
            if not self.properties.is_property_set(name):
                setattr(self, name, getattr(context.scene.mien_gallery, name))
        character, mapping = character_and_mapping(context)
        view_layer = context.view_layer
        self._of = self.subject
        face = expression_of(character, mapping) if self.subject == FACE_NOW else None
        make = functools.partial(
            _expressions, model_folder(), self.subject, face, self.seed, self.temperature
        )

        def prepare(tell: Progress) -> Floats:
            tell(0.0, "expressions")
            self._expressions = make()
            return self._expressions

        return JOBS.start(
            lambda: GalleryJob(
                prepare, lambda made: pictures_in_steps(character, mapping, made, view_layer)
            )
        )

    def finish(self, context: Context, job: Job) -> str:
        """Show them in the panel."""
        assert isinstance(job, GalleryJob)
        GALLERY.keep(self._of, self._expressions, job.result)
        return rpt_("{count} pictures are in the panel Gallery").format(count=len(GALLERY))


def _expressions(
    weights: str, subject: str, face: Floats | None, seed: int, temperature: float
) -> Floats:
    """(12, 52) expressions of an emotion, of any, or around a face."""
    from ...models.vae.around import expressions_around
    from ...models.vae.runtime import ExpressionModel
    from ...models.vae.sample import sample_expressions

    model = ExpressionModel(Path(weights) if weights else None)
    if face is not None:
        return expressions_around(face, COUNT, seed, temperature, model)
    emotion = None if subject == ANY else subject
    return sample_expressions(COUNT, seed, temperature, emotion, model=model)


class PictureOperator(ReportingOperator):
    """Base of each operator that uses one picture."""

    number: IntProperty(
        name="Picture",
        description="Which picture, from 0 at the top left",
        min=0,
        max=COUNT - 1,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without pictures or a character, or while the preview holds its face."""
        problem = summary_of(context.object).problem or why_held(context)
        return problem or ("" if len(GALLERY) else NO_PICTURES)

    def expression(self) -> Floats:
        """(52,) weights. Raises MienError if there is no such picture."""
        if GALLERY.expressions is None or self.number >= len(GALLERY):
            raise MienError("There is no such picture; make a gallery first.")
        weights: Floats = GALLERY.expressions[self.number]
        return weights


class MIEN_OT_apply_picture(PictureOperator):
    """Give the character this expression, without keys"""

    bl_idname = "mien.apply_picture"
    bl_label = "Apply"
    bl_options = {"REGISTER", "UNDO"}

    strength: FloatProperty(**STRENGTH, options={"SKIP_SAVE"})

    def run(self, context: Context) -> Outcome:
        """Put it on."""
        show_on_character(context, self.expression(), self.strength)
        return {"FINISHED"}


class MIEN_OT_key_picture(PictureOperator):
    """Key this expression on the current frame; other keys stay as they are"""

    bl_idname = "mien.key_picture"
    bl_label = "Key"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, context: Context) -> Outcome:
        """Set the keys."""
        from ...blender_ops.keying_face import key_expression

        character, mapping = character_and_mapping(context)
        frame = context.scene.frame_current_final
        key_expression(character, mapping, self.expression(), frame)
        self.report({"INFO"}, rpt_("Keyed on frame {frame:g}").format(frame=frame))
        return {"FINISHED"}


def show_on_character(context: Context, expression: Floats, strength: float) -> None:
    """Move the active character's face toward an expression, (52,) weights."""
    from ...blender_ops.posing import Face

    face = Face(*character_and_mapping(context))
    before = face.values()
    face.show(before + strength * (face.values_for(expression) - before))


def character_and_mapping(context: Context) -> tuple[Character, Mapping]:
    """What the active object belongs to. Raises CharacterError."""
    from ...blender_ops.character import find_character
    from ...blender_ops.mapping import match

    character = find_character(context.object)
    return character, match(character)


CLASSES: tuple[Any, ...] = (MIEN_OT_make_gallery, MIEN_OT_apply_picture, MIEN_OT_key_picture)
