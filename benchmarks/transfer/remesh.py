# SPDX-License-Identifier: GPL-3.0-or-later
"""The same surface with other points, other triangles and another order.

Edges are split at random places and points taken out of others, so that no point of the new
mesh has a number, a place or neighbours by which it could be told from the old one. Points lie
on the old triangles, so what is true of them is known exactly.
"""

from __future__ import annotations

import numpy as np
from mien.models.performance import Floats
from mien.models.transfer.surface import Integers

_SPLIT, _TAKE_OUT = 0.35, 0.3
_LEAST_COSINE = 0.3


def remeshed(points: Floats, polygons: Integers, values: Floats, seed: int):
    """New points (m, 3), triangles (t, 3) and values (m, …) of the points.

    polygons: (p, 4), the fourth corner -1 in a triangle. values: (n, …), interpolated.
    """
    random = np.random.default_rng(seed)
    triangles = _triangles(polygons, random)
    whole = np.concatenate([points, values.reshape(len(points), -1)], axis=1)
    whole, triangles = _split(whole, triangles, random)
    triangles = _taken_out(whole[:, :3], triangles, random)
    used = np.unique(triangles)
    order = random.permutation(used)
    number = np.full(len(whole), -1)
    number[order] = np.arange(len(order))
    triangles = number[triangles][random.permutation(len(triangles))]
    whole = whole[order]
    return whole[:, :3], triangles, whole[:, 3:].reshape(len(order), *values.shape[1:])


def _triangles(polygons: Integers, random) -> Integers:
    quads = polygons[polygons[:, 3] >= 0]
    other = random.random(len(quads)) < 0.5
    turned = np.where(other[:, None], np.roll(quads, 1, axis=1), quads)
    return np.concatenate(
        [polygons[polygons[:, 3] < 0, :3], turned[:, [0, 1, 2]], turned[:, [0, 2, 3]]]
    )


def _split(whole: Floats, triangles: Integers, random):
    """Put points on some edges, at most one on each triangle."""
    sides = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    edges, back = np.unique(sides, axis=0, return_inverse=True)
    of_edge: list[list[int]] = [[] for _ in edges]
    for index, edge in enumerate(np.reshape(back, -1).tolist()):
        of_edge[edge].append(index // 3)
    busy = np.zeros(len(triangles), bool)
    chosen = []
    for edge in random.permutation(len(edges))[: int(_SPLIT * len(edges))].tolist():
        if not busy[of_edge[edge]].any():
            busy[of_edge[edge]] = True
            chosen.append(edge)
    share = random.uniform(0.3, 0.7, len(chosen))[:, None]
    ends = edges[chosen]
    added = whole[ends[:, 0]] * share + whole[ends[:, 1]] * (1 - share)
    made = []
    for number, edge in enumerate(chosen):
        new = len(whole) + number
        a, b = edges[edge].tolist()
        for triangle in of_edge[edge]:
            corners = triangles[triangle].tolist()
            made.append([new if corner == a else corner for corner in corners])
            made.append([new if corner == b else corner for corner in corners])
    return np.concatenate([whole, added]), np.concatenate([triangles[~busy], np.array(made)])


def _taken_out(points: Floats, triangles: Integers, random) -> Integers:
    """Draw some inner points into a neighbour, where the surface keeps its form."""
    around: list[set[int]] = [set() for _ in points]
    for index, corners in enumerate(triangles.tolist()):
        for corner in corners:
            around[corner].add(index)
    corners = triangles.copy()
    locked = np.zeros(len(points), bool)
    gone = np.zeros(len(triangles), bool)
    for point in random.permutation(len(points))[: int(_TAKE_OUT * len(points))].tolist():
        ring = {int(c) for t in around[point] for c in corners[t]} - {point}
        if locked[point] or not ring or len(around[point]) != len(ring) or locked[list(ring)].any():
            continue
        onto = int(random.choice(sorted(ring)))
        shared = around[point] & around[onto]
        kept = sorted(around[point] - shared)
        common = ring & {int(c) for t in around[onto] for c in corners[t]} - {onto}
        moved = np.where(corners[kept] == point, onto, corners[kept])
        if len(shared) != 2 or len(common) != 2 or not _same_way(points, corners[kept], moved):
            continue
        corners[kept] = moved
        gone[list(shared)] = True
        locked[[point, *ring]] = True
    return corners[~gone]


def _same_way(points: Floats, before: Integers, after: Integers) -> bool:
    first, second = _normals(points[before]), _normals(points[after])
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return bool(np.all((first * second).sum(axis=1) > _LEAST_COSINE * lengths))


def _normals(corners: Floats) -> Floats:
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
