# SPDX-License-Identifier: GPL-3.0-or-later
"""A character in the scene: its face meshes, armature, head and eye bones."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import bpy

from ..models.errors import MienError


class CharacterError(MienError):
    """An object is no character, or one that cannot be animated as it stands."""


@dataclass(frozen=True)
class Character:
    """What belongs to one face.

    name: what a person calls it: that of the armature or of the topmost object.
    meshes: the meshes that have shape keys (head, lashes, teeth, tongue …), the one
        with most of them first; each set of shape keys once.
    armature: the armature that moves them, if any.
    head_bone, left_eye_bone, right_eye_bone: its bones, "" where there are none.
    head_empty: the empty that an earlier bake made for the head's rotation, if any.
    """

    name: str
    meshes: tuple[bpy.types.Object, ...]
    armature: bpy.types.Object | None = None
    head_bone: str = ""
    left_eye_bone: str = ""
    right_eye_bone: str = ""
    head_empty: bpy.types.Object | None = None


# The custom property by which the empty of a character is known again.
HEAD_EMPTY = "mien_head"


def find_character(chosen: bpy.types.Object | None) -> Character:
    """The character that an object belongs to: any mesh, armature or parent of it.

    What shares the nearest armature, by parenting or by an Armature modifier, belongs
    together; without an armature, what hangs from the same topmost parent.

    Raises CharacterError if nothing is chosen, if it was deleted meanwhile, or if
    none of its meshes has shape keys.
    """
    if chosen is None:
        raise CharacterError("No character is chosen: select a mesh with face shape keys.")
    try:
        return _find(chosen)
    except ReferenceError:
        raise CharacterError("The character was deleted; select another one.") from None


@contextlib.contextmanager
def character_error_if_gone(character: Character) -> Iterator[None]:
    """Turn the use of a deleted object or data-block into a CharacterError."""
    try:
        yield
    except ReferenceError:
        raise CharacterError(
            f"An object of “{character.name}” was deleted meanwhile; "
            "select the character again and repeat."
        ) from None


def _find(chosen: bpy.types.Object) -> Character:
    armature = _armature_of(chosen)
    root = armature or _topmost(chosen)
    members = [root, *root.children_recursive]
    if armature is not None:
        members += [
            other
            for other in bpy.data.objects
            if _modifier_armature(other) == armature and other not in members
        ]
    meshes = _with_shape_keys(members)
    if not meshes:
        raise CharacterError(
            f"“{root.name}” has no shape keys; choose a character whose face has shape keys."
        )
    bone = _bones(armature)
    return Character(
        name=root.name,
        meshes=meshes,
        armature=armature,
        head_bone=bone.get("head", ""),
        left_eye_bone=bone.get("eyeLeft", ""),
        right_eye_bone=bone.get("eyeRight", ""),
        head_empty=next((member for member in members if HEAD_EMPTY in member), None),
    )


def _armature_of(chosen: bpy.types.Object) -> bpy.types.Object | None:
    """The armature that moves an object: itself, by a modifier, a parent, or a child."""
    if chosen.type == "ARMATURE":
        return chosen
    ancestor: bpy.types.Object | None = chosen
    while ancestor is not None:
        if ancestor.type == "ARMATURE":
            return ancestor
        if (armature := _modifier_armature(ancestor)) is not None:
            return armature
        ancestor = ancestor.parent
    below = [child for child in _topmost(chosen).children_recursive if child.type == "ARMATURE"]
    return below[0] if len(below) == 1 else None


def _modifier_armature(chosen: bpy.types.Object) -> bpy.types.Object | None:
    return next(
        (
            modifier.object
            for modifier in chosen.modifiers
            if modifier.type == "ARMATURE" and modifier.object is not None
        ),
        None,
    )


def _topmost(chosen: bpy.types.Object) -> bpy.types.Object:
    while chosen.parent is not None:
        chosen = chosen.parent
    return chosen


def _with_shape_keys(members: list[bpy.types.Object]) -> tuple[bpy.types.Object, ...]:
    sets: dict[bpy.types.Key, bpy.types.Object] = {}
    for member in members:
        keys = member.data.shape_keys if member.type == "MESH" else None
        if keys is not None and len(keys.key_blocks) > 1:
            sets.setdefault(keys, member)
    return tuple(sorted(sets.values(), key=lambda mesh: -len(mesh.data.shape_keys.key_blocks)))


def _bones(armature: bpy.types.Object | None) -> dict[str, str]:
    # Imported here because the mapping, which knows the names, builds on characters.
    from .mapping.conventions import bones

    if armature is None:
        return {}
    found: dict[str, list[str]] = {}
    for bone in armature.data.bones:
        if (part := bones().find(bone.name)) is not None:
            found.setdefault(part, []).append(bone.name)
    return {part: bones().choose(part, names)[0] for part, names in found.items()}
