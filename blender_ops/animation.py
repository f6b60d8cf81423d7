# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions and their F-Curves: every difference between Blender versions lives here.

Up to 4.3 an Action holds its F-Curves itself and belongs to one kind of data-block.
From 4.4 on it holds a slot for each data-block it animates, and the F-Curves lie in
the slot's channelbag on the keyframe strip of its layer; 5.0 removed
``Action.fcurves``. An Action without an assigned slot does not play, silently.
(https://docs.blender.org/api/current/bpy.types.Action.html,
https://developer.blender.org/docs/release_notes/4.4/upgrading/slotted_actions/)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..models.errors import MienError
from .steps import Steps, finished

# Blender's own numbers for a key's interpolation and its handles' types, the same in
# every version (source/blender/makesdna/DNA_curve_types.h).
CONSTANT, LINEAR, BEZIER = 0, 1, 2
FREE, AUTO_CLAMPED = 0, 4

# The NLA track that holds the bake where there is a corrections layer.
BAKE_TRACK = "Mien bake"

# Properties of a key that few keys use, all 0 unless set: kept when a curve is rewritten.
FURTHER = {
    "easing": np.int32,
    "back": np.float32,
    "amplitude": np.float32,
    "period": np.float32,
    "type": np.int32,
}


class AnimationError(MienError):
    """A data-block cannot be given an Action as it stands."""


@dataclass(frozen=True, eq=False)
class Keys:
    """The keys of one F-Curve.

    frames, values: (keys,) scene frames, increasing, and the values there.
    interpolation: Blender's number, one for all or (keys,): CONSTANT, LINEAR, BEZIER …
    left, right: (keys, 2) handles as (frame, value); None lets Blender place them.
    handle_types: (keys, 2) Blender's numbers of left and right; None means FREE where
        handles are given and AUTO_CLAMPED where they are not.
    further: what else Blender stores with a key (easing …), as it was read.
    """

    frames: NDArray[np.floating[Any]]
    values: NDArray[np.floating[Any]]
    interpolation: int | NDArray[np.int32] = LINEAR
    left: NDArray[np.floating[Any]] | None = None
    right: NDArray[np.floating[Any]] | None = None
    handle_types: NDArray[np.int32] | None = None
    further: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frames)


@dataclass(frozen=True, eq=False)
class Curve:
    """An F-Curve as plain data: which property it animates, its keys, its group."""

    data_path: str
    keys: Keys
    index: int = 0
    group: str = ""


def animation_data_of(datablock: bpy.types.ID) -> Any:
    """Blender's AnimData of a data-block of any kind, or None."""
    return getattr(datablock, "animation_data", None)


def bake_strip(datablock: bpy.types.ID) -> Any:
    """The NLA strip that holds a data-block's bake under a corrections layer, or None."""
    animation_data = animation_data_of(datablock)
    track = animation_data and animation_data.nla_tracks.get(BAKE_TRACK)
    return track.strips[0] if track and len(track.strips) else None


def action_of(datablock: bpy.types.ID) -> bpy.types.Action | None:
    """The Action that a bake gave to a data-block, or that is assigned to it, if any."""
    holder = bake_strip(datablock) or animation_data_of(datablock)
    return holder.action if holder else None


def f_curves(datablock: bpy.types.ID) -> dict[tuple[str, int], bpy.types.FCurve]:
    """The F-Curves of a data-block's Action, by data path and index.

    Under a corrections layer those of the bake, not of the corrections.
    """
    action: Any = action_of(datablock)
    if action is None:
        return {}
    if not hasattr(action, "slots"):
        return {(curve.data_path, curve.array_index): curve for curve in action.fcurves}
    slot = (bake_strip(datablock) or animation_data_of(datablock)).action_slot
    return {
        (curve.data_path, curve.array_index): curve
        for bag in _channelbags(action)
        if slot is not None and bag.slot_handle == slot.handle
        for curve in bag.fcurves
    }


