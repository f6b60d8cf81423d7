# SPDX-License-Identifier: GPL-3.0-or-later
"""478 points of a face within a region: MediaPipe's attention mesh.

Grishchenko et al., Attention Mesh (https://arxiv.org/abs/2006.10962). Points are
numbered as in MediaPipe's canonical face model; 468 to 477 are the irises.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..performance import Floats
from .regions import Picture, Region, cut_out
from .weights import Network, library

COUNT = 478
RIGHT_EYE_CORNER, LEFT_EYE_CORNER = 33, 263
LEAST_PRESENCE = 0.5

_REGION_SCALE = 1.5


@dataclass(frozen=True, eq=False)
class Look:
    """What the network makes of one cut-out.

    features: (128, 16, 16) float32, its inner features at 16 × 16 places of the cut-out.
    landmarks: (478, 3) float32, in pixels of the cut-out.
    presence: how sure the network is that there is a face, 0–1.
    tongue: how much it looks as if the tongue were out, 0–1.
    """

    features: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    presence: float
    tongue: float


@dataclass(frozen=True, eq=False)
class Face:
    """A face as the network sees it.

    points: (478, 3) float64: x, y in the picture's pixels, y down; z in pixels too,
        smaller nearer to the camera, 0 about at the head's middle.
    presence: how sure the network is that there is a face, 0–1.
    tongue: how much it looks as if the tongue were out, 0–1.
    look: what the network saw, for a solver that reads it.
    """

    points: Floats
    presence: float
    tongue: float
    look: Look


class Landmarker:
    """Finds the points of a face. Raises WeightsError when its weights cannot be loaded."""

    size = 256
    """Pixels of a cut-out's side."""

    def __init__(self, threads: int = 1) -> None:
        self._network = Network("landmarks", threads)

    def cut(self, picture: Picture, region: Region) -> Picture:
        """(256, 256, 3): what lies in a region of a BGR picture."""
        return cut_out(picture, region, self.size, extend_edges=True)

    def look(self, cut: Picture) -> Look:
        """What the network makes of a cut-out."""
        cv2: Any = library("cv2")
        outputs = self._network.run(cv2.dnn.blobFromImage(cut, 1 / 255, swapRB=True))
        return Look(
            outputs["features"][0],
            outputs["landmarks"].reshape(COUNT, 3),
            1 / (1 + math.exp(-float(outputs["presence"].item()))),
            float(outputs["tongue"].item()),
        )

    def find(self, picture: Picture, region: Region) -> Face:
        """The face within a region of a BGR picture."""
        look = self.look(self.cut(picture, region))
        points = look.landmarks.astype(np.float64)
        matrix = region.matrix(self.size, self.size)
        placed = np.empty_like(points)
        placed[:, :2] = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        depth = region.width / self.size * _depth_scale(picture, region)
        placed[:, 2] = points[:, 2] * depth
        return Face(placed, look.presence, look.tongue, look)


def _depth_scale(picture: Picture, region: Region) -> float:
    """What MediaPipe stretches depth by when the head is tilted in an oblong picture.

    It measures a region's width in parts of the picture's width and height, which differ.
    """
    height, width = picture.shape[:2]
    tilt = region.rotation
    return math.hypot(math.cos(tilt), math.sin(tilt) * width / height)


def region_around(points: Floats) -> Region:
    """The square region, level with the eyes, in which to look for these points next."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    centre_x, centre_y = (low + high) / 2
    side = (high - low).max()
    x, y = (points[LEFT_EYE_CORNER] - points[RIGHT_EYE_CORNER])[:2]
    return Region(centre_x, centre_y, side, side, math.atan2(y, x)).scaled(_REGION_SCALE)
