# SPDX-License-Identifier: GPL-3.0-or-later
"""The template's displacements carried over to the skin it was fitted to.

A point of the template that moves by d is, on the other head, a point that moves from the
warp of where it is to the warp of where it goes: lids and lips that meet on the template
meet there too, however large its eyes or its mouth are.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..performance import Floats
from .filling import Graph, filled
from .nearest import NearestPlaces
from .surface import Integers, Surface
from .warp import Warp

Progress = Callable[[float, str], None]

_SMALL = 0.10
_NOTHING = 1e-4
_POINTS_AT_ONCE = 8000
_REACH = 0.10
_AGAINST_NORMALS = 0.10
_SURE_WITHIN = 0.035
_ODD = 0.25
_WELL_KNOWN, _FIXED = 50.0, 1e3


def warped_deltas(
    warp: Warp,
    points: Floats,
    deltas: Floats,
    size: float,
    progress: Progress = lambda share, text: None,
) -> tuple[Floats, Floats]:
    """(n, 3) where points come by a warp, and (k, n, 3) how displacements (k, n, 3) look there.

    size: of a face, in the unit of the points.
    """
    placed = np.concatenate([warp(part) for part in _parts(points)])
    result = np.zeros(deltas.shape, np.float32)
    far = np.linalg.norm(deltas, axis=2)
    moving = np.flatnonzero(far.max(axis=0, initial=0) > _NOTHING * size)
    slope = np.zeros((len(points), 3, 3))
    for part in _parts(moving):
        slope[part] = warp.slope(points[part])
    for number, delta in enumerate(deltas):
        progress(number / len(deltas), "carrying shapes over")
        moving = np.flatnonzero(far[number] > _NOTHING * size)
        result[number, moving] = np.einsum("nij,nj->ni", slope[moving], delta[moving])
        # Small ways are straight; for the others it counts where they lead.
        for part in _parts(np.flatnonzero(far[number] > _SMALL * size)):
            result[number, part] = warp(points[part] + delta[part]) - placed[part]
    return placed, result


def onto_skin(
    template: Surface,
    template_visible: NDArray[np.bool_],
    deltas: Floats,
    target: Surface,
    target_visible: NDArray[np.bool_],
    region: Integers,
    size: float,
) -> Floats:
    """(k, n, 3): displacements of the target's skin, zero outside of a region.

    template: as it lies on the target, and deltas: (k, points, 3) there.
    *_visible: (t,) bool, which triangles of the skin are seen from outside; those that are
        not match each other only.
    region: points of the target's skin that may move.
    """
    values = np.zeros((len(target.points), len(deltas) * 3), np.float32)
    known = np.zeros(len(target.points))
    outside = np.zeros(len(target.points), bool)
    outside[target.triangles[target_visible]] = True
    columns = np.ascontiguousarray(deltas.transpose(1, 0, 2)).reshape(len(template.points), -1)
    for queries, triangles in (
        (region[outside[region]], template_visible),
        (region[~outside[region]], ~template_visible),
    ):
        places = NearestPlaces(template, np.flatnonzero(triangles), _REACH * size, 0.02 * size)
        found, on = places.find(
            target.points[queries], target.normals[queries], _AGAINST_NORMALS * size
        )
        which = queries[found]
        away = np.linalg.norm(on.on(template) - target.points[which], axis=1) / size
        values[which] = on.of(template, columns)
        known[which] = 30 * np.exp(-((away / _SURE_WITHIN) ** 2))
    # What is seen of the skin was fitted; what is hidden only follows.
    known[outside] *= 4
    result = np.zeros_like(values)
    result[region] = spread(target, region, values[region], known[region], size)
    return result.reshape(len(target.points), -1, 3).transpose(1, 0, 2)


def spread(
    surface: Surface, region: Integers, values: Floats, known: Floats, size: float
) -> Floats:
    """(r, c): values of a region's points (r,), smooth where they are not known, 0 beyond.

    values: (r, c). known: (r,) as for `filled`. Where lips touch, a point can be taken for
    one of the other lip; its neighbours on the mesh were not. So values far outside of what
    those around have count little.
    """
    inside = np.zeros(len(surface.points), bool)
    inside[region] = True
    around = np.unique(surface.edges[inside[surface.edges].any(axis=1)])
    border = around[~inside[around]]
    graph = part_graph(surface, np.concatenate([region, border]))
    result = np.concatenate([values, np.zeros((len(border), values.shape[1]), np.float32)])
    result = np.asarray(result, np.float32)
    moving = np.flatnonzero(np.abs(result).max(axis=0, initial=0) > 0)
    known = np.concatenate([known, np.full(len(border), _FIXED)])
    solved = result[:, moving]
    for _ in range(3):
        solved = _with_unknown_filled(graph, solved, known)
        largest = np.maximum(np.abs(solved).max(axis=0, initial=0), 0.02 * size)
        odd = (graph.beyond_neighbours(solved) / largest).max(axis=1, initial=0) > _ODD
        odd &= (known > 0.1) & (known < _FIXED)
        if not np.any(odd):
            break
        known[odd] = 0.05
    result[:, moving] = solved
    return result[: len(region)]


def _with_unknown_filled(graph: Graph, values: Floats, known: Floats) -> Floats:
    """What is well known need not be solved for: it is the border of what is."""
    unknown = known < _WELL_KNOWN
    chosen = unknown.copy()
    chosen[graph.target[unknown[graph.source]]] = True
    held = np.where(unknown, known, _FIXED)[chosen]
    result = values.copy()
    result[chosen] = filled(graph.part(chosen), values[chosen], held)
    return np.where(unknown[:, None], result, values)


def part_graph(surface: Surface, chosen: Integers) -> Graph:
    """The graph of some points of a surface, in their order."""
    number = np.full(len(surface.points), -1)
    number[chosen] = np.arange(len(chosen))
    edges = number[surface.edges]
    return Graph(surface.points[chosen], edges[edges.min(axis=1) >= 0])


def _parts(items: NDArray) -> list[NDArray]:  # type: ignore[type-arg]
    return [items[at : at + _POINTS_AT_ONCE] for at in range(0, len(items), _POINTS_AT_ONCE)]
