# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracks become keys: one a frame, or as few as the tolerance allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..models.curves.fit import fit
from ..models.curves.step import step
from .animation import BEZIER, CONSTANT, LINEAR, Keys
from .bake_options import BakeOptions
from .splice import blend_weights
from .tracks import Track

Floats = NDArray[np.floating[Any]]


# How many samples are fitted in one go: few enough for a slice of the main thread.
_SAMPLES_AT_ONCE = 50_000


@dataclass(frozen=True, eq=False)
class Keyed:
    """The keys of a track, and how far the curve is from its samples at most."""

    track: Track
    keys: Keys
    error: float = 0.0


def keyed(tracks: Sequence[Track], frames: Floats, options: BakeOptions) -> Iterator[list[Keyed]]:
    """All tracks with their keys, limited to what each property takes; some at a time.

    A tolerance of 0 puts a straight-lined key on every frame. Held poses change on the same
    frames in all tracks. The same samples on several meshes are fitted once.
    """
    weights = blend_weights(frames, options.blend_in, options.blend_out)
    alike: dict[object, list[Track]] = {}
    for track in tracks:
        whole = np.all(weights == 1)
        same = (id(track.values), track.lower, track.upper, track.share) if whole else track
        alike.setdefault(same, []).append(track)
    groups = list(alike.values())
    at_once = max(1, _SAMPLES_AT_ONCE // len(frames)) if options.hold == 1 else len(groups)
    for start in range(0, len(groups), at_once):
        some = groups[start : start + at_once]
        firsts = [group[0] for group in some]
        values = [_blended(track, frames, weights) for track in firsts]
        found = _keys(firsts, values, frames, options)
        yield [
            Keyed(track, keys, error)
            for group, (keys, error) in zip(some, found, strict=True)
            for track in group
        ]


def shows_without_keys(track: Track, options: BakeOptions) -> bool:
    """Whether a property never moves, and stands there if it is left alone."""
    return track.before.curve is None and np.abs(
        track.values - track.before.value
    ).max() <= _tolerance(track, options)


def _tolerance(track: Track, options: BakeOptions) -> float:
    return options.tolerance_of(track.region) * track.share


def _blended(track: Track, frames: Floats, weights: Floats) -> Floats:
    """A track's values within its limits, with what was there before blended in."""
    values = np.clip(track.values, track.lower, track.upper)
    partly = weights < 1
    if partly.any():
        old = track.before.at(frames[partly])
        values[partly] = old + (values[partly] - old) * weights[partly]
    return values


def _keys(
    tracks: Sequence[Track], values: Sequence[Floats], frames: Floats, options: BakeOptions
) -> list[tuple[Keys, float]]:
    """The keys of each track and their largest distance from its samples."""
    tolerances = np.array([_tolerance(track, options) for track in tracks])
    if options.hold > 1:
        lengths = {"shortest": options.hold, "longest": options.hold}
        held = step(frames, np.column_stack(values), tolerances, **lengths)
        return [(Keys(each.times, each.values, CONSTANT), each.error) for each in held]
    result = [(Keys(frames, each, LINEAR), 0.0) for each in values]
    few = np.flatnonzero(tolerances > 0)
    if len(few):
        found = fit(
            frames,
            np.column_stack([values[i] for i in few]),
            tolerances[few],
            np.array([tracks[i].lower for i in few]),
            np.array([tracks[i].upper for i in few]),
        )
        for i, each in zip(few, found, strict=True):
            keys = Keys(each.times, each.values, BEZIER, each.left, each.right)
            result[i] = keys, each.error
    return result
