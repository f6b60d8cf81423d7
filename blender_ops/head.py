# SPDX-License-Identifier: GPL-3.0-or-later
"""A turn of the head, shared out between neck and head, or given to an empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from ..models import rotation
from .bones_follow import share_passed_on
from .bones_turn import joint_of
from .character import HEAD_EMPTY, Character

Floats = NDArray[np.floating[Any]]

# So near 0 or 1 a rig passes all of the neck's turn on to the head, or none.
_CLEAR = 0.02


@dataclass(frozen=True)
class Neck:
    """Which bones of a neck turn along, and whether the head turns with them.

    bones: from the shoulders up; none where the head turns alone.
    carries_head: the head turns as they turn. Control rigs often keep it level: there
        its own rotation is the whole turn.
    note: what the animator should know, "" if nothing.
    """

    bones: tuple[str, ...] = ()
    carries_head: bool = True
    note: str = ""


def turning_neck(character: Character, share: float) -> Neck:
    """The neck that takes a share of the head's turn, as the rig passes turns on."""
    armature = character.armature
    if armature is None or not (share > 0 and character.head_bone and character.neck_bones):
        return Neck()
    passed = [share_passed_on(armature, b, character.head_bone) for b in character.neck_bones]
    if all(each > 1 - _CLEAR for each in passed):
        return Neck(character.neck_bones)
    if all(each < _CLEAR for each in passed):
        # Whether one neck bone carries the next no longer matters to the head.
        return Neck(character.neck_bones[-1:], carries_head=False)
    return Neck(
        note=f"the neck stays still, because the rig passes on {passed[-1]:.0%} of its turn to the "
        f"head “{character.head_bone}”: let the head follow the neck fully, or not at all"
    )


def shared_turns(turns: Floats, neck: Neck, share: float) -> tuple[Floats, Floats]:
    """(frames, 4) the turn of each neck bone, and the turn of the head's own bone.

    turns: (frames, 4) unit quaternions, of the whole head.

    Yaw, pitch and roll are shared out one by one, so that a turn past half a circle is
    shared as smoothly as any other; the head makes up for the rest exactly.
    """
    if not neck.bones:
        return np.tile(rotation.IDENTITY, (len(turns), 1)), turns
    angles = np.unwrap(rotation.to_yaw_pitch_roll(rotation.continuous(turns)), axis=0)
    each = rotation.from_yaw_pitch_roll(angles * share / len(neck.bones))
    own = turns
    if neck.carries_head:
        for _ in neck.bones:
            own = rotation.multiply(rotation.inverse(each), own)
    return each, own


def carried_points(
    points: Floats, character: Character, neck: Neck, neck_turns: Floats, turns: Floats
) -> Floats:
    """(frames, 3) where points of the head go when it turns, in the performance's axes.

    points: (frames, 3) while the head is at rest. neck_turns: of each neck bone.
    turns: of the whole head.
    """
    joint = joint_of(character, character.head_bone)
    moved = np.tile(joint, (len(points), 1))
    for bone in reversed(neck.bones):
        below = joint_of(character, bone)
        moved = below + rotation.turned(neck_turns, moved - below)
    return moved + rotation.turned(turns, points - joint)


def new_head_empty(character: Character, scene: bpy.types.Scene) -> bpy.types.Object:
    """An empty in the middle of the head, for a character that has no head bone.

    It is known again at the next bake by a custom property that points to the face.
    """
    face = character.meshes[0] if character.meshes else character.armature
    assert face is not None, "a character without meshes has an armature"
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
