# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien's commands: ``mien …`` and ``blender --command mien …`` run this same code.

Exit codes: 0 done, 1 failed with one clear line on the standard error, 2 bad use.
Blender's module is imported by the commands that need it only.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..models.errors import MienError
from .batch_commands import add_batch_command
from .capture_commands import add_capture_commands
from .console import progress_line, without_blenders_remarks
from .expression_commands import add_expression_commands
from .format_commands import add_format_commands
from .gallery_commands import add_gallery_command
from .key_arguments import add_bake_arguments, add_tolerance_argument, bake_options
from .network_commands import add_network_commands, add_refine_arguments, with_refine
from .output_commands import add_output_commands
from .transfer_commands import add_transfer_command

if TYPE_CHECKING:
    from ..models.recipe import Recipe

CLEAN_METHODS = ("none", "butterworth", "gaussian", "median", "wavelet")

Result = dict[str, Any]


class CommandError(MienError):
    """A command cannot do what it was asked."""


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit code."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as exit_:
        # Inside `blender --command` a SystemExit would end Blender without a code.
        return int(exit_.code or 0)
    with nullcontext() if options.verbose else without_blenders_remarks():
        return run(options)


def run(options: argparse.Namespace) -> int:
    """Run what was asked for; its exit code. Whatever goes wrong is one line."""
    try:
        result = options.action(options)
        if options.json is not None:
            write_json(options.json, result)
    except MienError as error:
        print(f"mien: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"mien: {_system_reason(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("mien: stopped; nothing was written.", file=sys.stderr)
        return 1
    return 0


def _system_reason(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}. Check the disk's space and the folder's rights."


def write_json(path: Path, result: Result) -> None:
    """Write a result for a machine; the file appears when it is complete."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


# --- The commands --------------------------------------------------------------------------


def character(options: argparse.Namespace) -> Result:
    """Nothing → a .blend with the demo character."""
    import bpy

    from ..models.take import read_take
    from .blend_files import current_scene, save_blend, set_rate
    from .demo import build_demo_character, build_demo_scene

    bpy.ops.wm.read_homefile(use_empty=True)
    build_demo_character()
    build_demo_scene()
    if options.rate_of is not None:
        set_rate(current_scene(), read_take(options.rate_of).performance.rate)
    save_blend(options.output)
    print(f"Demo character: {options.output}")
    return {"blend": str(options.output)}


def bake(options: argparse.Namespace) -> Result:
    """Take + character → a .blend with the animation."""
    from ..models.batch.overview import overview
    from ..models.recipe import evaluate
    from ..models.take import read_take
    from .bake import bake
    from .blend_files import fit_range, open_blend, save_blend
    from .character import find_character
    from .corrections import add_corrections_layer
    from .mapping import match

    take = read_take(options.take)
    scene = open_blend(options.blend)
    person = chosen_character(options.character, options.blend)
    recipe = chosen_recipe(options, take.recipe)
    performance = evaluate(recipe, take.performance)
    result = bake(performance, person, match(person), bake_options(options))
    if options.corrections:
        # Found again: the bake may have made an empty for the head.
        add_corrections_layer(find_character(person.armature or person.meshes[0]))
    if options.fit_range:
        fit_range(scene, options.start_frame, performance.duration)
    save_blend(options.output)
    print(result.words())
    print(f"Baked: {options.output}")
    return {
        "blend": str(options.output),
        **result.to_json(),
        "performance": overview(take.performance, recipe, performance),
    }


def simplify(options: argparse.Namespace) -> Result:
    """A .blend with animation → one whose curves have fewer keys."""
    from .blend_files import open_blend, save_blend
    from .simplify import simplify_curves

    open_blend(options.blend)
    result = simplify_curves(
        chosen_curves(options.action_name, options.blend),
        options.tolerance,
        whole_frames=options.whole_frames,
    )
    save_blend(options.output)
    print(result.words())
    print(f"Simplified: {options.output}")
    return {"blend": str(options.output), **result.to_json()}


def render(options: argparse.Namespace) -> Result:
    """A .blend → video."""
    from .blend_files import open_blend
    from .render import RenderOptions, ensure_camera, render_video

    scene = open_blend(options.blend)
    ensure_camera(scene, [item for item in scene.objects if item.type == "MESH"])
    frames = render_video(
        scene,
        options.output,
        RenderOptions(options.engine, options.size, options.samples),
        beside=options.beside,
        progress=progress_line("Rendering"),
    )
    print(f"{frames} frames: {options.output}")
    return {"video": str(options.output), "frames": frames}


def inspect(options: argparse.Namespace) -> Result:
    """What a take, a .blend or footage holds."""
    from . import inspection

    findings = inspection.inspect(options.path)
    print(findings.words)
    if options.plot is not None:
        if findings.facts["kind"] != "take":
            raise CommandError(f"{options.path} is no take, so it has no curves to draw.")
        plot(options)
        print(f"Curves: {options.plot}")
    return findings.facts


def plot(options: argparse.Namespace) -> None:
    """Draw a take's curves before and after its recipe."""
    from ..models.recipe import evaluate
    from ..models.take import read_take
    from .inspection import plot

    take = read_take(options.path)
    plot(take.performance, evaluate(take.recipe, take.performance), options.plot)


# --- Steps that several commands share -----------------------------------------------------


def chosen_character(name: str | None, blend: Path) -> Any:
    """The character that an object of this name belongs to, or the only one there is.

    Raises CommandError if the name is unknown, or if it is not clear which is meant.
    """
    from .blend_files import current_scene
    from .character import find_character, find_characters

    scene = current_scene()
    if name is not None:
        if name not in scene.objects:
            known = ", ".join(sorted(item.name for item in scene.objects)) or "none"
            raise CommandError(f"{blend} has no object “{name}”. Its objects: {known}.")
        return find_character(scene.objects[name])
    found = find_characters(scene)
    if not found:
        raise CommandError(f"No mesh in {blend} has shape keys: choose the file of a character.")
    if len(found) > 1:
        names = ", ".join(character.name for character in found)
        raise CommandError(f"{blend} has several characters ({names}): choose with --character.")
    return found[0]


def chosen_curves(action: str | None, blend: Path) -> list[Any]:
    """The F-Curves of the Action of this name, or of all.

    Raises CommandError if the file has no Action, or none of this name.
    """
    import bpy

    from .animation import curves_of_action

    actions = [each for each in bpy.data.actions if action is None or each.name == action]
    if not actions:
        known = ", ".join(each.name for each in bpy.data.actions) or "none"
        wanted = "no Action" if action is None else f"no Action “{action}”"
        raise CommandError(f"{blend} has {wanted}. Its Actions: {known}.")
    return [curve for each in actions for curve in curves_of_action(each)]


def chosen_recipe(options: argparse.Namespace, own: Recipe) -> Recipe:
    """The recipe of --recipe or the take's own, with what the other arguments change.

    Raises CommandError if there is no such file, RecipeError if it holds no recipe.
    """
    from ..models.recipe import Recipe

    recipe = own
    if options.recipe is not None:
        if not options.recipe.is_file():
            raise CommandError(f"There is no file {options.recipe}.")
        recipe = Recipe.from_json(options.recipe.read_text(encoding="utf-8"))
    recipe = with_clean(with_neutral(recipe, options.neutral), options.clean)
    return with_seed(with_refine(recipe, options.refine, options.weights), options.seed)


def with_neutral(recipe: Recipe, neutral: str | float | None) -> Recipe:
    """The recipe with another neutral: "auto", "none" or seconds; None changes nothing."""
    from ..models.recipe import Recipe, Step

    if neutral is None:
        return recipe
    others = tuple(step for step in recipe.steps if step.name != "neutral")
    if neutral == "none":
        return Recipe(others)
    settings = {} if neutral == "auto" else {"at": neutral}
    return Recipe((Step("neutral", settings), *others))


def with_clean(recipe: Recipe, method: str | None) -> Recipe:
    """The recipe with a filter in place of cleaning and refining; "none" leaves both out."""
    from ..models.recipe import Recipe, Step

    if method is None:
        return recipe
    others = tuple(step for step in recipe.steps if step.name not in ("clean", "refine"))
    if method == "none":
        return Recipe(others)
    return Recipe((*others, Step("clean", {"method": method})))


def with_seed(recipe: Recipe, seed: int | None) -> Recipe:
    """The recipe with this seed in each step that takes one; None changes nothing."""
    from ..models.recipe import Recipe, Step
    from ..models.steps import defaults

    if seed is None:
        return recipe
    return Recipe(
        tuple(
            Step(step.name, {**step.settings, "seed": seed})
            if "seed" in defaults(step.name)
            else step
            for step in recipe.steps
        )
    )


# --- The command line ----------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    root = argparse.ArgumentParser(
        prog="mien", description="Footage of a face becomes keyframes on a character."
    )
    commands = root.add_subparsers(required=True, metavar="COMMAND")

    add_capture_commands(lambda name, action: _command(commands, name, action), _neutral)

    command = _command(commands, "character", character)
    command.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.blend")
    command.add_argument("--rate-of", type=Path, metavar="TAKE", help="frame rate as this take's")

    command = _command(commands, "bake", bake)
    command.add_argument("take", type=Path, metavar="TAKE")
    command.add_argument("--blend", type=Path, required=True, metavar="FILE")
    command.add_argument("--character", metavar="NAME", help="an object of the character")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.blend")
    _add_recipe_arguments(command)
    add_bake_arguments(command)
    command.add_argument("--fit-range", action="store_true", help="scene range = the bake's")
    command.add_argument(
        "--corrections", action="store_true", help="add a layer above it for keys by hand"
    )

    command = _command(commands, "simplify", simplify)
    command.add_argument("blend", type=Path, metavar="BLEND")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.blend")
    command.add_argument("--action", dest="action_name", metavar="NAME", help="this Action only")
    add_tolerance_argument(command)
    command.add_argument("--whole-frames", action="store_true", help="keys on whole frames only")

    command = _command(commands, "render", render)
    command.add_argument("blend", type=Path, metavar="BLEND")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.mp4")
    command.add_argument("--engine", choices=["workbench", "eevee", "cycles"])
    command.add_argument("--size", type=_size, metavar="WxH")
    command.add_argument("--samples", type=int, metavar="N", help="samples a pixel")
    command.add_argument("--beside", type=Path, metavar="FOOTAGE", help="shown at its left side")

    command = _command(commands, "inspect", inspect)
    command.add_argument("path", type=Path, metavar="TAKE|BLEND|MODEL|FOOTAGE")
    command.add_argument("--plot", type=Path, metavar="FILE.png", help="curves of a take")

    add_format_commands(lambda name, action: _command(commands, name, action))
    add_network_commands(lambda name, action: _command(commands, name, action))
    add_expression_commands(lambda name, action: _command(commands, name, action))
    add_gallery_command(lambda name, action: _command(commands, name, action))
    add_transfer_command(lambda name, action: _command(commands, name, action))
    add_output_commands(
        lambda name, action: _command(commands, name, action), _size, _add_recipe_arguments
    )
    add_batch_command(lambda name, action: _command(commands, name, action))
    return root


def _add_recipe_arguments(command: Any) -> None:
    """What `chosen_recipe` takes."""
    command.add_argument("--recipe", type=Path, metavar="FILE.json", help="instead of the take's")
    command.add_argument("--neutral", type=_neutral, metavar="auto|none|SECONDS")
    command.add_argument(
        "--clean",
        choices=CLEAN_METHODS,
        help="a filter in place of cleaning and refining; none leaves all as is",
    )
    command.add_argument("--seed", type=int, metavar="N", help="of the steps that take one")
    add_refine_arguments(command)


def _command(commands: Any, name: str, action: Callable[[argparse.Namespace], Result]) -> Any:
    words = (action.__doc__ or "").strip()
    command = commands.add_parser(name, help=words, description=words)
    command.add_argument("--json", type=Path, metavar="FILE", help="write the result here, too")
    command.add_argument("--verbose", action="store_true", help="show Blender's own remarks")
    command.set_defaults(action=action)
    return command


def _neutral(text: str) -> str | float:
    """Read auto, none or seconds."""
    if text in ("auto", "none"):
        return text
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is neither auto, none nor seconds") from None


def _size(text: str) -> tuple[int, int]:
    """Read a size like 640x480."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"“{text}” is no size; write it like 1280x720")
    return int(width), int(height)
