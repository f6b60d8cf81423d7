# SPDX-License-Identifier: GPL-3.0-or-later
"""Values spread over a mesh from where they are known to where they are not."""

from __future__ import annotations

import copy

import numpy as np
from numpy.typing import NDArray

from ..performance import Floats
from .surface import Integers

_TOLERANCE = 1e-3


class Graph:
    """Points joined by edges, as the matrix of a membrane stretched over them.

    points: (n, 3). edges: (e, 2), pairs of points that are joined, each once.
    """

    def __init__(self, points: Floats, edges: Integers) -> None:
        length = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
        typical = np.median(length) if len(length) else 1.0
        # Short edges hold more, but none so much that rounding decides.
        pull = np.clip(typical / np.maximum(length, 1e-12), 0.1, 10.0)
        both = np.concatenate([edges, edges[:, ::-1]])
        order = np.argsort(both[:, 0], kind="stable")
        source, target = both[order].T
        self._set(len(points), source, target, np.tile(pull, 2)[order].astype(np.float32))

    def part(self, chosen: NDArray[np.bool_]) -> Graph:
        """The graph of some of the points, and of the edges among them."""
        number = np.cumsum(chosen) - 1
        kept = chosen[self.source] & chosen[self.target]
        result = copy.copy(self)
        source, target = number[self.source[kept]], number[self.target[kept]]
        result._set(int(chosen.sum()), source, target, self.pull[kept])
        return result

    def _set(self, count: int, source: Integers, target: Integers, pull: Floats) -> None:
        self.count, self.source, self.target, self.pull = count, source, target, pull
        self.total = np.bincount(source, pull, count).astype(np.float32)

    def beyond_neighbours(self, values: Floats) -> Floats:
        """(n, c): how far a point's values lie outside of what its neighbours have."""
        result = np.zeros((self.count, values.shape[1]), np.float32)
        if len(self.source):
            start = np.flatnonzero(np.diff(self.source, prepend=-1))
            which, around = self.source[start], values[self.target]
            above = values[which] - np.maximum.reduceat(around, start, axis=0)
            below = np.minimum.reduceat(around, start, axis=0) - values[which]
            result[which] = np.maximum(np.maximum(above, below), 0)
        return result

    def stretched(self, values: Floats) -> Floats:
        """(n, c): how hard the neighbours pull at each point."""
        return np.asarray(self.total[:, None] * values - self._sums(values))

    def _sums(self, values: Floats) -> Floats:
        result = np.zeros((self.count, values.shape[1]), np.float32)
        if len(self.source):
            start = np.flatnonzero(np.diff(self.source, prepend=-1))
            pulled = values[self.target] * self.pull[:, None]
            result[self.source[start]] = np.add.reduceat(pulled, start, axis=0)
        return result


def filled(graph: Graph, values: Floats, known: Floats, rounds: int = 400) -> Floats:
    """Values (n, c) as they are where they are known, smooth where they are not.

    known: (n,) how sure a value is: 0 not at all, 1 as much as the neighbours together, far
    above 1 nearly fixed. Least squares by conjugate gradients (Hestenes and Stiefel, 1952)
    with the diagonal as preconditioner. Parts of the graph where nothing is known become 0.
    """
    typical = float(graph.total[graph.total > 0].mean()) if np.any(graph.total > 0) else 1.0
    # A trace of zero everywhere: what nothing is known of stays where it is.
    anchor = (known * typical).astype(np.float32)
    diagonal = (graph.total + anchor + 1e-6 * typical)[:, None]
    goal = anchor[:, None] * values.astype(np.float32)
    result = np.where(known[:, None] > 0, values, 0).astype(np.float32)
    rest = goal - _applied(graph, diagonal, result)
    step = rest / diagonal
    along = step.copy()
    size = (rest * step).sum(axis=0)
    enough = _TOLERANCE**2 * np.maximum(size, 1e-20)
    for _ in range(rounds):
        if np.all(size <= enough):
            break
        applied = _applied(graph, diagonal, along)
        share = size / np.maximum((along * applied).sum(axis=0), 1e-30)
        result += share * along
        rest -= share * applied
        step = rest / diagonal
        before, size = size, (rest * step).sum(axis=0)
        along = step + (size / np.maximum(before, 1e-30)) * along
    return result


def _applied(graph: Graph, diagonal: Floats, values: Floats) -> Floats:
    return np.asarray(graph.stretched(values) + (diagonal - graph.total[:, None]) * values)
