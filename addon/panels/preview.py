# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Curves": before and after the recipe, and how many keys a tolerance brings."""

from __future__ import annotations

from bpy.types import Context, UILayout

from ..curve_picture import picture_icon
from ..jobs.bake import PreviewJob
from ..operators.preview import MIEN_OT_preview_bake, forecast_key
from ..translations.lookup import iface_
from ..translations.sentences import translated
from .sidebar import SidebarPanel, draw_main_button, draw_words

HEIGHT = 10.0
"""Of the picture, in rows of the panel."""


class MIEN_PT_preview(SidebarPanel):
    """What the next bake will look like."""

    bl_label = "Curves"
    bl_parent_id = "MIEN_PT_performance"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where there is a take."""
        return bool(context.scene.mien.take)

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Which curves, the button, their picture and the number of keys."""
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.mien
        layout.prop(settings, "curves_of", text="Show")
        layout.prop(settings, "tolerance")
        draw_main_button(layout, MIEN_OT_preview_bake.bl_idname, "FCURVE", PreviewJob)
        if not settings.forecast:
            return
        if settings.forecast_for != forecast_key(context):
            draw_words(layout, context, "Settings have changed: preview again", icon="INFO")
            return
        icon = picture_icon()
        if icon:
            layout.template_icon(icon, scale=HEIGHT)
            draw_words(layout, context, "Grey: as captured. Blue: after the recipe")
        words = iface_("The next bake writes {keys}").format(keys=translated(settings.forecast))
        draw_words(layout, context, words, icon="KEYFRAME")


CLASSES: tuple[type, ...] = (MIEN_PT_preview,)
