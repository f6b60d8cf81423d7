# SPDX-License-Identifier: GPL-3.0-or-later
"""What Mien adds to Blender's own menus."""

from __future__ import annotations

from typing import Any

from bpy import types
from bpy.types import Context, Menu, Operator, UILayout

from . import manual
from .operators import (
    bake,
    batch,
    character,
    curves,
    expressions,
    face_preview,
    footage,
    gallery,
    inventing,
    library,
    live_face,
    mapping,
    preview,
    recipe_stack,
    refine,
    report,
    take,
    take_export,
    take_folder,
    transfer,
    trim,
)
from .translations import CONTEXT

# The stubs take what is appended for a method.
DENSITY_MENU: Any = types.GRAPH_MT_key_density
KEY_MENU: Any = types.GRAPH_MT_key
OBJECT_MENU: Any = types.VIEW3D_MT_object
POSE_MENU: Any = types.VIEW3D_MT_pose
IMPORT_MENU: Any = types.TOPBAR_MT_file_import
EXPORT_MENU: Any = types.TOPBAR_MT_file_export
HELP_MENU: Any = types.TOPBAR_MT_help

# What acts on the selected row of a list, or on a picture, and means nothing away from it.
OF_A_ROW = frozenset(
    {
        "mien.correct_mapping",
        "mien.leave_channel_out",
        "mien.duplicate_recipe_step",
        "mien.move_recipe_step",
        "mien.remove_recipe_step",
        "mien.apply_picture",
        "mien.key_picture",
        "mien.apply_expression_asset",
        "mien.remove_step",
    }
)


class MienMenu(Menu):
    """Base of each menu: the operators of some modules. Search (F3) finds what menus hold."""

    bl_translation_context = CONTEXT
    modules: tuple[Any, ...] = ()

    def draw(self, context: Context) -> None:
        """An operator a line, a line between modules."""
        assert self.layout is not None
        for number, module in enumerate(self.modules):
            if number:
                self.layout.separator()
            for kind in operators_of(module):
                draw_operator(self.layout, kind)


class MIEN_MT_take(MienMenu):
    """Footage, takes, and which part of a take is used."""

    bl_label = "Take"
    modules = (take, take_export, take_folder, trim, footage)


class MIEN_MT_character(MienMenu):
    """Who it is for."""

    bl_label = "Character"
    modules = (character, mapping, transfer)


class MIEN_MT_performance(MienMenu):
    """What is done to the take, and what needs none."""

    bl_label = "Performance"
    modules = (
        refine,
        recipe_stack,
        face_preview,
        expressions,
        gallery,
        library,
        inventing,
        live_face,
    )


class MIEN_MT_bake(MienMenu):
    """Takes become Actions."""

    bl_label = "Bake"
    modules = (bake, preview, curves)


class MIEN_MT_batch(MienMenu):
    """Many shots in one go."""

    bl_label = "Batch"
    modules = (batch,)


class MIEN_MT_mien(Menu):
    """All that Mien does, in the order of work."""

    bl_label = "Mien"

    def draw(self, context: Context) -> None:
        """A menu a panel."""
        assert self.layout is not None
        for menu in SECTIONS:
            self.layout.menu(menu.__name__)


class MIEN_MT_curves(Menu):
    """What Mien does on the timeline and to its curves."""

    bl_label = "Mien"

    def draw(self, context: Context) -> None:
        """The bake, its curves, and what the current frame says of the take."""
        assert self.layout is not None
        self.layout.operator(bake.MIEN_OT_bake.bl_idname)
        self.layout.separator()
        for kind in operators_of(curves):
            draw_operator(self.layout, kind)
        self.layout.separator()
        self.layout.operator(recipe_stack.MIEN_OT_rest_at_frame.bl_idname)
        for kind in operators_of(trim):
            draw_operator(self.layout, kind)
        self.layout.operator(inventing.MIEN_OT_find_moments.bl_idname)


SECTIONS = (MIEN_MT_take, MIEN_MT_character, MIEN_MT_performance, MIEN_MT_bake, MIEN_MT_batch)


def operators_of(module: Any) -> list[Any]:
    """The operators of a module that make sense in a menu."""
    return [
        kind
        for kind in module.CLASSES
        if issubclass(kind, Operator)
        and "INTERNAL" not in getattr(kind, "bl_options", ())
        and kind.bl_idname not in OF_A_ROW
    ]


def draw_operator(layout: UILayout, kind: Any) -> None:
    """A line of a menu, or one for each thing that the operator may do."""
    if kind is trim.MIEN_OT_trim_at_frame:
        layout.operator(kind.bl_idname, text="Start Take Here").edge = "START"
        layout.operator(kind.bl_idname, text="End Take Here").edge = "END"
    elif kind is recipe_stack.MIEN_OT_add_recipe_step:
        layout.menu("MIEN_MT_add_recipe_step")
    else:
        layout.operator(kind.bl_idname)


def draw_mien(menu: Menu, context: Context) -> None:
    """All of Mien, in Object and Pose."""
    assert menu.layout is not None
    menu.layout.separator()
    menu.layout.menu(MIEN_MT_mien.__name__)


def draw_curves(menu: Menu, context: Context) -> None:
    """What concerns curves, in the Graph Editor's menu Key."""
    assert menu.layout is not None
    menu.layout.separator()
    menu.layout.menu(MIEN_MT_curves.__name__)


def draw_simplify(menu: Menu, context: Context) -> None:
    """Simplify, in the Graph Editor's menu Key › Density, after Blender's Decimate."""
    assert menu.layout is not None
    menu.layout.separator()
    menu.layout.operator(curves.MIEN_OT_simplify_curves.bl_idname).of = "SELECTED"


def draw_import(menu: Menu, context: Context) -> None:
    """Recordings of faces, in File › Import."""
    assert menu.layout is not None
    menu.layout.operator(take.MIEN_OT_load_take.bl_idname, text="Face Recording (Mien)")


def draw_export(menu: Menu, context: Context) -> None:
    """The take in use, in File › Export."""
    assert menu.layout is not None
    menu.layout.operator(take_export.MIEN_OT_export_take.bl_idname, text="Face Recording (Mien)")


def draw_help(menu: Menu, context: Context) -> None:
    """The manual, and the report for whoever helps, in Help."""
    assert menu.layout is not None
    menu.layout.operator(manual.MIEN_OT_open_manual.bl_idname, text="Manual (Mien)", icon="HELP")
    menu.layout.operator(
        report.MIEN_OT_write_report.bl_idname, text="Write Report (Mien)", icon="TEXT"
    )


_ENTRIES = (
    (OBJECT_MENU, draw_mien),
    (POSE_MENU, draw_mien),
    (KEY_MENU, draw_curves),
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


CLASSES: tuple[type, ...] = (*SECTIONS, MIEN_MT_mien, MIEN_MT_curves)
