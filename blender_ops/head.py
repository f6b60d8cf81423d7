# SPDX-License-Identifier: GPL-3.0-or-later
"""Head and eye rotation, in the axes of the bone or empty that turns.

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
from ..models.arkit import EYE_LOOK_DOWN, EYE_LOOK_SIDEWAYS, EYE_LOOK_UP
from ..models.performance import Performance
from .character import HEAD_EMPTY, Character, CharacterError

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
        path = _PATHS.get(self.rotation_mode, "rotation_euler")
        if not self.bone:
            return path
        return f'pose.bones["{bpy.utils.escape_identifier(self.bone)}"].{path}'

    @property
    def width(self) -> int:
        """How many numbers the property has."""
        return 4 if self.rotation_mode in _PATHS else 3

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
    axes = _performance_axes(character, armature).inverted() @ rest
    return Pivot(armature, bone, armature.pose.bones[bone].rotation_mode, np.array(axes))


def empty_pivot(empty: bpy.types.Object) -> Pivot:
    """The head's empty as something that turns."""
    parent = _performance_axes(None, empty.parent) if empty.parent else _TO_BLENDER
    return Pivot(empty, "", empty.rotation_mode, np.array(parent.inverted()))


def new_head_empty(character: Character, scene: bpy.types.Scene) -> bpy.types.Object:
    """An empty in the middle of the head, for a character that has no head bone.

    It is known again at the next bake by a custom property that points to the face.
    """
    face = character.meshes[0]
    corners = [face.matrix_world @ Vector(corner) for corner in face.bound_box]
    centre = sum(corners, Vector()) / 8
    empty = bpy.data.objects.new(f"{character.name} Head", None)
    empty.empty_display_type = "ARROWS"
    empty.rotation_mode = "QUATERNION"
    empty[HEAD_EMPTY] = face
    root = face
    while root.parent is not None:
        root = root.parent
    size = (corners[0] - corners[6]).length or 1.0
    if root is not face:
        empty.parent = root
        centre = root.matrix_world.inverted_safe() @ centre
        size /= max(root.matrix_world.median_scale, 1e-9)
    empty.location = centre
    empty.empty_display_size = size
    scene.collection.objects.link(empty)
    return empty


def eye_turns(performance: Performance) -> tuple[Floats, Floats] | None:
    """(frames, 4) quaternions of the left and the right eye, relative to the head.

    From the eye rotation where it was recorded, else from the eyeLook weights, whose 1
    stands for the angles stated in `models.arkit`. None if there is neither.
    """
    angles = performance.eyes
    if angles is None:
        angles = _angles_of_eye_look(performance)
    if angles is None:
        return None
    left, right = (
        rotation.from_yaw_pitch_roll(
            np.column_stack([angles[:, i + 1], angles[:, i], np.zeros(len(angles))])
        )
        for i in (0, 2)
    )
    return left, right


def _angles_of_eye_look(performance: Performance) -> Floats | None:
    """(frames, 4) left pitch and yaw, right pitch and yaw, from the eyeLook weights."""
    look = [name for name in performance.channels if name.startswith("eyeLook")]
    if not look:
        return None

    def weight(name: str) -> Floats:
        return performance.channel(name) if name in look else np.zeros(len(performance))

    columns = []
    for side, outward in (("Left", 1), ("Right", -1)):
        columns.append(
            weight(f"eyeLookDown{side}") * EYE_LOOK_DOWN - weight(f"eyeLookUp{side}") * EYE_LOOK_UP
        )
        sideways = weight(f"eyeLookOut{side}") - weight(f"eyeLookIn{side}")
        columns.append(outward * EYE_LOOK_SIDEWAYS * sideways)
    return np.column_stack(columns)


def _performance_axes(character: Character | None, holder: bpy.types.Object) -> Quaternion:
    """The turn from a performance's axes to those of an armature or parent object.

    Up is the world's, as seen from the object without its turn about the world's up
    axis, so that neither an importer's quarter turn nor a character that was turned in
    the scene changes it. The face looks along the object's −Y, or where the eye bones
    say.
    """
    upright = _without_heading(holder.matrix_world.to_quaternion())
    to_object = upright.inverted()
    sideways = _from_right_eye_to_left(character) if character else None
    if sideways is not None:
        up = to_object @ Vector((0, 0, 1))
        sideways = sideways - sideways.project(up)
        if sideways.length > 1e-6:
            sideways.normalize()
            back = up.cross(sideways)
            rows: Any = (sideways, back, up)
            to_object = Matrix(rows).transposed().to_quaternion()
    return to_object @ _TO_BLENDER


def _without_heading(turn: Quaternion) -> Quaternion:
    """A turn less its part about the world's up axis."""
    heading = Quaternion((turn.w, 0, 0, turn.z))
    if heading.magnitude < 1e-6:
        return turn
    return heading.normalized().inverted() @ turn


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
