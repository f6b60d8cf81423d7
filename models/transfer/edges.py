# SPDX-License-Identifier: GPL-3.0-or-later
"""Where lips meet and lids end, read from a drawn face to the pixel.

The tracker knows faces of people; on a vinyl figure it puts the lips where a person's would
be. The mesh knows better: where two neighbouring pixels show places of the skin that are
far apart along it, there is the line between the lips; where skin gives way to an eyeball,
there is the edge of a lid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..performance import Floats
from .parts import LEFT_EYE, MOUTH_CORNERS, RIGHT_EYE
from .picture import Drawn
from .surface import Integers, Surface

FACE_LANDMARKS = 468
"""The tracker's points but for the irises; the edges are numbered after them."""

ON_LIPS, ON_LIDS = 13, 9
"""Places along the line between the lips, and along each of the four lids."""

EDGES = ON_LIPS + 4 * ON_LIDS

LIP_LINE = (
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
)  # fmt: skip
LIP_BORDER = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
)  # fmt: skip
LIDS = (
    33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246,
    263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466,
)  # fmt: skip
"""The tracker's landmarks that these edges replace."""

_RINGS = 4
# How far behind the lips, in widths of the mouth, its inside begins.
_DEEP = 0.35
_LEAST_COLUMNS = 12


@dataclass(frozen=True, eq=False)
class Edges:
    """Where the edges of lips and lids are.

    places: (49, 3) along the line between the lips, then the left eye's upper and lower lid,
    then the right eye's. found: (49,). upper_lip, lower_lip: points of the surface that lie
    at that line; both empty where lips do not part.
    """

    places: Floats
    found: NDArray[np.bool_]
    upper_lip: Integers
    lower_lip: Integers


def find_edges(
    drawn: Drawn, landmarks: Floats, skin: NDArray[np.bool_], eyeballs: NDArray[np.bool_]
) -> Edges:
    """The edges of a face that is drawn from the front.

    landmarks: (468 or more, 3) places. skin, eyeballs: (n,) the points of the surface that
    belong to them.
    """
    places, found = np.zeros((EDGES, 3)), np.zeros(EDGES, bool)
    pixels = drawn.view.pixels(landmarks)[:, :2]
    shown = np.full(drawn.triangle.shape, 0)
    hit = drawn.triangle >= 0
    owner = drawn.surface.triangles[drawn.triangle[hit], 0]
    shown[hit] = np.where(skin[owner], 1, np.where(eyeballs[owner], 2, 0))
    lips: list[Integers] = [np.zeros(0, np.int64)] * 2
    edges = _lips(drawn, pixels, shown)
    if len(edges[0]) >= _LEAST_COLUMNS:
        # Lips that touch on one head may lie apart on another: their middle fits both.
        both = [drawn.places(_along(edge, ON_LIPS, 0.0))[1].on(drawn.surface) for edge in edges]
        places[:ON_LIPS], found[:ON_LIPS] = (both[0] + both[1]) / 2, True
        for side, edge in enumerate(edges):
            corners = drawn.surface.triangles[drawn.places(edge)[1].triangles]
            lips[side] = np.unique(corners)
    for number, marks in enumerate((LEFT_EYE, RIGHT_EYE)):
        for side, edge in enumerate(_lids(pixels[list(marks)], shown)):
            if len(edge) >= _LEAST_COLUMNS:
                which, hits = drawn.places(_along(edge, ON_LIDS, 0.08))
                rows = ON_LIPS + (2 * number + side) * ON_LIDS + which
                places[rows], found[rows] = hits.on(drawn.surface), True
    common = np.intersect1d(lips[0], lips[1])
    return Edges(places, found, np.setdiff1d(lips[0], common), np.setdiff1d(lips[1], common))


def parting(surface: Surface, upper: Integers, lower: Integers, reach: float) -> Floats:
    """(n,) 1 on the upper lip, -1 on the lower one, fading along the skin within a reach.

    0 at the corners of the mouth, and everywhere if there are no lips to part.
    """
    result = np.zeros(len(surface.points))
    if len(upper) and len(lower):
        # Far beyond both the share is lost in the fading; it only has to be a number.
        most = 6 * reach
        to_upper = np.minimum(_along_the_skin(surface, upper, 3 * reach), most)
        to_lower = np.minimum(_along_the_skin(surface, lower, 3 * reach), most)
        apart = (to_lower - to_upper) / np.maximum(to_upper + to_lower, 1e-12)
        result = apart * np.exp(-np.square(np.minimum(to_upper, to_lower) / reach))
    return result


def _along_the_skin(surface: Surface, start: Integers, reach: float) -> Floats:
    """(n,) how far points are from some, along edges; infinite beyond a reach.

    Bellman and Ford's relaxation, all edges at once.
    """
    far = np.full(len(surface.points), np.inf)
    far[start] = 0
    low, high = surface.points[start].min(axis=0), surface.points[start].max(axis=0)
    inside = np.all((surface.points > low - reach) & (surface.points < high + reach), axis=1)
    first, second = surface.edges[inside[surface.edges].all(axis=1)].T
    length = np.linalg.norm(surface.points[first] - surface.points[second], axis=1)
    while True:
        before = far.copy()
        np.minimum.at(far, first, before[second] + length)
        np.minimum.at(far, second, before[first] + length)
        far[far > reach] = np.inf
        if np.array_equal(far, before):
            return far


