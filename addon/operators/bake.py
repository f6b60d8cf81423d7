# SPDX-License-Identifier: GPL-3.0-or-later
"""The take becomes an Action on the character."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty
from bpy.types import Context, Object

from ...models.errors import MienError
from ..face_preview import FACE_PREVIEW
from ..jobs.bake import BakeJob
from ..jobs.job import JOBS, Job
from ..jobs.sliced import Progress
from ..key_settings import KEY_SETTINGS, KeySettings, draw_key_settings, key_options
from ..preferences import model_folder, refiner_folder
from ..properties import (
    EYES,
    HEAD,
    MARKERS,
    NECK_SHARE,
    START_FRAME,
    SUBFRAMES,
    TOLERANCE,
    recipe_of,
)
from ..take_paths import as_absolute
from .reporting import NEEDS_TAKE
from .watching import WatchingOperator

if TYPE_CHECKING:
    from ...blender_ops.bake import BakeOptions
    from ...models.cache import Cache
    from ...models.performance import Performance
    from ...models.recipe import Recipe

# The operator's own settings, which start as those of the scene: those that the panel
# shows at once, and all.
IN_PANEL = ("start_frame", "tolerance", "head", "neck_share", "eyes", "subframes", "markers")
FROM_SCENE = (*IN_PANEL, *KEY_SETTINGS)


class MIEN_OT_bake(KeySettings, WatchingOperator):
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
    neck_share: FloatProperty(**NECK_SHARE, options={"SKIP_SAVE"})
    eyes: EnumProperty(**EYES, options={"SKIP_SAVE"})
    subframes: BoolProperty(**SUBFRAMES, options={"SKIP_SAVE"})
    markers: BoolProperty(**MARKERS, options={"SKIP_SAVE"})

    @classmethod
    def unregister(cls) -> None:
        """Give the memory back as well."""
        super().unregister()
        _cache.cache_clear()

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take, or while another job runs."""
        if not context.scene.mien.take:
            return NEEDS_TAKE
        return super().disabled_reason(context)

    def draw(self, context: Context) -> None:
        """Show the settings after the bake as the panel shows them before it."""
        layout = self.layout
        assert layout is not None
        layout.use_property_split = True
        layout.use_property_decorate = False
        for name in IN_PANEL:
            layout.prop(self, name)
        draw_key_settings(layout, self)

    def start(self, context: Context) -> BakeJob:
        """Evaluate the recipe and bake with it."""
        from ...blender_ops.bake import bake_in_steps
        from ...blender_ops.character import find_character
        from ...blender_ops.mapping import match

        scene = context.scene
        FACE_PREVIEW.stop(scene)
        for name in FROM_SCENE:
            if not self.properties.is_property_set(name):
                setattr(self, name, getattr(scene.mien, name))
        take = as_absolute(scene.mien.take)
        character = find_character(self._target(context))
        options = bake_settings(self, take.stem)
        prepare = functools.partial(
            prepared_performance,
            take,
            recipe_of(scene.mien),
            refiner=refiner_folder(),
            model=model_folder(),
        )
        mapping = match(character)
        return JOBS.start(
            lambda: BakeJob(
                prepare,
                lambda performance: bake_in_steps(performance, character, mapping, options, scene),
            )
        )

    def finish(self, context: Context, job: Job) -> str:
        """Show in the panel what the bake did."""
        assert isinstance(job, BakeJob) and job.result is not None
        words: str = job.result.words()
        context.scene.mien.bake_report = words
        return words

    def _target(self, context: Context) -> Object:
        if not self.character:
            if context.object is None:
                raise MienError("Select the character to bake on.")
            return context.object
        found: Object | None = context.scene.objects.get(self.character)
        if found is None:
            raise MienError(f"This scene has no object “{self.character}”.")
        return found


def bake_settings(settings: Any, action_name: str) -> BakeOptions:
    """The options of a bake as the operator or the scene says them."""
    from ...blender_ops.bake import BakeOptions

    return BakeOptions(
        start_frame=settings.start_frame,
        subframes=settings.subframes,
        tolerance=settings.tolerance,
        head=settings.head,
        neck_share=settings.neck_share,
        eyes=settings.eyes,
        markers=settings.markers,
        action_name=action_name,
        **key_options(settings),
    )


def prepared_performance(
    path: Path, recipe: Recipe | None, progress: Progress, refiner: str = "", model: str = ""
) -> Performance:
    """A take with a recipe, or its own. Touches nothing of Blender's: it runs in a thread.

    refiner, model: folders of the weights for refining, and for varying and directing, where
    the recipe names none.
    """
    from ...models.recipe import evaluate
    from ...models.take import read_take

    take = read_take(path)
    recipe = recipe or take.recipe
    for step, folder in (("refine", refiner), ("vary", model), ("direct", model)):
        if folder:
            recipe = recipe.where_unsaid(step, weights=folder)
    return evaluate(recipe, take.performance, _cache(), progress)


@functools.cache
def _cache() -> Cache:
    """Results of recipes, so that baking again with other settings is quick."""
    from ...models.cache import MemoryCache

    return MemoryCache()


CLASSES = (MIEN_OT_bake,)