def curves_for(
    datablock: bpy.types.ID, action: Any = None
) -> dict[tuple[str, int], bpy.types.FCurve]:
    """The F-Curves with which an Action animates a data-block, by data path and index.

    action: None takes the data-block's own; another one need not be assigned. Where it has
    slots, that of the data-block's name counts, else the only one for its kind.
    """
    if action is None or action == action_of(datablock):
        return f_curves(datablock)
    if not hasattr(action, "slots"):
        curves = list(action.fcurves) if action.id_root == datablock.id_type else []
        return {(curve.data_path, curve.array_index): curve for curve in curves}
    slots = [slot for slot in action.slots if slot.target_id_type == datablock.id_type]
    named = [slot for slot in slots if slot.name_display == datablock.name]
    chosen = named or (slots if len(slots) == 1 else [])
    return {
        (curve.data_path, curve.array_index): curve
        for bag in _channelbags(action)
        if any(bag.slot_handle == slot.handle for slot in chosen)
        for curve in bag.fcurves
    }


def curves_of_action(action: Any) -> list[bpy.types.FCurve]:
    """All F-Curves of an Action, whatever they animate."""
    if not hasattr(action, "slots"):
        return list(action.fcurves)
    return [curve for bag in _channelbags(action) for curve in bag.fcurves]


def read_curves(datablock: bpy.types.ID) -> list[Curve]:
    """The curves of a data-block's Action as plain data."""
    return [
        Curve(path, read_keys(curve), index, curve.group.name if curve.group else "")
        for (path, index), curve in f_curves(datablock).items()
    ]


def read_keys(curve: bpy.types.FCurve) -> Keys:
    """The keys of an F-Curve with their handles, in bulk."""
    points = curve.keyframe_points

    def column(name: str, dtype: type, width: int = 1) -> NDArray[Any]:
        values: NDArray[Any] = np.empty(len(points) * width, dtype)
        points.foreach_get(name, values)
        return values if width == 1 else values.reshape(-1, width)

    places = column("co", np.float32, 2)
    return Keys(
        frames=places[:, 0],
        values=places[:, 1],
        interpolation=column("interpolation", np.int32),
        left=column("handle_left", np.float32, 2),
        right=column("handle_right", np.float32, 2),
        handle_types=np.column_stack(
            [column("handle_left_type", np.int32), column("handle_right_type", np.int32)]
        ),
        further={name: column(name, dtype) for name, dtype in FURTHER.items()},
    )


def evaluate(curve: bpy.types.FCurve, frames: ArrayLike) -> NDArray[np.float64]:
    """(frames,) what Blender plays from an F-Curve, its modifiers included."""
    return np.array([curve.evaluate(frame) for frame in np.asarray(frames, float)], np.float64)


def write_curves(
    name: str, curves: Mapping[bpy.types.ID, Sequence[Curve]]
) -> list[bpy.types.Action]:
    """Give data-blocks a new Action with these curves. Nothing that was there is lost.

    The Action that a data-block had stays in the file as it was, with a fake user. Its
    curves that are not among the new ones go along into the new Action, so that a body
    goes on walking when its head is given keys. From Blender 4.4 on one new Action with
    a slot for each data-block serves all those that had none or shared one; before, a
    data-block has an Action of its own. Where there is a corrections layer, the Action
    takes the place of the one in the bake's strip, and the corrections stay.

    Raises AnimationError if a data-block cannot be written to. Whatever is raised, the
    scene is as it was.
    """
    return finished(write_curves_in_steps(name, curves))


