# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo character's measures, in face space.

Face space is in centimetres: the origin lies between the eyes, +X is the subject's
left, -Y the way the face looks, +Z up. `to_scene` leads to metres, with the bust
standing on the ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]

GROUND = -15.5
"""Height of the ground in face space."""


@dataclass(frozen=True)
class Eye:
    """The subject's left eye; the right one is its mirror image. Angles in radians.

    The lids slide on a sphere that is wider than the eyeball: a shape key moves them
    along straight lines, and the middle of the way from open to closed must still
    pass outside the eyeball.
    """

    centre: tuple[float, float, float] = (3.95, -5.6, 0.0)
    radius: float = 2.95
    lid_radius: float = 3.28
    outward: float = np.radians(8.0)
    half_width: float = np.radians(51.0)
    upper: float = np.radians(34.0)
    lower: float = np.radians(33.0)
    closed: float = np.radians(-14.0)
    slant: float = np.radians(3.0)


@dataclass(frozen=True)
class Mouth:
    """Where the lips meet. `smile` is how far the corners stand above the middle."""

    height: float = -6.1
    half_width: float = 2.6
    smile: float = 0.45


@dataclass(frozen=True)
class Neck:
    """An upright column: its axis in x and y, and its radius."""

    centre: tuple[float, float] = (0.0, 1.6)
    radius: float = 3.1


@dataclass(frozen=True)
class Jaw:
    """The axis, parallel to X, about which the jaw opens, and how far it does."""

    hinge: tuple[float, float] = (1.0, -1.5)
    opening: float = np.radians(19.0)


EYE = Eye()
MOUTH = Mouth()
NECK = Neck()
JAW = Jaw()

MIRROR = np.array([-1.0, 1.0, 1.0])
"""Multiplied with points or displacements, swaps left and right."""


def to_scene(points: ArrayLike) -> Floats:
    """Points (n, 3) of face space in metres, the ground at height 0."""
    place: Floats = (np.asarray(points, np.float64) - (0.0, 0.0, GROUND)) * 0.01
    return place


def smoothstep(low: float | Floats, high: float | Floats, values: Floats) -> Floats:
    """0 at `low`, 1 at `high`, smooth between, constant beyond. `low` may be above `high`."""
    share: Floats = np.clip((values - low) / (np.asarray(high) - low), 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)
