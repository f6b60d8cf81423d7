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

import cv2
import numpy as np
from mien.models.capture.solver.heads import Floats

_BROW_THICKNESS = 0.42
_SOFT = 0.12
_PIXELS = 192


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
    """A picture of how much of brow, of lip and of cheek lies where, seen from the front.

    pixels: (rows, columns, 3) float32 in 0–1, the lowest row first.
    low, high: (2,) centimetres of the head's x and y at its corners.
    """

    pixels: Floats
    low: Floats
    high: Floats


def paint(outlines: Outlines) -> Paint:
    """The picture of a head's outlines."""
    shape = np.concatenate([*outlines.brows, outlines.lips])
    low, high = shape.min(axis=0) - 3.0, shape.max(axis=0) + 3.0
    x, y = np.meshgrid(*(np.linspace(low[i], high[i], _PIXELS) for i in (0, 1)))
    points = np.stack([x, y], axis=-1).reshape(-1, 2)
    brow = np.max([_fade(_BROW_THICKNESS - _distance(points, b)) for b in outlines.brows], axis=0)
    lips = outlines.lips.astype(np.float32)
    inside = [cv2.pointPolygonTest(lips, (float(x), float(y)), True) for x, y in points]
    middle, width = outlines.lips.mean(axis=0), np.ptp(outlines.lips[:, 0])
    cheek = np.zeros(len(points))
    for side in (-1, 1):
        centre = middle + np.array((side * width * 0.85, width * 0.55))
        cheek += np.exp(-((np.linalg.norm(points - centre, axis=1) / (0.45 * width)) ** 2))
    pixels = np.stack([brow, _fade(np.array(inside)), np.clip(cheek, 0, 1)], axis=1)
    return Paint(pixels.reshape(_PIXELS, _PIXELS, 3).astype(np.float32), low, high)


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
