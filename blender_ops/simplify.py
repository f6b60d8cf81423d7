# SPDX-License-Identifier: GPL-3.0-or-later
"""F-Curves that are already there with fewer keys: captured, baked or made by any tool.

A curve keeps its modifiers, its extrapolation and its group; only its keys change, in
place. What is locked stays as it is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ..models.curves import bezier
from ..models.curves.simplify import simplify
from ..models.errors import MienError
from .animation import BEZIER, CONSTANT, Keys, evaluate, f_curves, read_keys, write_keys
from .character import Character, character_error_if_gone, keyed_datablocks
from .figures import grouped

Floats = NDArray[np.floating[Any]]

# How far each number of a rotation may be off for the turn to be off by one radian at
# most, as in `head.Pivot.tolerance_share`.
_SHARES = {"rotation_quaternion": 1 / 4, "rotation_axis_angle": 1 / 4, "rotation_euler": 1 / 3}

# What Blender's single precision may add to an error.
_ROUNDING = 1e-6


class SimplifyError(MienError):
    """There is nothing to simplify, or not with these settings."""


@dataclass(frozen=True)
class SimplifyResult:
    """What became of some curves.

    curves: how many there were. before, after: their keys.
    largest_error: the largest distance between what Blender plays before and after, at
        whole frames and, unless keys on whole frames only were asked for, at each old
        key; in units of the curves, for rotations in radians of the turn.
    left: the curves that were left as they are though they might have fewer keys, each
        with the reason.
    """

    curves: int
    before: int
    after: int
    largest_error: float
    left: tuple[tuple[str, str], ...] = ()

    def words(self) -> str:
        """The result in a line that a person reads."""
        words = f"{grouped(self.before)} keys → {grouped(self.after)}"
        if self.after == self.before:
            words += ", no curve needs fewer"
        else:
            words += f", largest error {self.largest_error:.3g}"
        parts = [words]
        for reason in dict.fromkeys(reason for _, reason in self.left):
            names = [name for name, why in self.left if why == reason]
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            parts.append(f"left as they are because {reason}: {', '.join(names[:3])}{more}")
        return "; ".join(parts) + "."

    def to_json(self) -> dict[str, Any]:
        """The result as plain data."""
        return {
            "curves": self.curves,
            "keys_before": self.before,
            "keys_after": self.after,
            "largest_error": self.largest_error,
            "left": [list(each) for each in self.left],
        }


def simplify_curves(
    curves: Sequence[bpy.types.FCurve], tolerance: float = 0.005, *, whole_frames: bool = False
) -> SimplifyResult:
    """Give each curve as few keys as the tolerance allows; one that needs no fewer stays.

    tolerance: how far a curve may then be from what it was, in units of its values; for a
        rotation the turn in radians. No curve goes beyond the range that it had.
    whole_frames: keys on whole frames only (but the first and last of a curve), and what
        the curve did between frames does not count.

    Bézier, straight and eased keys become Bézier keys with free handles; held ones
    (constant interpolation) stay held. Curves that are locked, linked, or hold no keys
    that can be told apart are left as they are.

    Raises SimplifyError if there are no curves or the tolerance is negative.
    """
    if tolerance < 0:
        raise SimplifyError("A tolerance must not be negative; 0 drops only what changes nothing.")
    if len(curves) == 0:
        raise SimplifyError("There are no curves to simplify: choose an Action that has some.")
    left = [(_name(curve), _reason_to_leave(curve)) for curve in curves]
    before = [len(curve.keyframe_points) for curve in curves]
    olds = [
        _Old.of(curve)
        for curve, (_, reason) in zip(curves, left, strict=True)
        if not reason and len(curve.keyframe_points) > 2
    ]
    shares = np.array([_share(old.curve) for old in olds])
    found = simplify(
        [old.keys for old in olds],
        [old.played for old in olds],
        tolerance * shares,
        [old.values.min() for old in olds],
        [old.values.max() for old in olds],
        whole_frames=whole_frames,
    )
    largest = 0.0
    for old, new, share in zip(olds, found, shares, strict=True):
        if new is old.keys:
            continue
        error = old.replaced(new, whole_frames) / share
        if error > tolerance + _ROUNDING * max(1, np.abs(old.values).max()):
            write_keys(old.curve, old.stored)
            left.append((_name(old.curve), "their values move in whole steps"))
        else:
            largest = max(largest, error)
    for action in {curve.id_data for curve in curves}:
        action.update_tag()
    return SimplifyResult(
        curves=len(curves),
        before=sum(before),
        after=sum(len(curve.keyframe_points) for curve in curves),
        largest_error=largest,
        left=tuple((name, reason) for name, reason in left if reason),
    )


def simplify_character(
    character: Character, tolerance: float = 0.005, *, whole_frames: bool = False
) -> SimplifyResult:
    """Simplify all that is baked on a character; under a corrections layer the bake only.

    Raises SimplifyError as `simplify_curves` does, CharacterError if the character is gone.
    """
    with character_error_if_gone(character):
        curves = [
            curve
            for datablock in keyed_datablocks(character)
            for curve in f_curves(datablock).values()
        ]
        return simplify_curves(curves, tolerance, whole_frames=whole_frames)


def _name(curve: bpy.types.FCurve) -> str:
    """What a person calls a curve: the shape key or bone, or the property's path."""
    _, quote, rest = curve.data_path.partition('["')
    if not quote:
        return f"{curve.data_path}[{curve.array_index}]"
    name, _, path = rest.rpartition('"]')
    if path in ("", ".value"):
        return name
    return f"{name} {path.removeprefix('.')}[{curve.array_index}]"


