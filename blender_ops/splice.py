# SPDX-License-Identifier: GPL-3.0-or-later
"""New keys in a range of frames, inside what was animated there before."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .animation import (
    AUTO_CLAMPED,
    BEZIER,
    CONSTANT,
    FREE,
    FURTHER,
    LINEAR,
    Keys,
    evaluate,
    f_curves,
    read_keys,
)

Floats = NDArray[np.floating[Any]]

_FIELDS = tuple(field.name for field in dataclasses.fields(Keys))


@dataclass(frozen=True, eq=False)
class Before:
    """What a property did before the bake: an F-Curve, or a value that stood still."""

    curve: bpy.types.FCurve | None
    value: float

    def at(self, frames: Floats) -> Floats:
        """(frames,) the values that Blender played."""
        if self.curve is None or self.curve.is_empty:
            return np.full(len(frames), self.value)
        return evaluate(self.curve, frames)

    @property
    def has_modifiers(self) -> bool:
        """Whether F-Curve modifiers shape it: they cannot be spliced."""
        return self.curve is not None and len(self.curve.modifiers) > 0


def before_of(datablock: bpy.types.ID) -> Callable[[str, int | None], Before]:
    """Look-up of what a property of a data-block did before, by data path and index.

    The index is None for a property that is one number.
    """
    curves = f_curves(datablock)

    def find(data_path: str, index: int | None) -> Before:
        value: Any = datablock.path_resolve(data_path)
        return Before(
            curves.get((data_path, index or 0)),
            float(value if index is None else value[index]),
        )

    return find


def blend_weights(frames: Floats, blend_in: float, blend_out: float) -> Floats:
    """(frames,) how much of the new values holds: 0 at the range's ends, eased to 1 within.

    The ease is 3w² − 2w³. A blend of 0 frames is a cut.
    """

    def ease(distance: Floats, length: float) -> Floats:
        share: Floats = np.ones(len(distance))
        if length > 0:
            share = np.clip(distance / length, 0, 1)
        return share * share * (3 - 2 * share)

    return ease(frames - frames[0], blend_in) * ease(frames[-1] - frames, blend_out)


def spliced(keys: Keys, before: Before) -> Keys:
    """The old keys up to a frame before the new ones, the new ones, the old ones after.

    A key at each cut keeps the old curve as it was outside: a frame before the first
    new key, and a frame after the last.
    """
    first, last = float(keys.frames[0]) - 1, float(keys.frames[-1]) + 1
    earlier = _chosen(_cut(before, first), lambda frames: frames <= first)
    later = _chosen(_cut(before, last), lambda frames: frames >= last)
    return _joined(
        [
            _leading_on(_with_fixed_handles(earlier, slice(-2, None))),
            _leading_on(_complete(keys)),
            _with_fixed_handles(later, slice(2)),
        ]
    )


def _cut(before: Before, frame: float) -> Keys:
    """The old keys with one more at `frame`, the curve as it was."""
    if before.curve is None or before.curve.is_empty:
        return _complete(Keys(np.array([frame]), np.array([before.value])))
    if before.has_modifiers:
        return _sampled(before, frame)
    old = read_keys(before.curve)
    if np.any(np.abs(old.frames - frame) < 1e-3):
        return old
    i = int(np.searchsorted(old.frames, frame))
    inside = 0 < i < len(old)
    kind = int(np.asarray(old.interpolation)[i - 1]) if inside else LINEAR
    if kind == BEZIER:
        return _bezier_cut(old, i, frame)
    if kind not in (CONSTANT, LINEAR):
        return _sampled(before, frame)
    new = _complete(Keys(np.array([frame]), before.at(np.array([frame])), kind))
    earlier = _chosen(old, lambda frames: frames < frame)
    if i == len(old):
        earlier = _leading_on(earlier)
    return _joined([earlier, new, _chosen(old, lambda frames: frames > frame)])


def _sampled(before: Before, frame: float) -> Keys:
    """The old curve as a key a frame: what F-Curve modifiers and easing need."""
    assert before.curve is not None
    reach: Any = before.curve.range()
    first, last = reach
    frames = np.union1d(np.arange(np.floor(min(first, frame)), max(last, frame) + 1), [frame])
    return _complete(Keys(frames, before.at(frames)))


def _bezier_cut(old: Keys, i: int, frame: float) -> Keys:
    """A Bézier segment, that which ends with key i, in two (de Casteljau's construction)."""
    assert old.left is not None and old.right is not None
    start, end = _place(old, i - 1), _place(old, i)
    out, back = _within(start, old.right[i - 1], old.left[i], end)
    t = _time_of(frame, np.array([start[0], out[0], back[0], end[0]]))

    def between(a: Floats, b: Floats) -> Floats:
        return a + (b - a) * t

    a, b, c = between(start, out), between(out, back), between(back, end)
    d, e = between(a, b), between(b, c)
    place = between(d, e)
    left, right = old.left.copy(), old.right.copy()
    right[i - 1], left[i] = a, c
    changed = dataclasses.replace(old, left=left, right=right)
    new = Keys(
        frames=np.array([frame]),
        values=place[1:],
        interpolation=BEZIER,
        left=d[None],
        right=e[None],
    )
    return _joined(
        [
            _chosen(changed, lambda frames: frames < frame),
            _complete(new),
            _chosen(changed, lambda frames: frames > frame),
        ]
    )


def _within(start: Floats, out: Floats, back: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Handles no longer than the segment, as Blender shortens them when it plays."""
    span = end[0] - start[0]

    def shortened(handle: Floats) -> Floats:
        length = abs(handle[0])
        return handle * (span / length) if length > span else handle

    return start + shortened(out - start), end + shortened(back - end)


def _time_of(frame: float, controls: Floats) -> float:
    """Where on a Bézier curve whose times never run back the frame lies, by halving."""
    low, high = 0.0, 1.0
    for _ in range(50):
        t = (low + high) / 2
        u = 1 - t
        there = controls @ np.array([u**3, 3 * u * u * t, 3 * u * t * t, t**3])
        low, high = (t, high) if there < frame else (low, t)
    return (low + high) / 2


def _place(keys: Keys, i: int) -> Floats:
    return np.array([keys.frames[i], keys.values[i]], np.float64)


def _with_fixed_handles(keys: Keys, which: slice) -> Keys:
    """Handles left where they are, which Blender would else place anew by the next key."""
    types = np.array(keys.handle_types)
    types[which] = FREE
    return dataclasses.replace(keys, handle_types=types)


def _leading_on(keys: Keys) -> Keys:
    """The same keys, a straight line after the last."""
    interpolation = np.array(keys.interpolation)
    interpolation[-1] = LINEAR
    return dataclasses.replace(keys, interpolation=interpolation)


def _complete(keys: Keys) -> Keys:
    """Keys with all that Blender stores spelled out, so that they can stand beside others."""
    count = len(keys)
    explicit = keys.left is not None
    places = np.column_stack([keys.frames, keys.values])
    types = keys.handle_types
    if types is None:
        types = np.full((count, 2), FREE if explicit else AUTO_CLAMPED, np.int32)
    return dataclasses.replace(
        keys,
        interpolation=np.full(count, 0, np.int32) + keys.interpolation,
        left=keys.left if explicit else places,
        right=keys.right if explicit else places,
        handle_types=types,
    )


def _chosen(keys: Keys, which: Callable[[Floats], NDArray[np.bool_]]) -> Keys:
    mask = which(keys.frames)
    return Keys(**{name: _masked(getattr(keys, name), mask) for name in _FIELDS})


def _masked(value: Any, mask: NDArray[np.bool_]) -> Any:
    if isinstance(value, Mapping):
        return {name: each[mask] for name, each in value.items()}
    return value[mask]


def _joined(parts: Sequence[Keys]) -> Keys:
    """Complete keys one after the other. New ones take Blender's defaults for `further`."""
    return Keys(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in _FIELDS
            if name != "further"
        },
        further={
            name: np.concatenate(
                [part.further.get(name, np.zeros(len(part), dtype)) for part in parts]
            )
            for name, dtype in FURTHER.items()
        },
    )
