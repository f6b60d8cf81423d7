# SPDX-License-Identifier: GPL-3.0-or-later
"""An Action that a character already has, as a performance: a bake the other way round.

Each channel's weight is read from what its mapping says moves with it: shape keys, controls
and custom properties; turns of head, neck, eyes and jaw from their bones' rotation curves, in
the performance's axes. Curves are evaluated as Blender plays them, F-Curve modifiers
included, on every whole frame and at every key, so that no key between frames is lost.
Drivers, constraints and the NLA are not looked at: an Action is what its curves say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Euler, Quaternion
from numpy.typing import NDArray

from ..models import rotation
from ..models.arkit import CHANNELS
from ..models.curves.unmix import unmixed
from ..models.formats.transforms import angles_of_gaze
from ..models.performance import Performance, Source
from .animation import AnimationError, action_of, curves_for, evaluate, read_keys
from .bones_turn import Pivot, bone_pivot, empty_pivot
from .character import Character
from .eyes import aims_of, choose_gaze
from .head import turning_neck
from .jaw import JAW_OPEN, JAW_SIDEWAYS, choose_jaw
from .mapping import Mapping as FaceMapping
from .mapping import Target
from .sampling import scene_rate

Floats = NDArray[np.floating[Any]]

# Keys nearer to a whole frame than this, in frames, stand on it.
_SAME_FRAME = 1e-4


def performance_of_action(
    character: Character,
    mapping: FaceMapping,
    scene: bpy.types.Scene,
    action: bpy.types.Action | None = None,
    start: float | None = None,
    end: float | None = None,
) -> Performance:
    """What an Action does with a character's face, head and eyes.

    action: None takes what is assigned: of each mesh, armature and empty its own.
    start, end: the first and the last frame; None: where the first and the last key are.

    The first frame is at 0 s, others follow at the scene's rate. Channels are those that the
    character has; one without a curve keeps its present value. Where fewer controls than
    channels move, the smallest weights that explain them are taken, none below 0.

    Raises AnimationError if the Action moves nothing of the character's face, or nothing lies
    between start and end; CharacterError if a bone was removed meanwhile.
    """
    curves = _Curves(action)
    found = list(_face_curves(character, mapping, curves))
    if not found:
        raise AnimationError(
            (f"The Action “{action.name}”" if action else "What is assigned")
            + f" moves nothing of the face of “{character.name}”; choose another Action."
        )
    frames = _frames(found, start, end)
    weights = _weights(mapping, curves, frames)
    _add_jaw(weights, character, mapping, curves, frames)
    channels = tuple(name for name in CHANNELS if name in weights)
    if not channels:
        channels, weights = ("jawOpen",), {"jawOpen": np.zeros(len(frames))}
    return Performance(
        weights=np.stack([weights[name] for name in channels], axis=1),
        times=(frames - frames[0]) / scene_rate(scene),
        channels=channels,
        head=_head(character, curves, frames),
        eyes=_eyes(character, mapping, curves, frames),
        source=Source(action.name if action else _name_of(character)),
    )


class _Curves:
    """The F-Curves of one Action, or of those that are assigned."""

    def __init__(self, action: bpy.types.Action | None) -> None:
        self._action = action
        self._known: dict[bpy.types.ID, dict[tuple[str, int], bpy.types.FCurve]] = {}

    def of(self, datablock: bpy.types.ID) -> dict[tuple[str, int], bpy.types.FCurve]:
        """Those of a data-block, by data path and index."""
        if datablock not in self._known:
            self._known[datablock] = curves_for(datablock, self._action)
        return self._known[datablock]

    def moves(self, datablock: bpy.types.ID, data_path: str) -> bool:
        """Whether a property has a curve, of any index."""
        return any(path == data_path for path, _ in self.of(datablock))

    def values(self, datablock: bpy.types.ID, data_path: str, index: int, frames: Floats) -> Floats:
        """(frames,) a property's values; where it has no curve, its present one."""
        curve = self.of(datablock).get((data_path, max(index, 0)))
        if curve is not None and not curve.is_empty:
            return evaluate(curve, frames)
        value: Any = datablock.path_resolve(data_path)
        return np.full(len(frames), float(value if index < 0 else value[index]))


