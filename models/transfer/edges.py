# SPDX-License-Identifier: GPL-3.0-or-later
"""Where lips meet and lids end, read from a drawn face to the pixel.

The tracker knows faces of people; on a vinyl figure it puts the lips where a person's would
be. The mesh knows better: where two neighbouring pixels show places of the skin that are
far apart along it, there is the line between the lips; where skin gives way to an eyeball,
there is the edge of a lid.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..performance import Floats
from .parts import LEFT_EYE, MOUTH_CORNERS, RIGHT_EYE
from .picture import Drawn
from .surface import Integers, Surface

FACE_LANDMARKS = 468
"""The tracker's points but for the irises; the edges are numbered after them."""

ON_LIPS, ON_LIDS = 13, 9
"""Places along each edge: upper and lower lip; upper and lower lid of each eye."""

EDGES = 2 * ON_LIPS + 4 * ON_LIDS

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
_LEAST_COLUMNS = 12


def find_edges(
    drawn: Drawn, landmarks: Floats, skin: NDArray[np.bool_], eyeballs: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.bool_]]:
    """(62, 3) places along the edges of lips and lids, and (62,) which were found.

    drawn: the face from the front. landmarks: (468 or more, 3) places. skin, eyeballs:
    (n,) the points of the surface that belong to them.
    """
    places = np.zeros((EDGES, 3))
    found = np.zeros(EDGES, bool)
    pixels = drawn.view.pixels(landmarks)[:, :2]
    shown = np.full(drawn.triangle.shape, 0)
    hit = drawn.triangle >= 0
    owner = drawn.surface.triangles[drawn.triangle[hit], 0]
    shown[hit] = np.where(skin[owner], 1, np.where(eyeballs[owner], 2, 0))
    edges = [(_lips(drawn, pixels, shown), ON_LIPS, 0)]
    for number, marks in enumerate((LEFT_EYE, RIGHT_EYE)):
        start = 2 * ON_LIPS + number * 2 * ON_LIDS
        edges.append((_lids(pixels[list(marks)], shown), ON_LIDS, start))
    for (upper, lower), count, start in edges:
        if len(upper) < _LEAST_COLUMNS:
            continue
        for side, edge in enumerate((upper, lower)):
            which, hits = drawn.places(_along(edge, count))
            rows = start + side * count + which
            places[rows] = hits.on(drawn.surface)
            found[rows] = True
    return places, found


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
    both = (shown[rows, columns][:-1] == 1) & (shown[rows, columns][1:] == 1)
    row, column = np.nonzero(both & (number[:-1] != number[1:]))
    far = _far_apart(drawn.surface, number[row, column], number[row + 1, column])
    row, column = row[far], column[far]
    middle = (right[1] + left[1]) / 2 - low[1]
    # Of several jumps in a column, as under a nose, the one nearest to the mouth counts.
    order = np.lexsort((np.abs(row - middle), column))
    first = np.unique(column[order], return_index=True)[1]
    row, column = row[order][first], column[order][first]
    keep = _without_strays(column, row, width)
    x = column[keep] + low[0] + 0.5
    y = row[keep] + low[1] + 0.5
    return np.stack([x, y], axis=1), np.stack([x, y + 1], axis=1)


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
    return result[np.reshape(back, -1)]


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


def _along(edge: Floats, count: int) -> Floats:
    """(count, 2) pixels at equal steps across an edge, its ends included."""
    at = np.linspace(edge[0, 0], edge[-1, 0], count)
    nearest = np.abs(edge[None, :, 0] - at[:, None]).argmin(axis=1)
    return edge[nearest]
