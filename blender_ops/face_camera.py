# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a camera stands that looks a character in the face, wherever the head is turned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from .character import Character, CharacterError, shape_keys_of
from .mapping import Mapping

Floats = NDArray[np.floating[Any]]

# Vertices that a key moves by more than this part of its farthest are what it is about.
_MOVED = 0.4
# Forehead, ears and chin around brows, eyes and mouth, as a share of their height.
_AROUND = 0.19
_LENS_ANGLE = math.radians(24)
# Left, up and forward of a character that stands as Blender's front view sees it.
_FRONT = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])


@dataclass(frozen=True, eq=False)
class FaceView:
    """A camera before a face.

    matrix: the camera's place and turn in the world. angle: its field of view in radians.
    near, far: what lies between is seen, in metres.
    """

    matrix: Matrix
    angle: float
    near: float
    far: float


def view_of_face(
    character: Character, mapping: Mapping, depsgraph: bpy.types.Depsgraph
) -> FaceView:
    """The camera for a square picture of the face as the head stands in the evaluated scene.

    Raises CharacterError if there is nothing to look at.
    """
    points = face_points(character, mapping)
    if not len(points):
        raise CharacterError(f"“{character.name}” has no face that could be seen.")
    looks = mapping.findings.looks
    axes = _FRONT if looks is None else np.asarray(looks, np.float64)
    level = points @ axes.T
    low, high = level.min(axis=0), level.max(axis=0)
    middle = (low + high) / 2 @ axes
    width, height = (high - low)[:2]
    size = max(width, height) * (1 + 2 * _AROUND)
    distance = size / (2 * math.tan(_LENS_ANGLE / 2))
    depth = (high - low)[2] / 2
    place = middle + axes[2] * (distance + depth)
    # A camera looks along its own −Z, with +Y up.
    turn = Matrix(np.array([axes[0], axes[1], axes[2]]).T.tolist()).to_4x4()
    matrix = _turn_of_head(character, depsgraph) @ Matrix.Translation(place.tolist()) @ turn
    return FaceView(matrix, _LENS_ANGLE, distance / 50, distance * 50)


def face_points(character: Character, mapping: Mapping) -> Floats:
    """(points, 3) places at rest, in the world, of what belongs to the face.

    It is what the keys move, those of the mapping where it has any; without keys what hangs on
    the head bone, else all there is.
    """
    mapped = {
        (target.mesh, target.key)
        for targets in mapping.found.values()
        for target in targets
        if target.key
    }
    parts = [_moved_by_keys(mesh, mapped) for mesh in character.meshes]
    points = np.concatenate(parts) if parts else np.zeros((0, 3))
    if len(points) > 1 or character.armature is None:
        return points
    parts = [_on_head(mesh, character) for mesh in character.armature.children_recursive]
    return np.concatenate([np.zeros((0, 3)), *parts])


def _moved_by_keys(item: bpy.types.Object, mapped: set[tuple[Any, str]]) -> Floats:
    keys = shape_keys_of(item)
    if keys is None:
        return np.zeros((0, 3))
    base = _places(keys.reference_key.data)
    chosen = np.zeros(len(base), bool)
    for block in keys.key_blocks:
        if not mapped or (item, block.name) in mapped:
            shift = np.linalg.norm(_places(block.data) - base, axis=1)
            chosen |= shift > max(_MOVED * shift.max(initial=0), 1e-9)
    return _in_world(item, base[chosen])


def _on_head(item: bpy.types.Object, character: Character) -> Floats:
    """What the head bone carries of a mesh; all of a mesh that is not skinned."""
    if item.type != "MESH":
        return np.zeros((0, 3))
    mesh: Any = item.data
    places = _places(mesh.vertices)
    armature: Any = character.armature
    head = armature.data.bones.get(character.head_bone)
    carried = {head.name, *(bone.name for bone in head.children_recursive)} if head else set()
    groups = {group.index for group in item.vertex_groups if group.name in carried}
    if groups:
        belongs = [any(g.group in groups for g in vertex.groups) for vertex in mesh.vertices]
        places = places[np.array(belongs, bool)]
    return _in_world(item, places)


def _places(points: Any) -> Floats:
    flat = np.empty(3 * len(points), np.float32)
    points.foreach_get("co", flat)
    return flat.reshape(-1, 3).astype(np.float64)


def _in_world(item: bpy.types.Object, points: Floats) -> Floats:
    matrix = np.array(item.matrix_world)
    return np.asarray(points @ matrix[:3, :3].T + matrix[:3, 3])


def _turn_of_head(character: Character, depsgraph: bpy.types.Depsgraph) -> Matrix:
    """What the head bone has done to the head since its rest, in the world."""
    if character.armature is None or not character.head_bone:
        return Matrix()
    armature: Any = character.armature.evaluated_get(depsgraph)
    bone = armature.pose.bones[character.head_bone]
    moved = bone.matrix @ bone.bone.matrix_local.inverted_safe()
    place, turn, _ = (
        armature.matrix_world @ moved @ armature.matrix_world.inverted_safe()
    ).decompose()
    return Matrix.LocRotScale(place, turn, (1, 1, 1))
