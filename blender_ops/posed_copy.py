# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of a character with another expression, while the character itself stays as it is.

The expression is put on the character, Blender evaluates it with all its bones, drivers and
modifiers, the result is copied, and everything is set back: at one stroke, so that no redraw
and no undo step sees anything of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy
from mathutils import Matrix

from ..models.performance import Floats
from .character import Character
from .posing import Face

# What has a surface that can be copied as a mesh.
_WITH_SURFACE = {"MESH", "CURVE", "SURFACE", "FONT", "META"}


@dataclass(frozen=True, eq=False)
class Part:
    """One object of the copy. mesh: of its own. matrix: where it stands in the world."""

    mesh: bpy.types.Mesh
    matrix: Matrix


def visible_parts(
    character: Character, view_layer: bpy.types.ViewLayer
) -> tuple[bpy.types.Object, ...]:
    """The objects of a character that have a surface and are shown in a view layer."""
    root = character.armature or character.meshes[0]
    while character.armature is None and root.parent is not None:
        root = root.parent
    members = dict.fromkeys((*character.meshes, root, *root.children_recursive))
    if character.armature is not None:
        members |= dict.fromkeys(
            each
            for each in bpy.data.objects
            if any(_armature_of(modifier) == character.armature for modifier in each.modifiers)
        )
    return tuple(
        each
        for each in members
        if each.type in _WITH_SURFACE and each.visible_get(view_layer=view_layer)
    )


@contextlib.contextmanager
def shown_for_a_moment(
    face: Face, weights: Floats, view_layer: bpy.types.ViewLayer
) -> Iterator[bpy.types.Depsgraph]:
    """The scene evaluated with an expression, (52,) weights, on a face; then it is set back.

    Raises CharacterError if something of the character is gone.
    """
    before = face.values()
    try:
        face.show(face.values_for(weights))
        view_layer.update()
        yield view_layer.depsgraph
    finally:
        face.show(before)
        view_layer.update()


def copied(parts: tuple[bpy.types.Object, ...], depsgraph: bpy.types.Depsgraph) -> Iterator[Part]:
    """Copies of evaluated objects, one by one; the caller removes their meshes."""
    for each in parts:
        evaluated: Any = each.evaluated_get(depsgraph)
        mesh = bpy.data.meshes.new_from_object(evaluated, depsgraph=depsgraph)
        yield Part(mesh, evaluated.matrix_world.copy())


def _armature_of(modifier: Any) -> Any:
    return modifier.object if modifier.type == "ARMATURE" else None
