# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the eyes look, and what shows it: bones, shape keys, never both at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ..models import rotation
from ..models.arkit import EYE_LOOK_DOWN, EYE_LOOK_SIDEWAYS, EYE_LOOK_UP
from ..models.performance import Performance
from .bake_options import EyesBy
from .bones_follow import aim_of
from .bones_skin import carried_vertices
from .bones_turn import joint_of
from .character import Character, shape_keys_of
from .mapping import Mapping as FaceMapping
from .mapping import Row, Target

Floats = NDArray[np.floating[Any]]

EYE_LOOK = tuple(
    f"eyeLook{way}{side}" for side in ("Left", "Right") for way in ("In", "Out", "Up", "Down")
)

# A key moves a vertex if that goes this share of the key's longest way.
_MOVES = 0.2


@dataclass(frozen=True)
class Gaze:
    """What turns the eyes of a character.

    left, right: the bones that turn, "" where keys do it.
    objects: what turns the left and the right eyeball instead of bones, or nothing.
    resting_bones: eye bones that stay at rest, because keys turn the eyeballs.
    resting: what stays at rest, because bones turn what it would turn: the value of each
        property, by data-block, data path and index.
    note: which of the two it is and why, where a character has both; "" otherwise.
    """

    left: str = ""
    right: str = ""
    objects: tuple[bpy.types.Object, ...] = ()
    resting_bones: tuple[str, ...] = ()
    resting: Mapping[tuple[bpy.types.ID, str, int], float] = field(default_factory=dict)
    note: str = ""


def choose_gaze(character: Character, mapping: FaceMapping, by: EyesBy = "AUTO") -> Gaze:
    """Decide between eye bones and eyeLook keys by looking at what each of them moves.

    Keys that move the lids only go with bones: bones turn the eyeball, lids follow by
    keys. Where keys move the same eyeballs as the bones, one of them must rest. Bones
    turn an eyeball exactly, so the keys rest, unless they are all there and carry the
    lids along with the eyeballs, which nothing else would.

    by: AUTO as described; BONES or KEYS whatever they move.
    """
    bones = tuple(bone for bone in (character.left_eye_bone, character.right_eye_bone) if bone)
    if not bones:
        return Gaze(objects=_eyeballs_without_keys(character, mapping, by))
    if beyond := next((bone for bone in bones if _aims_beyond(character, bone)), ""):
        return Gaze(note=f"the bone “{beyond}” is aimed at another object, so it is not keyed")
    names = " and ".join(f"“{bone}”" for bone in bones)
    if by == "KEYS":
        return Gaze(
            resting_bones=bones,
            note=f"the eyes look by keys, as was chosen; the bones {names} stay at rest",
        )
    eyeballs = _Eyeballs(character, bones)
    rows = [row for row in mapping.rows if row.channel in EYE_LOOK and row.targets]
    turning = [row for row in rows if any(eyeballs.moves(shape)[0] for shape in _shapes(row))]
    lids_too = any(all(eyeballs.moves(shape)) for row in turning for shape in _shapes(row))
    if by == "AUTO" and lids_too and len(turning) == len(EYE_LOOK):
        return Gaze(
            resting_bones=bones,
            note="the eyes look by the eyeLook keys, which move eyeballs and lids in one; the "
            f"bones {names} stay at rest, or the eyes would turn twice",
        )
    resting = {
        target.place: target.rest
        for row in turning
        for target in row.targets
        if not target.key or eyeballs.moves(target)[0]
    }
    note = ""
    if resting:
        note = (
            f"the eyes look by the bones {names}; the eyeLook keys that move the eyeballs, too, "
            "stay at 0, or the eyes would turn twice"
        )
    return Gaze(character.left_eye_bone, character.right_eye_bone, resting=resting, note=note)


