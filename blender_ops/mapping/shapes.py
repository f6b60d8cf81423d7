# SPDX-License-Identifier: GPL-3.0-or-later
"""How the shape keys of a mesh move its vertices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ..character import shape_keys_of

Floats = NDArray[np.floating[Any]]

# A key whose largest movement is below this share of its mesh's size moves nothing.
_NOTHING = 1e-5


@dataclass(frozen=True, eq=False)
class Movement:
    """What one shape key does, in world axes.

    centre: (3,) the middle of what it moves, each vertex counted as far as it moves.
    direction: (3,) the mean movement of that.
    reach: the largest movement, in the scene's units.
    is_dead: whether it moves nothing that could be seen.
    """

    centre: Floats
    direction: Floats
    reach: float
    is_dead: bool


def points_of(mesh: bpy.types.Object) -> Floats:
    """(vertices, 3) where a mesh's vertices are without any key, in world axes."""
    keys = shape_keys_of(mesh)
    local = _coordinates(keys.reference_key.data).astype(np.float64)
    world = np.array(mesh.matrix_world)
    points: Floats = local @ world[:3, :3].T + world[:3, 3]
    return points


def deltas(
    mesh: bpy.types.Object, keys: Iterable[str], *, local: bool = False
) -> dict[str, Floats]:
    """(vertices, 3) how far each key moves each vertex, in world axes or the mesh's own."""
    turn = np.eye(3) if local else np.array(mesh.matrix_world)[:3, :3].T
    result: dict[str, Floats] = {}
    for key, rows, delta in _local_deltas(mesh, keys):
        result[key] = np.zeros((len(mesh.data.vertices), 3))
        result[key][rows] = delta @ turn
    return result


def movements(mesh: bpy.types.Object, keys: Iterable[str]) -> dict[str, Movement]:
    """What each key does."""
    points = points_of(mesh)
    size = float(np.linalg.norm(np.ptp(points, axis=0)))
    turn = np.array(mesh.matrix_world)[:3, :3].T
    return {
        key: _movement(points[rows], delta @ turn, size)
        for key, rows, delta in _local_deltas(mesh, keys)
    }


def _movement(points: Floats, delta: Floats, size: float) -> Movement:
    """What a key does, from the vertices that it moves and how far it moves them."""
    lengths = np.linalg.norm(delta, axis=1)
    reach = float(lengths.max(initial=0.0))
    if reach <= _NOTHING * size:
        return Movement(np.zeros(3), np.zeros(3), reach, True)
    shares = lengths / lengths.sum()
    # Not by @, which shares such narrow products out to threads that wait for each other.
    centre, direction = (np.einsum("i,ij->j", shares, each) for each in (points, delta))
    return Movement(centre, direction, reach, False)


def _local_deltas(
    mesh: bpy.types.Object, keys: Iterable[str]
) -> Iterator[tuple[str, NDArray[np.intp], Floats]]:
    """Each key with the indices of the vertices that it moves, and how far, in the mesh's axes."""
    blocks = shape_keys_of(mesh).key_blocks
    starts: dict[str, Floats] = {}
    for key in keys:
        start = blocks[key].relative_key
        if start.name not in starts:
            starts[start.name] = _coordinates(start.data)
        delta = _coordinates(blocks[key].data) - starts[start.name]
        rows = np.flatnonzero((delta != 0).any(axis=1))
        yield key, rows, delta[rows].astype(np.float64)


def _coordinates(points: Any) -> Floats:
    flat: Floats = np.empty(len(points) * 3, np.float32)
    points.foreach_get("co", flat)
    return flat.reshape(-1, 3)
