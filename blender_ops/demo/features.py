# SPDX-License-Identifier: GPL-3.0-or-later
"""Brows, ears and shirt."""

from __future__ import annotations

import numpy as np

from ...models.arkit import REGIONS
from .keys import displacement
from .part import Part, tube
from .proportions import GROUND, NECK
from .skin import FacePoints
from .surface import face, front, gradient


def brows() -> Part:
    """Two thick strokes that lie on the forehead and follow its keys."""
    share = np.linspace(0.0, 1.0, 13)
    across = 1.75 + 4.75 * share
    height = 3.95 + 0.95 * np.sin(np.pi * np.clip(share * 0.80 + 0.12, 0, 1)) - 0.55 * share**3
    thickness = 0.52 * np.power(np.clip(1.0 - np.square(2 * share - 0.9) / 1.28, 0.02, 1), 0.45)
    centre = np.column_stack([across, front(across, height), height])
    normal = gradient(face, centre)
    along = np.gradient(centre, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    up = np.cross(along, -normal)
    around = np.arange(10) * 2.0 * np.pi / 10
    rings = []
    for index in range(len(share)):
        disc = np.outer(np.cos(around), up[index]) * thickness[index]
        disc += np.outer(np.sin(around), normal[index]) * thickness[index] * 0.62
        rings.append(centre[index] + 0.10 * normal[index] + disc)
    points, faces = tube(rings)
    one = Part("Brows", points, faces, ("hair",), {"head": np.ones(len(points))})
    both = one.with_mirror_image()
    place = FacePoints.on_the_surface(both.points)
    both.keys = {name: displacement(name, place) for name in REGIONS["brows"]}
    return both


def ears() -> Part:
    """Two simple shells with a hollow."""
    around = np.arange(20) * 2.0 * np.pi / 20
    profile = [
        (0.72, -0.6),
        (1.0, 0.3),
        (1.08, 0.75),
        (1.0, 1.1),
        (0.84, 1.1),
        (0.70, 0.8),
        (0.50, 0.55),
        (0.25, 0.5),
    ]
    rings = []
    for size, out in profile:
        y = 1.5 * size * np.cos(around) * (1.0 - 0.12 * np.sin(around))
        z = 2.2 * size * np.sin(around)
        # The shell stands off at its back.
        x = out + 0.42 * y * (out > 0)
        rings.append(np.column_stack([9.05 + x, 0.7 + y, -1.5 + z]))
    points, faces = tube([ring[::-1] for ring in rings], start=False)
    one = Part("Ears", points, faces, ("skin",), {"head": np.ones(len(points))})
    return one.with_mirror_image()


def shirt() -> Part:
    """A round-necked shirt on small shoulders: the bust's foot."""
    around = -np.arange(32) * 2.0 * np.pi / 32
    rings = []
    profile = [
        (3.1, 3.1, -11.7),
        (3.55, 3.55, -11.35),
        (3.95, 3.9, -11.6),
        (4.1, 4.0, -12.1),
        (5.2, 4.5, -12.6),
        (6.9, 5.1, -13.4),
        (7.9, 5.5, -14.6),
        (8.1, 5.6, GROUND + 0.25),
        (7.8, 5.4, GROUND),
    ]
    for wide, deep, height in profile:
        rings.append(
            np.column_stack(
                [
                    wide * np.cos(around),
                    NECK.centre[1] + deep * np.sin(around),
                    np.full(32, height),
                ]
            )
        )
    points, faces = tube([ring[::-1] for ring in rings[::-1]], end=False)
    return Part("Shirt", points, faces, ("shirt",), {"neck": np.ones(len(points))})
