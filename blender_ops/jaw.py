# SPDX-License-Identifier: GPL-3.0-or-later
"""The jaw turned by a bone, on characters whose face has no jaw keys."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ..models import rotation
from ..models.performance import Performance
from .bones_skin import carried_vertices, meshes_of
from .character import Character
from .mapping import Mapping

Floats = NDArray[np.floating[Any]]

JAW_CHANNELS = ("jawOpen", "jawForward", "jawLeft", "jawRight")

# What a weight of 1 stands for, measured on the lower teeth of ICT-FaceKit's generic face
# (https://github.com/ICT-VGL/ICT-FaceKit): jawOpen turns them rigidly by 25.3° about the axis
# from ear to ear (no point is off by more than 0.2 mm), jawLeft and jawRight shift them as far
# as a turn by 6.0° about the upright axis through that hinge would, and jawForward shifts them
# by 8.1 % of the distance from hinge to chin. (Character Creator's controls in
# https://github.com/soupday/cc_blender_tools turn its jaw bone by 30° and 15°.)
JAW_OPEN = math.radians(25.3)
JAW_SIDEWAYS = math.radians(6.0)
JAW_FORWARD = 0.081


@dataclass(frozen=True)
class Jaw:
    """How a bone shows the jaw.

    bone: "" where shape keys show it, or nothing can.
    reach: from the bone's joint to the chin, in the armature's units.
    slides: whether the bone can be moved at all: one that is connected to its parent cannot.
    note: what the animator should know, "" if nothing.
    """

    bone: str = ""
    reach: float = 0.0
    slides: bool = True
    note: str = ""


def choose_jaw(character: Character, mapping: Mapping) -> Jaw:
    """Turn the jaw bone where the character has no jaw keys; keys go before bones."""
    bone = character.jaw_bone
    armature = character.armature
    if not bone or armature is None or bone not in armature.data.bones:
        return Jaw()
    if any(channel in mapping.found for channel in JAW_CHANNELS):
        return Jaw()
    slides = not armature.data.bones[bone].use_connect
    note = f"the jaw opens by the bone “{bone}”, because there are no jaw keys"
    if not slides:
        note += "; jawForward is left out, because the bone is connected to its parent"
    return Jaw(bone, _reach(character, armature, bone), slides, note)


def jaw_turns(performance: Performance) -> Floats:
    """(frames, 4) how jawOpen, jawLeft and jawRight turn the jaw in the performance's axes."""
    yaw = JAW_SIDEWAYS * (_weight(performance, "jawLeft") - _weight(performance, "jawRight"))
    pitch = JAW_OPEN * _weight(performance, "jawOpen")
    return rotation.from_yaw_pitch_roll(np.column_stack([yaw, pitch, np.zeros(len(yaw))]))


def jaw_slides(performance: Performance, reach: float) -> Floats:
    """(frames, 3) how jawForward shifts the jaw, in the units of `reach`."""
    forward = JAW_FORWARD * reach * _weight(performance, "jawForward")
    return np.column_stack([np.zeros((len(forward), 2)), forward])


def _weight(performance: Performance, channel: str) -> Floats:
    if channel not in performance.channels:
        return np.zeros(len(performance))
    return performance.channel(channel)


def _reach(character: Character, armature: bpy.types.Object, bone: str) -> float:
    """From a jaw bone's joint to the farthest point that goes along with it.

    The length of the bone where no vertex does: importers draw bones of any length.
    """
    joint = armature.data.bones[bone].head_local
    to_armature = armature.matrix_world.inverted_safe()
    farthest = 0.0
    for mesh in meshes_of(armature):
        carried = carried_vertices(character, bone, mesh)
        data: Any = mesh.data
        place = to_armature @ mesh.matrix_world
        for index in np.flatnonzero(carried).tolist():
            farthest = max(farthest, (place @ data.vertices[index].co - joint).length)
    return farthest or float(armature.data.bones[bone].length)
