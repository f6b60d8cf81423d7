# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyeballs that are objects of their own, on heads without eye bones."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
from mathutils import Vector

from .bones import plain_words
from .bones_turn import performance_axes

# An eyeball turns about what lies so near its middle, in shares of its radius.
_NEAR = 0.5


def find_eye_objects(
    members: Sequence[bpy.types.Object],
) -> tuple[bpy.types.Object | None, bpy.types.Object | None]:
    """What turns the left and the right eyeball: itself, or an empty that holds it alone.

    Found by the eyeballs' names; which is left is told by where they are. (None, None)
    unless there are both.
    """
    meshes = {each.name: each for each in members if each.type == "MESH"}
    found = plain_words().find(meshes)
    if "eyeLeft" not in found or "eyeRight" not in found:
        return None, None
    left, right = (_pivot_of(meshes[found[part][0]]) for part in ("eyeLeft", "eyeRight"))
    if left is None or right is None:
        return None, None
    return (right, left) if _is_swapped(left, right) else (left, right)


def _pivot_of(eyeball: bpy.types.Object) -> bpy.types.Object | None:
    """The object whose origin is in the middle of an eyeball, and which turns nothing else."""
    corners = [eyeball.matrix_world @ Vector(corner) for corner in eyeball.bound_box]
    middle = sum(corners, Vector()) / 8
    radius = max((corner - middle).length for corner in corners) / 3**0.5
    each: bpy.types.Object | None = eyeball
    while each is not None and _turns_only(each, eyeball):
        near = (each.matrix_world.translation - middle).length <= _NEAR * radius
        if near and (_is_animated(each) or each.matrix_local.to_quaternion().angle < 1e-3):
            return each
        each = each.parent
    return None


def _turns_only(pivot: bpy.types.Object, eyeball: bpy.types.Object) -> bool:
    meshes = [each for each in (pivot, *pivot.children_recursive) if each.type == "MESH"]
    return all(each == eyeball or each in eyeball.children_recursive for each in meshes)


def _is_animated(pivot: bpy.types.Object) -> bool:
    return pivot.animation_data is not None and pivot.animation_data.action is not None


def _is_swapped(left: bpy.types.Object, right: bpy.types.Object) -> bool:
    """Whether the eye named left is the subject's right one: named by the viewer."""
    root = left
    while root.parent is not None:
        root = root.parent
    across = left.matrix_world.translation - right.matrix_world.translation
    own = root.matrix_world.to_3x3().inverted_safe() @ across
    return bool((performance_axes(None, root).inverted() @ own).x < 0)
