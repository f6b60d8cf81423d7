# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bone moves: the vertices of the character that go along with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .bones_follow import carried_by
from .character import Character

# A vertex goes along with a bone, not with its neighbours, from this weight on.
_MOSTLY = 0.5


def carried_vertices(character: Character, bone: str, mesh: bpy.types.Object) -> NDArray[np.bool_]:
    """(vertices,) which vertices of a mesh go along with a bone of the armature.

    By weights in vertex groups, or all where the whole mesh hangs from the bone.
    """
    armature = character.armature
    assert armature is not None, "a character with bones has an armature"
    carried = carried_by(armature, bone)
    data: Any = mesh.data
    if mesh.parent == armature and mesh.parent_type == "BONE":
        return np.full(len(data.vertices), mesh.parent_bone in carried)
    groups = {group.index for group in mesh.vertex_groups if group.name in carried}
    result = np.zeros(len(data.vertices), bool)
    if groups and _is_skinned(mesh, armature):
        for vertex in data.vertices:
            weight = sum(each.weight for each in vertex.groups if each.group in groups)
            result[vertex.index] = weight > _MOSTLY
    return result


def meshes_of(armature: bpy.types.Object) -> Iterator[bpy.types.Object]:
    """Every mesh that an armature moves, with shape keys or without."""
    for each in bpy.data.objects:
        if each.type == "MESH" and (each.parent == armature or _is_skinned(each, armature)):
            yield each


def _is_skinned(mesh: bpy.types.Object, armature: bpy.types.Object) -> bool:
    modifiers: list[Any] = [each for each in mesh.modifiers if each.type == "ARMATURE"]
    return any(each.object == armature and each.use_vertex_groups for each in modifiers)
