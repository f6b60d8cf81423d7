# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns as matrices, gaze as directions: what files hold where a performance has others.

Axes are those of `Performance`: +X the subject's left, +Y up, +Z toward the camera.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import rotation
from ..arkit import EYE_LOOK_DOWN, EYE_LOOK_SIDEWAYS, EYE_LOOK_UP

Floats = NDArray[np.floating[Any]]


def from_quaternions(quaternions: ArrayLike, places: ArrayLike = (0.0, 0.0, 0.0)) -> Floats:
    """(frames, 4, 4) matrices that turn by unit quaternions, then move to places."""
    q = np.asarray(quaternions, np.float64)
    result = np.tile(np.eye(4), (len(q), 1, 1))
    for column, axis in enumerate(np.eye(3)):
        result[:, :3, column] = rotation.turned(q, np.broadcast_to(axis, (len(q), 3)))
    result[:, :3, 3] = places
    return result


def to_quaternions(turns: Floats) -> Floats:
    """(frames, 4) unit quaternions w, x, y, z, w ≥ 0, of (frames, 3, 3) rotation matrices.

    The largest eigenvector of a symmetric matrix: Bar-Itzhack, New method for extracting
    the quaternion from a rotation matrix (https://doi.org/10.2514/2.4654).
    """
    (a, b, c), (d, e, f), (g, h, i) = np.asarray(turns, np.float64).transpose(1, 2, 0)
    matrices = np.array(
        [
            [a + e + i, h - f, c - g, d - b],
            [h - f, a - e - i, b + d, c + g],
            [c - g, b + d, e - a - i, f + h],
            [d - b, c + g, f + h, i - a - e],
        ]
    ).transpose(2, 0, 1)
    vectors = np.asarray(np.linalg.eigh(matrices)[1][:, :, -1])
    return np.where(vectors[:, :1] < 0, -vectors, vectors)


def are_turns(matrices: Floats, tolerance: float = 0.01) -> NDArray[np.bool_]:
    """(frames,): which of (frames, 3, 3) matrices turn without stretching or mirroring."""
    with np.errstate(over="ignore", invalid="ignore"):
        square = matrices.transpose(0, 2, 1) @ matrices
        off = np.abs(square - np.eye(3)).max(axis=(1, 2))
        return np.asarray((off < tolerance) & (np.linalg.det(matrices) > 0))


def angles_of_gaze(directions: Floats) -> Floats:
    """(frames, 2) pitch and yaw, as in `Performance.eyes`, of (frames, 3) directions of gaze.

    An eye that looks along (0, 0, 1), turned by Ry(yaw) · Rx(pitch), looks along
    (sin yaw · cos pitch, −sin pitch, cos yaw · cos pitch).
    """
    x, y, z = np.asarray(directions, np.float64).T
    return np.stack([np.arctan2(-y, np.hypot(x, z)), np.arctan2(x, z)], axis=1)


def turns_of_gaze(angles: Floats) -> Floats:
    """(frames, 4) quaternions of (frames, 2) pitch and yaw."""
    pitch, yaw = np.asarray(angles, np.float64).T
    return rotation.from_yaw_pitch_roll(np.stack([yaw, pitch, np.zeros(len(pitch))], axis=1))


def look_weights(eyes: Floats) -> dict[str, Floats]:
    """The eyeLook channels' weights, 0–1, of (frames, 4) `Performance.eyes`.

    A weight of 1 is the angle that `models.arkit` states for the channel.
    """
    result: dict[str, Floats] = {}
    for side, outward, (pitch, yaw) in (("Left", 1, eyes.T[:2]), ("Right", -1, eyes.T[2:])):
        for direction, angle, whole in (
            ("Down", pitch, EYE_LOOK_DOWN),
            ("Up", -pitch, EYE_LOOK_UP),
            ("Out", outward * yaw, EYE_LOOK_SIDEWAYS),
            ("In", -outward * yaw, EYE_LOOK_SIDEWAYS),
        ):
            result[f"eyeLook{direction}{side}"] = np.clip(angle / whole, 0, 1)
    return result
