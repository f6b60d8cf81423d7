# SPDX-License-Identifier: GPL-3.0-or-later
"""The command that gives a character face keys."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..models.errors import TransferError
from .console import progress_line

Result = dict[str, Any]


def transfer(options: argparse.Namespace) -> Result:
    """A .blend with a head that lacks face keys → one in which it has them."""
    from .blend_files import open_blend, save_blend
    from .transfer import transfer_face_keys
    from .transfer.templates import demo_template, template_in_file

    scene = open_blend(options.character)
    chosen = _chosen(scene, options.object, options.character)
    template = demo_template() if options.template is None else template_in_file(options.template)
    result = transfer_face_keys(chosen, template, progress_line("Transferring"))
    save_blend(options.output)
    print(result.words())
    print(f"Transferred: {options.output}")
    return {
        "blend": str(options.output),
        "character": result.name,
        "added": list(result.added),
        "meshes": result.meshes,
    }


def _chosen(scene: Any, name: str | None, path: Path) -> Any:
    """The object of this name, or the mesh with the most points."""
    if name is not None:
        if name not in scene.objects:
            known = ", ".join(sorted(item.name for item in scene.objects)) or "none"
            raise TransferError(f"{path} has no object “{name}”. Its objects: {known}.")
        return scene.objects[name]
    meshes = [item for item in scene.objects if item.type == "MESH" and item.data.polygons]
    if not meshes:
        raise TransferError(f"No mesh in {path} has faces: choose the file of a character.")
    return max(meshes, key=lambda item: len(item.data.vertices))


def add_transfer_command(add: Callable[[str, Callable[[argparse.Namespace], Result]], Any]) -> None:
    """Give the parser this command. add: makes the parser of a name and an action."""
    command = add("transfer", transfer)
    command.add_argument("character", type=Path, metavar="CHARACTER.blend")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.blend")
    command.add_argument(
        "--template", type=Path, metavar="FILE.blend", help="a head with face keys of your own"
    )
    command.add_argument("--object", metavar="NAME", help="an object of the character")