def write_curves_in_steps(
    name: str, curves: Mapping[bpy.types.ID, Sequence[Curve]]
) -> Steps[list[bpy.types.Action]]:
    """What `write_curves` does, a curve at a time; yields the share done.

    Nothing plays until the last step. Closed before, it leaves the scene as it was.
    """
    for datablock in curves:
        _check(datablock)
    drafts: dict[object, bpy.types.Action] = {}
    before = [_Assignment.of(datablock) for datablock in curves]
    after = []
    total, done = sum(map(len, curves.values())), 0
    try:
        for assignment, own in zip(before, curves.values(), strict=True):
            key = _sharing(assignment)
            if key not in drafts:
                drafts[key] = _draft(name, assignment.action)
            channels = _Channels.of(drafts[key], assignment)
            for curve in own:
                channels.write(curve)
                done += 1
                yield done / total
            after.append(_Assignment(assignment.datablock, drafts[key], channels.slot))
        for assignment in after:
            assignment.apply()
    except BaseException:
        for assignment in before:
            assignment.apply()
        for action in drafts.values():
            bpy.data.actions.remove(action)
        raise
    for action in {assignment.action for assignment in before if assignment.action}:
        if action.is_editable:
            action.use_fake_user = True
    return list(drafts.values())


def new_action(name: str, id_type: str, curves: Sequence[Curve]) -> bpy.types.Action:
    """An Action with these curves for data-blocks of a kind (KEY, OBJECT), assigned to none."""
    action: Any = bpy.data.actions.new(name)
    if hasattr(action, "slots"):
        slot = action.slots.new(id_type=id_type, name=name)
        channels = _Channels(_channelbag(action, slot), slot, {})
    else:
        action.id_root = id_type
        channels = _Channels(action, None, {})
    for curve in curves:
        channels.write(curve)
    return action  # type: ignore[no-any-return]


def assign(holder: Any, action: bpy.types.Action | None, slot: Any) -> None:
    """Give an AnimData or an NLA strip an Action, and its slot where there are slots."""
    holder.action = action
    if slot is not None:
        holder.action_slot = slot


def slot_for(action: Any, datablock: bpy.types.ID) -> Any:
    """Make an Action ready for a data-block: a new slot, or None where there are none."""
    if hasattr(action, "slots"):
        return action.slots.new(id_type=datablock.id_type, name=datablock.name)
    action.id_root = datablock.id_type
    return None


def fit_strip(strip: Any) -> None:
    """Lay an NLA strip where its Action's keys are, one frame of it a frame."""
    first, last = strip.action.frame_range
    last = max(last, first + 1)
    strip.frame_start, strip.frame_end = first, max(last, strip.frame_end)
    strip.action_frame_start, strip.action_frame_end = first, last
    strip.frame_end = last
    strip.scale = 1


def write_keys(curve: bpy.types.FCurve, keys: Keys) -> None:
    """Replace all keys of an F-Curve, in bulk."""
    count = len(keys)
    points = curve.keyframe_points
    points.clear()
    if count == 0:
        return
    points.add(count)
    places = np.empty((count, 2), np.float32)
    places[:, 0] = keys.frames
    places[:, 1] = keys.values
    points.foreach_set("co", places.ravel())
    interpolation = np.empty(count, np.int32)
    interpolation[:] = keys.interpolation
    points.foreach_set("interpolation", interpolation)
    _write_handles(points, keys)
    for name, values in keys.further.items():
        points.foreach_set(name, np.ascontiguousarray(values, FURTHER[name]))
    curve.update()


@dataclass(frozen=True)
class _Assignment:
    """Which Action, and which of its slots, a data-block has, there or in its bake's strip."""

    datablock: bpy.types.ID
    action: bpy.types.Action | None
    slot: Any = None
    had_animation_data: bool = True

    @staticmethod
    def of(datablock: bpy.types.ID) -> _Assignment:
        holder = bake_strip(datablock) or animation_data_of(datablock)
        if holder is None:
            return _Assignment(datablock, None, had_animation_data=False)
        return _Assignment(datablock, holder.action, getattr(holder, "action_slot", None))

    def apply(self) -> None:
        strip = bake_strip(self.datablock)
        if self.action is None and not self.had_animation_data:
            self.datablock.animation_data_clear()
        elif strip is not None:
            assign(strip, self.action, self.slot)
            fit_strip(strip)
        else:
            assign(self.datablock.animation_data_create(), self.action, self.slot)


