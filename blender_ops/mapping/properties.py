# SPDX-License-Identifier: GPL-3.0-or-later
"""Custom properties that could be face controls: those of an armature, its bones, the meshes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import bpy

from ..character import Character
from .key_conventions import conventions
from .recognition import recognise
from .target import Target, custom_property_settings

# What may have custom properties: its data-block, the path to it, and itself.
_Owner: TypeAlias = tuple[bpy.types.ID, str, Any]

# So many properties must be named as channels are for an armature without face keys to be a face.
_ENOUGH = 3

# A property without limits of its own has these from Blender, or none at all.
_BOUNDLESS = 1e6


def names_a_face(armature: bpy.types.Object) -> bool:
    """Whether so many of an armature's custom properties are named as channels are."""
    names = tuple(_numbers(_owners_of_armature(armature)))
    return len(recognise(names, conventions()).rows(names)) >= _ENOUGH


def custom_properties(character: Character) -> dict[str, list[Target]]:
    """Custom properties that hold one number, by name.

    A property goes from its default to its upper limit, as a face control does whose limit
    is 1, 10 or 100; where it has no limit, 1 is all of it.
    """
    owners = list(_owners_of_armature(character.armature) if character.armature else ())
    owners += [(mesh, "", mesh) for mesh in character.meshes]
    return _numbers(owners)


def _numbers(owners: Iterable[_Owner]) -> dict[str, list[Target]]:
    """The custom properties that hold one number, by name, as targets."""
    found: dict[str, list[Target]] = {}
    for holder, prefix, owner in owners:
        for name, value in owner.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            path = f'{prefix}["{bpy.utils.escape_identifier(name)}"]'
            settings = custom_property_settings(holder, path)
            default = settings.get("default", 0)
            rest = float(default) if isinstance(default, int | float) else 0.0
            upper = float(settings.get("soft_max", settings.get("max", 1.0)))
            way = upper - rest if rest < upper < _BOUNDLESS else 1.0
            target = Target(holder, data_path=path, weight=way, rest=rest)
            found.setdefault(name, []).append(target)
    return found


def _owners_of_armature(armature: Any) -> Iterator[_Owner]:
    """Each thing of an armature that may have custom properties."""
    yield armature, "", armature
    yield armature.data, "", armature.data
    for bone in armature.pose.bones:
        yield armature, f'pose.bones["{bpy.utils.escape_identifier(bone.name)}"]', bone
