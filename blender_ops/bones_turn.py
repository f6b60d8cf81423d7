# SPDX-License-Identifier: GPL-3.0-or-later
"""A turn or a shift of the face, in the axes of the bone or empty that is keyed.

A performance turns a head that faces the camera, with +X the subject's left, +Y up and
+Z toward the camera. A character in Blender faces −Y with +Z up: (x, y, z) → (x, −z, y).
A bone keeps its rotation relative to its own rest pose, whose axes are wherever the
rigger put them: a turn Q of the character is R⁻¹ · Q · R for a bone of rest rotation R.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Euler, Matrix, Quaternion, Vector
from numpy.typing import NDArray

from ..models import rotation
from .character import Character, CharacterError

Floats = NDArray[np.floating[Any]]

# The turn that brings a performance's axes to Blender's: a quarter about X.
_TO_BLENDER = Quaternion((1, 0, 0), math.pi / 2)

_PATHS = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}


@dataclass(frozen=True)
class Pivot:
    """Something that turns: a bone or an object.

    object: what holds the animation: the armature or the object itself.
    bone: the bone's name, "" for an object.
    rotation_mode: Blender's: QUATERNION, AXIS_ANGLE, or an Euler order such as XYZ.
    axes: (4,) the rotation of its own axes in the axes of a performance.
    """

    object: bpy.types.Object
    bone: str
    rotation_mode: str
    axes: Floats

    @property
    def data_path(self) -> str:
        """The property of `object` that holds the rotation."""
        return self._path_of(_PATHS.get(self.rotation_mode, "rotation_euler"))

    @property
    def location_path(self) -> str:
        """The property of `object` that holds the place."""
        return self._path_of("location")

    @property
    def width(self) -> int:
        """How many numbers the property has."""
        return 4 if self.rotation_mode in _PATHS else 3

    @property
    def is_at_rest(self) -> bool:
        """Whether it is not turned now."""
        holder: Any = self.object.pose.bones[self.bone] if self.bone else self.object
        return bool(holder.matrix_basis.to_quaternion().angle < 1e-4)

    @property
    def tolerance_share(self) -> float:
        """How far each number may be off for the turn to be off by one radian at most.

        Three Euler angles add up; four components of a quaternion make a distance of
        twice their own, which is half an angle.
        """
        return 1 / self.width

    def values(self, turns: Floats, near: Floats | None = None) -> Floats:
        """(frames, 3 or 4) what to key for these turns in the performance's axes.

        turns: (frames, 4) unit quaternions.
        near: (3 or 4) the property's value before the first frame; of the numbers that mean the
            same turn those nearest to it are chosen, and then those nearest to the frame
            before, so that nothing flips.
        """
        own = rotation.multiply(rotation.multiply(rotation.inverse(self.axes), turns), self.axes)
        own = rotation.continuous(own)
        if self.rotation_mode == "QUATERNION":
            opposite = own[0, 0] < 0 if near is None else np.dot(own[0], near) < 0
            return -own if opposite else own
        if self.rotation_mode == "AXIS_ANGLE":
            return _axis_angles(own, near)
        return _eulers(own, self.rotation_mode, near)

    def shifts(self, offsets: Floats) -> Floats:
        """(frames, 3) what to key for these shifts in the performance's axes."""
        return rotation.turned(rotation.inverse(self.axes), offsets)

    def _path_of(self, name: str) -> str:
        if not self.bone:
            return name
        return f'pose.bones["{bpy.utils.escape_identifier(self.bone)}"].{name}'


def bone_pivot(character: Character, bone: str) -> Pivot:
    """A bone of the character's armature as something that turns.

    Raises CharacterError if the bone was removed meanwhile.
    """
    armature = character.armature
    if armature is None or bone not in armature.pose.bones:
        raise CharacterError(
            f"“{character.name}” no longer has the bone “{bone}”; "
            "select the character again and repeat."
        )
    rest = armature.data.bones[bone].matrix_local.to_quaternion()
    axes = performance_axes(character, armature).inverted() @ rest
    return Pivot(armature, bone, armature.pose.bones[bone].rotation_mode, np.array(axes))


def joint_of(character: Character, bone: str) -> Floats:
    """(3,) where a bone turns, in the armature's units and the performance's axes.

    The bone must be there, as after `bone_pivot`.
    """
    armature = character.armature
    assert armature is not None, "a character with bones has an armature"
    place = armature.data.bones[bone].head_local
    return np.array(performance_axes(character, armature).inverted() @ place)


def empty_pivot(empty: bpy.types.Object) -> Pivot:
    """The head's empty as something that turns."""
    parent = performance_axes(None, empty.parent) if empty.parent else _TO_BLENDER
    return Pivot(empty, "", empty.rotation_mode, np.array(parent.inverted()))


def performance_axes(character: Character | None, holder: bpy.types.Object) -> Quaternion:
    """The turn from a performance's axes to those of an armature or parent object.

    Up is that axis of the object which points up most in the scene, so that neither an
    importer's quarter turn nor a character that was turned or leans changes it. The face
    looks along −Y, seen upright, or where the eye bones say.
    """
    up = _upmost_axis(holder)
    to_object = Vector((0, 0, 1)).rotation_difference(up)
    sideways = _from_right_eye_to_left(character) if character else None
    if sideways is not None:
        sideways = sideways - sideways.project(up)
        if sideways.length > 1e-6:
            sideways.normalize()
            back = up.cross(sideways)
            rows: Any = (sideways, back, up)
            to_object = Matrix(rows).transposed().to_quaternion()
    return to_object @ _TO_BLENDER


def _upmost_axis(holder: bpy.types.Object) -> Vector:
    """The axis of an object, such as +Y, that points up most in the scene."""
    up = holder.matrix_world.to_3x3().normalized().inverted_safe() @ Vector((0, 0, 1))
    largest = max(range(3), key=lambda axis: abs(up[axis]))
    axis = Vector()
    axis[largest] = math.copysign(1, up[largest])
    return axis


def _from_right_eye_to_left(character: Character) -> Vector | None:
    if not (character.armature and character.left_eye_bone and character.right_eye_bone):
        return None
    left, right = (
        character.armature.data.bones[bone].head_local
        for bone in (character.left_eye_bone, character.right_eye_bone)
    )
    return left - right


def _eulers(turns: Floats, order: Any, near: Floats | None) -> Floats:
    """(frames, 3) Euler angles, each the nearest to the one before."""
    before: Any = Euler([0, 0, 0] if near is None else near.tolist(), order)
    values = []
    for turn in turns.tolist():
        before = Quaternion(turn).to_euler(order, before)
        values.append(before[:])
    return np.array(values)


def _axis_angles(turns: Floats, near: Floats | None) -> Floats:
    """(frames, 4) angle and axis, the axis on one side throughout."""
    length = np.linalg.norm(turns[:, 1:], axis=1)
    angle = 2 * np.arctan2(length, turns[:, 0])
    axis = np.zeros((len(turns), 3))
    last = np.array([0.0, 0.0, 1.0]) if near is None else np.asarray(near)[1:]
    for i in range(len(turns)):
        if length[i] > 1e-6:
            axis[i] = turns[i, 1:] / length[i]
            if axis[i] @ last < 0:
                axis[i], angle[i] = -axis[i], -angle[i]
            last = axis[i]
        else:
            axis[i] = last
    angle[:] = np.unwrap(angle, period=4 * math.pi)
    return np.column_stack([angle, axis])
