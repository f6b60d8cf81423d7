# SPDX-License-Identifier: GPL-3.0-or-later
"""Landmarks projected straight from the mesh: as many samples as one likes, at no cost."""

from __future__ import annotations

import numpy as np
from mien.benchmarks.known_truth.expressions import random_turns
from mien.benchmarks.known_truth.heads import Floats, Head, IctFaceKit
from mien.benchmarks.known_truth.people import person

from .correspondence import Correspondence


class Cast:
    """Many people, of whom only the points under the landmarks are kept."""

    def __init__(self, kit: IctFaceKit, correspondence: Correspondence, seeds: range) -> None:
        kept = np.atleast_1d(kit.eyes.any(axis=0))
        kept[correspondence.corners] = True
        small = kit.only(kept)
        self.correspondence = correspondence.within(kept)
        self.heads: list[Head] = [person(small, seed) for seed in seeds]

    def landmarks(self, who: int, weights: Floats) -> Floats:
        """(frames, 478, 3) centimetres in the head's axes."""
        return self.correspondence.landmarks(self.heads[who], weights)


def projected(points: Floats, turns: Floats, places: Floats, focal: float, size: float) -> Floats:
    """(frames, 478, 3) pixels as the landmark network gives them, of points in centimetres.

    turns: (frames, 3, 3) and places: (frames, 3) of the head before the camera; focal: pixels
    for a length of 1 at a distance of 1; size: pixels of the square picture's side. Depth has
    the scale that x has at the face's middle, and is 0 there.
    """
    placed = np.einsum("fpi,fji->fpj", points, turns) + places[:, None]
    depth = -placed[..., 2]
    x = placed[..., 0] * focal / depth + size / 2
    y = size / 2 - placed[..., 1] * focal / depth
    middle = depth[:, :468].mean(axis=1, keepdims=True)
    return np.stack([x, y, (depth - middle) * focal / middle], axis=-1)


def random_views(count: int, rng: np.random.Generator) -> tuple[Floats, Floats, float, float]:
    """Turns, places, focal length and picture size of one camera that sees a head `count` times.

    As the renders for training: up to 42° sideways, from 38 to 220 cm.
    """
    distance = float(np.exp(rng.uniform(np.log(38), np.log(220))))
    places = np.concatenate(
        [rng.normal(0, 0.8, (count, 2)), np.full((count, 1), -distance)], axis=1
    )
    size = 256.0
    return (
        random_turns(count, rng),
        places,
        size / 2 / (rng.uniform(10.5, 14.0) / (distance - 9)),
        size,
    )
