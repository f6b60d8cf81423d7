# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered and tracked people as training has them: what was true, and what was seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from mien.benchmarks.known_truth.heads import Floats, IctFaceKit, Integers
from mien.benchmarks.known_truth.people import person
from mien.models.capture.solver.examples import MIRROR
from numpy.typing import NDArray

from .correspondence import Correspondence, View
from .projection import projected

RESTING = 3
"""The first frames of each person show it at rest."""


@dataclass(frozen=True, eq=False)
class Person:
    """One person's frames, those only in which the tracker saw a face.

    seed: of the person. size: of the pictures in pixels. weights: (frames, 52). landmarks:
    (frames, 478, 3) pixels as tracked; truth: the same projected from the mesh. resting:
    (frames,) True at rest.
    blendshapes: (frames, 52), what the public network makes of the landmarks tracked.
    """

    seed: int
    size: float
    weights: Floats
    landmarks: Floats
    truth: Floats
    resting: NDArray[np.bool_]
    blendshapes: Floats

    def mirrored(self, opposite: Integers) -> Person:
        """The mirror image. opposite: (478,) each landmark's number on the other side."""

        def flip(landmarks: Floats) -> Floats:
            flipped = landmarks[:, opposite].copy()
            flipped[..., 0] = self.size - flipped[..., 0]
            return flipped

        return replace(
            self,
            weights=self.weights[:, MIRROR],
            landmarks=flip(self.landmarks),
            truth=flip(self.truth),
            blendshapes=self.blendshapes[:, MIRROR],
        )


def read_person(path: Path, kit: IctFaceKit, correspondence: Correspondence) -> Person:
    """Read what `benchmarks/known_truth/stills.py` wrote. Raises OSError if it is missing."""
    seed = int(path.stem)
    with np.load(path) as stored:
        focal = float(stored["size"] / 2 / np.tan(stored["angle"] / 2))
        points = correspondence.landmarks(person(kit, seed), stored["weights"])
        truth = projected(points, stored["turns"], stored["places"], focal, float(stored["size"]))
        seen = stored["seen"]
        resting = (np.arange(len(seen)) < RESTING)[seen]
        landmarks = stored["landmarks"][seen].astype(np.float64)
        return Person(
            seed,
            float(stored["size"]),
            stored["weights"][seen],
            landmarks,
            truth[seen],
            resting,
            stored["blendshapes"][seen],
        )


def resting_views(path: Path, kit: IctFaceKit) -> list[View]:
    """The resting frames of a person, to find the correspondence from."""
    head = person(kit, int(path.stem))
    with np.load(path) as stored:
        focal = float(stored["size"] / 2 / np.tan(stored["angle"] / 2))
        return [
            View(
                head,
                stored["turns"][frame].astype(np.float64),
                stored["places"][frame].astype(np.float64),
                focal,
                int(stored["size"]),
                stored["landmarks"][frame].astype(np.float64),
            )
            for frame in range(RESTING)
            if stored["seen"][frame]
        ]


def opposite_landmarks(points: Floats) -> Integers:
    """(478,) the number of each landmark's mirror image, from a symmetric face's (468, 3)."""
    away = ((points[:, None] - (points * (-1, 1, 1))[None]) ** 2).sum(axis=-1)
    # Of an iris: the centre, the subject's left, up, right, down.
    irises = (473, 476, 475, 474, 477, 468, 471, 470, 469, 472)
    return np.concatenate([away.argmin(axis=1), irises])
