# SPDX-License-Identifier: GPL-3.0-or-later
"""The command that shows expressions as pictures of a character."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .console import progress_line

Result = dict[str, Any]


def gallery(options: argparse.Namespace) -> Result:
    """Character → a sheet of pictures of it with invented expressions."""
    from ..models.arkit import CHANNELS
    from ..models.vae.runtime import ExpressionModel
    from ..models.vae.sample import sample_expressions
    from .blend_files import open_blend
    from .commands import chosen_character
    from .gallery import contact_sheet, pictures_in_steps, write_picture
    from .mapping import match

    open_blend(options.blend)
    character = chosen_character(options.character, options.blend)
    expressions = sample_expressions(
        options.count,
        options.seed,
        options.temperature,
        options.emotion,
        model=ExpressionModel(options.weights),
    )
    tell = progress_line("Taking pictures")
    steps = pictures_in_steps(character, match(character), expressions, size=options.size)
    while True:
        try:
            tell(next(steps), "")
        except StopIteration as end:
            made = end.value
            break
    write_picture(contact_sheet(made, options.columns), options.output)
    print(f"Gallery: {options.output}")
    return {
        "sheet": str(options.output),
        "character": character.name,
        "emotion": options.emotion,
        "seed": options.seed,
        "temperature": options.temperature,
        "expressions": [
            {name: round(float(w), 4) for name, w in zip(CHANNELS, each, strict=True) if w > 1e-4}
            for each in expressions
        ],
    }


def add_gallery_command(add: Callable[[str, Callable[[argparse.Namespace], Result]], Any]) -> None:
    """Give the parser this command. add: makes the parser of a name and an action."""
    command = add("gallery", gallery)
    command.add_argument("blend", type=Path, metavar="CHARACTER.blend")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="SHEET.png")
    command.add_argument("--character", metavar="NAME", help="an object of the character")
    command.add_argument("--emotion", metavar="NAME", help="such as joy, or joy:0.7+surprise:0.3")
    command.add_argument("--count", type=int, default=12, metavar="N")
    command.add_argument("--columns", type=_count, default=4, metavar="N", help="side by side")
    command.add_argument("--size", type=_count, default=256, metavar="PIXELS", help="of a picture")
    command.add_argument("--temperature", type=float, default=1.0, metavar="T", help="0 = usual")
    command.add_argument("--seed", type=int, default=0, metavar="S", help="same seed, same result")
    command.add_argument("--weights", type=Path, metavar="DIR", help="instead of Mien's own")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"“{text}” is no number from 1 on")
    return number
