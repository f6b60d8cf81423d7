# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding faces in a whole picture: MediaPipe's BlazeFace detectors.

Bazarevsky et al., BlazeFace (https://arxiv.org/abs/1907.05047). Anchors, decoding and
weighted suppression follow the options of MediaPipe's face detection graphs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..performance import Floats
from .regions import Picture, Region, cut_out
from .weights import Network, library

# A region for the landmarks is so many times as large as the box of the detector.
REGION_SCALE = 1.5
_LEAST_SCORE = 0.5


@dataclass(frozen=True)
class DetectorKind:
    """What differs between the two detectors.

    network: its weight file. size: side of its input in pixels.
    strides: grids of anchors, as (pixels a cell, anchors a cell).
    """

    network: str
    size: int
    strides: tuple[tuple[int, int], ...]


SHORT_RANGE = DetectorKind("detector_short", 128, ((8, 2), (16, 6)))
BACK = DetectorKind("detector_back", 256, ((16, 2), (32, 6)))


class Detector:
    """Finds faces. Raises WeightsError when its weights cannot be loaded.

    overlap: boxes that overlap more than this are averaged to one.
    """

    def __init__(self, kind: DetectorKind, threads: int = 1, overlap: float = 0.3) -> None:
        self._network = Network(kind.network, threads)
        self._size = kind.size
        self._anchors = _anchors(kind)
        self._overlap = overlap

    def find(self, picture: Picture) -> list[Region]:
        """Regions around the faces of a BGR picture, the surest first."""
        cv2: Any = library("cv2")
        height, width = picture.shape[:2]
        side = max(width, height)
        square = Region(width / 2, height / 2, side, side)
        cut = cut_out(picture, square, self._size, extend_edges=False)
        blob = cv2.dnn.blobFromImage(cut, 1 / 127.5, mean=(127.5,) * 3, swapRB=True)
        outputs = self._network.run(blob)
        scores = 1 / (
            1 + np.exp(-np.clip(outputs["scores"][0, :, 0].astype(np.float64), -100, 100))
        )
        likely = np.flatnonzero(scores >= _LEAST_SCORE)
        points = self._points(outputs["boxes"][0, likely], self._anchors[likely])
        points[:, :, 0] = square.x + (points[:, :, 0] - 0.5) * side
        points[:, :, 1] = square.y + (points[:, :, 1] - 0.5) * side
        faces = _merged(points, scores[likely], self._overlap)
        return [_region(face) for face in faces]

    def _points(self, raw: Floats, anchors: Floats) -> Floats:
        """(boxes, 8, 2) in parts of the input: two corners, then six points of the face."""
        values = raw.reshape(-1, 8, 2).astype(np.float64) / self._size
        centre, half = values[:, 0] + anchors, values[:, 1] / 2
        return np.concatenate(
            [
                (centre - half)[:, None],
                (centre + half)[:, None],
                values[:, 2:] + anchors[:, None],
            ],
            axis=1,
        )


def _anchors(kind: DetectorKind) -> Floats:
    """(896, 2): centres of the anchors as x, y in parts of the input."""
    grids = []
    for stride, count in kind.strides:
        cells = kind.size // stride
        centres = (np.arange(cells) + 0.5) / cells
        y, x = np.meshgrid(centres, centres, indexing="ij")
        grids.append(np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2), count, axis=0))
    return np.concatenate(grids)


def _merged(points: Floats, scores: Floats, overlap: float) -> list[Floats]:
    """Weighted suppression: boxes that overlap the surest one are averaged by score."""
    order = np.argsort(-scores, kind="stable")
    faces = []
    while len(order):
        close = _overlaps(points[order[0]], points[order]) > overlap
        close[0] = True
        group = order[close]
        faces.append(np.average(points[group], axis=0, weights=scores[group]))
        order = order[~close]
    return faces


def _overlaps(box: Floats, boxes: Floats) -> Floats:
    """Intersection over union of one box with many, by their two corners."""
    low = np.maximum(box[0], boxes[:, 0])
    high = np.minimum(box[1], boxes[:, 1])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(boxes[:, 1] - boxes[:, 0], axis=1)
    together = np.prod(box[1] - box[0]) + areas - shared
    return np.asarray(shared / np.maximum(together, np.finfo(float).tiny))


def _region(face: Floats) -> Region:
    """A region for the landmarks, level with the eyes: points 2 and 3 of a box."""
    centre_x, centre_y = (face[0] + face[1]) / 2
    width, height = face[1] - face[0]
    x, y = face[3] - face[2]
    return Region(centre_x, centre_y, width, height, math.atan2(y, x)).scaled(REGION_SCALE)
