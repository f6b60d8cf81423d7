# SPDX-License-Identifier: GPL-3.0-or-later
"""The preset lists that open from the headers of "Bake" and "Performance"."""

from __future__ import annotations

from bl_ui.utils import PresetPanel
from bpy.types import Panel

from ..operators.presets import (
    BAKE,
    RECIPE,
    MIEN_OT_add_bake_preset,
    MIEN_OT_add_recipe_preset,
    MIEN_OT_use_preset,
)


class MIEN_PT_bake_presets(PresetPanel, Panel):  # type: ignore[misc]
    """How keys are set, for film, games and streaming."""

    bl_space_type = "VIEW_3D"
    bl_label = "Bake Presets"
    preset_subdir = BAKE
    preset_operator = MIEN_OT_use_preset.bl_idname
    preset_add_operator = MIEN_OT_add_bake_preset.bl_idname
    preset_operator_defaults = {"menu_idname": "MIEN_PT_bake_presets"}


class MIEN_PT_recipe_presets(PresetPanel, Panel):  # type: ignore[misc]
    """Recipes for film, games and streaming."""

    bl_space_type = "VIEW_3D"
    bl_label = "Recipe Presets"
    preset_subdir = RECIPE
    preset_operator = MIEN_OT_use_preset.bl_idname
    preset_add_operator = MIEN_OT_add_recipe_preset.bl_idname
    preset_operator_defaults = {"menu_idname": "MIEN_PT_recipe_presets"}


CLASSES: tuple[type, ...] = (MIEN_PT_bake_presets, MIEN_PT_recipe_presets)