def _check(datablock: bpy.types.ID) -> None:
    if not datablock.is_editable:
        raise AnimationError(
            f"“{datablock.name_full}” is linked from another file, so keys on it would be lost. "
            "Make the face keys editable first."
        )
    animation_data = animation_data_of(datablock)
    if animation_data and animation_data.use_tweak_mode:
        raise AnimationError(
            f"An NLA strip of “{datablock.name}” is being edited; leave tweak mode (Tab in the "
            "NLA editor) and try again."
        )


def _sharing(assignment: _Assignment) -> object:
    """Data-blocks with the same answer get the same new Action."""
    has_slots = "slots" in bpy.types.Action.bl_rna.properties
    if assignment.action is None and not has_slots:
        return assignment.datablock
    return assignment.action


def _draft(name: str, old: bpy.types.Action | None) -> bpy.types.Action:
    """A new Action, with what the old one holds."""
    action = bpy.data.actions.new(name) if old is None else old.copy()
    action.name = name
    action.use_fake_user = True
    return action


@dataclass(frozen=True)
class _Channels:
    """The F-Curves of an Action that animate one data-block."""

    holder: Any
    slot: Any
    curves: dict[tuple[str, int], bpy.types.FCurve]

    @staticmethod
    def of(action: Any, assignment: _Assignment) -> _Channels:
        if assignment.slot is not None:
            slot = action.slots[assignment.slot.identifier]
        else:
            slot = slot_for(action, assignment.datablock)
        holder = action if slot is None else _channelbag(action, slot)
        return _Channels(
            holder,
            slot,
            {(curve.data_path, curve.array_index): curve for curve in holder.fcurves},
        )

    def write(self, curve: Curve) -> None:
        """Put a curve in place of the one for the same property."""
        old = self.curves.pop((curve.data_path, curve.index), None)
        if old is not None:
            self.holder.fcurves.remove(old)
        new = self.holder.fcurves.new(curve.data_path, index=curve.index)
        self.curves[curve.data_path, curve.index] = new
        if curve.group:
            # Looked up anew: with its last curve a group goes, too.
            groups = self.holder.groups
            new.group = groups.get(curve.group) or groups.new(curve.group)
        write_keys(new, curve.keys)


def _channelbag(action: bpy.types.Action, slot: Any) -> Any:
    """Where a slot's F-Curves lie; made if need be."""
    for bag in _channelbags(action):
        if bag.slot_handle == slot.handle:
            return bag
    layer = action.layers[0] if len(action.layers) else action.layers.new("Layer")
    strip: Any = layer.strips[0] if len(layer.strips) else layer.strips.new(type="KEYFRAME")
    return strip.channelbag(slot, ensure=True)


def _channelbags(action: Any) -> list[Any]:
    return [bag for layer in action.layers for strip in layer.strips for bag in strip.channelbags]


def _write_handles(points: Any, keys: Keys) -> None:
    count = len(keys)
    explicit = keys.left is not None and keys.right is not None
    types = keys.handle_types
    if types is None:
        if not explicit and np.all(keys.interpolation != BEZIER):
            return
        types = np.full((count, 2), FREE if explicit else AUTO_CLAMPED, np.int32)
    points.foreach_set("handle_left_type", np.ascontiguousarray(types[:, 0], np.int32))
    points.foreach_set("handle_right_type", np.ascontiguousarray(types[:, 1], np.int32))
    if explicit:
        points.foreach_set("handle_left", np.ascontiguousarray(keys.left, np.float32).ravel())
        points.foreach_set("handle_right", np.ascontiguousarray(keys.right, np.float32).ravel())
