# SPDX-License-Identifier: GPL-3.0-or-later
"""The nearest combination of a character's few shapes to each of ARKit's, where both are known.

Both are known where another head of the same vertices has ARKit's shapes: an earlier version of
the character, a template it was made from, or a copy that they were transferred to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import bpy
import numpy as np

from ...models.least_squares import nonnegative
from ..character import Character, CharacterError, find_character, shape_keys_of
from .match import match
from .shapes import Floats, deltas
from .target import Target

# A shape that moves by less of itself than this is left out, and a channel of whose movement
# less than this is met has no combination at all.
_LEAST_WEIGHT, _LEAST_MET = 0.02, 0.15


@dataclass(frozen=True)
class Nearest:
    """What comes nearest to a channel.

    targets: the shapes, with their weights.
    met: how much of the channel's movement they make, 0–1: 1 − |error|² / |movement|².
    """

    targets: tuple[Target, ...]
    met: float


def nearest_combinations(wanted: Floats, own: Floats) -> tuple[Floats, Floats]:
    """The combinations of shapes, none of them backwards, that come nearest to others.

    wanted: (channels, vertices, 3) how far each channel moves each vertex.
    own: (shapes, vertices, 3) the same of the shapes at hand.
    Returns (channels, shapes) weights, and (channels,) how much of each movement is met, 0–1.
    """
    flat = own.reshape(len(own), -1)
    goals = wanted.reshape(len(wanted), -1)
    products, projections = flat @ flat.T, goals @ flat.T
    weights = np.array([nonnegative(products, each) for each in projections])
    weights = weights.reshape(len(goals), len(own))
    squares = np.einsum("ij,ij->i", goals, goals)
    met = 2 * np.einsum("ij,ij->i", weights, projections) - np.einsum(
        "ij,jk,ik->i", weights, products, weights
    )
    return weights, np.clip(met / np.maximum(squares, 1e-300), 0.0, 1.0)


def nearest_rows(
    character: Character, reference: bpy.types.Object, channels: Iterable[str] | None = None
) -> dict[str, Nearest]:
    """The nearest combination for each channel, by a head that has ARKit's shapes.

    reference: any part of that head. One of its meshes must have the vertices of one of the
    character's, in the same order; where they lie does not matter.
    channels: for which; all that the reference has unless given.

    Raises CharacterError if no mesh of the two fits, or if the reference has no ARKit shapes.
    """
    other = find_character(reference)
    pair = _fitting(character, other)
    if pair is None:
        raise CharacterError(
            f"No mesh of “{other.name}” has as many vertices as one of “{character.name}”; "
            "choose a head with the same vertices that has ARKit's face keys."
        )
    mesh, model = pair
    known = {
        channel: {target.key: target.weight for target in targets if target.object == model}
        for channel, targets in _keys_of(other).items()
        if channels is None or channel in set(channels)
    }
    known = {channel: weights for channel, weights in known.items() if weights}
    if not known:
        raise CharacterError(f"“{model.name}” has none of ARKit's face keys; choose another head.")
    own = _living(mesh)
    if not own:
        raise CharacterError(f"No face key of “{mesh.name}” moves anything.")
    wanted = _channels(model, known)
    weights, met = nearest_combinations(wanted, np.array(list(own.values())))
    result = {}
    for channel, row, share in zip(known, weights, met, strict=True):
        if share >= _LEAST_MET:
            targets = tuple(
                Target(mesh, key, weight=float(weight))
                for key, weight in zip(own, row, strict=True)
                if weight >= _LEAST_WEIGHT
            )
            result[channel] = Nearest(targets, float(share))
    return result


def _fitting(
    character: Character, other: Character
) -> tuple[bpy.types.Object, bpy.types.Object] | None:
    """The first mesh of each that have the same number of vertices."""
    for mesh in character.meshes:
        for model in other.meshes:
            if model != mesh and _count(model) == _count(mesh):
                return mesh, model
    return None


def _count(mesh: bpy.types.Object) -> int:
    return len(shape_keys_of(mesh).reference_key.data)


def _keys_of(other: Character) -> Mapping[str, tuple[Target, ...]]:
    """The shape keys of each channel of a head, also where controls move them."""
    return {
        row.channel: tuple(shape for shape in row.shapes if shape.key) for row in match(other).rows
    }


def _channels(model: bpy.types.Object, known: Mapping[str, Mapping[str, float]]) -> Floats:
    """(channels, vertices, 3) in the model's own axes and size."""
    moved = deltas(model, {key for weights in known.values() for key in weights}, local=True)
    return np.array(
        [sum(weight * moved[key] for key, weight in each.items()) for each in known.values()]
    )


def _living(mesh: bpy.types.Object) -> dict[str, Floats]:
    """Each key that moves something, with how far it moves each vertex."""
    blocks = shape_keys_of(mesh).key_blocks
    moved = deltas(mesh, [block.name for block in blocks[1:]], local=True)
    return {key: delta for key, delta in moved.items() if np.any(delta)}
