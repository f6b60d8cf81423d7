# SPDX-License-Identifier: GPL-3.0-or-later
"""Where expression assets are clicked: a shelf in the 3D view, and the Asset Browser's menu."""

from __future__ import annotations

from typing import Any

from bpy import types
from bpy.types import AssetRepresentation, Context, Menu, UILayout

from .operators.library import MIEN_OT_apply_expression_asset, asset_metadata

# The stubs take what is appended for a method.
ASSET_MENU: Any = types.ASSETBROWSER_MT_context_menu


class MIEN_AST_expressions(types.AssetShelf):
    """Expressions, below the 3D view in Object and Pose Mode: a click applies one."""

    bl_space_type = "VIEW_3D"
    bl_options = {"NO_ASSET_DRAG"}
    bl_activate_operator = "MIEN_OT_apply_expression_asset"
    bl_default_preview_size = 96
    # From Blender 5.0 on a shelf says what kinds of assets it may show.
    filter_action = True

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether there is something to apply an expression to."""
        # Blender asks while it still opens its first window, which shows no object yet.
        return context.mode in {"OBJECT", "POSE"} and getattr(context, "object", None) is not None

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


def draw_in_asset_browser(menu: Menu, context: Context) -> None:
    """Apply Expression, in the menu of an asset that is one."""
    from ..blender_ops.library import holds_expression

    if holds_expression(asset_metadata(context)):
        assert menu.layout is not None
        menu.layout.separator()
        menu.layout.operator(MIEN_OT_apply_expression_asset.bl_idname)


def add_entries() -> None:
    """Add it to the menu."""
    ASSET_MENU.append(draw_in_asset_browser)


def remove_entries() -> None:
    """Take it away."""
    ASSET_MENU.remove(draw_in_asset_browser)


CLASSES: tuple[type, ...] = (MIEN_AST_expressions,)
