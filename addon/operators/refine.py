# SPDX-License-Identifier: GPL-3.0-or-later
"""The take in use is refined: a step of its recipe, which the next bake follows."""

from __future__ import annotations

from bpy.props import BoolProperty, FloatProperty
from bpy.types import Context

from ..properties import REFINE_STRENGTH, REFINED
from ..scene_recipe import put_step, settings_of
from ..translations.lookup import rpt_
from .reporting import NEEDS_TAKE, Outcome, ReportingOperator


class MIEN_OT_refine(ReportingOperator):
    """Undo tremble, freezes and losses of the take, or show it as it was before"""

    bl_idname = "mien.refine"
    bl_label = "Refine"
    bl_options = {"REGISTER", "UNDO"}

    strength: FloatProperty(**REFINE_STRENGTH, options={"SKIP_SAVE"})
    refined: BoolProperty(**REFINED, options={"SKIP_SAVE"})

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take."""
        return "" if context.scene.mien.take else NEEDS_TAKE

    def run(self, context: Context) -> Outcome:
        """Put the step into the scene's recipe; before: muted. What else it says stays."""
        settings = context.scene.mien
        if not self.properties.is_property_set("strength"):
            self.strength = settings.refine_strength
        said = settings_of(settings, "refine")
        strength = round(self.strength, 6)
        put_step(settings, "refine", {**said, "strength": strength}, muted=not self.refined)
        settings.refine_strength, settings.refined = self.strength, self.refined
        words = (
            rpt_("The next bake shows the take refined by {share:.0%}")
            if self.refined
            else rpt_("The next bake shows the take as it was before")
        )
        self.report({"INFO"}, words.format(share=self.strength))
        return {"FINISHED"}


CLASSES = (MIEN_OT_refine,)
