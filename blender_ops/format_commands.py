# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands around formats: one take into another format, an Action into a take."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..models.errors import FormatError
from ..models.formats import FORMATS

Result = dict[str, Any]

TAKE = "take"
WRITTEN = (TAKE, *(kind.key for kind in FORMATS if kind.write))


def convert(options: argparse.Namespace) -> Result:
    """A take, or a recording of another app, in another format."""
    from ..models.formats import write
    from ..models.recipe import Recipe, evaluate
    from ..models.take import read_take, write_take

    key = options.format or _format_of(options.output)
    take = read_take(options.take)
    performance = take.performance
    if options.recipe is not None:
        if not options.recipe.is_file():
            raise FormatError(f"There is no file {options.recipe}.")
        text = options.recipe.read_text(encoding="utf-8")
        performance = evaluate(Recipe.from_json(text), performance)
    elif options.own_recipe:
        performance = evaluate(take.recipe, performance)
    if key == TAKE:
        write_take(options.output, performance, report=take.report)
    else:
        write(options.output, performance, key)
    for warning in take.report.get("warnings", ()):
        print(f"{options.take.name}: {warning}")
    print(f"{len(performance)} frames, {performance.duration:.2f} s: {options.output} ({key})")
    return {"output": str(options.output), "format": key, "frames": len(performance)}


def from_action(options: argparse.Namespace) -> Result:
    """A .blend with animation → a take, to be cleaned, refined or baked on another character."""
    import bpy

    from ..models.recipe import Recipe
    from ..models.take import write_take
    from .action_take import performance_of_action
    from .blend_files import open_blend
    from .commands import CommandError, chosen_character
    from .mapping import match

    scene = open_blend(options.blend)
    character = chosen_character(options.character, options.blend)
    action = None
    if options.action_name is not None:
        action = bpy.data.actions.get(options.action_name)
        if action is None:
            known = ", ".join(each.name for each in bpy.data.actions) or "none"
            raise CommandError(
                f"{options.blend} has no Action “{options.action_name}”. Its Actions: {known}."
            )
    performance = performance_of_action(
        character, match(character), scene, action, options.start_frame, options.end_frame
    )
    # Animation has no rest to be found, and is as smooth as it was made.
    written = write_take(options.output, performance, recipe=Recipe())
    print(f"{len(performance)} samples, {performance.duration:.2f} s: {written.folder}")
    return {"take": str(written.folder), "samples": len(performance)}


def _format_of(output: Path) -> str:
    """The format that a name asks for. Raises FormatError where that is not clear."""
    suffix = output.suffix.lower()
    if not suffix:
        return TAKE
    fitting = [kind.key for kind in FORMATS if kind.write and suffix in kind.suffixes]
    if len(fitting) == 1:
        return fitting[0]
    choice = ", ".join(fitting or WRITTEN)
    raise FormatError(f"“{output.name}” could be of several formats; choose --format: {choice}.")


def add_format_commands(add: Callable[[str, Callable[[argparse.Namespace], Result]], Any]) -> None:
    """Give the parser these commands. add: makes the parser of a name and an action."""
    command = add("convert", convert)
    command.add_argument("take", type=Path, metavar="TAKE", help="a take, or any known recording")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    command.add_argument(
        "--format", choices=WRITTEN, help="of the output; by its name where that is clear"
    )
    command.add_argument("--recipe", type=Path, metavar="FILE.json", help="apply this first")
    command.add_argument(
        "--own-recipe", action="store_true", help="apply the take's own recipe first"
    )

    command = add("from-action", from_action)
    command.add_argument("blend", type=Path, metavar="BLEND")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="TAKE")
    command.add_argument("--character", metavar="NAME", help="an object of the character")
    command.add_argument(
        "--action", dest="action_name", metavar="NAME", help="instead of what is assigned"
    )
    command.add_argument("--start", dest="start_frame", type=float, metavar="FRAME")
    command.add_argument("--end", dest="end_frame", type=float, metavar="FRAME")