def _share(curve: bpy.types.FCurve) -> float:
    return _SHARES.get(curve.data_path.rpartition(".")[2], 1.0)


def _reason_to_leave(curve: bpy.types.FCurve) -> str:
    """Why a curve's keys may not be touched; "" if they may."""
    if curve.lock or (curve.group is not None and curve.group.lock):
        return "they are locked"
    if not curve.id_data.is_editable:
        return "they are linked from another file"
    if len(curve.keyframe_points) == 0:
        return "they hold samples instead of keys" if len(curve.sampled_points) else ""
    keys = read_keys(curve)
    if not (np.isfinite(keys.frames).all() and np.isfinite(keys.values).all()):
        return "some of their values are no numbers"
    if not np.diff(keys.frames.astype(np.float64)).min(initial=1) > 2 * bezier.ON_A_KEY:
        return "they have several keys on one frame"
    return ""


@dataclass(frozen=True, eq=False)
class _Old:
    """A curve as it was.

    stored: its keys. keys: the same as `simplify` takes them.
    frames, values: (frames,) what Blender played without the curve's modifiers, at each
        whole frame and each key.
    """

    curve: bpy.types.FCurve
    stored: Keys
    keys: bezier.Keys
    frames: Floats
    values: Floats

    @staticmethod
    def of(curve: bpy.types.FCurve) -> _Old:
        stored = read_keys(curve)
        assert stored.left is not None and stored.right is not None
        own = stored.frames.astype(np.float64)
        frames = np.union1d(own, np.arange(np.ceil(own[0]), np.floor(own[-1]) + 1))
        left, right = stored.left.copy(), stored.right.copy()
        with _without_modifiers(curve):
            values = evaluate(curve, frames)
            if curve.extrapolation == "LINEAR":
                # Straight and Bézier keys go on in different ways: handles say it for both.
                beyond = np.array([own[0] - 1, own[-1] + 1])
                left[0], right[-1] = np.column_stack([beyond, evaluate(curve, beyond)])
        keys = bezier.Keys(
            stored.frames,
            stored.values,
            left=left,
            right=right,
            held=np.asarray(stored.interpolation == CONSTANT),
        )
        return _Old(curve, stored, keys, frames, values)

    def played(self, frames: Floats) -> Floats:
        """(n,) the values at some of `self.frames`."""
        played: Floats = self.values[np.searchsorted(self.frames, frames)]
        return played

    def replaced(self, new: bezier.Keys, whole_frames: bool) -> float:
        """Write new keys; how far the curve then is from what it was, at most."""
        # What an animator told of a key (extreme, breakdown …) goes along where it stays.
        at = np.searchsorted(self.stored.frames, new.times)
        stays = self.stored.frames[np.minimum(at, len(self.stored) - 1)] == new.times
        told = np.where(stays, self.stored.further["type"][at * stays], 0)
        write_keys(
            self.curve,
            Keys(
                new.times,
                new.values,
                np.where(new.held, CONSTANT, BEZIER).astype(np.int32),
                new.left,
                new.right,
                further={"type": told.astype(np.int32)},
            ),
        )
        if self.curve.select:
            points: Any = self.curve.keyframe_points
            points.foreach_set("select_control_point", np.ones(len(new), bool))
        counts = np.ones(len(self.frames), bool)
        if whole_frames:
            counts[1:-1] = self.frames[1:-1] == np.round(self.frames[1:-1])
        with _without_modifiers(self.curve):
            away = np.abs(evaluate(self.curve, self.frames[counts]) - self.values[counts])
        return float(away.max())


@contextlib.contextmanager
def _without_modifiers(curve: bpy.types.FCurve) -> Iterator[None]:
    """A curve as its keys alone make it."""
    playing = [modifier for modifier in curve.modifiers if not modifier.mute]
    for modifier in playing:
        modifier.mute = True
    try:
        yield
    finally:
        for modifier in playing:
            modifier.mute = False
