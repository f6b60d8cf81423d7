# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that make something of a bake: pictures, a film, an Action, a model, curves.

A batch runs these same commands, one in a process.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .console import progress_line

if TYPE_CHECKING:
    from .batch.stamp import Stamp

Result = dict[str, Any]


def stills(options: argparse.Namespace) -> Result:
    """A .blend → pictures of frames that are not there yet."""
    from .batch.light import light_face
    from .batch.pictures import chosen_frames, frame_face, render_missing
    from .blend_files import open_blend
    from .commands import chosen_character
    from .render import RenderOptions, apply_options

    scene = open_blend(options.blend)
    look = RenderOptions(options.engine, options.size, options.samples)
    apply_options(scene, look)
    if scene.camera is None:
        frame_face(scene, chosen_character(options.character, options.blend))
    light_face(scene)
    frames = chosen_frames(options.frames, scene)
    rendered = render_missing(
        scene,
        options.output,
        frames,
        look,
        _stamp(options),
        progress_line("Rendering"),
    )
    print(f"{rendered} of {len(frames)} frames were missing: {options.output}")
    return {"folder": str(options.output), "frames": len(frames)}


def _stamp(options: argparse.Namespace) -> Stamp | None:
    """What is written into the pictures."""
    from ..models.take import read_take
    from .batch.stamp import Stamp, seconds_of

    if options.stamp is None:
        return None
    start = options.footage_start
    if options.timecode_of is not None:
        start = seconds_of(read_take(options.timecode_of).performance.source, start)
    return Stamp(options.stamp, start, options.start_frame)


def film(options: argparse.Namespace) -> Result:
    """Pictures → video, with the footage's sound."""
    from .batch.film import FootageSound, write_film
    from .blend_files import open_blend

    scene = open_blend(options.rate_of)
    heard = None
    if options.audio is not None:
        heard = FootageSound(options.audio, options.audio_start, options.start_frame)
    frames, silence = write_film(options.pictures, scene, options.output, heard)
    print(f"{frames} frames: {options.output}")
    notes = [f"The video is silent: {silence}"] if silence else []
    for note in notes:
        print(f"{note}.")
    return {"video": str(options.output), "frames": frames, "notes": notes}


def action(options: argparse.Namespace) -> Result:
    """A baked .blend → a .blend with its Actions only."""
    from .batch.handover import write_actions
    from .blend_files import open_blend
    from .commands import chosen_character

    open_blend(options.blend)
    character = chosen_character(options.character, options.blend)
    names = write_actions(options.output, character)
    print(f"{', '.join(names)}: {options.output}")
    return {"blend": str(options.output), "actions": names}


def model(options: argparse.Namespace) -> Result:
    """A baked .blend → FBX or glTF with the animation."""
    from .batch.handover import write_model
    from .blend_files import open_blend
    from .commands import chosen_character

    scene = open_blend(options.blend)
    character = chosen_character(options.character, options.blend)
    objects = write_model(options.output, scene, character)
    print(f"{objects} objects: {options.output}")
    return {"output": str(options.output), "objects": objects}


def curves(options: argparse.Namespace) -> Result:
    """Take → a Live Link CSV of what its recipe makes of it."""
    from ..models.batch.overview import overview
    from ..models.formats import write
    from ..models.recipe import evaluate
    from ..models.take import read_take
    from .commands import chosen_recipe

    take = read_take(options.take)
    recipe = chosen_recipe(options, take.recipe)
    performance = evaluate(recipe, take.performance)
    write(options.output, performance, "live-link")
    print(f"{len(performance)} frames: {options.output}")
    return {
        "output": str(options.output),
        "frames": len(performance),
        "performance": overview(take.performance, recipe, performance),
    }


def add_output_commands(
    add: Callable[[str, Callable[[argparse.Namespace], Result]], Any],
    size: Callable[[str], tuple[int, int]],
    add_recipe_arguments: Callable[[Any], None],
) -> None:
    """Give the parser these commands. add: makes the parser of a name and an action."""
    command = add("stills", stills)
    command.add_argument("blend", type=Path, metavar="BLEND")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    command.add_argument("--frames", default="all", metavar="1-48,60|all|sample")
    command.add_argument("--engine", choices=["workbench", "eevee", "cycles"])
    command.add_argument("--size", type=size, metavar="WxH")
    command.add_argument("--samples", type=int, metavar="N", help="samples a pixel")
    command.add_argument("--character", metavar="NAME", help="whose face to frame")
    command.add_argument("--stamp", metavar="NAME", help="write name, timecode and frame on it")
    command.add_argument("--timecode-of", type=Path, metavar="TAKE", help="for the stamp")
    command.add_argument(
        "--footage-start", type=float, default=0.0, metavar="S", help="of a take without timecode"
    )
    command.add_argument("--start-frame", type=float, default=1.0, metavar="N")

    command = add("film", film)
    command.add_argument("pictures", type=Path, metavar="DIR", help="of `stills`")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.mp4")
    command.add_argument("--rate-of", type=Path, required=True, metavar="BLEND")
    command.add_argument("--audio", type=Path, metavar="FOOTAGE")
    command.add_argument("--audio-start", type=float, default=0.0, metavar="S")
    command.add_argument("--start-frame", type=float, default=1.0, metavar="N")

    for name, make, target in (("action", action, "OUT.blend"), ("model", model, "OUT.fbx|glb")):
        command = add(name, make)
        command.add_argument("blend", type=Path, metavar="BLEND")
        command.add_argument("-o", "--output", type=Path, required=True, metavar=target)
        command.add_argument("--character", metavar="NAME", help="an object of the character")

    command = add("curves", curves)
    command.add_argument("take", type=Path, metavar="TAKE")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.csv")
    add_recipe_arguments(command)
