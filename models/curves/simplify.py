# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves that are already there, written anew with fewer keys.

A curve is played at whole frames and at its own keys, and fitted. Stretches of constant
interpolation stay stepped: they only lose the keys that change nothing. Curves that
would not get fewer keys stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from .bezier import ON_A_KEY, Floats, Keys
from .fit import CurveError, fit
from .step import thinned

# What Blender plays at the given frames.
Play = Callable[[Floats], Floats]


def simplify(
    curves: Sequence[Keys],
    play: Sequence[Play],
    tolerance: ArrayLike,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    *,
    parts: int = 1,
    whole_frames: bool = False,
) -> list[Keys]:
    """Each curve with as few keys as the tolerance allows, or the same Keys if none fewer.

    curves: as they are, in frames. Their handles matter only beyond the ends, where a
    curve may go on along them; `held` says after which keys the value stays (constant
    interpolation); all else may be any interpolation that Blender has. play: for each
    curve a function from frames (n,) to the values (n,) that Blender evaluates
    (`FCurve.evaluate`; a curve with modifiers would keep them and have them twice, so
    leave it out). tolerance, lower, upper: one, or one a curve, in units of its values;
    None: free. parts: samples a frame; more for what must be right between frames.
    whole_frames: keys stand on whole frames only, but for the first and last of a curve
    and the ends of constant stretches.

    Raises CurveError if numbers are missing or not finite.
    """
    if len(play) != len(curves):
        raise CurveError(f"{len(curves)} curves cannot be played by {len(play)} functions.")
    tolerances, low, high = (
        np.broadcast_to(np.asarray(each, np.float64), (len(curves),))
        for each in (
            tolerance,
            -np.inf if lower is None else lower,
            np.inf if upper is None else upper,
        )
    )
    stretches = [stretch for number, keys in enumerate(curves) for stretch in _moving(number, keys)]
    fitted: dict[tuple[int, int], Keys] = {}
    alike: dict[bytes, list[_Stretch]] = {}
    for stretch in stretches:
        frames = _frames(curves[stretch.curve].times[stretch.first : stretch.last + 1], parts)
        alike.setdefault(frames.tobytes(), []).append(stretch)
    for frames_bytes, group in alike.items():
        frames = np.frombuffer(frames_bytes, np.float64)
        members = [stretch.curve for stretch in group]
        found = fit(
            frames,
            np.stack([play[member](frames) for member in members], axis=1),
            tolerances[members],
            low[members],
            high[members],
            allowed=frames == np.round(frames) if whole_frames else None,
        )
        for stretch, keys in zip(group, found, strict=True):
            fitted[stretch.curve, stretch.first] = keys
    return [
        _joined(keys, [s for s in stretches if s.curve == number], fitted, tolerances[number])
        for number, keys in enumerate(curves)
    ]


@dataclass(frozen=True)
class _Stretch:
    """Keys `first` to `last` of a curve, none of them held but perhaps the last."""

    curve: int
    first: int
    last: int


def _moving(number: int, keys: Keys) -> list[_Stretch]:
    """The stretches of a curve that are not constant."""
    moves = np.concatenate([[False], ~keys.held[:-1], [False]]) if len(keys) > 1 else np.zeros(2)
    edges = np.diff(moves.astype(np.int8))
    firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return [_Stretch(number, int(a), int(b)) for a, b in zip(firsts, lasts, strict=True)]


def _frames(keys: Floats, parts: int) -> Floats:
    """Whole frames, each in `parts`, from the first key to the last, and the keys' own."""
    own = keys.astype(np.float64)
    between = np.arange(np.ceil(own[0] * parts), np.floor(own[-1] * parts) + 1) / parts
    both: Floats = np.unique(np.concatenate([own, between]))
    is_key = np.isin(both, own)
    # A key a hair's breadth beside a whole frame stands for it.
    near = np.searchsorted(own, both)
    apart = np.minimum(
        np.abs(both - own[np.clip(near, 0, len(own) - 1)]),
        np.abs(both - own[np.clip(near - 1, 0, len(own) - 1)]),
    )
    both = both[is_key | (apart > 4 * ON_A_KEY)]
    return both


def _joined(
    keys: Keys, stretches: list[_Stretch], fitted: dict[tuple[int, int], Keys], tolerance: float
) -> Keys:
    """Fitted and held stretches put together, or the old keys if that makes no fewer."""
    pieces: list[Keys] = []
    position = 0
    for stretch in stretches:
        pieces += _held(keys, position, stretch.first, tolerance, pieces)
        pieces.append(fitted[stretch.curve, stretch.first])
        position = stretch.last
    pieces += _held(keys, position, len(keys), tolerance, pieces)
    if sum(map(len, pieces)) >= len(keys):
        return keys
    joined = Keys(
        np.concatenate([piece.times for piece in pieces]),
        np.concatenate([piece.values for piece in pieces]),
        np.concatenate([piece.left for piece in pieces]),
        np.concatenate([piece.right for piece in pieces]),
        np.concatenate([piece.held for piece in pieces]),
        error=max(piece.error for piece in pieces),
    )
    # A curve that goes on along its outer handles still does.
    joined.left[0] = joined.points[0] + (keys.left[0] - keys.points[0])
    joined.right[-1] = joined.points[-1] + (keys.right[-1] - keys.points[-1])
    return joined


def _held(keys: Keys, start: int, end: int, tolerance: float, before: list[Keys]) -> list[Keys]:
    """The keys from `start` up to `end` that are held and change something.

    Where a fitted stretch ends on the first of them, its last key takes its place.
    """
    if end <= start:
        return []
    kept = thinned(keys.values[start:end], tolerance)
    shown = keys.values[start:end][np.maximum.accumulate(np.where(kept, np.arange(end - start), 0))]
    error = float(np.abs(keys.values[start:end] - shown).max())
    if before:
        held = before[-1].held.copy()
        held[-1] = keys.held[start]
        before[-1] = replace(before[-1], held=held)
        kept[0] = before[-1].times[-1] != keys.times[start]
    at = start + np.flatnonzero(kept)
    return [
        Keys(keys.times[at], keys.values[at], keys.left[at], keys.right[at], keys.held[at], error)
    ]
