# SPDX-License-Identifier: GPL-3.0-or-later
"""What Mien adds to Blender's own menus."""

from __future__ import annotations

from typing import Any

from bpy import types
from bpy.types import Context, Menu

from .operators.curves import MIEN_OT_simplify_curves
from .operators.report import MIEN_OT_write_report
from .operators.take import MIEN_OT_load_take
from .operators.take_export import MIEN_OT_export_take

# The stubs take what is appended for a method.
DENSITY_MENU: Any = types.GRAPH_MT_key_density
IMPORT_MENU: Any = types.TOPBAR_MT_file_import
EXPORT_MENU: Any = types.TOPBAR_MT_file_export
HELP_MENU: Any = types.TOPBAR_MT_help


def draw_simplify(menu: Menu, context: Context) -> None:
    """Simplify, in the Graph Editor's menu Key › Density, after Blender's Decimate."""
    assert menu.layout is not None
    menu.layout.separator()
    menu.layout.operator(MIEN_OT_simplify_curves.bl_idname).of = "SELECTED"


def draw_import(menu: Menu, context: Context) -> None:
    """Recordings of faces, in File › Import."""
    assert menu.layout is not None
    menu.layout.operator(MIEN_OT_load_take.bl_idname, text="Face Recording (Mien)")


def draw_export(menu: Menu, context: Context) -> None:
    """The take in use, in File › Export."""
    assert menu.layout is not None
    menu.layout.operator(MIEN_OT_export_take.bl_idname, text="Face Recording (Mien)")


def draw_help(menu: Menu, context: Context) -> None:
    """The report for whoever helps, in Help."""
    assert menu.layout is not None
    menu.layout.operator(MIEN_OT_write_report.bl_idname, text="Write Report (Mien)", icon="TEXT")


_ENTRIES = (
    (DENSITY_MENU, draw_simplify),
    (IMPORT_MENU, draw_import),
    (EXPORT_MENU, draw_export),
    (HELP_MENU, draw_help),
)


def add_entries() -> None:
    """Add them."""
    for menu, draw in _ENTRIES:
        menu.append(draw)


def remove_entries() -> None:
    """Take them away."""
    for menu, draw in _ENTRIES:
        menu.remove(draw)
