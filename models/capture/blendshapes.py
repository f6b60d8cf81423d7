# SPDX-License-Identifier: GPL-3.0-or-later
"""Landmarks → weights of ARKit's channels: MediaPipe's blendshape network.

Grishchenko et al., Blendshapes GHUM (https://arxiv.org/abs/2309.05782). It knows 51
channels; tongueOut is not among them.
"""

from __future__ import annotations

import numpy as np

from ..arkit import CHANNELS
from ..performance import Floats
from .weights import Network

# The network's channels are ARKit's in alphabetical order, after one for "neutral".
SOLVED = tuple(sorted(name for name in CHANNELS if name != "tongueOut"))
_COLUMNS = np.array([CHANNELS.index(name) for name in SOLVED])

# The landmarks that the network reads (MediaPipe, face_blendshapes_graph.cc).
# fmt: off
LANDMARKS = (
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61,
    63, 65, 66, 67, 70, 78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127,
    132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153, 154, 155, 157, 158, 159, 160,
    161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251,
    263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308,
    310, 311, 312, 314, 317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365,
    373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397,
    398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476,
    477,
)
# fmt: on


class BlendshapeSolver:
    """Solves weights. Raises WeightsError when the network cannot be loaded."""

    def __init__(self, threads: int = 1) -> None:
        self._network = Network("blendshapes", threads)

    def solve(self, points: Floats) -> Floats:
        """(478, 3) points in pixels → (52,) float32 weights of `CHANNELS`, tongueOut 0."""
        chosen = points[list(LANDMARKS), :2].astype(np.float32)[None]
        solved = self._network.run(chosen)["weights"].reshape(-1)
        weights = np.zeros(len(CHANNELS), np.float32)
        weights[_COLUMNS] = solved[1:]
        return weights
