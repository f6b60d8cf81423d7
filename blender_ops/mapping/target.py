# SPDX-License-Identifier: GPL-3.0-or-later
"""`Target`: something that moves with a channel."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import bpy

from ..character import shape_keys_of

# 'pose.bones["jaw"]["open"]' ends in a custom property; '["smile"]' is one.
_CUSTOM = re.compile(r'^(?P<holder>.*)\["(?P<name>(?:[^"\\]|\\.)*)"\]$')
_BONE = re.compile(r'^pose\.bones\["(?P<bone>(?:[^"\\]|\\.)*)"\]\.?(?P<rest>.*)$')

_AXES = {
    "location": "XYZ",
    "rotation_euler": "XYZ",
    "rotation_quaternion": "WXYZ",
    "scale": "XYZ",
}


@dataclass(frozen=True)
class Target:
    """A shape key, a bone's or object's channel, or a custom property.

    object: the object that has the shape key; else the data-block that holds the property.
    key: the shape key's name, "" for anything else.
    data_path, index: of anything else, as an F-Curve names it; index −1 for one number.
    weight: how far it goes when the channel goes from 0 to 1.
    rest: where it is when its channels are 0.
    """

    object: bpy.types.ID
    key: str = ""
    data_path: str = ""
    index: int = -1
    weight: float = 1.0
    rest: float = 0.0

    @property
    def mesh(self) -> Any:
        """The mesh object that has the shape key."""
        return self.object

    @property
    def datablock(self) -> Any:
        """What the F-Curve belongs to, or None if it was removed: the shape keys, or `object`."""
        return shape_keys_of(self.mesh) if self.key else self.object

    @property
    def path(self) -> str:
        """The property of `datablock`."""
        if self.key:
            return f'key_blocks["{bpy.utils.escape_identifier(self.key)}"].value'
        return self.data_path

    @property
    def place(self) -> tuple[bpy.types.ID, str, int]:
        """What tells properties apart."""
        return self.datablock, self.path, max(self.index, 0)

    @property
    def is_there(self) -> bool:
        """Whether the property exists and is a number."""
        datablock = self.datablock
        if datablock is None:
            return False
        try:
            value = datablock.path_resolve(self.path)
            number = value if self.index < 0 else value[self.index]
        except (ValueError, IndexError, TypeError, KeyError):
            return False
        return isinstance(number, int | float)

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the largest value that it takes."""
        if self.key:
            block = self.datablock.key_blocks[self.key]
            return block.slider_min, block.slider_max
        custom = _CUSTOM.match(self.data_path)
        if custom is None:
            return -math.inf, math.inf
        settings = custom_property_settings(self.object, self.data_path)
        return settings.get("min", -math.inf), settings.get("max", math.inf)

    @property
    def label(self) -> str:
        """What a person reads: "Face: jawOpen", "Rig: jaw location Y"."""
        return f"{self.object.name}: {self.name}"

    @property
    def name(self) -> str:
        """The label without the object."""
        return self.key or property_label(self.data_path, self.index)

    @property
    def words(self) -> str:
        """The label, with the weight where it says something."""
        if self.key and self.weight == 1:
            return self.label
        return f"{self.label} × {self.weight:.3g}"


def property_label(data_path: str, index: int) -> str:
    """A data path as a person reads it: jaw location Y, smile."""
    bone = _BONE.match(data_path)
    rest = bone["rest"] if bone else data_path
    custom = _CUSTOM.match(rest)
    if custom and not custom["holder"]:
        rest = bpy.utils.unescape_identifier(custom["name"])
    axes = _AXES.get(rest, "")
    words = [bpy.utils.unescape_identifier(bone["bone"])] if bone else []
    words.append(rest.replace("_", " ") if axes else rest)
    if index >= 0:
        words.append(axes[index] if index < len(axes) else str(index))
    return " ".join(words)


def custom_property_settings(holder: bpy.types.ID, data_path: str) -> dict[str, Any]:
    """What the user interface knows of a custom property: min, max, default; {} if nothing."""
    custom = _CUSTOM.match(data_path)
    if custom is None:
        return {}
    try:
        owner: Any = holder.path_resolve(custom["holder"]) if custom["holder"] else holder
        name = bpy.utils.unescape_identifier(custom["name"])
        return dict(owner.id_properties_ui(name).as_dict())
    except (ValueError, TypeError, KeyError):
        return {}
