# SPDX-License-Identifier: GPL-3.0-or-later
"""Landmarks made comparable: head pose taken out, scaled by the face, relative to rest.

The head's turn and size are found by a weighted similarity fit of the landmarks that stay
where they are whatever the face does (orthogonal Procrustes: P. Schönemann, A generalized
solution of the orthogonal Procrustes problem, 1966; with scale as in S. Umeyama,
https://doi.org/10.1109/34.88573). A rest is fitted to a mean face, other frames to the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

COUNT = 478


@dataclass(frozen=True, eq=False)
class Reference:
    """The mean face that rests are fitted to.

    points: (478, 3) centimetres; +X the subject's left, +Y up, +Z forward.
    steadiness: (478,) weights of the fit, summing to 1: high where a face moves little.
    """

    points: Floats
    steadiness: Floats


@dataclass(frozen=True, eq=False)
class Rest:
    """A person at rest.

    points: (478, 3) centimetres, fitted to the mean face. turn: (3, 3), the head's rotation.
    """

    points: Floats
    turn: Floats


def fitted(landmarks: Floats, target: Floats, steadiness: Floats) -> tuple[Floats, Floats]:
    """(frames, 478, 3) landmarks in pixels, moved onto a (478, 3) target in centimetres.

    Also the turns (frames, 3, 3) that lead from the target's axes to those seen. Pixels are
    x to the right, y down, z away from the camera.
    """
    points = landmarks.astype(np.float64) * (1, -1, -1)
    weights = steadiness[:, None]
    centre = (weights * points).sum(axis=1, keepdims=True)
    target_centre = (weights * target).sum(axis=0)
    centred, wanted = points - centre, target - target_centre
    left, stretch, right = np.linalg.svd(np.einsum("p,npi,pj->nij", steadiness, centred, wanted))
    sign = np.sign(np.linalg.det(left) * np.linalg.det(right))
    left[:, :, 2] *= sign[:, None]
    turn = left @ right
    spread = (weights * centred**2).sum(axis=(1, 2))
    stretched = stretch[:, 0] + stretch[:, 1] + sign * stretch[:, 2]
    scale = stretched / np.maximum(spread, 1e-12)
    return (centred * scale[:, None, None]) @ turn + target_centre, turn


def rest_of(landmarks: Floats, reference: Reference) -> Rest:
    """The rest that (frames, 478, 3) landmarks in pixels of a resting face show: their median."""
    points, turns = fitted(landmarks, reference.points, reference.steadiness)
    middle = np.median(points, axis=0)
    nearest = int(np.argmin(((points - middle) ** 2).sum(axis=(1, 2))))
    return Rest(middle, turns[nearest])


def displaced(landmarks: Floats, rest: Rest, reference: Reference) -> tuple[Floats, Floats]:
    """What a face does: (frames, 478, 3) centimetres away from rest, and turns (frames, 3, 3)."""
    points, turns = fitted(landmarks, rest.points, reference.steadiness)
    return points - rest.points, turns


def impressions(weights: Floats, at_rest: Floats) -> Floats:
    """(frames, 104): how the public network's (frames, 52) weights differ from those at rest.

    Once as they are and once their square roots, in which its faint answers show.
    """
    rooted = np.sqrt(np.maximum(weights, 0)) - np.sqrt(np.maximum(at_rest, 0))
    return np.concatenate([4 * (weights - at_rest), 2 * rooted], axis=-1)


def angles(turns: Floats) -> Floats:
    """(frames, 3) yaw, pitch and roll in radians of R = Ry(yaw) · Rx(pitch) · Rz(roll)."""
    return np.stack(
        [
            np.arctan2(turns[..., 0, 2], turns[..., 2, 2]),
            np.arcsin(np.clip(-turns[..., 1, 2], -1, 1)),
            np.arctan2(turns[..., 1, 0], turns[..., 1, 1]),
        ],
        axis=-1,
    )
