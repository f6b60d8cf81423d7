# SPDX-License-Identifier: GPL-3.0-or-later
"""How many keys a bake will write, found out as a bake finds them, with nothing written."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import bpy

from ..models.performance import Performance
from .bake_options import BakeOptions
from .bake_tracks import tracks_in_steps
from .character import Character, character_error_if_gone
from .figures import grouped
from .keying import keyed
from .mapping import Mapping
from .steps import Steps


@dataclass(frozen=True)
class Forecast:
    """What a bake will write.

    keys, curves: how many. samples: how many keys one a frame would be. largest_error: the
    largest distance of a curve from a sample, in weight or radians.
    """

    keys: int
    curves: int
    samples: int
    largest_error: float

    def words(self) -> str:
        """It in a line that a person reads."""
        text = f"{grouped(self.keys)} keys on {self.curves} curves"
        if self.keys != self.samples:
            text += f" instead of {grouped(self.samples)}, largest error {self.largest_error:.3g}"
        return text


def forecast_in_steps(
    performance: Performance,
    character: Character,
    mapping: Mapping,
    options: BakeOptions,
    scene: bpy.types.Scene,
) -> Steps[Forecast]:
    """What `bake_in_steps` would write, in short steps; yields the share done.

    Raises as that does. The scene stays as it is.
    """
    with character_error_if_gone(character), contextlib.ExitStack() as afterwards:
        planned = yield from tracks_in_steps(
            performance, character, mapping, options, scene, afterwards
        )
        tracks, samples = planned.tracks, planned.samples
        keys, error, done = 0, 0.0, 0
        for written in keyed(tracks, samples.frames, options):
            keys += sum(len(each.keys) for each in written)
            error = max([error, *(each.error / each.track.share for each in written)])
            done += len(written)
            yield 0.05 + 0.95 * done / len(tracks)
        return Forecast(keys, len(tracks), len(tracks) * len(samples.frames), error)
