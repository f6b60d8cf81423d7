# SPDX-License-Identifier: GPL-3.0-or-later
"""The skin: where every vertex of the topology lies, and what part of the face it is.

The edges of lids and lips are drawn exactly; the rest starts as a ball and relaxes
between them on the head's surface.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .proportions import EYE, MIRROR, MOUTH, NECK, Floats, smoothstep
from .surface import face_with_lids, front, project
from .topology import COLUMNS, EYE_RINGS, LAYERS, ROWS, Topology, skin_topology

LID_LINE, LID_EDGE, LID_RIM = EYE_RINGS - 4, EYE_RINGS - 3, EYE_RINGS - 2
"""Rings of an eye: the end of the lash line, the lid's edge, its inner rim."""

LIP_BORDER, LIP_MIDDLE, LIP_FRONT, LIP_SEAM, LIP_BACK = 4, 5, 6, 7, 8
"""Rings of the mouth, from where the lips begin to where they part inside."""

PARTED = 0.9
"""How far each lip is moved from the other in `Skin.parted`, in centimetres."""


@dataclass(frozen=True)
class FacePoints:
    """Points on the face and what a shape key must know of each.

    points: (n, 3) at rest, the lips touching, in face space.
    parted: (n, 3) the same with the lips drawn apart, so that a function of place can
        tell the upper lip from the lower.
    mouth_ring: (n,) ring of the mouth, 0 elsewhere: grows inward, see `LIP_BORDER` …
    eye_ring: (n,) ring of either eye, 0 elsewhere: grows inward, see `LID_LINE` …
    lip: (n,) 1 in the middle of the upper lip, -1 of the lower, 0 at the corners: the
        sine of the place on the mouth's ring.
    """

    points: Floats
    parted: Floats
    mouth_ring: Floats
    eye_ring: Floats
    lip: Floats

    def mirrored(self) -> FacePoints:
        """The same points with left and right swapped."""
        return replace(self, points=self.points * MIRROR, parted=self.parted * MIRROR)

    @staticmethod
    def on_the_surface(points: Floats) -> FacePoints:
        """Points that belong to neither lids nor lips."""
        zero = np.zeros(len(points))
        return FacePoints(points, points, zero, zero, zero)


@dataclass(frozen=True)
class Skin:
    """The skin at rest: its points, its faces as indices, and how it joins."""

    face: FacePoints
    quads: list[tuple[int, int, int, int]]
    topology: Topology


def build_skin() -> Skin:
    """The skin of the demo character at rest. Always the same."""
    topology = skin_topology()
    mirror = np.array(topology.mirror())
    points = _ball(topology)
    fixed = np.zeros(len(points), bool)
    _draw_eyes(topology, points, fixed)
    _draw_mouth(topology, points, fixed)
    _draw_neck(topology, points, fixed)
    _relax(topology.quads, points, fixed, mirror)
    points = (points + points[mirror] * MIRROR) / 2.0

    mouth_ring, eye_ring, lip = (np.zeros(len(points)) for _ in range(3))
    for ring, vertices in enumerate(topology.rings["mouth"]):
        mouth_ring[vertices] = ring
        lip[vertices] = np.sin(_turn(len(vertices)))
    for (kind, _, _, row), vertex in topology.names.items():
        if kind == "throat":
            mouth_ring[vertex] = len(topology.rings["mouth"])
            lip[vertex] = np.sign(row - 6)
    for opening in ("eye.L", "eye.R"):
        for ring, vertices in enumerate(topology.rings[opening]):
            eye_ring[vertices] = ring
    parted: Floats = points.copy()
    parted[:, 2] += PARTED * lip * smoothstep(0, LIP_BORDER, mouth_ring)
    return Skin(FacePoints(points, parted, mouth_ring, eye_ring, lip), topology.quads, topology)


def _turn(size: int) -> Floats:
    """(size,) angles once round a ring from its first corner over the upper side."""
    return np.arange(size) * (2.0 * np.pi / size)


def _ball(topology: Topology) -> Floats:
    """First places: the box blown up to a ball and drawn onto the head."""
    points = np.zeros((len(topology.names), 3))
    for (kind, i, j, k), vertex in topology.names.items():
        if kind == "box":
            across = np.tan((i / COLUMNS - 0.5) * np.pi / 2)
            back = np.tan((j / LAYERS - 0.5) * np.pi / 2)
            up = np.tan((k / ROWS - 0.5) * np.pi / 2)
            direction = np.array([across, back, up])
            points[vertex] = direction / np.linalg.norm(direction)
    points *= 11.0
    points[:, 2] -= 1.0
    return points


