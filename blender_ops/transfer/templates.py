# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads to take face keys from: the demo head, or a character of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...models.arkit import CHANNELS
from ...models.errors import TransferError
from ...models.performance import Floats
from ...models.transfer.surface import Surface, triangles_of
from ...models.transfer.transfer import HeadShape, Template
from ..blend_files import BlendFileError
from ..character import Character, find_character, shape_keys_of
from ..demo.character import demo_parts
from ..demo.materials import PAINTS
from ..mapping import match
from .heads import MeshPart, key_points, meshes_of, read_head, to_head_axes

_STANDS_OUT = ("Hair", "Shirt", "Glints")


def demo_template() -> Template:
    """The demo head with its 52 keys, in centimetres. Touches nothing of Blender's data."""
    points, triangles, colours, names, start = [], [], [], [], 0
    parts = [part for part in demo_parts() if part.name not in _STANDS_OUT]
    deltas = np.zeros((len(CHANNELS), sum(len(part.points) for part in parts), 3), np.float32)
    for part in parts:
        own = slice(start, start + len(part.points))
        points.append(to_head_axes(np.asarray(part.points, np.float64)))
        triangles.append(triangles_of(part.faces) + start)
        paint = np.zeros(len(part.points), int)
        for face, number in zip(part.faces, part.paint or [0] * len(part.faces), strict=True):
            paint[list(face)] = number
        palette = np.array([PAINTS[name].colour[::-1] for name in part.materials])
        colours.append(palette[paint])
        names.append(np.full(len(part.points), part.name))
        for channel, delta in part.keys.items():
            deltas[CHANNELS.index(channel), own] = to_head_axes(np.asarray(delta))
        start += len(part.points)
    surface = Surface(np.concatenate(points), np.concatenate(triangles))
    head = HeadShape(surface, np.concatenate(colours), np.concatenate(names))
    return Template(head, CHANNELS, deltas)


def template_of(character: Character) -> Template:
    """A character's face keys by ARKit's names, whatever it calls them.

    Raises TransferError if none of its keys is known.
    """
    head, parts = read_head(meshes_of(character.meshes[0]))
    mapping = match(character)
    of_mesh: dict[bpy.types.ID, MeshPart] = {part.mesh: part for part in parts}
    channels, deltas = [], []
    for row in mapping.rows:
        delta = np.zeros((len(head.surface.points), 3), np.float32)
        for target in row.shapes or row.targets:
            part = of_mesh.get(target.object)
            if target.key and part is not None:
                delta[part.start : part.end] += target.weight * _key_delta(part, target.key)
        if np.any(delta):
            channels.append(row.channel)
            deltas.append(delta)
    if not channels:
        raise TransferError(
            f"“{character.name}” has no face keys that Mien knows: choose another template."
        )
    return Template(head, tuple(channels), np.stack(deltas))


def _key_delta(part: MeshPart, key: str) -> Floats:
    """(n, 3) displacements of a shape key in a head's axes; none if there is no such key."""
    keys = shape_keys_of(part.mesh)
    if keys is None or key not in keys.key_blocks:
        return np.zeros((part.end - part.start, 3))
    moved = key_points(keys.key_blocks[key]) - key_points(keys.reference_key)
    return to_head_axes(moved @ part.matrix.T)


def template_in_file(path: Path) -> Template:
    """The character of another .blend. The open file stays as it is.

    Raises BlendFileError if the file cannot be read, TransferError or CharacterError if it
    holds no character with face keys.
    """
    with _visiting(path) as objects:
        faces = [each for each in objects if each.type == "MESH" and shape_keys_of(each)]
        if not faces:
            raise TransferError(f"No mesh in {path} has shape keys: choose another template.")
        most = max(faces, key=lambda face: len(shape_keys_of(face).key_blocks))
        return template_of(find_character(most))


@contextmanager
def _visiting(path: Path) -> Iterator[list[bpy.types.Object]]:
    """The objects of another file in the scene, and out of it again with all they brought."""
    if not path.is_file():
        raise BlendFileError(f"There is no file {path}. Check its name and folder.")
    before = _data_blocks()
    try:
        try:
            libraries: Any = bpy.data.libraries
            with libraries.load(str(path.absolute())) as (source, wanted):
                wanted.objects = list(source.objects)
        except OSError:
            raise BlendFileError(
                f"{path} cannot be read: it is no .blend file, or a newer Blender saved it."
            ) from None
        objects = [each for each in wanted.objects if each is not None]
        for each in objects:
            bpy.context.scene.collection.objects.link(each)
        bpy.context.view_layer.update()
        yield objects
    finally:
        bpy.data.batch_remove([each for each in _data_blocks() if each not in before])


def _data_blocks() -> set[bpy.types.ID]:
    """What of a file may have come with objects; shape keys go with their meshes."""
    return {
        each
        for name in ("objects", "meshes", "armatures", "materials", "images", "actions", "textures",
                     "collections", "node_groups", "lights", "cameras", "curves", "libraries")
        for each in getattr(bpy.data, name)
    }  # fmt: skip
