# SPDX-License-Identifier: GPL-3.0-or-later
"""Which points of a surface lie near others: a grid of cells, and the best of what is near."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..performance import Floats
from .surface import Integers, Places, Surface, nearest_on_triangles

_NEIGHBOURS = np.array(list(itertools.product((-1, 0, 1), repeat=3)))
_QUERIES_AT_ONCE = 4000


class Cells:
    """Points sorted into cubes, so that those within a side's length are found at once."""

    def __init__(self, points: Floats, side: float) -> None:
        self._side = side
        self._low = points.min(axis=0) - 2 * side
        self._counts = ((points.max(axis=0) - self._low) / side).astype(np.int64) + 3
        keys = self._keys(self._cells(points))
        self._order = np.argsort(keys, kind="stable")
        self._sorted = keys[self._order]

    def near(self, queries: Floats) -> tuple[Integers, Integers]:
        """Pairs: number of a query, of a point. All points within a side's length are there,
        farther ones too; queries in rising order.
        """
        cells = self._cells(queries)[:, None] + _NEIGHBOURS
        inside = np.all((cells >= 0) & (cells < self._counts), axis=2)
        keys = np.where(inside, self._keys(cells), -1).ravel()
        start = np.searchsorted(self._sorted, keys, "left")
        length = np.searchsorted(self._sorted, keys, "right") - start
        return (
            np.repeat(np.repeat(np.arange(len(queries)), len(_NEIGHBOURS)), length),
            self._order[_ranges(start, length)],
        )

    def _cells(self, points: Floats) -> Integers:
        scaled = np.floor((points - self._low) / self._side)
        return np.asarray(np.clip(scaled, -1, self._counts), np.int64)

    def _keys(self, cells: Integers) -> Integers:
        x, y, z = np.moveaxis(cells, -1, 0)
        keys: Integers = (x * self._counts[1] + y) * self._counts[2] + z
        return keys


class NearestPlaces:
    """Finds the place of a surface that is nearest in position and, as asked, in direction.

    triangles: which of the surface's triangles count.
    reach: how far a place may be. spacing: how densely the surface is covered by samples.
    """

    def __init__(self, surface: Surface, triangles: Integers, reach: float, spacing: float) -> None:
        self.surface = surface
        self._reach, self._spacing = reach, spacing
        self._triangles = _covered(surface, triangles, spacing)
        self._samples = self._triangles.on(surface)
        # Most queries have a place close by: the search widens for the others only.
        self._sides = [reach]
        while self._sides[-1] > 7.5 * spacing:
            self._sides.append(self._sides[-1] / 3)
        self._cells: dict[float, Cells] = {}

    def find(
        self, queries: Floats, normals: Floats, against: float = 0.0
    ) -> tuple[Integers, Places]:
        """Which of the (m, 3) queries have a place within reach, and those places.

        against: what it costs, as a distance, to have a normal at a right angle to a
        query's own; places that look the other way are left out.
        """
        triangles = np.full(len(queries), -1)
        shares = np.zeros((len(queries), 3))
        if len(self._samples):
            open_: Integers = np.arange(len(queries))
            for side in reversed(self._sides):
                left = []
                for start in range(0, len(open_), _QUERIES_AT_ONCE):
                    part = open_[start : start + _QUERIES_AT_ONCE]
                    which, places, cost = self._find(queries[part], normals[part], against, side)
                    triangles[part[which]] = places.triangles
                    shares[part[which]] = places.shares
                    sure = np.zeros(len(part), bool)
                    sure[which] = np.sqrt(cost) + self._spacing <= side
                    left.append(part[~sure])
                open_ = np.concatenate(left) if left else open_[:0]
        found = np.flatnonzero(triangles >= 0)
        return found, Places(triangles[found], shares[found])

    def _find(
        self, queries: Floats, normals: Floats, against: float, side: float
    ) -> tuple[Integers, Places, Floats]:
        """The best places among those about a side away, and what they cost."""
        if side not in self._cells:
            self._cells[side] = Cells(self._samples, side)
        query, sample = self._cells[side].near(queries)
        triangle = self._triangles.triangles[sample]
        cost = ((self._samples[sample] - queries[query]) ** 2).sum(axis=1)
        cost, same = self._with_angles(cost, query, triangle, normals, against)
        query, triangle, cost = query[same], triangle[same], cost[same]
        # Samples stand for places around them: what is nearly the best is looked at closely.
        close = np.sqrt(cost) <= np.sqrt(_least(query, cost, len(queries)))[query] + self._spacing
        query, triangle = _different(query[close], triangle[close])
        corners = self.surface.points[self.surface.triangles[triangle]]
        shares = nearest_on_triangles(queries[query], corners)
        place = np.einsum("mk,mkx->mx", shares, corners)
        distance = ((place - queries[query]) ** 2).sum(axis=1)
        cost, same = self._with_angles(distance, query, triangle, normals, against)
        best = same & (distance <= self._reach**2)
        query, triangle, shares, cost = query[best], triangle[best], shares[best], cost[best]
        first = np.flatnonzero(cost <= _least(query, cost, len(queries))[query])
        first = first[np.unique(query[first], return_index=True)[1]]
        return query[first], Places(triangle[first], shares[first]), cost[first]

    def _with_angles(
        self,
        cost: Floats,
        query: Integers,
        triangle: Integers,
        normals: Floats,
        against: float,
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """Costs that count angles, and whether a triangle looks the same way at all."""
        if against <= 0:
            return cost, np.ones(len(cost), bool)
        cosine = np.einsum("ij,ij->i", normals[query], self.surface.triangle_normals[triangle])
        return cost + against**2 * (1 - cosine), cosine > 0


def _covered(surface: Surface, triangles: Integers, spacing: float) -> Places:
    """Samples on triangles, none farther than about `spacing` from the next."""
    corners = surface.points[surface.triangles[triangles]]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1, initial=0)
    parts = np.clip(np.ceil(longest / (spacing * 1.5)), 1, 12).astype(int)
    chosen: list[Integers] = [np.zeros(0, np.int64)]
    shares: list[Floats] = [np.zeros((0, 3))]
    for count, grid in _grids(int(parts.max(initial=1))):
        these = triangles[parts == count]
        chosen.append(np.repeat(these, len(grid)))
        shares.append(np.tile(grid, (len(these), 1)))
    return Places(np.concatenate(chosen), np.concatenate(shares))


def _grids(most: int) -> Iterator[tuple[int, Floats]]:
    """For each number of parts of a side, shares of points spread over a triangle."""
    for count in range(1, most + 1):
        rows = [
            ((i + 1 / 3) / count, (j + 1 / 3) / count)
            for i in range(count)
            for j in range(count - i)
        ]
        first, second = np.array(rows).T
        yield count, np.stack([1 - first - second, first, second], axis=1)


def _least(group: Integers, value: Floats, count: int) -> Floats:
    """(count,) the least value of each group; groups come in rising order."""
    least = np.full(count, np.inf)
    if len(group):
        start = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
        least[group[start]] = np.minimum.reduceat(value, start)
    return least


def _different(query: Integers, triangle: Integers) -> tuple[Integers, Integers]:
    """The same pairs, each once, queries in rising order."""
    most = int(triangle.max(initial=0)) + 1
    pairs = np.unique(query * most + triangle)
    return pairs // most, pairs % most


def _ranges(start: Integers, length: Integers) -> Integers:
    """All of start, start + 1 … of each range, one after the other."""
    total = int(length.sum())
    offset = np.repeat(np.cumsum(length) - length, length)
    return np.repeat(start, length) + np.arange(total) - offset
