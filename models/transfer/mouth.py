# SPDX-License-Identifier: GPL-3.0-or-later
"""Teeth, gums and tongue: what moves with the jaw does so as one rigid piece."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..performance import Floats
from .carrying import spread
from .nearest import NearestPlaces
from .surface import Integers, Surface

_REACH = 0.5
_RIGID_ERROR = 0.3
_JAW_MOVES = 0.3


def mouth_deltas(
    template: Surface,
    template_parts: Sequence[Integers],
    deltas: Floats,
    target: Surface,
    target_parts: Sequence[Integers],
    jaw: int | None,
    size: float,
) -> Floats:
    """(k, n, 3): displacements of the target's teeth and gums; zero elsewhere.

    template: as it lies on the target; deltas: (k, points, 3) there.
    *_parts: the points of each part in the mouth. jaw: the row of jawOpen, if there is one.
    """
    result = np.zeros((len(deltas), len(target.points), 3), np.float32)
    if not target_parts or not template_parts:
        return result
    of_mouth = np.zeros(len(template.points), bool)
    of_mouth[np.concatenate(template_parts)] = True
    triangles = np.flatnonzero(of_mouth[template.triangles[:, 0]])
    places = NearestPlaces(template, triangles, _REACH * size, 0.02 * size)
    members = np.concatenate(target_parts)
    result[:, members] = nearest_deltas(places, deltas, target, members, size)
    return _rigid_where_it_may_be(result, target, target_parts, jaw)


def nearest_deltas(
    places: NearestPlaces, deltas: Floats, target: Surface, part: Integers, size: float
) -> Floats:
    """(k, m, 3): displacements of the template's nearest places, smooth over a part."""
    columns = np.ascontiguousarray(deltas.transpose(1, 0, 2)).reshape(deltas.shape[1], -1)
    found, on = places.find(target.points[part], target.normals[part], 0.05 * size)
    values = np.zeros((len(part), columns.shape[1]), np.float32)
    away = np.linalg.norm(on.on(places.surface) - target.points[part[found]], axis=1) / size
    values[found] = on.of(places.surface, columns)
    known = np.zeros(len(part))
    known[found] = 10 * np.exp(-np.square(away / 0.05)) + 1e-3
    solved = spread(target, part, values, known, size)
    return solved.reshape(len(part), -1, 3).transpose(1, 0, 2)


def _rigid_where_it_may_be(
    deltas: Floats, target: Surface, parts: Sequence[Integers], jaw: int | None
) -> Floats:
    """The same, but parts that move nearly rigidly do so exactly, all of one jaw together."""
    if jaw is None:
        return deltas
    largest = float(np.linalg.norm(deltas[jaw], axis=1).max())
    jaws: tuple[list[Integers], list[Integers]] = ([], [])
    for part in parts:
        moved = deltas[jaw, part]
        error = np.linalg.norm(rigid(target.points[part], moved) - moved, axis=1)
        spread_out = np.linalg.norm(moved - moved.mean(axis=0), axis=1)
        if largest > 0 and np.percentile(error + 0.3 * spread_out, 90) > _RIGID_ERROR * largest:
            continue
        far = float(np.linalg.norm(moved, axis=1).mean())
        jaws[far > _JAW_MOVES * largest].append(part)
    for group in jaws:
        if group:
            members = np.concatenate(group)
            for row in deltas:
                if np.any(row[members]):
                    row[members] = rigid(target.points[members], row[members])
    return deltas


def rigid(points: Floats, deltas: Floats, others: Floats | None = None) -> Floats:
    """(m, 3): the rigid motion of points (m, 3) that is nearest to their displacements.

    others: (o, 3), whose displacements by that motion are wanted instead.
    Kabsch, A solution for the best rotation to relate two sets of vectors (1976).
    """
    moved = points + deltas
    middle, goal = points.mean(axis=0), moved.mean(axis=0)
    u, _, v = np.linalg.svd((moved - goal).T @ (points - middle))
    turn = (u * np.array([1, 1, np.sign(np.linalg.det(u @ v))])) @ v
    wanted = points if others is None else others
    return np.asarray((wanted - middle) @ turn.T + goal - wanted)


def boxed_onto(points: Floats, onto: Floats) -> tuple[Floats, Floats]:
    """(3,) scale and (3,) shift that bring the box of points onto the box of others."""
    low, high = points.min(axis=0), points.max(axis=0)
    other_low, other_high = onto.min(axis=0), onto.max(axis=0)
    scale = (other_high - other_low) / np.maximum(high - low, 1e-9)
    return scale, other_low - low * scale
