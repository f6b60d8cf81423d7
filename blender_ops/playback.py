# SPDX-License-Identifier: GPL-3.0-or-later
"""A performance shown on a character without keys: what a bake would key, set frame by frame."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ..models.performance import Performance
from .bake_options import BakeOptions
from .bake_tracks import head_goes_on, tracks_in_steps
from .character import Character, CharacterError, character_error_if_gone
from .mapping import Mapping
from .places import Place, set_values
from .posing import place_of
from .steps import Steps

Floats = NDArray[np.floating[Any]]


class Playback:
    """What each property of a character shows on each frame.

    places: the properties. values: (frames, properties), one row a whole frame.
    first_frame: of the first row. Before it and after the last row the face holds still.

    It holds Blender's data: it is true until an undo, another file, a key that comes or goes.
    """

    def __init__(
        self, character: Character, places: Sequence[Place], values: Floats, first_frame: float
    ) -> None:
        self.character = character
        self.places = tuple(places)
        self._values = values
        self._first_frame = first_frame

    def values_at(self, frame: float) -> Floats:
        """(properties,) what is shown on a frame, or between two."""
        row = float(np.clip(frame - self._first_frame, 0, len(self._values) - 1))
        before = int(row)
        after = min(before + 1, len(self._values) - 1)
        share = row - before
        return np.asarray((1 - share) * self._values[before] + share * self._values[after])

    def show(self, frame: float) -> None:
        """Set the properties. Raises CharacterError if one of them is gone."""
        with character_error_if_gone(self.character):
            try:
                set_values(self.places, self.values_at(frame))
            except (ValueError, KeyError, IndexError):
                raise CharacterError(
                    f"Something of “{self.character.name}” was removed; preview it again."
                ) from None


def playback_in_steps(
    performance: Performance,
    character: Character,
    mapping: Mapping,
    options: BakeOptions,
    scene: bpy.types.Scene,
) -> Steps[Playback]:
    """What `bake_in_steps` would key on every whole frame, in short steps; nothing is changed.

    A head that would need a new empty is not shown. Raises as `bake_in_steps` does.
    """
    options = dataclasses.replace(
        options, subframes=False, hold=1, drop_still=False, frame_range=None
    )
    if head_goes_on(character, options) == "EMPTY" and character.head_empty is None:
        options = dataclasses.replace(options, head="NONE")
    with character_error_if_gone(character), contextlib.ExitStack() as nothing_to_undo:
        planned = yield from tracks_in_steps(
            performance, character, mapping, options, scene, nothing_to_undo
        )
        yield 0.5
        columns = [np.clip(t.values, t.lower, t.upper) for t in planned.tracks]
        places = [place_of(track) for track in planned.tracks]
        first_frame = float(planned.samples.frames[0])
        return Playback(character, places, np.stack(columns, axis=1), first_frame)
