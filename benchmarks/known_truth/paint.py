# SPDX-License-Identifier: GPL-3.0-or-later
"""Where brows, lips and cheeks lie on a head: plain meshes have no texture of their own.

Outlines are seen from the front, in the head's own centimetres. ICT-FaceKit names the 68
points of the iBUG scheme (https://ibug.doc.ic.ac.uk/resources/300-W/) on its mesh.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from mien.benchmarks.known_truth.heads import Floats
from numpy.typing import NDArray

_BROW_THICKNESS = 0.42
_SOFT = 0.12
_PIXELS = 320
_AROUND = 4.5


@dataclass(frozen=True, eq=False)
class Outlines:
    """Brows: two lines (points, 2). Lips: their closed outer line (points, 2)."""

    brows: tuple[Floats, Floats]
    lips: Floats


def ict_outlines(data: Path, vertices: Floats) -> Outlines:
    """The outlines on an identity of ICT-FaceKit, from its own 68 points."""
    stored = json.loads((data / "rigs" / "ict_facekit" / "vertex_indices.json").read_text())
    points = vertices[stored["idx_to_landmark_verts"]][:, :2]
    return Outlines((points[17:22], points[22:27]), points[48:60])


@dataclass(frozen=True, eq=False)
class Paint:
    """A picture of how much of brow, lip, cheek and beard lies where, seen from the front.

    pixels: (rows, columns, 4) float32 in 0–1, the lowest row first.
    low, high: (2,) centimetres of the head's x and y at its corners.
    """

    pixels: Floats
    low: Floats
    high: Floats


def paint(outlines: Outlines) -> Paint:
    """The picture of a head's outlines."""
    shape = np.concatenate([*outlines.brows, outlines.lips])
    low, high = shape.min(axis=0) - _AROUND, shape.max(axis=0) + _AROUND
    x, y = np.meshgrid(*(np.linspace(low[i], high[i], _PIXELS) for i in (0, 1)))
    points = np.stack([x, y], axis=-1).reshape(-1, 2)
    brow = np.max([_fade(_BROW_THICKNESS - _distance(points, b)) for b in outlines.brows], axis=0)
    closed = np.concatenate([outlines.lips, outlines.lips[:1]])
    inside = _distance(points, closed) * np.where(_within(points, outlines.lips), 1, -1)
    middle, width = outlines.lips.mean(axis=0), np.ptp(outlines.lips[:, 0])
    cheek = np.zeros(len(points))
    for side in (-1, 1):
        centre = middle + np.array((side * width * 0.85, width * 0.55))
        cheek += np.exp(-((np.linalg.norm(points - centre, axis=1) / (0.45 * width)) ** 2))
    away = (points - middle - (0, -0.15 * width)) / (width * np.array((0.95, 0.62)))
    beard = np.clip(1.6 - 1.4 * np.linalg.norm(away, axis=1) ** 2, 0, 1)
    pixels = np.stack([brow, _fade(inside), np.clip(cheek, 0, 1), beard], axis=1)
    return Paint(pixels.reshape(_PIXELS, _PIXELS, 4).astype(np.float32), low, high)


def _within(points: Floats, outline: Floats) -> NDArray[np.bool_]:
    """(points,): whether each lies within a closed outline, by the parity of its crossings."""
    result = np.zeros(len(points), bool)
    for (x1, y1), (x2, y2) in pairwise([*outline, outline[0]]):
        if y1 != y2:
            between = (points[:, 1] < y1) != (points[:, 1] < y2)
            crossing = x1 + (points[:, 1] - y1) / (y2 - y1) * (x2 - x1)
            result ^= between & (points[:, 0] < crossing)
    return result


def _fade(depth: Floats) -> Floats:
    return np.clip(depth / _SOFT + 0.5, 0, 1)


def _distance(points: Floats, line: Floats) -> Floats:
    """(points,): how far each point is from a line of segments."""
    best = np.full(len(points), np.inf)
    for start, end in pairwise(line):
        along = end - start
        share = np.clip((points - start) @ along / (along @ along), 0, 1)
        nearest = start + share[:, None] * along
        best = np.minimum(best, np.linalg.norm(points - nearest, axis=1))
    return best
