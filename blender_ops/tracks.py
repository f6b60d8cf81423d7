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
from .character import CharacterError
from .mapping import Mapping, Target
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
            driver.data_path == self.data_path
            and driver.array_index == self.index
            and not driver.mute
            for driver in animation_data.drivers
        )


def weight_tracks(performance: Performance, mapping: Mapping, samples: Samples) -> Iterator[Track]:
    """The weights on what the mapping found: shape keys, controls, custom properties.

    What moves with several channels shows their sum. Raises CharacterError if a shape key or
    property was removed meanwhile.
    """
    channels = [channel for channel in performance.channels if channel in mapping.found]
    columns = [performance.index(channel) for channel in channels]
    rows = dict(zip(channels, samples.of(performance.weights[:, columns]), strict=True))
    movers: dict[tuple[bpy.types.ID, str, int], list[tuple[str, Target]]] = {}
    for channel in channels:
        for target in mapping.found[channel]:
            if not target.is_there:
                raise CharacterError(
                    f"“{target.object.name}” no longer has {_described(target)}; "
                    "select the character again and repeat."
                )
            movers.setdefault(target.place, []).append((channel, target))
    lookups: dict[bpy.types.ID, Callable[[str, int | None], Before]] = {}
    sums: dict[object, Floats] = {}
    for (datablock, path, index), moving in movers.items():
        if datablock not in lookups:
            lookups[datablock] = before_of(datablock)
        first = moving[0][1]
        # The same sum on several meshes is one array: it is fitted once.
        parts = (first.rest, *((channel, target.weight) for channel, target in moving))
        if parts not in sums:
            sums[parts] = _sum(first.rest, [(rows[c], target.weight) for c, target in moving])
        lower, upper = first.limits
        yield Track(
            datablock=datablock,
            data_path=path,
            index=index,
            values=sums[parts],
            before=lookups[datablock](path, None if first.index < 0 else index),
            region=region_of(moving[0][0]),
            lower=lower,
            upper=upper,
            share=1.0 if first.key else max(abs(target.weight) for _, target in moving) or 1.0,
        )


def _sum(rest: float, parts: list[tuple[Floats, float]]) -> Floats:
    """(keys,) what a property shows: its rest, and each channel as far as it counts."""
    if rest == 0 and len(parts) == 1 and parts[0][1] == 1:
        return parts[0][0]
    shown: Floats = np.full(len(parts[0][0]), rest, np.float32)
    for row, weight in parts:
        shown += row * np.float32(weight)
    return shown


def _described(target: Target) -> str:
    return f"the shape key “{target.key}”" if target.key else f"“{target.label}”"
