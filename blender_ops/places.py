# SPDX-License-Identifier: GPL-3.0-or-later
"""Single numbers of Blender's data, as an F-Curve names them: read, set, kept in words.

What a face showed is kept as text in the file itself, so that undo, saving and a crash find
it again together with what the face shows meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .animation import animation_data_of, f_curves

Floats = NDArray[np.floating[Any]]

# Where Blender keeps the kinds of data-blocks that a face can be moved by.
_COLLECTIONS = {
    "KEY": "shape_keys",
    "OBJECT": "objects",
    "ARMATURE": "armatures",
    "MESH": "meshes",
    "MATERIAL": "materials",
}


@dataclass(frozen=True)
class Place:
    """One number: a shape key's value, a part of a bone's turn, a custom property.

    datablock, data_path, index: as an F-Curve has them; the index of a single number is 0.
    """

    datablock: bpy.types.ID
    data_path: str
    index: int = 0

    @property
    def value(self) -> float:
        """What it is now. Raises ValueError or ReferenceError if it is gone."""
        found: Any = self.datablock.path_resolve(self.data_path)
        return float(found[self.index] if hasattr(found, "__len__") else found)

    @property
    def is_one_of_several(self) -> bool:
        """Whether the property has several numbers, as a turn has."""
        return hasattr(self.datablock.path_resolve(self.data_path), "__len__")

    @property
    def name(self) -> str:
        """It in words, by which `found` finds it again."""
        library = self.datablock.library
        said = [
            self.datablock.id_type,
            self.datablock.name,
            library.filepath if library else "",
            self.data_path,
            self.index,
        ]
        return json.dumps(said)

    @classmethod
    def found(cls, name: str) -> Place | None:
        """The place of a name; None where it is no more."""
        kind, datablock, library, path, index = json.loads(name)
        among: Any = getattr(bpy.data, _COLLECTIONS.get(kind, ""), None)
        holder = among and among.get((datablock, library or None))
        place = cls(holder, path, index) if holder else None
        return place if place is not None and place.is_there else None

    @property
    def is_there(self) -> bool:
        """Whether it can be read."""
        try:
            return bool(np.isfinite(self.value))
        except (ValueError, TypeError, IndexError, KeyError, ReferenceError):
            return False


def values_of(places: Iterable[Place]) -> Floats:
    """(places,) what they are now. Raises as `Place.value` does."""
    return np.array([place.value for place in places], np.float64)


def set_values(places: Sequence[Place], values: Floats) -> None:
    """Set all that differ, and tell Blender what to show again.

    Raises ValueError or ReferenceError if one is gone.
    """
    moved: dict[bpy.types.ID, None] = {}
    for place, value in zip(places, values.tolist(), strict=True):
        if np.float32(place.value) != np.float32(value):
            _set(place, value)
            moved[place.datablock] = None
    for datablock in moved:
        datablock.update_tag()


def animated(places: Iterable[Place]) -> set[Place]:
    """Those that an F-Curve moves when the frame changes, or may be moved by NLA strips."""
    of_datablock: dict[bpy.types.ID, list[Place]] = {}
    for place in places:
        of_datablock.setdefault(place.datablock, []).append(place)
    result: set[Place] = set()
    for datablock, own in of_datablock.items():
        data = animation_data_of(datablock)
        has_strips = data is not None and any(len(track.strips) for track in data.nla_tracks)
        curves = f_curves(datablock)
        result |= {p for p in own if has_strips or (p.data_path, p.index) in curves}
    return result


def in_words(places: Iterable[Place]) -> dict[str, float]:
    """What they are now, by their names. Raises as `Place.value` does."""
    return {place.name: place.value for place in places}


def restore(said: Mapping[str, float]) -> None:
    """Set what `in_words` said again; what is gone is left out."""
    found = [(Place.found(name), value) for name, value in said.items()]
    there = [(place, value) for place, value in found if place is not None]
    set_values([place for place, _ in there], np.array([value for _, value in there], float))


def _set(place: Place, value: float) -> None:
    holder, name = _holder(place)
    if name.startswith('"'):
        holder[bpy.utils.unescape_identifier(name[1:-1])] = value
        return
    present = getattr(holder, name)
    if hasattr(present, "__len__"):
        present[place.index] = value
    else:
        setattr(holder, name, value)


def _holder(place: Place) -> tuple[Any, str]:
    """What holds the property, and its name, in quotes for a custom property."""
    custom = place.data_path.endswith('"]')
    owner, _, name = place.data_path.rpartition("[" if custom else ".")
    holder = place.datablock.path_resolve(owner) if owner else place.datablock
    return holder, name[:-1] if custom else name
