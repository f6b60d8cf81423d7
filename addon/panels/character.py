# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Character": who the animation is for."""

from __future__ import annotations

from bpy.types import Context, UILayout

from ...models.arkit import CHANNELS
from ..active_character import summary_of
from ..operators.character import MIEN_OT_add_demo_character, MIEN_OT_make_face_keys_editable
from ..translations.lookup import iface_
from .sidebar import SidebarPanel, draw_figure, draw_words


class MIEN_PT_character(SidebarPanel):
    """Who it is for."""

    bl_label = "Character"
    manual_page = "character"

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """The selected character and how many face keys it has."""
        summary = summary_of(context.object)
        if summary.problem:
            draw_words(layout, context, summary.problem, icon="INFO")
            layout.operator(MIEN_OT_add_demo_character.bl_idname, icon="ADD")
            return
        box = layout.box().column(align=True)
        box.label(text=summary.name, translate=False, icon="USER")
        found = iface_("{found} of {all}").format(found=summary.found, all=len(CHANNELS))
        draw_figure(box, "Face keys", found)
        if summary.linked:
            draw_words(layout, context, "Linked from another file", icon="LINKED")
            layout.operator(MIEN_OT_make_face_keys_editable.bl_idname)


class MIEN_PT_missing_keys(SidebarPanel):
    """Which face keys the character lacks."""

    bl_label = "Missing Face Keys"
    bl_parent_id = "MIEN_PT_character"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where some are missing."""
        summary = summary_of(context.object)
        return bool(summary.missing) and not summary.problem

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """One a line, in ARKit's spelling."""
        column = layout.column(align=True)
        column.scale_y = 0.8
        for channel in summary_of(context.object).missing:
            column.label(text=channel, translate=False)


CLASSES = (MIEN_PT_character, MIEN_PT_missing_keys)
