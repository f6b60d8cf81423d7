# SPDX-License-Identifier: GPL-3.0-or-later
"""Lashes, brows, beards, tear lines: they go where the skin goes on which they stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..performance import Floats
from .carrying import spread
from .nearest import NearestPlaces
from .surface import Integers, Surface

_REACH = 0.6
_ATTACHED = 0.02


def follow_skin(
    surface: Surface,
    skin: Integers,
    deltas: Floats,
    followers: Sequence[Integers],
    size: float,
) -> None:
    """Set the displacements (k, n, 3) of parts that stand on the skin.

    skin: the triangles of the skin seen from outside. A part follows where it is nearest
    to the skin, as lashes are at their roots; its other points follow those.
    """
    if not followers or not len(skin):
        return
    columns = np.ascontiguousarray(deltas.transpose(1, 0, 2)).reshape(len(surface.points), -1)
    places = NearestPlaces(surface, skin, _REACH * size, 0.02 * size)
    members = np.concatenate(followers)
    part = np.repeat(np.arange(len(followers)), [len(each) for each in followers])
    found, on = places.find(surface.points[members], surface.normals[members])
    away = np.linalg.norm(on.on(surface) - surface.points[members[found]], axis=1) / size
    nearest = np.full(len(followers), np.inf)
    np.minimum.at(nearest, part[found], away)
    values = np.zeros((len(members), columns.shape[1]), np.float32)
    values[found] = on.of(surface, columns)
    known = np.zeros(len(members))
    beyond = np.maximum(away - nearest[part[found]] - _ATTACHED, 0)
    known[found] = 20 * np.exp(-np.square(beyond / _ATTACHED)) + 1e-4
    solved = spread(surface, members, values, known, size)
    deltas[:, members] = solved.reshape(len(members), -1, 3).transpose(1, 0, 2)