def _eyeballs_without_keys(
    character: Character, mapping: FaceMapping, by: EyesBy
) -> tuple[bpy.types.Object, ...]:
    """The objects that turn the eyeballs, unless eyeLook keys of theirs turn them already."""
    pivots = character.left_eye_object, character.right_eye_object
    if by == "KEYS" or pivots[0] is None or pivots[1] is None:
        return ()
    turned = [each for pivot in pivots if pivot for each in (pivot, *pivot.children_recursive)]
    keyed = (t.object for row in mapping.rows if row.channel in EYE_LOOK for t in _shapes(row))
    return () if any(each in turned for each in keyed) else (pivots[0], pivots[1])


class _Eyeballs:
    """The vertices that a character's eye bones carry, looked up once for each mesh."""

    def __init__(self, character: Character, bones: tuple[str, ...]) -> None:
        self._character = character
        self._bones = [eyeball_bone(character, bone) for bone in bones]
        self._of: dict[bpy.types.Object, NDArray[np.bool_]] = {}

    def moves(self, target: Target) -> tuple[bool, bool]:
        """Whether a shape key moves eyeballs, and whether it moves anything else."""
        mesh: Any = target.object
        keys = shape_keys_of(mesh)
        block = keys and keys.key_blocks.get(target.key)
        if block is None:
            return False, False
        way = np.linalg.norm(_points(block) - _points(block.relative_key), axis=1)
        moved = way > max(_MOVES * way.max(initial=0), 1e-9)
        if mesh not in self._of:
            self._of[mesh] = np.any(
                [carried_vertices(self._character, bone, mesh) for bone in self._bones], axis=0
            )
        eyeballs = self._of[mesh]
        return bool(np.any(moved & eyeballs)), bool(np.any(moved & ~eyeballs))


def _shapes(row: Row) -> list[Target]:
    """The shape keys that a channel moves in the end."""
    return [target for target in (*row.targets, *row.shapes) if target.key]


def eyeball_bone(character: Character, bone: str) -> str:
    """The bone that turns the eyeball: what a control's tracking constraint turns, or itself."""
    assert character.armature is not None, "a character with bones has an armature"
    aim = aim_of(character.armature, bone)
    return aim[0] if aim else bone


def _aims_beyond(character: Character, bone: str) -> bool:
    """Whether a bone is pointed at something that is no bone of its armature."""
    assert character.armature is not None, "a character with bones has an armature"
    aim = aim_of(character.armature, bone)
    return aim is not None and not (aim[1].target == character.armature and aim[1].subtarget)


@dataclass(frozen=True)
class Aim:
    """A bone at which one eye looks, or both.

    target: its name. turning: the bones that it points, in the order of `sides`.
    sides: 0 for the left eye, 1 for the right.
    """

    target: str
    turning: tuple[str, ...]
    sides: tuple[int, ...]


def aims_of(character: Character, gaze: Gaze) -> list[Aim]:
    """The targets that the eyes of a gaze are pointed at; empty where the bones turn freely."""
    found: dict[str, list[tuple[str, int]]] = {}
    for side, bone in enumerate((gaze.left, gaze.right)):
        if bone and character.armature is not None:
            aim = aim_of(character.armature, bone)
            if aim is not None:
                found.setdefault(aim[1].subtarget, []).append((aim[0], side))
    return [
        Aim(target, tuple(name for name, _ in eyes), tuple(side for _, side in eyes))
        for target, eyes in found.items()
    ]


def aim_points(
    character: Character, aim: Aim, turns: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Where a target is to be for the eyes to turn so, while the head is at rest.

    Two eyes with one target look at the middle of what each would look at.

    Returns (frames, 3) its places and (3,) its place at rest, in the armature's units and
    the performance's axes.
    """
    rest = joint_of(character, aim.target)
    places = []
    for bone, side in zip(aim.turning, aim.sides, strict=True):
        eye = joint_of(character, bone)
        places.append(eye + rotation.turned(turns[side], np.tile(rest - eye, (len(turns[0]), 1))))
    return np.mean(places, axis=0), rest


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


def _points(block: Any) -> Floats:
    points: Floats = np.empty(len(block.data) * 3, np.float32)
    block.data.foreach_get("co", points)
    return points.reshape(-1, 3)
