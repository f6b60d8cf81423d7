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

    def draw(self, context: Context) -> None:
        """One row: the folder."""
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "takes_folder")


class _Defaults:
    """Stands in where Mien is not enabled as an add-on: a script or a test."""

    takes_folder = "//takes"


def preferences() -> Any:
    """Mien's preferences in this Blender."""
    addon = bpy.context.preferences.addons.get(BASE_PACKAGE)
    return _Defaults() if addon is None or addon.preferences is None else addon.preferences