@dataclass(frozen=True)
class _Mover:
    """A property and how far each channel moves it."""

    target: Target
    channels: tuple[tuple[str, float], ...]


def _movers(mapping: FaceMapping) -> list[_Mover]:
    """Every property of the mapping once."""
    found: dict[object, tuple[Target, list[tuple[str, float]]]] = {}
    for channel, targets in mapping.found.items():
        for target in targets:
            if target.is_there:
                found.setdefault(target.place, (target, []))[1].append((channel, target.weight))
    return [_Mover(target, tuple(channels)) for target, channels in found.values()]


def _face_curves(
    character: Character, mapping: FaceMapping, curves: _Curves
) -> Iterator[bpy.types.FCurve]:
    """The curves that say something about the face, head or eyes."""
    for mover in _movers(mapping):
        datablock, path, index = mover.target.place
        curve = curves.of(datablock).get((path, index))
        if curve is not None and not curve.is_empty:
            yield curve
    for pivot in _pivots(character):
        for (path, _), curve in curves.of(pivot.object).items():
            if path == pivot.data_path and not curve.is_empty:
                yield curve


def _pivots(character: Character) -> list[Pivot]:
    bones = (
        character.head_bone,
        *character.neck_bones,
        character.left_eye_bone,
        character.right_eye_bone,
        character.jaw_bone,
    )
    pivots = [bone_pivot(character, bone) for bone in bones if bone]
    return [*pivots, empty_pivot(character.head_empty)] if character.head_empty else pivots


def _frames(found: Sequence[bpy.types.FCurve], start: float | None, end: float | None) -> Floats:
    """Every whole frame, and every key between frames."""
    keys = np.concatenate([read_keys(curve).frames for curve in found]).astype(np.float64)
    whole = np.round(keys)
    keys = np.where(np.abs(keys - whole) < _SAME_FRAME, whole, keys)
    first = float(keys.min() if start is None else start)
    last = float(keys.max() if end is None else end)
    between = np.arange(np.ceil(first), np.floor(last) + 1)
    frames = np.unique(np.concatenate([between, keys, [first, last]]))
    frames = frames[(frames >= first) & (frames <= last)]
    if last < first or not len(frames):
        raise AnimationError(
            f"Nothing lies between the frames {first:g} and {last:g}; give the earlier one first."
        )
    # Two keys that nearly share a frame are one sample, as they are in the Graph Editor.
    return np.asarray(frames[np.concatenate([[True], np.diff(frames) > _SAME_FRAME])])


def _weights(mapping: FaceMapping, curves: _Curves, frames: Floats) -> dict[str, Floats]:
    """(frames,) each channel's weights, from all that moves with it."""
    result: dict[str, Floats] = {}
    for group in _groups(_movers(mapping)):
        channels = list(dict.fromkeys(name for mover in group for name, _ in mover.channels))
        parts = np.zeros((len(channels), len(group)))
        values = np.empty((len(frames), len(group)))
        for column, mover in enumerate(group):
            datablock, path, _ = mover.target.place
            values[:, column] = curves.values(datablock, path, mover.target.index, frames)
            values[:, column] -= mover.target.rest
            for name, weight in mover.channels:
                parts[channels.index(name), column] += weight
        if len(channels) == 1:
            # Alone, a channel may be below 0, as a key may.
            length = max(float(np.sum(parts**2)), 1e-12)
            result[channels[0]] = values @ parts[0] / length
        else:
            result.update(zip(channels, unmixed(parts, values).T, strict=True))
    return result


