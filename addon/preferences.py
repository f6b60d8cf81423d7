# SPDX-License-Identifier: GPL-3.0-or-later
"""What the animator sets once, for every file."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import StringProperty
from bpy.types import AddonPreferences, Context

# "mien" in a checkout, "bl_ext.user_default.mien" in Blender.
BASE_PACKAGE = (__package__ or "").rpartition(".")[0]


def relative_path_option() -> set[str]:
    """What a path property needs so that `//` stays as it is: from Blender 4.5 on."""
    return {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5, 0) else set()


class MienPreferences(AddonPreferences):
    """Mien's part of the preferences window."""

    bl_idname = BASE_PACKAGE

    takes_folder: StringProperty(
        name="Takes",
        description=(
            "Where captured takes are stored. // is the folder of the .blend file; takes of "
            "a file that was never saved go to the extension's folder in your user files"
        ),
        default="//takes",
        subtype="DIR_PATH",
        options=relative_path_option(),
    )

    refiner_folder: StringProperty(
        name="Refiner",
        description=(
            "Folder with the weights of a refiner of your own and their cards, as mien train "
            "writes them. Empty: those that come with Mien"
        ),
        subtype="DIR_PATH",
        update=lambda self, context: self.check_refiner(),
    )
    refiner_problem: StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    model_folder: StringProperty(
        name="Expression Model",
        description=(
            "Folder with the weights of expression and motion models of your own and their "
            "cards, as mien train writes them. Empty: those that come with Mien"
        ),
        subtype="DIR_PATH",
    )

    def check_refiner(self) -> None:
        """Find out whether the chosen weights can be used, for the row below them."""
        from ..models.errors import WeightsError
        from ..models.gan.runtime import check

        self.refiner_problem = ""
        if self.refiner_folder:
            try:
                check(bpy.path.abspath(self.refiner_folder))
            except WeightsError as problem:
                self.refiner_problem = str(problem)

    def draw(self, context: Context) -> None:
        """The folders, and what is wrong with one."""
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "takes_folder")
        layout.prop(self, "refiner_folder")
        if self.refiner_problem:
            layout.label(text=self.refiner_problem, icon="ERROR")
        layout.prop(self, "model_folder")
        layout.operator("mien.write_report", icon="TEXT")


class _Defaults:
    """Stands in where Mien is not enabled as an add-on: a script or a test."""

    takes_folder = "//takes"
    refiner_folder = ""
    model_folder = ""


def preferences() -> Any:
    """Mien's preferences in this Blender."""
    addon = bpy.context.preferences.addons.get(BASE_PACKAGE)
    return _Defaults() if addon is None or addon.preferences is None else addon.preferences


def refiner_folder() -> str:
    """The folder of the chosen refiner's weights; "" for those that come with Mien."""
    chosen = preferences().refiner_folder
    return bpy.path.abspath(chosen) if chosen else ""


def model_folder() -> str:
    """The folder of the chosen expression model's weights; "" for those that come with Mien."""
    chosen = preferences().model_folder
    return bpy.path.abspath(chosen) if chosen else ""
