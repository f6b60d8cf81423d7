# SPDX-License-Identifier: GPL-3.0-or-later
"""The take in use goes out as a file of another app; an Action comes in as a take."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event

from ...models.errors import FormatError
from ..scene_recipe import recipe_in_use
from ..take_in_use import use_take
from ..take_paths import as_absolute, as_stored, free_place, takes_folder
from ..translations.lookup import rpt_
from .choosing import FileChoosingOperator
from .reporting import NEEDS_TAKE, Outcome, ReportingOperator


@functools.cache
def _suffixes() -> dict[str, str]:
    """The ending of new files by format. Looked up late: formats need not be loaded before."""
    from ...models.formats import FORMATS

    return {kind.key: kind.suffixes[0] for kind in FORMATS if kind.write}


@functools.cache
def _items() -> list[tuple[str, str, str]]:
    # Blender keeps no copy of names that a function gives: they must stay.
    from ...models.formats import FORMATS

    return [
        (kind.key, kind.name, f"Write a {kind.name} file ({kind.suffixes[0]})")
        for kind in FORMATS
        if kind.write
    ]


def format_items(_owner: Any, _context: Context | None) -> list[tuple[str, str, str]]:
    """The formats that can be written, for an enumeration."""
    return _items()


class MIEN_OT_export_take(FileChoosingOperator):
    """Write the take in use as a file that other apps read"""

    bl_idname = "mien.export_take"
    bl_label = "Export Take"
    bl_options = {"REGISTER"}

    format: EnumProperty(
        name="Format",
        description="Which app's file",
        items=format_items,
    )
    with_recipe: BoolProperty(
        name="Apply Recipe",
        description="Write what the bake would show: cleaned and changed. Otherwise as captured",
        default=True,
    )
    filter_glob: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    check_existing: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take."""
        return "" if context.scene.mien.take else NEEDS_TAKE

    def invoke(self, context: Context, event: Event) -> Outcome:
        """Open the file browser with a name of the take's and the format's ending."""
        if not self.filepath:
            stem = Path(context.scene.mien.take.removeprefix("//")).stem or "take"
            self.filepath = stem + self._suffix()
            self.filter_glob = ";".join(dict.fromkeys(f"*{each}" for each in _suffixes().values()))
            context.window_manager.fileselect_add(self)
            return {"RUNNING_MODAL"}
        return self.execute(context)

    def check(self, context: Context) -> bool:
        """Blender's question, after a change in the browser, whether the name changes, too."""
        path = Path(self.filepath)
        if path.suffix == self._suffix():
            return False
        name = path.stem if path.suffix in _suffixes().values() else path.name
        self.filepath = str(path.with_name(name + self._suffix()))
        return True

    def run(self, context: Context) -> Outcome:
        """Read the take, follow its recipe if asked, and write the file."""
        from ...models.formats import write
        from ...models.recipe import evaluate
        from ...models.take import read_take

        settings = context.scene.mien
        performance = read_take(as_absolute(settings.take)).performance
        if self.with_recipe:
            performance = evaluate(recipe_in_use(settings), performance)
        path = Path(bpy.path.abspath(self.filepath))
        if path.is_dir():
            raise FormatError(f"“{path}” is a folder; give the file a name.")
        write(path, performance, self.format)
        self.report({"INFO"}, f"“{path.name}”: {performance.duration:.1f} s")
        return {"FINISHED"}

    def _suffix(self) -> str:
        return _suffixes()[self.format]


class MIEN_OT_take_from_action(ReportingOperator):
    """Make a take of the selected character's animation, to refine it or bake it on another"""

    bl_idname = "mien.take_from_action"
    bl_label = "Take from Action"
    bl_options = {"REGISTER", "UNDO"}

    action: StringProperty(
        name="Action",
        description="The Action that is read; empty = what is assigned to the character",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a character."""
        from ..active_character import summary_of

        return summary_of(context.object).problem

    def run(self, context: Context) -> Outcome:
        """Read the curves, write the take, and use it."""
        from ...blender_ops.action_take import performance_of_action
        from ...blender_ops.animation import AnimationError
        from ...blender_ops.character import find_character
        from ...blender_ops.mapping import match
        from ...models.recipe import Recipe
        from ...models.take import write_take

        chosen: Any = bpy.data.actions.get(self.action) if self.action else None
        if self.action and chosen is None:
            raise AnimationError(f"There is no Action “{self.action}”; choose another one.")
        scene: Any = context.scene
        character = find_character(context.object)
        performance = performance_of_action(character, match(character), scene, chosen)
        place = free_place(takes_folder(), performance.source.text)
        # Animation has no rest to be found, and is as smooth as it was made.
        take = write_take(place, performance, recipe=Recipe())
        use_take(
            scene.mien,
            as_stored(take.folder),
            frames=len(performance),
            duration=performance.duration,
            rate=performance.rate,
            seen=1.0,
            report="",
        )
        words = rpt_("“{name}” is in use: {seconds:.1f} s")
        self.report({"INFO"}, words.format(name=take.folder.name, seconds=performance.duration))
        return {"FINISHED"}


CLASSES = (MIEN_OT_export_take, MIEN_OT_take_from_action)
