# SPDX-License-Identifier: GPL-3.0-or-later
"""What the next bake will look like: curves before and after, and how many keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpy.props import EnumProperty
from bpy.types import Context

from ...models.arkit import REGIONS
from ...models.errors import MienError
from ..curve_picture import show_picture
from ..face_preview import FACE_PREVIEW
from ..jobs.bake import PreviewJob
from ..jobs.job import JOBS, Job
from ..jobs.sliced import Progress
from ..preferences import model_folder, refiner_folder
from ..properties import CURVES_OF, recipe_of
from ..take_paths import as_absolute
from ..translations.lookup import rpt_
from ..translations.sentences import translated
from .bake import FROM_SCENE, MIEN_OT_bake, bake_settings, prepared_performance
from .watching import WatchingOperator

if TYPE_CHECKING:
    from ...blender_ops.bake_forecast import Forecast
    from ...blender_ops.steps import Steps
    from ...models.performance import Performance

CURVES_DRAWN = 5


class MIEN_OT_preview_bake(WatchingOperator):
    """Draw the take's curves before and after the recipe, and count the keys of the next bake"""

    bl_idname = "mien.preview_bake"
    bl_label = "Preview Curves"
    bl_options = {"UNDO"}

    curves_of: EnumProperty(**CURVES_OF, options={"SKIP_SAVE"})

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """As for a bake."""
        return MIEN_OT_bake.disabled_reason(context)

    def start(self, context: Context) -> PreviewJob:
        """Evaluate the recipe, and fit as the bake does."""
        from ...blender_ops.bake_forecast import forecast_in_steps
        from ...blender_ops.character import find_character
        from ...blender_ops.mapping import match
        from ...models.curves.picture import most_moving, picture
        from ...models.take import read_take

        scene: Any = context.scene
        settings = scene.mien
        if not self.properties.is_property_set("curves_of"):
            self.curves_of = settings.curves_of
        if context.object is None:
            raise MienError("Select the character to bake on.")
        path, recipe = as_absolute(settings.take), recipe_of(settings)
        refiner, model = refiner_folder(), model_folder()
        character = find_character(context.object)
        mapping = match(character)
        options = bake_settings(settings, "")
        self._for = forecast_key(context)
        region = self.curves_of

        def prepare(progress: Progress) -> Performance:
            before = read_take(path).performance
            after = prepared_performance(path, recipe, progress, refiner=refiner, model=model)
            there = [name for name in after.channels if name in before.channels]
            wanted = there if region == "ALL" else [n for n in there if n in REGIONS[region]]
            self._picture = picture(before, after, most_moving(after, wanted, CURVES_DRAWN))
            return after

        def steps(performance: Performance) -> Steps[Forecast]:
            # What a curve is left out for depends on what the face shows without it.
            with FACE_PREVIEW.paused(scene):
                return (
                    yield from forecast_in_steps(performance, character, mapping, options, scene)
                )

        return JOBS.start(lambda: PreviewJob(prepare, steps))

    def finish(self, context: Context, job: Job) -> str:
        """Show both in the panel."""
        assert isinstance(job, PreviewJob)
        show_picture(self._picture)
        settings = context.scene.mien
        settings.forecast, settings.forecast_for = job.result.words(), self._for
        return rpt_("The next bake writes {keys}").format(keys=translated(settings.forecast))


def forecast_key(context: Context) -> str:
    """What the number of keys depends on, to tell whether a forecast is still true."""
    settings: Any = context.scene.mien
    render, character = context.scene.render, context.object
    others: list[Any] = [render.fps, render.fps_base, character.name_full if character else ""]
    values = others + [getattr(settings, name) for name in ("take", "recipe", *FROM_SCENE)]
    return repr([list(each) if hasattr(each, "foreach_get") else each for each in values])


CLASSES: tuple[type, ...] = (MIEN_OT_preview_bake,)
