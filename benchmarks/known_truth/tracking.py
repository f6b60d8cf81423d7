# SPDX-License-Identifier: GPL-3.0-or-later
"""Single pictures through Mien's tracker, as it would see them in the middle of a clip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from mien.benchmarks.known_truth.heads import Floats
from mien.models.capture.blendshapes import BlendshapeSolver
from mien.models.capture.detector import SHORT_RANGE, Detector
from mien.models.capture.landmarks import COUNT, LEAST_PRESENCE, Landmarker, region_around


@dataclass(frozen=True, eq=False)
class Tracked:
    """landmarks: (478, 3) pixels, zeros if no face was seen. tongue: the net's unused output.
    blendshapes: (52,) of the public net."""

    seen: bool
    landmarks: Floats
    tongue: float
    blendshapes: Floats


class Tracker:
    """Finds the face, then looks once more around its points, as tracking does."""

    def __init__(self) -> None:
        self._detector = Detector(SHORT_RANGE)
        self._landmarker = Landmarker()
        self._solver = BlendshapeSolver()

    def find(self, picture: Any) -> Tracked:
        """The face in a BGR picture."""
        regions = self._detector.find(picture)
        if regions:
            face = self._landmarker.find(picture, regions[0])
            if face.presence > LEAST_PRESENCE:
                face = self._landmarker.find(picture, region_around(face.points))
            if face.presence > LEAST_PRESENCE:
                return Tracked(True, face.points, face.tongue, self._solver.solve(face.points))
        return Tracked(False, np.zeros((COUNT, 3)), 0.0, np.zeros(52, np.float32))
