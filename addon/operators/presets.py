# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets for Bake and for the recipe: Blender's own preset files, kept where it keeps them.

Those that come with Mien lie in `addon/presets`, which Blender never writes to; those that the
animator adds go to the user's scripts folder.
"""

from __future__ import annotations

import json
from pathlib import Path

import bpy
from bl_operators.presets import AddPresetBase
from bpy.props import StringProperty
from bpy.types import Context, Operator

from ...models.errors import RecipeError
from ..key_settings import KEY_SETTINGS
from ..recipe_stack import recipe_shown
from ..scene_recipe import recipe_in_use
from .bake import IN_PANEL
from .reporting import Outcome, ReportingOperator

FOLDER = Path(__file__).resolve().parent.parent
BAKE, RECIPE = "mien/bake", "mien/recipe"

# What belongs to the shot, and not to how a studio bakes.
_OF_THE_SHOT = ("start_frame", "use_range", "range_start", "range_end")
BAKE_SETTINGS = tuple(name for name in (*IN_PANEL, *KEY_SETTINGS) if name not in _OF_THE_SHOT)


class MIEN_OT_use_preset(ReportingOperator):
    """Use these settings"""

    bl_idname = "mien.use_preset"
    bl_label = "Use Preset"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    filepath: StringProperty(
        name="File",
        description="The preset",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    menu_idname: StringProperty(
        name="Menu", description="The menu it was chosen from", options={"SKIP_SAVE", "HIDDEN"}
    )

    def run(self, context: Context) -> Outcome:
        """As Blender's own operator does, but as one undo step, and keeping rest and trim."""
        if not Path(self.filepath).is_file():
            raise RecipeError(f"The preset “{self.filepath}” is gone; choose another.")
        settings = context.scene.mien
        before = settings.recipe
        used = recipe_in_use(settings) if settings.take else None
        bpy.ops.script.execute_preset(filepath=self.filepath, menu_idname=self.menu_idname)
        if used is not None and settings.recipe and settings.recipe != before:
            from ...models.recipe import Recipe
            from ...models.recipe_of_a_shot import for_the_shot

            settings.recipe = for_the_shot(Recipe.from_json(settings.recipe), used).to_json()
        return {"FINISHED"}


class MIEN_OT_add_bake_preset(AddPresetBase, Operator):  # type: ignore[misc]
    """Keep how keys are set as a preset, or remove one"""

    bl_idname = "mien.add_bake_preset"
    bl_label = "Add Bake Preset"
    preset_menu = "MIEN_PT_bake_presets"
    preset_subdir = BAKE
    preset_defines = ("settings = bpy.context.scene.mien",)
    preset_values = tuple(f"settings.{name}" for name in BAKE_SETTINGS)


class MIEN_OT_add_recipe_preset(AddPresetBase, Operator):  # type: ignore[misc]
    """Keep the recipe as a preset, or remove one"""

    bl_idname = "mien.add_recipe_preset"
    bl_label = "Add Recipe Preset"
    preset_menu = "MIEN_PT_recipe_presets"
    preset_subdir = RECIPE

    def add(self, context: Context, filepath: str) -> None:
        """Write the recipe in use, without what concerns this take alone."""
        from ...models.recipe_of_a_shot import without_the_shot

        recipe = without_the_shot(recipe_shown(context.scene.mien))
        Path(filepath).write_text(preset_text(recipe.to_json()), encoding="utf-8")


def preset_text(recipe: str) -> str:
    """The text of a preset file for a recipe."""
    said = json.dumps(json.loads(recipe), sort_keys=True, ensure_ascii=False)
    return f"import bpy\n\nbpy.context.scene.mien.recipe = {said!r}\n"


def add_folder() -> None:
    """Let Blender look for presets where Mien's lie."""
    bpy.utils.register_preset_path(str(FOLDER))


def remove_folder() -> None:
    """Look there no more."""
    bpy.utils.unregister_preset_path(str(FOLDER))


CLASSES = (MIEN_OT_use_preset, MIEN_OT_add_bake_preset, MIEN_OT_add_recipe_preset)
