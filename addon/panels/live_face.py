# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Live Face": sliders that move the face as they are dragged."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, UILayout

from ..active_character import summary_of
from ..expression_model import MODEL
from ..expression_settings import emotion_items
from ..face_preview import HOLDS_FACE
from ..live_face import LIVE_FACE, MOST_EMOTIONS
from ..operators.live_face import MIEN_OT_key_live_face, MIEN_OT_reset_live_face
from ..translations import CONTEXT
from ..translations.lookup import iface_
from .sidebar import SidebarPanel, draw_words


class LivePanel(SidebarPanel):
    """Base of the panel and those below it: only for a character that can be moved."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Only where there is a face."""
        return not summary_of(context.object).problem


class MIEN_PT_live_face(LivePanel):
    """The face as it stands, moved by hand."""

    bl_label = "Live Face"
    manual_page = "expressions"
    bl_parent_id = "MIEN_PT_performance"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """Back and keep; why the sliders do nothing; a slider an emotion."""
        MODEL.prepare()
        scene: Any = context.scene
        row = layout.row(align=True)
        row.operator(MIEN_OT_reset_live_face.bl_idname, icon="LOOP_BACK")
        row.operator(MIEN_OT_key_live_face.bl_idname, icon="KEY_HLT")
        problem = problem_of(context)
        if problem:
            draw_words(layout, context, problem, icon="INFO")
        column = slider_column(layout, context)
        for number, (_, name, _) in enumerate(emotion_items(None, None)[:MOST_EMOTIONS]):
            text = iface_(name, CONTEXT)
            column.prop(scene.mien.live, "emotions", index=number, text=text, slider=True)


class MIEN_PT_live_axes(LivePanel):
    """The directions in which faces vary most."""

    bl_label = "Axes"
    bl_parent_id = "MIEN_PT_live_face"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """A slider an axis."""
        scene: Any = context.scene
        column = slider_column(layout, context)
        names = MODEL.axis_names
        for number, name in enumerate(names):
            text = iface_(name.title())
            column.prop(scene.mien.live, "axes", index=number, text=text, slider=True)
        if not names and not MODEL.problem:
            column.label(text="Loading the model")


def slider_column(layout: UILayout, context: Context) -> UILayout:
    """Where sliders go, their names inside: beside them there is no room; grey where they
    can move nothing.
    """
    column = layout.column(align=True)
    column.enabled = not (is_blocked(context) or MODEL.problem)
    return column


def is_blocked(context: Context) -> bool:
    """Whether something else holds the face."""
    scene: Any = context.scene
    return summary_of(context.object).linked or scene.mien.preview.on


def problem_of(context: Context) -> str:
    """Why the sliders do nothing, as a sentence; "" if they do."""
    scene: Any = context.scene
    if summary_of(context.object).linked:
        return iface_("Linked from another file: make its face keys editable first")
    if scene.mien.preview.on:
        return iface_(HOLDS_FACE)
    return MODEL.problem or LIVE_FACE.problem


CLASSES = (MIEN_PT_live_face, MIEN_PT_live_axes)
