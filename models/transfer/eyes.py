# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyeballs: lids stay on them, and they turn by keys where no bones turn them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arkit import EYE_LOOK_DOWN, EYE_LOOK_SIDEWAYS, EYE_LOOK_UP
from ..performance import Floats
from .surface import Integers

_NEAR = 1.7
_HALFWAY = 0.5
_MOST_BULGE = 0.06


def keep_off_eyeballs(
    points: Floats, deltas: Floats, skin: Integers, balls: Sequence[Integers]
) -> None:
    """Lift displacements (k, n, 3) so that the skin comes no closer to an eyeball.

    skin: the points of the skin. Closed lids go straight where real ones go round the
    ball, so half the way is looked at too.
    """
    for ball in balls:
        if not len(ball):
            continue
        centre, radius = ball_of(points[ball])
        offset = points[skin] - centre
        before = np.linalg.norm(offset, axis=1)
        near = (before < _NEAR * radius) & (before > 0.5 * radius)
        members, offset, before = skin[near], offset[near], before[near]
        least = np.minimum(before, 1.01 * radius)
        for row in deltas:
            moving = np.flatnonzero(np.any(row[members], axis=1))
            if len(moving):
                where = members[moving]
                row[where] += _lift(offset[moving], row[where], least[moving], 1.0)
                bulge = _lift(offset[moving], row[where], least[moving], _HALFWAY)
                length = np.linalg.norm(bulge, axis=1, keepdims=True)
                most = _MOST_BULGE * radius
                row[where] += bulge * np.minimum(1, most / np.maximum(length, 1e-12))


def ball_of(points: Floats) -> tuple[Floats, float]:
    """Centre (3,) and radius of an eyeball: of the sphere that fits its outer points best."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle, typical = (low + high) / 2, float((high - low).mean()) / 2
    away = np.linalg.norm(points - middle, axis=1)
    outer = points[away > 0.8 * np.percentile(away, 95)]
    system = np.column_stack([2 * (outer - middle), np.ones(len(outer))])
    solved, *_ = np.linalg.lstsq(system, ((outer - middle) ** 2).sum(axis=1), rcond=None)
    radius = float(np.sqrt(max(solved[3] + solved[:3] @ solved[:3], 0)))
    if not 0.7 * typical < radius < 1.5 * typical:
        return middle, typical
    return middle + solved[:3], radius


def eye_turns(
    names: Sequence[str], points: Floats, ball: Integers, side: str, turn: Floats
) -> Floats:
    """(k, m, 3): how the points of an eyeball move for each channel; zero but for eyeLook.

    side: "Left" or "Right". turn: (3, 3), makes the face look along +Z.
    """
    result = np.zeros((len(names), len(ball), 3), np.float32)
    outward = 1.0 if side == "Left" else -1.0
    angles = {
        f"eyeLookDown{side}": (EYE_LOOK_DOWN, 0.0),
        f"eyeLookUp{side}": (-EYE_LOOK_UP, 0.0),
        f"eyeLookOut{side}": (0.0, outward * EYE_LOOK_SIDEWAYS),
        f"eyeLookIn{side}": (0.0, -outward * EYE_LOOK_SIDEWAYS),
    }
    centre, _ = ball_of(points[ball])
    offset = (points[ball] - centre) @ turn.T
    for row, name in enumerate(names):
        pitch, yaw = angles.get(name, (0.0, 0.0))
        if pitch or yaw:
            result[row] = (offset @ _rotation(pitch, yaw).T - offset) @ turn
    return result


def _lift(offset: Floats, delta: Floats, least: Floats, share: float) -> Floats:
    """What to add to displacements so that at a share of the way nothing is too close."""
    there = offset + share * delta
    length = np.linalg.norm(there, axis=1)
    missing = np.maximum(least - length, 0) / share
    return np.asarray(there * (missing / np.maximum(length, 1e-12))[:, None])


def _rotation(pitch: float, yaw: float) -> Floats:
    (cp, cy), (sp, sy) = np.cos([pitch, yaw]), np.sin([pitch, yaw])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    return np.asarray(about_y @ about_x)