def _groups(movers: Sequence[_Mover]) -> list[list[_Mover]]:
    """Movers that share channels, together."""
    groups: list[tuple[set[str], list[_Mover]]] = []
    for mover in movers:
        names = {name for name, _ in mover.channels}
        joined = [group for group in groups if group[0] & names]
        merged = (
            names.union(*(group[0] for group in joined)),
            [each for group in joined for each in group[1]] + [mover],
        )
        groups = [group for group in groups if group not in joined] + [merged]
    return [group for _, group in groups]


def _turns(pivot: Pivot, curves: _Curves, frames: Floats) -> Floats | None:
    """(frames, 4) how a bone or empty turns in the performance's axes; None without a curve."""
    if not curves.moves(pivot.object, pivot.data_path):
        return None
    values = np.stack(
        [
            curves.values(pivot.object, pivot.data_path, index, frames)
            for index in range(pivot.width)
        ],
        axis=1,
    )
    own = rotation.normalised(_quaternions(values, pivot.rotation_mode))
    axes = pivot.axes
    return rotation.multiply(rotation.multiply(axes, own), rotation.inverse(axes))


def _quaternions(values: Floats, mode: Any) -> Floats:
    """(frames, 4) quaternions of a rotation property's values, in its own axes."""
    if mode == "QUATERNION":
        return values
    if mode == "AXIS_ANGLE":
        return np.array([Quaternion(row[1:], row[0])[:] for row in values.tolist()])
    return np.array([Euler(row, mode).to_quaternion()[:] for row in values.tolist()])


def _head(character: Character, curves: _Curves, frames: Floats) -> Floats | None:
    """(frames, 7) the head's whole turn: of the empty, or of neck and head bone together."""
    whole: Floats | None = None
    if character.head_bone:
        neck = turning_neck(character, share=1.0)
        carrying = neck.bones if neck.carries_head else ()
        for bone in (*carrying, character.head_bone):
            turns = _turns(bone_pivot(character, bone), curves, frames)
            if turns is not None:
                whole = turns if whole is None else rotation.multiply(whole, turns)
    if whole is None and character.head_empty is not None:
        whole = _turns(empty_pivot(character.head_empty), curves, frames)
    if whole is None:
        return None
    still = np.zeros((len(frames), 3))
    return np.asarray(np.concatenate([rotation.continuous(whole), still], axis=1))


def _eyes(
    character: Character, mapping: FaceMapping, curves: _Curves, frames: Floats
) -> Floats | None:
    """(frames, 4) where both eye bones look; None where keys do, or aims turn the bones."""
    gaze = choose_gaze(character, mapping)
    if not (gaze.left and gaze.right) or aims_of(character, gaze):
        return None
    turns = [
        _turns(bone_pivot(character, bone), curves, frames) for bone in (gaze.left, gaze.right)
    ]
    if all(each is None for each in turns):
        return None
    forward = np.tile((0.0, 0.0, 1.0), (len(frames), 1))
    looks = [forward if each is None else rotation.turned(each, forward) for each in turns]
    return np.concatenate([angles_of_gaze(each) for each in looks], axis=1)


def _add_jaw(
    weights: dict[str, Floats],
    character: Character,
    mapping: FaceMapping,
    curves: _Curves,
    frames: Floats,
) -> None:
    """The jaw's channels from its bone, on a character whose jaw has no keys."""
    jaw = choose_jaw(character, mapping)
    turns = _turns(bone_pivot(character, jaw.bone), curves, frames) if jaw.bone else None
    if turns is None:
        return
    yaw, pitch, _ = rotation.to_yaw_pitch_roll(turns).T
    weights["jawOpen"] = pitch / JAW_OPEN
    weights["jawLeft"] = np.maximum(yaw, 0) / JAW_SIDEWAYS
    weights["jawRight"] = np.maximum(-yaw, 0) / JAW_SIDEWAYS


def _name_of(character: Character) -> str:
    holders: list[Any] = [mesh.data.shape_keys for mesh in character.meshes]
    holders += [each for each in (character.armature, character.head_empty) if each is not None]
    names = [action.name for action in map(action_of, holders) if action is not None]
    return names[0] if names else character.name
