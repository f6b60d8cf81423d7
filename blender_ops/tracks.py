# SPDX-License-Identifier: GPL-3.0-or-later
"""Which properties of a character show a performance, and what each is to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ..models.arkit import region_of
from ..models.performance import Performance
from .animation import animation_data_of
from .character import Character, CharacterError, shape_keys_of
from .head import Pivot, bone_pivot, empty_pivot, eye_turns
from .mapping import Mapping
from .sampling import Samples
from .splice import Before, before_of

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Track:
    """What one F-Curve is to show.

    datablock, data_path, index: the property.
    values: (keys,), one for each sampled frame.
    before: what the property did so far.
    region: of the face ("mouth" …), or "head", or "eyes" for turning eyes.
    lower, upper: the property's limits.
    share: how much of a tolerance in weights or radians this one curve may use.
    """

    datablock: bpy.types.ID
    data_path: str
    index: int
    values: Floats
    before: Before
    region: str
    lower: float = -np.inf
    upper: float = np.inf
    share: float = 1.0

    @property
    def is_driven(self) -> bool:
        """Whether a driver moves the property, so that keys on it have no effect."""
        animation_data = animation_data_of(self.datablock)
        return animation_data is not None and any(
            driver.data_path == self.data_path and driver.array_index == self.index
            for driver in animation_data.drivers
        )


def weight_tracks(performance: Performance, mapping: Mapping, samples: Samples) -> Iterator[Track]:
    """The weights on the shape keys that the mapping found.

    Raises CharacterError if a shape key was removed meanwhile.
    """
    channels = [channel for channel in performance.channels if channel in mapping.found]
    columns = [performance.index(channel) for channel in channels]
    rows = samples.of(performance.weights[:, columns])
    lookups: dict[bpy.types.ID, Callable[[str, int | None], Before]] = {}
    for channel, row in zip(channels, rows, strict=True):
        for target in mapping.found[channel]:
            keys = shape_keys_of(target.object)
            block = keys.key_blocks.get(target.key) if keys else None
            if block is None:
                raise CharacterError(
                    f"“{target.object.name}” no longer has the shape key “{target.key}”; "
                    "select the character again and repeat."
                )
            if keys not in lookups:
                lookups[keys] = before_of(keys)
            path = f'key_blocks["{bpy.utils.escape_identifier(target.key)}"].value'
            yield Track(
                datablock=keys,
                data_path=path,
                index=0,
                values=row,
                before=lookups[keys](path, None),
                region=region_of(channel),
                lower=block.slider_min,
                upper=block.slider_max,
            )


def head_tracks(
    performance: Performance, character: Character, samples: Samples, empty: bpy.types.Object | None
) -> Iterator[Track]:
    """The head's rotation on an empty, or on the head bone where none is given."""
    if performance.head is None:
        return
    pivot = empty_pivot(empty) if empty else bone_pivot(character, character.head_bone)
    yield from _turned(pivot, samples.of_turns(performance.head[:, :4]), samples.frames[:1], "head")


def eye_tracks(performance: Performance, character: Character, samples: Samples) -> Iterator[Track]:
    """The eyes' rotation on the eye bones, where there are any.

    The eyeLook keys are keyed beside them: on a character with eye bones they move
    the lids.
    """
    bones = (character.left_eye_bone, character.right_eye_bone)
    turns = eye_turns(performance) if any(bones) else None
    if turns is None:
        return
    for bone, turn in zip(bones, turns, strict=True):
        if bone:
            pivot = bone_pivot(character, bone)
            yield from _turned(pivot, samples.of_turns(turn), samples.frames[:1], "eyes")


def _turned(pivot: Pivot, turns: Floats, first_frame: Floats, region: str) -> Iterator[Track]:
    find = before_of(pivot.object)
    before = [find(pivot.data_path, index) for index in range(pivot.width)]
    near = np.array([each.at(first_frame)[0] for each in before])
    values = pivot.values(turns, near)
    for index in range(pivot.width):
        yield Track(
            datablock=pivot.object,
            data_path=pivot.data_path,
            index=index,
            values=values[:, index],
            before=before[index],
            region=region,
            share=pivot.tolerance_share,
        )
