# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyeballs with iris and pupil, and the glints of light that make them look alive."""

from __future__ import annotations

import numpy as np

from .part import Part, tube
from .proportions import EYE, MIRROR, Floats

# Where one colour ends and the next begins: degrees from the way the eye looks.
_ZONES = ((15.5, "pupil"), (27.5, "iris"), (32.0, "iris rim"), (180.0, "eyeball"))
_SEGMENTS = 48

# Degrees to the side and upward from straight ahead, and the radius. The glints are
# reflections of a lamp: the same side in both eyes, and they stay when the eyes turn.
_GLINTS = ((-11.0, 12.0, 6.2), (10.0, -10.0, 3.0))


def eyeball(side: str) -> Part:
    """The eyeball of a side, "L" or "R", that turns with the bone `eye.L` or `eye.R`."""
    angles = np.array([0.01, 8, 15.5, 21.5, 27.5, 32, 37, 44, 52, 64, 78, 94, 112, 132, 152, 170])
    around = -np.arange(_SEGMENTS) * 2.0 * np.pi / _SEGMENTS
    rings = []
    for angle in np.radians(angles):
        across, ahead = EYE.radius * np.sin(angle), EYE.radius * np.cos(angle)
        rings.append(
            np.column_stack(
                [across * np.cos(around), np.full(_SEGMENTS, -ahead), across * np.sin(around)]
            )
        )
    points, faces = tube(rings[::-1])
    points = points + np.asarray(EYE.centre) * (MIRROR if side == "R" else 1.0)
    ahead = (points[:, 1] - EYE.centre[1]) / -EYE.radius
    names = tuple(name for _, name in _ZONES)
    paint = []
    for face in faces:
        angle = np.degrees(np.arccos(np.clip(np.mean(ahead[list(face)]), -1.0, 1.0)))
        paint.append(next(index for index, (end, _) in enumerate(_ZONES) if angle < end))
    weights: dict[str, Floats] = {f"eye.{side}": np.ones(len(points))}
    name = {"L": "Eye Left", "R": "Eye Right"}[side]
    return Part(name, points, faces, names, weights, paint, smooth=0)


def glints() -> Part:
    """Small white discs just in front of both eyeballs."""
    points: list[Floats] = []
    faces = []
    for centre in (np.asarray(EYE.centre), EYE.centre * MIRROR):
        for side, rise, radius in _GLINTS:
            offset = sum(len(p) for p in points)
            disc, disc_faces = _disc(np.radians(side), np.radians(rise), np.radians(radius))
            points.append(centre + disc)
            faces += [tuple(offset + index for index in face) for face in disc_faces]
    joined = np.concatenate(points)
    return Part("Glints", joined, faces, ("glint",), {"head": np.ones(len(joined))}, smooth=0)


def _disc(side: float, rise: float, radius: float) -> tuple[Floats, list[tuple[int, ...]]]:
    ahead = np.array([np.sin(side) * np.cos(rise), -np.cos(side) * np.cos(rise), np.sin(rise)])
    right = np.cross(ahead, (0.0, 0.0, 1.0))
    right /= np.linalg.norm(right)
    up = np.cross(right, ahead)
    around = np.arange(24) * 2.0 * np.pi / 24
    rings = []
    for share in (1.0, 0.5):
        flat = np.outer(np.cos(around), right) + np.outer(np.sin(around), up)
        direction = ahead + np.tan(radius * share) * flat
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        rings.append(direction * EYE.radius * 1.008)
    points, faces = tube([ring[::-1] for ring in rings], start=False)
    points[-1] *= EYE.radius * 1.008 / np.linalg.norm(points[-1])
    return points, faces
