# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions as assets: Actions with a picture and a catalogue, for any mapped character.

An expression asset keeps its weights by ARKit's channels in the asset's metadata, where they
can be read without loading the file it lies in; that is what Mien applies. Its curves say the
same for shape keys that are named as the channels are, so that Blender can play it as well.
A pose asset keeps what the bones of one rig do, as Blender's own pose library applies it.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..models.arkit import CHANNELS, region_of
from ..models.errors import MienError
from ..models.performance import Floats
from .animation import Curve, Keys, new_action
from .mapping import Mapping
from .posing import Face

PROPERTY = "mien_expression"
"""The custom property of an asset's metadata that holds an expression, as JSON."""

ROOT = "Expressions"
"""The catalogue that all of Mien's assets lie below."""

# Weights below this are nothing.
_LEAST = 1e-4
_FRAME = np.ones(1)
_BONE = 'pose.bones["'


class LibraryError(MienError):
    """An asset holds no expression, or none can be made."""


@dataclass(frozen=True, eq=False)
class Picked:
    """An expression that is to become an asset.

    name: of the asset. weights: (52,) in the order of `arkit.CHANNELS`. picture: (size, size,
    4) red, green, blue and alpha, the lowest row first; None: none.
    """

    name: str
    weights: Floats
    picture: Floats | None = None


def save_expression(picked: Picked, catalog: str = "") -> bpy.types.Action:
    """A new Action that is an asset, for any character. catalog: UUID of its catalogue."""
    said = _said(picked.weights)
    curves = [
        Curve(
            data_path=f'key_blocks["{channel}"].value',
            keys=Keys(_FRAME, np.array([said.get(channel, 0.0)])),
            group=region_of(channel).capitalize(),
        )
        for channel in CHANNELS
    ]
    action: Any = new_action(picked.name, "KEY", curves)
    _mark(action, picked, catalog, "A face for any character, applied by Mien")
    action.asset_data[PROPERTY] = json.dumps(said)
    return action  # type: ignore[no-any-return]


def is_moved_by_bones(mapping: Mapping) -> bool:
    """Whether most of a face's channels are shown by bones."""
    by_bones = sum(
        any(target.data_path.startswith(_BONE) for target in targets)
        for targets in mapping.found.values()
    )
    return by_bones * 2 > len(mapping.found)


def save_pose(picked: Picked, face: Face, catalog: str = "") -> bpy.types.Action:
    """A new Action that is a pose asset of a character's rig: what its bones do to show a face.

    Raises LibraryError if no bone shows anything of it, CharacterError if the character is gone.
    """
    values = face.values_for(picked.weights)
    curves = [
        Curve(place.data_path, Keys(_FRAME, np.array([value])), place.index, _bone(place.data_path))
        for place, value in zip(face.places, values.tolist(), strict=True)
        if place.data_path.startswith(_BONE)
    ]
    if not curves:
        raise LibraryError(
            f"No bone of “{face.character.name}” shows its face, so there is no pose to save."
        )
    action = new_action(picked.name, "OBJECT", curves)
    _mark(action, picked, catalog, f"A face of {face.character.name}")
    return action


def expression_of_asset(metadata: Any) -> Floats:
    """(52,) weights that the metadata of an asset holds.

    metadata: `Action.asset_data`, or `AssetRepresentation.metadata`. Raises LibraryError if
    it holds none.
    """
    text = metadata.get(PROPERTY) if metadata is not None else None
    try:
        said = json.loads(text or "")
        weights = np.array([float(said.get(channel, 0)) for channel in CHANNELS], np.float32)
    except (ValueError, TypeError, AttributeError):
        weights = np.full(len(CHANNELS), math.nan, np.float32)
    if not np.isfinite(weights).all():
        raise LibraryError("This asset holds no expression; choose one that Mien made.")
    return np.clip(weights, 0, 1)


def holds_expression(metadata: Any) -> bool:
    """Whether an asset's metadata says that it is an expression; quick enough for drawing."""
    return metadata is not None and PROPERTY in metadata.keys()  # noqa: SIM118


def expression_in_file(path: Path, name: str) -> Floats:
    """(52,) weights of the expression asset of that name in another .blend file.

    Nothing of the file is left in this one. Raises LibraryError if it is not there.
    """
    try:
        temporary: Any = bpy.data.temp_data()
        with temporary as data:
            with data.libraries.load(str(path), link=True, assets_only=True) as (there, wanted):
                wanted.actions = [each for each in there.actions if each == name]
            if wanted.actions and wanted.actions[0] is not None:
                return expression_of_asset(wanted.actions[0].asset_data)
    except (OSError, ValueError):
        pass  # Not there, no .blend, or the file that is open.
    raise LibraryError(f"There is no expression “{name}” in {path}.")


def _said(weights: Floats) -> dict[str, float]:
    pairs = zip(CHANNELS, np.clip(weights, 0, 1).tolist(), strict=True)
    return {channel: round(weight, 5) for channel, weight in pairs if weight > _LEAST}


def _mark(action: Any, picked: Picked, catalog: str, description: str) -> None:
    action.asset_mark()
    metadata = action.asset_data
    metadata.description = description
    metadata.tags.new("Mien", skip_if_exists=True)
    if catalog:
        metadata.catalog_id = catalog
    if picked.picture is not None:
        preview = action.preview_ensure()
        preview.image_size = picked.picture.shape[1::-1]
        preview.image_pixels_float.foreach_set(
            np.ascontiguousarray(picked.picture, np.float32).ravel()
        )


def _bone(data_path: str) -> str:
    """The bone of a data path, which Blender also groups its curves by."""
    name = data_path.removeprefix(_BONE).partition('"]')[0]
    return bpy.utils.unescape_identifier(name)
