# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracks become keys: one a frame, or as few as the tolerance allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..models.curves.fit import fit
from .animation import BEZIER, LINEAR, Keys
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


def keyed(
    tracks: Sequence[Track],
    frames: Floats,
    tolerance: float,
    blend_in: float = 0,
    blend_out: float = 0,
) -> Iterator[list[Keyed]]:
    """All tracks with their keys, limited to what each property takes; some at a time.

    tolerance: in weights or radians; 0 puts a straight-lined key on every frame.
    blend_in, blend_out: frames over which what was there before gives way, and returns.
    The same samples on several meshes are fitted once.
    """
    weights = blend_weights(frames, blend_in, blend_out)
    alike: dict[object, list[Track]] = {}
    for track in tracks:
        whole = np.all(weights == 1)
        same = (id(track.values), track.lower, track.upper, track.share) if whole else track
        alike.setdefault(same, []).append(track)
    groups = list(alike.values())
    at_once = max(1, _SAMPLES_AT_ONCE // len(frames))
    for start in range(0, len(groups), at_once):
        some = groups[start : start + at_once]
        firsts = [group[0] for group in some]
        values = [_blended(track, frames, weights) for track in firsts]
        found = _fitted(firsts, values, frames, tolerance)
        yield [
            Keyed(track, keys, error)
            for group, (keys, error) in zip(some, found, strict=True)
            for track in group
        ]


def _blended(track: Track, frames: Floats, weights: Floats) -> Floats:
    """A track's values within its limits, with what was there before blended in."""
    values = np.clip(track.values, track.lower, track.upper)
    partly = weights < 1
    if partly.any():
        old = track.before.at(frames[partly])
        values[partly] = old + (values[partly] - old) * weights[partly]
    return values


def _fitted(
    tracks: Sequence[Track], values: Sequence[Floats], frames: Floats, tolerance: float
) -> list[tuple[Keys, float]]:
    if tolerance == 0:
        return [(Keys(frames, each, LINEAR), 0.0) for each in values]
    found = fit(
        frames,
        np.column_stack(values),
        tolerance * np.array([track.share for track in tracks]),
        np.array([track.lower for track in tracks]),
        np.array([track.upper for track in tracks]),
    )
    return [
        (Keys(each.times, each.values, BEZIER, each.left, each.right), each.error) for each in found
    ]
