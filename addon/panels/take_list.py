# SPDX-License-Identifier: GPL-3.0-or-later
"""The takes in the panel "Take": a list with a small picture and the length of each."""

from __future__ import annotations

from typing import Any

from bpy.types import Context, UILayout, UIList

from ..operators.take_folder import MIEN_OT_open_takes_folder, MIEN_OT_refresh_takes
from ..take_list import listed_takes, picture_of, place_of
from ..translations.lookup import iface_
from .sidebar import NAMES, draw_figure, draw_words

ROWS_SHOWN = 3
PICTURE_SIZE, PICTURE_SHARE = 4.0, 0.34
"""Of the picture of the take in use: rows of the panel, and how much of its width."""
NAMES_BESIDE_PICTURE = 0.46
"""How much of what is left the names of figures get."""


class MIEN_UL_takes(UIList):
    """A take a row."""

    def draw_item(
        self,
        context: Context,
        layout: UILayout,
        data: Any,
        item: Any,
        icon: int,
        active_data: Any,
        active_property: str,
    ) -> None:
        """Its picture, its name and its length."""
        row = layout.row(align=True)
        picture = picture_of(item)
        if item.problem:
            row.label(text=item.name, translate=False, icon="ERROR")
        elif picture:
            row.label(text=item.name, translate=False, icon_value=picture)
        else:
            row.label(text=item.name, translate=False, icon="ANIM_DATA")
        side = row.row()
        side.alignment = "RIGHT"
        side.active = False
        side.label(text=f"{item.duration:.1f} s" if item.duration else "", translate=False)


def draw_take_list(layout: UILayout, context: Context, settings: Any) -> None:
    """The list, beside it Refresh and Open Folder."""
    row = layout.row()
    row.template_list(
        MIEN_UL_takes.__name__,
        "",
        context.window_manager.mien_takes,
        "takes",
        settings,
        "take_index",
        rows=ROWS_SHOWN,
    )
    buttons = row.column(align=True)
    buttons.operator(MIEN_OT_refresh_takes.bl_idname, text="", icon="FILE_REFRESH")
    buttons.operator(MIEN_OT_open_takes_folder.bl_idname, text="", icon="FILE_FOLDER")


def draw_take(layout: UILayout, context: Context, settings: Any) -> None:
    """The take in use: its picture and figures, and what the capture had to say."""
    place = place_of(settings.take)
    listed = listed_takes()[place] if place >= 0 else None
    box = layout.box()
    figures: UILayout = box
    picture = picture_of(listed) if listed is not None else 0
    if picture:
        figures = box.split(factor=PICTURE_SHARE)
        figures.template_icon(picture, scale=PICTURE_SIZE)
    column = figures.column(align=True)
    names = NAMES_BESIDE_PICTURE if picture else NAMES
    rate = iface_("{rate:.5g} fps").format(rate=settings.take_rate)
    draw_figure(column, "Length", f"{settings.take_duration:.2f} s", names)
    draw_figure(column, "Rate", rate, names)
    draw_figure(column, "Face seen", f"{settings.take_seen:.0%}", names)
    if listed is not None and listed.timecode:
        draw_figure(column, "Timecode", listed.timecode[:11], names)
    if settings.take_seen < 1 and settings.take_report:
        draw_words(box, context, settings.take_report)
    if listed is not None and listed.problem:
        draw_words(box, context, listed.problem, icon="ERROR")


CLASSES: tuple[type, ...] = (MIEN_UL_takes,)