def _lips(drawn: Drawn, pixels: Floats, shown: Integers) -> tuple[Floats, Floats]:
    """Pixels (m, 2) of the upper and of the lower lip where they meet, from right to left."""
    right, left = pixels[list(MOUTH_CORNERS)]
    width = float(np.linalg.norm(left - right))
    around = np.array((0.25, 0.4)) * width
    low = np.maximum(np.floor(np.minimum(right, left) - around), 0)
    high = np.minimum(np.ceil(np.maximum(right, left) + around), drawn.view.size - 1)
    if np.any(high - low < 2):
        return np.zeros((0, 2)), np.zeros((0, 2))
    rows, columns = slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))
    number = drawn.triangle[rows, columns]
    front = (shown[rows, columns] == 1) & ~_deep(drawn, number, _DEEP * width)
    above, below, column = _neighbours_down(front)
    apart = below - above > 1
    touching = np.flatnonzero(~apart & (number[above, column] != number[below, column]))
    apart[touching] = _far_apart(
        drawn.surface,
        number[above[touching], column[touching]],
        number[below[touching], column[touching]],
    )
    above, below, column = above[apart], below[apart], column[apart]
    middle = (right[1] + left[1]) / 2 - low[1]
    # Of several jumps in a column, as under a nose, the one nearest to the mouth counts.
    order = np.lexsort((np.abs((above + below) / 2 - middle), column))
    first = order[np.unique(column[order], return_index=True)[1]]
    above, below, column = above[first], below[first], column[first]
    keep = _without_strays(column, above, width)
    x = column[keep] + low[0] + 0.5
    upper = np.stack([x, above[keep] + low[1] + 0.5], axis=1)
    return upper, np.stack([x, below[keep] + low[1] + 0.5], axis=1)


def _deep(drawn: Drawn, number: Integers, far: float) -> NDArray[np.bool_]:
    """Which pixels show what lies far behind the front of their column: the mouth's inside.

    number: (rows, columns) of the triangles seen. far: in pixels.
    """
    surface, view = drawn.surface, drawn.view
    depth = (surface.points[surface.triangles].mean(axis=1) @ view.turn[2])[number]
    depth = np.where(number >= 0, depth, -np.inf)
    return np.asarray(depth < depth.max(axis=0) - far * view.height / view.size)


def _neighbours_down(front: NDArray[np.bool_]) -> tuple[Integers, Integers, Integers]:
    """Rows of pixels that are true and of the next such pixel below, and their column."""
    column, row = np.nonzero(front.T)
    same = column[1:] == column[:-1]
    return row[:-1][same], row[1:][same], column[:-1][same]


def _without_strays(column: Integers, row: Integers, width: float) -> NDArray[np.bool_]:
    """The longest run of columns whose rows follow each other."""
    if not len(column):
        return np.zeros(0, bool)
    breaks = (np.diff(column) > 0.06 * width + 1) | (np.abs(np.diff(row)) > 0.08 * width + 1)
    run = np.concatenate([[0], np.cumsum(breaks)])
    longest: NDArray[np.bool_] = run == np.bincount(run).argmax()
    return longest


def _far_apart(surface: Surface, first: Integers, second: Integers) -> NDArray[np.bool_]:
    """(m,) whether two triangles are more than a few edges apart."""
    pairs, back = np.unique(np.stack([first, second], axis=1), axis=0, return_inverse=True)
    corners = np.unique(surface.triangles[pairs.ravel()])
    near = np.zeros(len(surface.points), bool)
    near[corners] = True
    for _ in range(_RINGS):
        near[surface.edges[near[surface.edges].any(axis=1)]] = True
    local = surface.edges[near[surface.edges].all(axis=1)]
    neighbours: dict[int, set[int]] = {}
    for a, b in local.tolist():
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    result = np.zeros(len(pairs), bool)
    for index, (one, other) in enumerate(surface.triangles[pairs].tolist()):
        reached, goal = set(one), set(other)
        for _ in range(_RINGS):
            if reached & goal:
                break
            reached |= {n for point in reached for n in neighbours.get(point, ())}
        result[index] = not reached & goal
    return np.asarray(result[np.reshape(back, -1)])


def _lids(marks: Floats, shown: Integers) -> tuple[Floats, Floats]:
    """Pixels (m, 2) of the upper and of the lower lid's edge, from left to right as seen."""
    width = float(np.linalg.norm(marks[0] - marks[1]))
    middle = marks.mean(axis=0)
    low = np.maximum(np.floor(middle - 0.9 * width), 0).astype(int)
    high = np.minimum(np.ceil(middle + 0.9 * width), len(shown) - 1).astype(int)
    if np.any(high - low < 4):
        return np.zeros((0, 2)), np.zeros((0, 2))
    part = shown[low[1] : high[1], low[0] : high[0]]
    ball = part == 2
    column = np.flatnonzero(ball.any(axis=0))
    top = ball[:, column].argmax(axis=0)
    bottom = len(part) - 1 - ball[::-1, column].argmax(axis=0)
    inside = (top > 0) & (bottom < len(part) - 1)
    column, top, bottom = column[inside], top[inside], bottom[inside]
    lidded = (part[top - 1, column] == 1) & (part[bottom + 1, column] == 1)
    column, top, bottom = column[lidded], top[lidded], bottom[lidded]
    x = column + low[0] + 0.5
    upper = np.stack([x, top + low[1] - 0.5], axis=1)
    return upper, np.stack([x, bottom + low[1] + 1.5], axis=1)


def _along(edge: Floats, count: int, inset: float) -> Floats:
    """(count, 2) pixels at equal steps across an edge, ends left out by a share of it."""
    first, last = edge[0, 0], edge[-1, 0]
    at = np.linspace(first + inset * (last - first), last - inset * (last - first), count)
    nearest = np.abs(edge[None, :, 0] - at[:, None]).argmin(axis=1)
    return np.asarray(edge[nearest])
