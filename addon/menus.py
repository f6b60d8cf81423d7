# SPDX-License-Identifier: GPL-3.0-or-later
"""What Mien adds to Blender's own menus."""

from __future__ import annotations

from typing import Any

from bpy import types
from bpy.types import Context, Menu

from .operators.curves import MIEN_OT_simplify_curves

# The stubs take what is appended for a method.
DENSITY_MENU: Any = types.GRAPH_MT_key_density


def draw_simplify(menu: Menu, context: Context) -> None:
    """Simplify, in the Graph Editor's menu Key › Density, after Blender's Decimate."""
    assert menu.layout is not None
    menu.layout.separator()
    menu.layout.operator(MIEN_OT_simplify_curves.bl_idname).of = "SELECTED"


def add_entries() -> None:
    """Add them."""
    DENSITY_MENU.append(draw_simplify)


def remove_entries() -> None:
    """Take them away."""
    DENSITY_MENU.remove(draw_simplify)
