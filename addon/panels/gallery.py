# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Gallery": twelve expressions as pictures of the character, to choose from."""

from __future__ import annotations

from bpy.types import Context, UILayout

from ..active_character import summary_of
from ..asset_shelf import draw_shelf_button
from ..gallery_pictures import GALLERY
from ..jobs.gallery import GalleryJob
from ..operators.gallery import (
    MIEN_OT_apply_picture,
    MIEN_OT_key_picture,
    MIEN_OT_make_gallery,
)
from ..operators.library import MIEN_OT_save_expressions
from .sidebar import SidebarPanel, draw_main_button

# A picture is at least so wide, in pixels of an unscaled interface; so much is not pictures.
_LEAST_WIDTH = 62
_MARGIN = 46
_PIXELS_A_UNIT = 20


class MIEN_PT_gallery(SidebarPanel):
    """Expressions to choose from."""

    bl_label = "Gallery"
    manual_page = "expressions"
    bl_parent_id = "MIEN_PT_performance"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where there is a face."""
        return not summary_of(context.object).problem

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """What of, Twelve of This, and the pictures."""
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        for name in ("subject", "temperature", "seed"):
            column.prop(context.scene.mien_gallery, name)
        draw_main_button(layout, MIEN_OT_make_gallery.bl_idname, "IMAGE_REFERENCE", GalleryJob)
        if len(GALLERY):
            _draw_pictures(layout, context)
            layout.operator(MIEN_OT_save_expressions.bl_idname, icon="FILE_TICK")
        draw_shelf_button(layout)


def _draw_pictures(layout: UILayout, context: Context) -> None:
    """As many in a row as the sidebar has room for; below each what can be done with it."""
    width = context.region.width / context.preferences.system.ui_scale - _MARGIN
    columns = max(int(width / _LEAST_WIDTH), 1)
    scale = width / columns / _PIXELS_A_UNIT
    grid = layout.grid_flow(
        row_major=True, columns=columns, even_columns=True, even_rows=True, align=False
    )
    choice = context.window_manager.mien_gallery
    for number in range(len(GALLERY)):
        cell = grid.column(align=True)
        cell.template_icon(GALLERY.icon(number), scale=scale)
        row = cell.row(align=True)
        row.scale_x = scale / 3
        row.operator(MIEN_OT_apply_picture.bl_idname, text="", icon="CHECKMARK").number = number
        row.operator(MIEN_OT_key_picture.bl_idname, text="", icon="KEYFRAME_HLT").number = number
        row.prop(choice, "chosen", index=number, text="", icon="ASSET_MANAGER", toggle=True)


CLASSES = (MIEN_PT_gallery,)
