# SPDX-License-Identifier: GPL-3.0-or-later
"""The bones: neck, head and one for each eye."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from numpy.typing import ArrayLike

from .part import Part
from .proportions import EYE, GROUND, MIRROR, NECK, Floats, smoothstep, to_scene

Bone = tuple[ArrayLike, ArrayLike, str | None]
"""Head and tail in face space, and the parent's name."""

HEAD_PIVOT = (0.0, 1.4, -8.2)
"""Where the head turns on the neck, in face space."""


def head_share(points: Floats) -> Floats:
    """(n,) how much of the head's motion the skin takes part in: none at the collar."""
    return smoothstep(-13.6, -9.4, points[:, 2])


def make_armature(name: str, collection: bpy.types.Collection) -> bpy.types.Object:
    """A new armature with the bones `neck`, `head`, `eye.L` and `eye.R`.

    The eye bones lie along the way the eyes look, inside the eyeballs: nothing sticks out of
    the pupils.
    """
    armature = bpy.data.armatures.new(name)
    armature.display_type = "STICK"
    rig = bpy.data.objects.new(name, armature)
    collection.objects.link(rig)
    left, right = np.asarray(EYE.centre), EYE.centre * MIRROR
    ahead = (0.0, -0.9 * EYE.radius, 0.0)
    bones: dict[str, Bone] = {
        "neck": ((*NECK.centre, GROUND + 1.0), HEAD_PIVOT, None),
        "head": (HEAD_PIVOT, (0.0, 1.4, 12.5), "neck"),
        "eye.L": (left, left + ahead, "head"),
        "eye.R": (right, right + ahead, "head"),
    }
    _in_edit_mode(rig, bones)
    return rig


def _in_edit_mode(rig: bpy.types.Object, bones: dict[str, Bone]) -> None:
    """Bones can be added in edit mode only, and edit mode wants the object active.

    What was active, selected and in which mode is put back.
    """
    layer = bpy.context.view_layer
    before = layer.objects.active
    mode = before.mode if before else "OBJECT"
    if mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    selected = [item for item in layer.objects if item.select_get()]
    layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for name, (head, tail, parent) in bones.items():
        bone = rig.data.edit_bones.new(name)
        bone.head, bone.tail = to_scene(head), to_scene(tail)
        bone.roll = 0.0
        if parent:
            bone.parent = rig.data.edit_bones[parent]
    bpy.ops.object.mode_set(mode="OBJECT")
    rig.select_set(False)
    for item in selected:
        item.select_set(True)
    layer.objects.active = before
    if mode != "OBJECT":
        bpy.ops.object.mode_set(mode=mode)


def bind(item: bpy.types.Object, part: Part, rig: bpy.types.Object) -> None:
    """Let a mesh follow the armature by the part's weights."""
    item.parent = rig
    for bone, share in part.weights.items():
        group = item.vertex_groups.new(name=bone)
        for weight in np.unique(share):
            if weight > 0.0:
                group.add(np.flatnonzero(share == weight).tolist(), float(weight), "REPLACE")
    modifier: Any = item.modifiers.new("Armature", "ARMATURE")
    modifier.object = rig
