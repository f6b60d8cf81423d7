# SPDX-License-Identifier: GPL-3.0-or-later
"""How the skin's faces join: a box of quads with rings round the eyes, mouth and neck.

A rectangle of cells is left out of the box for every opening and rings of quads fill
it down to its edge. Every vertex has a name, a tuple, and the name of its mirror
image follows from it: the skin is symmetric by construction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Name = tuple[str, int, int, int]
"""("box", column, layer, row), ("throat", column, 0, row) or (opening, ring, place, size)."""

COLUMNS, LAYERS, ROWS = 30, 10, 24
"""Cells of the box from right to left, front to back, bottom to top."""

EYE_RINGS = 8
"""Rings of an eye from the rectangle inward; the first is the rectangle's own border."""

MOUTH_RINGS = 13
NECK_RINGS = 6

_EYE_BLOCK = (17, 27, 13, 19)
_MOUTH_BLOCK = (9, 21, 3, 9)
_NECK_BLOCK = (8, 22, 3, 9)


@dataclass
class Topology:
    """The vertices' names in order, and quads as tuples of indices.

    rings: opening → list of rings → vertex indices. A ring starts at a corner (the
        inner one of an eye, the subject's right one of the mouth) and runs over the
        upper lid or lip; the other corner is half way round.
    """

    names: dict[Name, int] = field(default_factory=dict)
    quads: list[tuple[int, int, int, int]] = field(default_factory=list)
    rings: dict[str, list[list[int]]] = field(default_factory=dict)

    def vertex(self, name: Name) -> int:
        """The index of the vertex of this name, which is new if it has not been asked for."""
        return self.names.setdefault(name, len(self.names))

    def mirror(self) -> list[int]:
        """For every vertex the index of its mirror image."""
        return [self.names[_mirrored(name)] for name in self.names]


def skin_topology() -> Topology:
    """The topology of the demo character's skin."""
    topology = Topology()
    _add_box(topology)
    eye = _front_loop(*_EYE_BLOCK)
    _add_rings(topology, "eye.L", eye, EYE_RINGS, clockwise=True)
    _add_rings(topology, "eye.R", [_mirrored(n) for n in eye], EYE_RINGS, clockwise=False)
    _add_rings(topology, "mouth", _front_loop(*_MOUTH_BLOCK), MOUTH_RINGS, clockwise=True)
    _add_rings(topology, "neck", _bottom_loop(*_NECK_BLOCK), NECK_RINGS, clockwise=True)
    _add_throat(topology)
    return topology


def _mirrored(name: Name) -> Name:
    kind, first, second, third = name
    if kind in ("box", "throat"):
        return (kind, COLUMNS - first, second, third)
    if kind in ("eye.L", "eye.R"):
        return ("eye.R" if kind == "eye.L" else "eye.L", first, second, third)
    return (kind, first, (third // 2 - second) % third, third)


def _within(column: int, row: int, block: tuple[int, int, int, int]) -> bool:
    left, right, bottom, top = block
    return left <= column < right and bottom <= row < top


def _add_box(topology: Topology) -> None:
    right_eye = (COLUMNS - _EYE_BLOCK[1], COLUMNS - _EYE_BLOCK[0], *_EYE_BLOCK[2:])
    front_blocks = (_EYE_BLOCK, right_eye, _MOUTH_BLOCK)

    def quad(*corners: tuple[int, int, int]) -> None:
        a, b, c, d = (topology.vertex(("box", *corner)) for corner in corners)
        topology.quads.append((a, b, c, d))

    for i in range(COLUMNS):
        for k in range(ROWS):
            if not any(_within(i, k, block) for block in front_blocks):
                quad((i, 0, k), (i + 1, 0, k), (i + 1, 0, k + 1), (i, 0, k + 1))
            j = LAYERS
            quad((i, j, k), (i, j, k + 1), (i + 1, j, k + 1), (i + 1, j, k))
    for i in range(COLUMNS):
        for j in range(LAYERS):
            k = ROWS
            quad((i, j, k), (i + 1, j, k), (i + 1, j + 1, k), (i, j + 1, k))
            if not _within(i, j, _NECK_BLOCK):
                quad((i, j, 0), (i, j + 1, 0), (i + 1, j + 1, 0), (i + 1, j, 0))
    for j in range(LAYERS):
        for k in range(ROWS):
            i = COLUMNS
            quad((i, j, k), (i, j + 1, k), (i, j + 1, k + 1), (i, j, k + 1))
            quad((0, j, k), (0, j, k + 1), (0, j + 1, k + 1), (0, j + 1, k))


def _loop(left: int, right: int, bottom: int, top: int) -> list[tuple[int, int]]:
    """The border of a rectangle from the middle of its left side, over the top, and back."""
    middle = (bottom + top) // 2
    return (
        [(left, k) for k in range(middle, top)]
        + [(i, top) for i in range(left, right)]
        + [(right, k) for k in range(top, bottom, -1)]
        + [(i, bottom) for i in range(right, left, -1)]
        + [(left, k) for k in range(bottom, middle)]
    )


def _front_loop(left: int, right: int, bottom: int, top: int) -> list[Name]:
    return [("box", i, 0, k) for i, k in _loop(left, right, bottom, top)]


def _bottom_loop(left: int, right: int, front: int, back: int) -> list[Name]:
    loop = _loop(left, right, -back, -front)
    return [("box", i, -j, 0) for i, j in loop]


def _add_rings(
    topology: Topology, opening: str, border: Sequence[Name], count: int, *, clockwise: bool
) -> None:
    size = len(border)
    rings = [[topology.vertex(name) for name in border]]
    for ring in range(1, count):
        rings.append([topology.vertex((opening, ring, m, size)) for m in range(size)])
    for outer, inner in pairwise(rings):
        for m in range(size):
            n = (m + 1) % size
            quad = (outer[n], outer[m], inner[m], inner[n])
            topology.quads.append(quad if clockwise else quad[::-1])
    topology.rings[opening] = rings


def _add_throat(topology: Topology) -> None:
    """Close the back of the mouth with a grid like the rectangle left out in front."""
    left, right, bottom, top = _MOUTH_BLOCK
    loop = _loop(left, right, bottom, top)
    border = dict(zip(loop, topology.rings["mouth"][-1], strict=True))

    def vertex(column: int, row: int) -> int:
        found = border.get((column, row))
        return topology.vertex(("throat", column, 0, row)) if found is None else found

    for i in range(left, right):
        for k in range(bottom, top):
            topology.quads.append(
                (vertex(i, k), vertex(i + 1, k), vertex(i + 1, k + 1), vertex(i, k + 1))
            )
