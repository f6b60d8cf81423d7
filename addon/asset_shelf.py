# SPDX-License-Identifier: GPL-3.0-or-later
"""Where expression assets are clicked: shelves in the 3D view, and the Asset Browser's menu.

A 3D view shows one shelf at a time, and keeps the one it has. In Pose Mode that place is
Blender's own pose library's; there Mien's shelf opens from its panel.
"""

from __future__ import annotations

from typing import Any

import bpy
from bpy import types
from bpy.types import AssetRepresentation, Context, Menu, UILayout

from .active_character import summary_of
from .operators.library import MIEN_OT_apply_expression_asset, asset_metadata

# The stubs take what is appended for a method.
ASSET_MENU: Any = types.ASSETBROWSER_MT_context_menu

# Blender opens a shelf as a popup from 4.3 on.
_OPENS_AS_POPUP = bpy.app.version >= (4, 3)


class ExpressionShelf(types.AssetShelf):
    """What both shelves have in common: they show expressions, and a click applies one."""

    bl_options = {"NO_ASSET_DRAG"}
    bl_activate_operator = "MIEN_OT_apply_expression_asset"
    bl_default_preview_size = 96
    # From Blender 5.0 on a shelf says what kinds of assets it may show.
    filter_action = True

    @classmethod
    def asset_poll(cls, asset: AssetRepresentation) -> bool:
        """Whether an asset is an expression."""
        from ..blender_ops.library import holds_expression

        return asset.id_type == "ACTION" and holds_expression(asset.metadata)

    @classmethod
    def draw_context_menu(
        cls, context: Context, asset: AssetRepresentation, layout: UILayout
    ) -> None:
        """What else can be done with one."""
        layout.operator(MIEN_OT_apply_expression_asset.bl_idname)


class MIEN_AST_expressions(ExpressionShelf):
    """Expressions below the 3D view, where a character is active."""

    bl_space_type = "VIEW_3D"

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether there is a face to put them on, and no other shelf to make room for."""
        modes = {"OBJECT"} if hasattr(types, "VIEW3D_AST_pose_library") else {"OBJECT", "POSE"}
        # Blender asks while it still opens its first window, which shows no object yet.
        active = getattr(context, "object", None)
        return context.mode in modes and not summary_of(active).problem


class MIEN_AST_expressions_popup(ExpressionShelf):
    """The same, opened from the panel in any mode."""

    # A space with shelves that is not the 3D view, so that this one is never shown below it.
    bl_space_type = "IMAGE_EDITOR"

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether it was opened in a 3D view with a face to put them on."""
        area = context.area
        return (
            area is not None
            and area.type == "VIEW_3D"
            and context.mode in {"OBJECT", "POSE"}
            and not summary_of(context.object).problem
        )


def draw_shelf_button(layout: UILayout) -> None:
    """A button that opens the shelf, where Blender can."""
    if _OPENS_AS_POPUP:
        button = layout.operator(
            "wm.call_asset_shelf_popover", text="Expressions", icon="ASSET_MANAGER"
        )
        button.name = MIEN_AST_expressions_popup.__name__


def draw_in_asset_browser(menu: Menu, context: Context) -> None:
    """Apply Expression, in the menu of an asset that is one."""
    from ..blender_ops.library import holds_expression

    if holds_expression(asset_metadata(context)):
        assert menu.layout is not None
        menu.layout.operator(MIEN_OT_apply_expression_asset.bl_idname)
        menu.layout.separator()


def add_entries() -> None:
    """Add it to the menu."""
    ASSET_MENU.prepend(draw_in_asset_browser)


def remove_entries() -> None:
    """Take it away."""
    ASSET_MENU.remove(draw_in_asset_browser)


CLASSES: tuple[type, ...] = (
    MIEN_AST_expressions,
    *((MIEN_AST_expressions_popup,) if _OPENS_AS_POPUP else ()),
)
