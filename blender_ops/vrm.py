# SPDX-License-Identifier: GPL-3.0-or-later
"""The expressions of a VRM file: which of its shapes make each of them.

A VRM says for names that every program knows (blink, aa …) which morph targets move, whatever
those are called. Blender's glTF importer brings the morph targets and leaves the expressions.
(https://github.com/vrm-c/vrm-specification: 0.0/README.md, blendShapeMaster, weights in
percent; VRMC_vrm-1.0/expressions.md, weights of 1)
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from .character import Character, find_characters, shape_keys_of
from .mapping import Target, match
from .mapping.key_conventions import conventions
from .mapping.names import without_number
from .mapping.recognition import recognise
from .mapping.saved import save, saved_rows


@dataclass(frozen=True)
class Bind:
    """A shape that an expression moves. mesh, key: as the file names them. weight: 1 = all."""

    mesh: str
    key: str
    weight: float


def expressions_of(path: Path) -> dict[str, list[Bind]]:
    """The shapes of each expression of a VRM file, 0 or 1; {} for any other file."""
    file = _json_of(path)
    if file is None:
        return {}
    found: dict[str, list[Bind]] = {}
    try:
        for name, mesh, morph, weight in (*_of_version_0(file), *_of_version_1(file)):
            shape = file["meshes"][mesh]
            found.setdefault(name, []).append(
                Bind(shape.get("name", ""), _morph_names(shape)[morph], weight)
            )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return {}
    return found


def keep_expressions(scene: bpy.types.Scene, expressions: dict[str, list[Bind]]) -> None:
    """Keep with each character what its file says, for channels that no name of a key fills."""
    names = tuple(expressions)
    rows = recognise(names, conventions()).rows(names)
    for character in find_characters(scene):
        missing = match(character).missing
        kept = {
            channel: targets
            for channel, row in rows.items()
            if channel in missing
            and (
                targets := tuple(
                    target
                    for name, weight in row.weights.items()
                    for bind in expressions[name]
                    for target in _targets(character, bind, weight)
                )
            )
        }
        if kept:
            save(character, {**saved_rows(character), **kept})


def _targets(character: Character, bind: Bind, weight: float) -> Iterator[Target]:
    for mesh in character.meshes:
        # Blender numbers a second mesh of a name, and names one that has none in the file.
        is_meant = not bind.mesh or without_number(mesh.data.name) == without_number(bind.mesh)
        if is_meant and bind.key in shape_keys_of(mesh).key_blocks:
            yield Target(mesh, key=bind.key, weight=weight * bind.weight)


def _json_of(path: Path) -> Any:
    """The JSON part of a binary glTF file (its specification, 4.4), or None."""
    with path.open("rb") as file:
        head = file.read(20)
        if len(head) < 20 or head[:4] != b"glTF" or head[16:20] != b"JSON":
            return None
        (length,) = struct.unpack("<I", head[12:16])
        try:
            return json.loads(file.read(length))
        except ValueError:
            return None


def _morph_names(mesh: Any) -> list[str]:
    for holder in (mesh, mesh["primitives"][0]):
        if "targetNames" in holder.get("extras", {}):
            return list(holder["extras"]["targetNames"])
    # What Blender's importer calls morph targets without a name.
    return [f"target_{n}" for n in range(len(mesh["primitives"][0].get("targets", ())))]


def _of_version_0(file: Any) -> Iterator[tuple[str, int, int, float]]:
    master = file.get("extensions", {}).get("VRM", {}).get("blendShapeMaster", {})
    for group in master.get("blendShapeGroups", ()):
        preset = group.get("presetName", "unknown")
        name = group.get("name", "") if preset in ("", "unknown") else preset
        for bind in group.get("binds") or ():
            yield name, bind["mesh"], bind["index"], bind["weight"] / 100


def _of_version_1(file: Any) -> Iterator[tuple[str, int, int, float]]:
    expressions = file.get("extensions", {}).get("VRMC_vrm", {}).get("expressions", {})
    for kind in ("preset", "custom"):
        for name, expression in expressions.get(kind, {}).items():
            for bind in expression.get("morphTargetBinds", ()):
                yield name, file["nodes"][bind["node"]]["mesh"], bind["index"], bind["weight"]
