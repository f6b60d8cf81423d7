# SPDX-License-Identifier: GPL-3.0-or-later
"""A piece of the character before it becomes a mesh, and the forms pieces are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .proportions import MIRROR, Floats

Quads = list[tuple[int, ...]]


@dataclass
class Part:
    """A mesh to be.

    name: what it is called, without the character's name.
    points: (n, 3) in face space.
    faces: vertex indices, outward by the right hand.
    materials: the names of its materials; paint: for every face which of them.
    keys: channel → displacement (n, 3) in centimetres.
    weights: bone → (n,) share of the bone's motion.
    smooth: levels of subdivision when rendered.
    """

    name: str
    points: Floats
    faces: Quads
    materials: tuple[str, ...]
    weights: dict[str, Floats]
    paint: list[int] = field(default_factory=list)
    keys: dict[str, Floats] = field(default_factory=dict)
    smooth: int = 2

    def with_mirror_image(self) -> Part:
        """This part and its mirror image as one. Keys have to be added afterwards."""
        count = len(self.points)
        flipped = [tuple(count + index for index in reversed(face)) for face in self.faces]
        return Part(
            self.name,
            np.concatenate([self.points, self.points * MIRROR]),
            self.faces + flipped,
            self.materials,
            {bone: np.concatenate([share, share]) for bone, share in self.weights.items()},
            self.paint * 2,
            {},
            self.smooth,
        )


def tube(rings: list[Floats], *, start: bool = True, end: bool = True) -> tuple[Floats, Quads]:
    """Points and faces of a tube through rings (m, 3) of equal size.

    Seen along the tube the rings turn clockwise. start, end: whether the tube is
    closed there, by a fan to the ring's middle.
    """
    size = len(rings[0])
    points = list(np.concatenate(rings))
    faces: Quads = []
    for ring in range(len(rings) - 1):
        for m in range(size):
            n = (m + 1) % size
            a, b = ring * size, (ring + 1) * size
            faces.append((a + m, a + n, b + n, b + m))
    for closed, ring, flip in ((start, 0, True), (end, len(rings) - 1, False)):
        if closed:
            middle = len(points)
            points.append(rings[ring].mean(axis=0))
            for m in range(0, size, 2):
                a = ring * size
                quad = (a + m, a + m + 1, a + (m + 2) % size, middle)
                faces.append(quad[::-1] if flip else quad)
    return np.array(points), faces
