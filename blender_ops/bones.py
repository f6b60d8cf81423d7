# SPDX-License-Identifier: GPL-3.0-or-later
"""The bones by which a character's head, neck, eyes and jaw turn, found by their names.

Names are data (`mapping/bones.json`). Where a name contradicts the geometry, such as a
“left” eye on the subject's right, the geometry wins.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import bpy
from mathutils import Vector

from .bones_follow import depends_on
from .mapping.names import plain, plain_forms

_FILE = Path(__file__).parent / "mapping" / "bones.json"

# A head bone that lies so far behind the eyes, in distances between them, says where the
# face looks; nearer ones say nothing.
_CLEARLY_BEHIND = 0.25


@dataclass(frozen=True)
class FaceBones:
    """The bones of a face, "" or () where the rig has none.

    neck: from the shoulders up.
    left_eye, right_eye: the subject's own.
    convention: the name of the convention that most of them follow.
    """

    head: str = ""
    neck: tuple[str, ...] = ()
    left_eye: str = ""
    right_eye: str = ""
    jaw: str = ""
    convention: str = ""


@dataclass(frozen=True)
class BoneConvention:
    """What the bones of a face are called.

    name, source: what a person reads, and where it is published.
    needs: bones that must be there, by exactly these names.
    bones: for each part (`head`, `neck`, `eyeLeft`, `eyeRight`, `jaw`) its names, the
        preferred one first.
    """

    name: str
    source: str
    needs: tuple[str, ...]
    bones: Mapping[str, tuple[str, ...]]

    def find(self, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Which of a rig's bones stand for which part, in the order of preference.

        Of several bones that go by the same name the one spelled as published is taken,
        else the first.
        """
        names = list(names)
        if not set(self.needs) <= set(names):
            return {}
        spelled: dict[str, str] = {}
        for name in names:
            for form in plain_forms(name):
                spelled.setdefault(form, name)
        found = {}
        for part, usual in self.bones.items():
            chosen = [
                each if each in names else spelled[plain(each)]
                for each in usual
                if each in names or plain(each) in spelled
            ]
            if chosen:
                found[part] = tuple(dict.fromkeys(chosen))
        return found


@functools.cache
def bone_conventions() -> tuple[BoneConvention, ...]:
    """All known conventions, the particular ones before the plain words."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        BoneConvention(
            each["name"],
            each["source"],
            tuple(each.get("needs", ())),
            MappingProxyType({part: tuple(names) for part, names in each["bones"].items()}),
        )
        for each in data["conventions"]
    )


def plain_words() -> BoneConvention:
    """The names that say what they mean, in any spelling."""
    return bone_conventions()[-1]


def find_face_bones(armature: bpy.types.Object) -> FaceBones:
    """The bones of an armature that turn a face."""
    bones: Any = armature.data.bones
    names = bones.keys()
    tried = [(each, each.find(names)) for each in bone_conventions()]
    tried.sort(key=lambda pair: -len(pair[1]))
    convention, found = tried[0]
    if not found:
        return FaceBones()
    for _, other in tried[1:]:
        for part, candidates in other.items():
            found.setdefault(part, candidates)

    def first(part: str) -> str:
        return found[part][0] if part in found else ""

    head = first("head")
    left, right = first("eyeLeft"), first("eyeRight")
    if left and right and head and _sides_are_swapped(armature, head, left, right):
        left, right = right, left
    neck = [bone for bone in found.get("neck", ()) if head and _is_neck(armature, bone, head)]
    return FaceBones(
        head=head,
        neck=tuple(sorted(neck, key=lambda bone: len(bones[bone].parent_recursive))),
        left_eye=left,
        right_eye=right,
        jaw=first("jaw"),
        convention=convention.name,
    )


def _is_neck(armature: bpy.types.Object, bone: str, head: str) -> bool:
    """Whether a bone named neck carries the head, and does not carry the shoulders.

    A bust's root is often its neck: if that turned, the shoulders would turn along.
    """
    has_parent = armature.data.bones[bone].parent is not None
    return has_parent and depends_on(armature, head, bone)


def _sides_are_swapped(armature: bpy.types.Object, head: str, left: str, right: str) -> bool:
    """Whether the bone named left lies on the subject's right: names given by the viewer.

    The face looks from the head bone to the eyes; up is the world's.
    """
    place = {bone: armature.data.bones[bone].head_local for bone in (head, left, right)}
    across = place[left] - place[right]
    if not across.length:
        return False
    ahead = (place[left] + place[right]) / 2 - place[head]
    up = armature.matrix_world.to_3x3().inverted_safe() @ Vector((0, 0, 1))
    ahead -= ahead.project(up)
    ahead -= ahead.project(across)
    if ahead.length < _CLEARLY_BEHIND * across.length:
        return False
    return bool(up.cross(ahead).dot(across) < 0)
