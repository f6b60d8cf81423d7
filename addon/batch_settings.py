# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel "Batch" remembers: `scene.mien_batch`."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import IntProperty, PointerProperty, StringProperty
from bpy.types import PropertyGroup


class MienBatchSettings(PropertyGroup):
    """A shot list and where its results go."""

    shots: StringProperty(
        name="Shot List",
        description="A .toml or .csv that names footage, characters and what to make of them",
        subtype="FILE_PATH",
    )
    folder: StringProperty(
        name="Results",
        description="The folder for takes, .blend files, videos and the report",
        subtype="DIR_PATH",
        default="//batch",
    )
    jobs: IntProperty(
        name="Processes",
        description="How many shots are worked on at once; each takes a processor and memory",
        min=1,
        soft_max=16,
        default=1,
    )
    report: StringProperty(name="Report", description="What the last batch did")


def add_settings() -> None:
    """Give every scene the settings."""
    pointer: Any = PointerProperty  # The stubs say that it returns nothing.
    bpy.types.Scene.mien_batch = pointer(type=MienBatchSettings)  # type: ignore[attr-defined]


def remove_settings() -> None:
    """Take them away again."""
    del bpy.types.Scene.mien_batch  # type: ignore[attr-defined]
