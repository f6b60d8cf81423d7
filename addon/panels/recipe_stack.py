# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe as a stack, like modifiers: a list, its buttons, the selected step's settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bpy.types import Context, Menu, UILayout, UIList

from ...models.arkit import REGIONS
from ..operators.recipe_stack import (
    MIEN_OT_add_recipe_step,
    MIEN_OT_duplicate_recipe_step,
    MIEN_OT_move_recipe_step,
    MIEN_OT_remove_recipe_step,
    MIEN_OT_reset_recipe,
    MIEN_OT_rest_at_frame,
)
from ..recipe_stack import ICONS, KINDS, LABELS, selected_step
from ..translations import CONTEXT

ROWS_SHOWN = 6


class MIEN_UL_recipe(UIList):
    """A step a row, in the order in which they are done, with a switch to mute it."""

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
        """The kind of step, what it is set to, and its switch."""
        row = layout.row(align=True)
        words = row.row()
        words.active = item.active
        words.label(text=LABELS[item.name], text_ctxt=CONTEXT, icon=ICONS[item.name])
        gist = gist_of(item)
        if gist:
            side = words.row()
            side.alignment = "RIGHT"
            side.label(text=gist, text_ctxt=CONTEXT)
        row.prop(
            item,
            "active",
            text="",
            icon="HIDE_OFF" if item.active else "HIDE_ON",
            emboss=False,
        )

    def draw_filter(self, context: Context, layout: UILayout) -> None:
        """Nothing: to sort or search steps makes no sense."""


class MIEN_MT_add_recipe_step(Menu):
    """All kinds of steps."""

    bl_label = "Add Step"

    def draw(self, context: Context) -> None:
        """A line a kind."""
        assert self.layout is not None
        for name, label, _, _ in KINDS:
            icon: Any = ICONS[name]
            button = self.layout.operator(
                MIEN_OT_add_recipe_step.bl_idname, text=label, text_ctxt=CONTEXT, icon=icon
            )
            button.kind = name


def draw_recipe_stack(layout: UILayout, context: Context) -> None:
    """The list with its buttons, and the settings of the selected step."""
    settings = context.scene.mien
    row = layout.row()
    row.template_list(
        MIEN_UL_recipe.__name__,
        "",
        settings,
        "recipe_stack",
        settings,
        "recipe_index",
        rows=ROWS_SHOWN,
        sort_lock=True,
    )
    buttons = row.column(align=True)
    buttons.enabled = bool(settings.take)
    buttons.menu(MIEN_MT_add_recipe_step.__name__, text="", icon="ADD")
    buttons.operator(MIEN_OT_remove_recipe_step.bl_idname, text="", icon="REMOVE")
    buttons.separator()
    move = MIEN_OT_move_recipe_step.bl_idname
    buttons.operator(move, text="", icon="TRIA_UP").direction = "UP"
    buttons.operator(move, text="", icon="TRIA_DOWN").direction = "DOWN"
    buttons.separator()
    buttons.operator(MIEN_OT_duplicate_recipe_step.bl_idname, text="", icon="DUPLICATE")
    buttons.operator(MIEN_OT_reset_recipe.bl_idname, text="", icon="LOOP_BACK")
    step = selected_step(settings)
    if step is not None:
        draw_step(layout, step)


def draw_step(layout: UILayout, step: Any) -> None:
    """The settings of a step, without those that do nothing as the others are set."""
    group = getattr(step, step.name)
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    column.active = step.active
    by_region = []
    for name in _names(group):
        if getattr(group, f"use_{name}", True) and _matters(step.name, group, name):
            if getattr(group.bl_rna.properties[name], "is_array", False):
                by_region.append(name)
            else:
                column.prop(group, name)
    if step.name == "neutral":
        column.operator(MIEN_OT_rest_at_frame.bl_idname, icon="TIME")
    if by_region:
        draw_by_region(column, group, by_region)


def draw_by_region(layout: UILayout, group: Any, names: Sequence[str]) -> None:
    """Settings with a number a region: a row a region, a column a setting."""
    table = layout.column(align=True)
    table.use_property_split = False
    titles = table.split(factor=0.4)
    titles.label()
    cells = titles.row()
    for name in names:
        cells.label(text=group.bl_rna.properties[name].name)
    for place, region in enumerate(REGIONS):
        row = table.split(factor=0.4, align=True)
        side = row.row()
        side.alignment = "RIGHT"
        side.label(text=region.capitalize())
        cells = row.row(align=True)
        for name in names:
            cells.prop(group, name, index=place, text="")


def gist_of(step: Any) -> str:
    """The one setting of a step that says most of it, in few letters; "" for none."""
    group = getattr(step, step.name)
    if step.name in ("refine", "symmetry"):
        return f"{getattr(group, _MAIN[step.name]):.0%}"
    if step.name in _MAIN:
        return str(getattr(group, _MAIN[step.name])).capitalize()
    return ""


def _names(group: Any) -> list[str]:
    """The group's own properties, in their order."""
    names = [each.identifier for each in group.bl_rna.properties]
    return [name for name in names if name not in ("rna_type", "name")]


def _matters(kind: str, group: Any, name: str) -> bool:
    """Whether a setting does something as the others are set."""
    return group.method in _METHODS[name] if kind == "clean" and name in _METHODS else True


_MAIN = {"refine": "strength", "symmetry": "amount", "clean": "method", "direct": "emotion"}
_METHODS = {
    "cutoff": ("butterworth", "gaussian"),
    "window": ("median",),
    "threshold": ("wavelet",),
    "smooth_weights": ("butterworth", "gaussian", "median", "wavelet"),
}

CLASSES: tuple[type, ...] = (MIEN_UL_recipe, MIEN_MT_add_recipe_step)
