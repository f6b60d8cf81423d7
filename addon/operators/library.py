# SPDX-License-Identifier: GPL-3.0-or-later
"""Chosen pictures become assets, and an asset is put on a character."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.app.translations import pgettext_data as data_
from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty
from bpy.types import Context

from ...models.errors import MienError
from ..active_character import summary_of
from ..face_preview import why_held
from ..gallery_pictures import GALLERY
from ..gallery_settings import ANY, FACE_NOW
from ..translations import CONTEXT
from ..translations.lookup import rpt_
from .gallery import NO_PICTURES, STRENGTH, character_and_mapping, show_on_character
from .reporting import Outcome, ReportingOperator

if TYPE_CHECKING:
    from ...models.performance import Floats

# What Blender says of the library an asset lies in, by its own names and numbers.
_LIBRARIES = (
    ("ALL", "All Libraries", "All of them", 2),
    ("LOCAL", "Current File", "The file that is open", 1),
    ("ESSENTIALS", "Essentials", "What comes with Blender", 3),
    ("ONLINE_ESSENTIALS", "Online Essentials", "What Blender offers online", 4),
    ("CUSTOM", "Custom", "A library of the preferences", 100),
)


class MIEN_OT_save_expressions(ReportingOperator):
    """Keep the chosen pictures as assets, in the catalogue Expressions beside the file"""

    bl_idname = "mien.save_expressions"
    bl_label = "Save as Assets"
    bl_options = {"REGISTER", "UNDO"}

    poses: BoolProperty(
        name="Pose Assets",
        description=(
            "Save what the bones of the face do as pose assets, too, which Blender's pose "
            "library applies to this rig; by itself where bones move most of the face"
        ),
        options={"SKIP_SAVE"},
    )

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without pictures, a choice, a character, or a file that catalogues can lie beside."""
        if not len(GALLERY):
            return NO_PICTURES
        if problem := summary_of(context.object).problem:
            return problem
        if not any(context.window_manager.mien_gallery.chosen):
            return "Choose pictures first"
        if not bpy.data.filepath:
            return "Save the file first: the catalogue of assets lies beside it"
        return ""

    def run(self, context: Context) -> Outcome:
        """Make the Actions, mark them, and let asset browsers know."""
        from ...blender_ops.asset_catalogs import as_part, catalog_of_path
        from ...blender_ops.library import (
            ROOT,
            Picked,
            is_moved_by_bones,
            save_expression,
            save_pose,
        )
        from ...blender_ops.posing import Face

        character, mapping = character_and_mapping(context)
        if not self.properties.is_property_set("poses"):
            self.poses = is_moved_by_bones(mapping)
        face = Face(character, mapping) if self.poses else None
        folder = _catalog_folder()
        subject = _subject_in_words()
        catalog = catalog_of_path(folder, f"{ROOT}/{subject}")
        made = []
        for number in _chosen(context):
            assert GALLERY.expressions is not None and GALLERY.pictures is not None
            picked = Picked(
                f"{subject} {number + 1}", GALLERY.expressions[number], GALLERY.pictures[number]
            )
            made.append(save_expression(picked, catalog))
            if face is not None:
                poses = catalog_of_path(folder, f"{ROOT}/{as_part(face.character.name)}")
                made.append(save_pose(picked, face, poses))
        _refresh_asset_browsers(context)
        self.report({"INFO"}, rpt_("Assets saved: {count}").format(count=len(made)))
        return {"FINISHED"}


class MIEN_OT_apply_expression_asset(ReportingOperator):
    """Give the character the expression of an asset, without keys"""

    bl_idname = "mien.apply_expression_asset"
    bl_label = "Apply Expression"
    bl_options = {"REGISTER", "UNDO"}

    strength: FloatProperty(**STRENGTH, options={"SKIP_SAVE"})
    # By these Blender's asset shelf says which asset was clicked.
    asset_library_type: EnumProperty(
        name="Library",
        description="The kind of library that the asset lies in",
        items=_LIBRARIES,
        default="LOCAL",
        options={"HIDDEN", "SKIP_SAVE"},
    )
    asset_library_identifier: StringProperty(
        name="Library Name",
        description="The library's name in the preferences",
        options={"HIDDEN", "SKIP_SAVE"},
    )
    relative_asset_identifier: StringProperty(
        name="Asset",
        description="The asset in its library, such as Action/Joy 1",
        options={"HIDDEN", "SKIP_SAVE"},
    )

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a character, or while the preview holds its face."""
        return summary_of(context.object).problem or why_held(context)

    def run(self, context: Context) -> Outcome:
        """Read the asset and put it on."""
        show_on_character(context, self._expression(context), self.strength)
        return {"FINISHED"}

    def _expression(self, context: Context) -> Floats:
        """(52,) weights of the asset that is named, else of the one under the mouse."""
        from ...blender_ops.library import expression_in_file, expression_of_asset

        if not self.relative_asset_identifier:
            return expression_of_asset(asset_metadata(context))
        path = "/" + self.relative_asset_identifier.replace("\\", "/")
        file, _, name = path.rpartition("/Action/")
        if not file:
            action = bpy.data.actions.get(name)
            return expression_of_asset(action.asset_data if action else None)
        libraries = bpy.context.preferences.filepaths.asset_libraries
        library = libraries.get(self.asset_library_identifier)
        if library is None:
            raise MienError("The asset's library is no longer in the preferences; add it again.")
        return expression_in_file(Path(bpy.path.abspath(library.path)) / file[1:], name)


def asset_metadata(context: Context) -> Any:
    """The metadata of the asset that a menu or shelf was opened on, or None."""
    asset: Any = getattr(context, "asset", None)
    return asset.metadata if asset is not None else None


def _chosen(context: Context) -> Iterator[int]:
    chosen = context.window_manager.mien_gallery.chosen
    return (number for number in range(len(GALLERY)) if chosen[number])


def _subject_in_words() -> str:
    """What the pictures are of, as a catalogue and the names of assets say it."""
    words = {ANY: "Any", FACE_NOW: "Varied"}
    word = words.get(GALLERY.subject, GALLERY.subject.capitalize())
    return str(data_(word, CONTEXT))  # type: ignore[func-returns-value]


def _catalog_folder() -> Path:
    from ...blender_ops.asset_catalogs import folder_of_catalogs

    libraries = bpy.context.preferences.filepaths.asset_libraries
    return folder_of_catalogs(
        Path(bpy.data.filepath), [Path(bpy.path.abspath(each.path)) for each in libraries]
    )


def _refresh_asset_browsers(context: Context) -> None:
    """Let them read the catalogues again; without a window there are none."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.ui_type == "ASSETS":
                override: Any = context.temp_override(window=window, area=area)
                with override:
                    bpy.ops.asset.library_refresh()


CLASSES: tuple[Any, ...] = (MIEN_OT_save_expressions, MIEN_OT_apply_expression_asset)
