# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bones of a rig move along with which: by parenting, and by constraints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import bpy
from mathutils import Quaternion, Vector

# Constraints that turn a bone as their target turns, as far as their influence goes.
_COPYING = ("COPY_TRANSFORMS", "COPY_ROTATION", "ARMATURE", "CHILD_OF")

# Constraints that leave a bone's rotation alone.
_NOT_TURNING = ("COPY_LOCATION", "COPY_SCALE", "LIMIT_LOCATION", "LIMIT_DISTANCE", "LIMIT_SCALE")

# Constraints that point a bone at their target.
_AIMING = ("DAMPED_TRACK", "TRACK_TO", "LOCKED_TRACK")

# The turn by which a rig is asked how it passes turns on, in radians.
_TRIAL = 0.3


def depends_on(armature: bpy.types.Object, bone: str, other: str) -> bool:
    """Whether a bone moves along with another: as a child of it, or by constraints."""

    def leaders(name: str) -> Iterator[str]:
        each = armature.pose.bones[name]
        if each.parent is not None:
            yield each.parent.name
        for constraint in _acting(each):
            yield from _targets_in(armature, constraint)

    return bone != other and other in _reached(bone, leaders)


def carried_by(armature: bpy.types.Object, bone: str) -> set[str]:
    """A bone and all that turn as it turns, to the full: children, and what copies them."""
    followers: dict[str, list[str]] = {}
    for each in armature.pose.bones:
        if each.parent is not None and each.bone.use_inherit_rotation:
            followers.setdefault(each.parent.name, []).append(each.name)
        for constraint in _acting(each):
            if constraint.type in _COPYING and constraint.influence > 0.99:
                for target in _targets_in(armature, constraint):
                    followers.setdefault(target, []).append(each.name)
    return _reached(bone, lambda name: followers.get(name, ()))


def aim_of(armature: bpy.types.Object, bone: str) -> tuple[str, Any] | None:
    """What an eye bone, or one that it carries, is pointed at: (bone that turns, constraint).

    A tracking constraint overrules keys on the rotation: the target is to be keyed. Eye
    controls carry lids, too, that are pointed at things near by: the farthest target is
    what the eye looks at. None where nothing is tracked.
    """
    joint = armature.data.bones[bone].head_local
    own = list(_aims(armature, bone, joint))
    found = own or [
        aim for name in sorted(carried_by(armature, bone)) for aim in _aims(armature, name, joint)
    ]
    if not found:
        return None
    _, name, constraint = max(found, key=lambda aim: aim[0])
    return name, constraint


def _aims(armature: bpy.types.Object, bone: str, joint: Vector) -> Iterator[tuple[float, str, Any]]:
    """The targets that a bone is pointed at, with their distance from a joint."""
    for constraint in _acting(armature.pose.bones[bone]):
        tracks = constraint.type in _AIMING or (
            constraint.type == "IK" and constraint.chain_count == 1
        )
        if tracks and constraint.target is not None:
            target = constraint.target
            if target == armature and constraint.subtarget in armature.data.bones:
                place = armature.data.bones[constraint.subtarget].head_local
            else:
                place = armature.matrix_world.inverted_safe() @ target.matrix_world.translation
            yield (place - joint).length, bone, constraint


def share_passed_on(armature: bpy.types.Object, leader: str, bone: str) -> float:
    """How much of a turn of `leader` reaches `bone`: 1 as for a child, 0 for none of it.

    Parenting tells; where constraints have a say, the rig is asked by a trial turn that is
    taken back at once.
    """
    each = armature.pose.bones[bone]
    while each.name != leader:
        turned = any(item.type not in _NOT_TURNING for item in _acting(each))
        if turned or not each.bone.use_inherit_rotation or each.parent is None:
            return _share_by_trial(armature, leader, bone)
        each = each.parent
    return 1.0


def _share_by_trial(armature: bpy.types.Object, leader: str, bone: str) -> float:
    turning = armature.pose.bones[leader]
    path = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}.get(
        turning.rotation_mode, "rotation_euler"
    )
    before = list(getattr(turning, path))
    rest = {name: _evaluated_turn(armature, name) for name in (leader, bone)}
    turn = turning.matrix_basis.to_quaternion() @ Quaternion((1, 0, 0), _TRIAL)
    if path == "rotation_axis_angle":
        turning.rotation_axis_angle = (turn.angle, *turn.axis[:])
    elif path == "rotation_quaternion":
        turning.rotation_quaternion = turn
    else:
        order: Any = turning.rotation_mode
        turning.rotation_euler = turn.to_euler(order)
    try:
        angles = [
            _evaluated_turn(armature, name).rotation_difference(rest[name]).angle
            for name in (bone, leader)
        ]
    finally:
        setattr(turning, path, before)
        bpy.context.view_layer.update()
    return angles[0] / angles[1] if angles[1] > 0.01 else 0.0


def _evaluated_turn(armature: bpy.types.Object, bone: str) -> Quaternion:
    bpy.context.view_layer.update()
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return evaluated.pose.bones[bone].matrix.to_quaternion()


def _acting(bone: bpy.types.PoseBone) -> Iterator[Any]:
    """The constraints of a bone that have an effect."""
    return (each for each in bone.constraints if not each.mute and each.influence > 0)


def _targets_in(armature: bpy.types.Object, constraint: Any) -> Iterator[str]:
    """The bones of the same armature that a constraint looks at."""
    for target in [constraint, *getattr(constraint, "targets", ())]:
        name = getattr(target, "subtarget", "")
        if getattr(target, "target", None) == armature and name in armature.pose.bones:
            yield name


def _reached(start: str, onward: Callable[[str], Any]) -> set[str]:
    """All that is reached from `start`, which counts as well."""
    waiting, found = [start], {start}
    while waiting:
        for each in onward(waiting.pop()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found
