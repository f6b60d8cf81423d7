# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Performance": what is done to the take before it is baked."""

from __future__ import annotations

from bpy.types import Context, UILayout

from ..operators.refine import MIEN_OT_refine
from ..recipe_stack import has_refining
from .presets import MIEN_PT_recipe_presets
from .recipe_stack import draw_recipe_stack
from .sidebar import SidebarPanel


class MIEN_PT_performance(SidebarPanel):
    """What is done to the take."""

    bl_label = "Performance"

    def draw_header_preset(self, context: Context) -> None:
        """Recipes as presets."""
        assert self.layout is not None
        MIEN_PT_recipe_presets.draw_panel_header(self.layout)

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Refine, or the switch between before and after it; the recipe with its steps."""
        settings = context.scene.mien
        if has_refining(settings):
            row = layout.row(align=True)
            for words, refined in (("Before", False), ("After", True)):
                button = row.operator(
                    MIEN_OT_refine.bl_idname, text=words, depress=settings.refined == refined
                )
                button.refined = refined
        else:
            layout.operator(MIEN_OT_refine.bl_idname, icon="MOD_SMOOTH").refined = True
        draw_recipe_stack(layout, context)


CLASSES = (MIEN_PT_performance,)