def eye_frame(points: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Points as seen from the left eye's centre.

    Returns four arrays (n,): angle to the outer side, angle upward about the axis
    that runs sideways, distance from that axis and distance from the centre.
    """
    offset = points - np.asarray(EYE.centre)
    sideways = offset @ np.array([np.cos(EYE.outward), np.sin(EYE.outward), 0.0])
    forward = offset @ np.array([np.sin(EYE.outward), -np.cos(EYE.outward), 0.0])
    up = offset[:, 2]
    distance = np.linalg.norm(offset, axis=1)
    side = np.arcsin(np.clip(sideways / np.maximum(distance, 1e-9), -1.0, 1.0))
    return side, np.arctan2(up, forward), np.hypot(forward, up), distance


def from_eye_frame(side: Floats, rise: Floats, distance: Floats) -> Floats:
    """Points (n, 3) at angles and a distance from the left eye's centre."""
    sideways, radius = distance * np.sin(side), distance * np.cos(side)
    forward, up = radius * np.cos(rise), radius * np.sin(rise)
    offset: Floats = np.column_stack(
        [
            sideways * np.cos(EYE.outward) + forward * np.sin(EYE.outward),
            sideways * np.sin(EYE.outward) - forward * np.cos(EYE.outward),
            up,
        ]
    )
    offset += np.asarray(EYE.centre)
    return offset


def lid_edges(share: Floats) -> tuple[Floats, Floats, Floats]:
    """Angles upward of upper edge, lower edge and closed line.

    `share` (n,) runs from -1 at the inner corner to 1 at the outer one.
    """
    inside = np.clip(1.0 - np.square(share), 0.0, 1.0)
    line = EYE.slant * share
    bow = np.power(inside, 0.45)
    return line + EYE.upper * bow, line - EYE.lower * bow, line + EYE.closed * inside


def _draw_eyes(topology: Topology, points: Floats, fixed: NDArray[np.bool_]) -> None:
    left, right = topology.rings["eye.L"], topology.rings["eye.R"]
    turn = _turn(len(left[0]))
    share = -np.cos(turn)
    upper, lower, _ = lid_edges(share)
    rise = np.where(np.sin(turn) >= 0.0, upper, lower)
    side = EYE.half_width * share
    # Just outside the edge a ring that ends the lash line, inside it two that give the
    # lid its thickness and vanish into the eyeball.
    widened = np.where(np.sin(turn) >= 0.0, 1.10, 1.045)
    rings = {
        LID_LINE: (side * widened, rise * widened, EYE.lid_radius + 0.02),
        LID_EDGE: (side, rise, EYE.lid_radius),
        LID_RIM: (side, rise, EYE.radius * 1.03),
        LID_RIM + 1: (side, rise, EYE.radius * 0.94),
    }
    for ring, (ring_side, ring_rise, radius) in rings.items():
        points[left[ring]] = from_eye_frame(ring_side, ring_rise, np.full(len(side), radius))
    for ring in range(1, LID_LINE):
        share_in = ring / LID_LINE
        points[left[ring]] = points[left[0]] * (1.0 - share_in) + points[left[LID_LINE]] * share_in
    for ring in range(1, EYE_RINGS):
        points[right[ring]] = points[left[ring]] * MIRROR
        fixed[left[ring]] = fixed[right[ring]] = ring >= LID_LINE


# Half-width, height of the upper and of the lower lip, and how far in front of the face.
_LIPS = {
    LIP_BORDER: (2.80, 0.42, 0.58, 0.02),
    LIP_MIDDLE: (2.72, 0.28, 0.38, 0.32),
    LIP_FRONT: (2.64, 0.085, 0.10, 0.36),
    LIP_SEAM: (2.58, -0.02, -0.02, 0.14),
    LIP_BACK: (2.54, -0.02, -0.02, -0.25),
    LIP_BACK + 1: (2.55, 0.45, 0.45, -0.60),
    LIP_BACK + 2: (3.10, 1.50, 1.60, -1.10),
    LIP_BACK + 3: (3.20, 1.80, 1.90, -2.80),
    LIP_BACK + 4: (2.20, 1.20, 1.40, -4.60),
}


def lip_line(across: Floats) -> Floats:
    """Height (n,) of the line where the closed lips meet."""
    share = np.clip(across / MOUTH.half_width, -1.2, 1.2)
    return MOUTH.height + MOUTH.smile * share * share


def _draw_mouth(topology: Topology, points: Floats, fixed: NDArray[np.bool_]) -> None:
    rings = topology.rings["mouth"]
    turn = _turn(len(rings[0]))
    sine = np.sin(turn)
    for ring, (width, upper, lower, forward) in _LIPS.items():
        across = -width * np.cos(turn)
        height = lip_line(across) + np.where(sine >= 0.0, upper, lower) * sine
        fullness = np.sqrt(np.abs(sine)) if forward > 0.0 else np.ones(len(turn))
        surface = front(across * 0.98, height if ring == LIP_BORDER else lip_line(across))
        depth = surface - forward * fullness
        if ring > LIP_BACK + 1:
            depth = np.full(len(turn), depth[len(turn) // 4])
        points[rings[ring]] = np.column_stack([across, depth, height])
        fixed[rings[ring]] = True
    for ring in range(1, LIP_BORDER):
        share = ring / LIP_BORDER
        points[rings[ring]] = points[rings[0]] * (1.0 - share) + points[rings[LIP_BORDER]] * share
    _draw_throat(topology, points, fixed)


def _draw_throat(topology: Topology, points: Floats, fixed: NDArray[np.bool_]) -> None:
    """The back wall of the mouth: a square grid drawn into the last ring's ellipse."""
    throat = {name: vertex for name, vertex in topology.names.items() if name[0] == "throat"}
    columns, rows = (np.array([name[part] for name in throat], float) for part in (1, 3))
    vertices = list(throat.values())
    across = (columns - columns.mean()) / (np.ptp(columns) / 2.0 + 1.0)
    up = (rows - rows.mean()) / (np.ptp(rows) / 2.0 + 1.0)
    scale = np.maximum(np.abs(across), np.abs(up)) / np.maximum(np.hypot(across, up), 1e-9)
    width, upper, lower, _ = _LIPS[LIP_BACK + 4]
    points[vertices, 0] = width * across * scale
    points[vertices, 1] = points[topology.rings["mouth"][-1], 1].mean() + 0.3
    points[vertices, 2] = MOUTH.height + np.where(up > 0.0, upper, lower) * up * scale
    fixed[vertices] = True


def _draw_neck(topology: Topology, points: Floats, fixed: NDArray[np.bool_]) -> None:
    rings = topology.rings["neck"]
    start = points[rings[0]]
    angle = np.arctan2(start[:, 1] - start[:, 1].mean(), start[:, 0])
    for ring, height in zip(range(2, len(rings)), (-11.6, -12.4, -13.4, -14.6), strict=True):
        around = np.column_stack(
            [
                NECK.centre[0] + NECK.radius * np.cos(angle),
                NECK.centre[1] + NECK.radius * np.sin(angle),
                np.full(len(angle), height),
            ]
        )
        points[rings[ring]] = around
        fixed[rings[ring]] = True
    points[rings[1]] = (start + points[rings[2]]) / 2.0


def _relax(
    quads: list[tuple[int, int, int, int]],
    points: Floats,
    fixed: NDArray[np.bool_],
    mirror: NDArray[np.int64],
) -> None:
    """Move every free vertex to the middle of its neighbours, on the head's surface."""
    corners = np.array(quads)
    edges = np.concatenate([corners[:, [a, (a + 1) % 4]] for a in range(4)])
    both = np.concatenate([edges, edges[:, ::-1]])
    neighbours = np.bincount(both[:, 0], minlength=len(points))
    free = ~fixed
    points[free] = project(face_with_lids, points[free], 8)
    for step in range(120):
        middle = np.column_stack(
            [
                np.bincount(both[:, 0], points[both[:, 1], axis], len(points)) / neighbours
                for axis in range(3)
            ]
        )
        points[free] += 0.6 * (middle[free] - points[free])
        points[free] = ((points + points[mirror] * MIRROR) / 2.0)[free]
        if step % 6 == 5:
            points[free] = project(face_with_lids, points[free], 1)
    points[free] = project(face_with_lids, points[free], 3)
