# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit quaternions (w, x, y, z), many at a time.

Formulas: J. Diebel, "Representing Attitude: Euler Angles, Unit Quaternions, and
Rotation Vectors" (2006). Axes and signs are those of `Performance.head`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]

IDENTITY = (1.0, 0.0, 0.0, 0.0)


def multiply(first: ArrayLike, second: ArrayLike) -> Floats:
    """The Hamilton product: turns by `second`, then by `first`. Shapes (…, 4)."""
    a = np.asarray(first, np.float64)
    b = np.asarray(second, np.float64)
    w1, x1, y1, z1 = (a[..., i] for i in range(4))
    w2, x2, y2, z2 = (b[..., i] for i in range(4))
    return np.stack(
        [
            w1 * w2 - x1 * x2 - y1 * y2 - z1 * z2,
            w1 * x2 + x1 * w2 + y1 * z2 - z1 * y2,
            w1 * y2 - x1 * z2 + y1 * w2 + z1 * x2,
            w1 * z2 + x1 * y2 - y1 * x2 + z1 * w2,
        ],
        axis=-1,
    )


def inverse(quaternions: ArrayLike) -> Floats:
    """The turn back, for unit quaternions of shape (…, 4)."""
    return np.asarray(quaternions, np.float64) * (1, -1, -1, -1)


def turned(quaternions: ArrayLike, points: ArrayLike) -> Floats:
    """Points of shape (…, 3) turned by unit quaternions of shape (…, 4)."""
    q = np.asarray(quaternions, np.float64)
    p = np.asarray(points, np.float64)
    along = np.cross(q[..., 1:], p)
    moved: Floats = p + 2 * (q[..., :1] * along + np.cross(q[..., 1:], along))
    return moved


def normalised(quaternions: ArrayLike) -> Floats:
    """Quaternions brought to length one; one of length zero becomes the identity."""
    q = np.array(quaternions, np.float64)
    length = np.linalg.norm(q, axis=-1, keepdims=True)
    return np.where(length < 1e-9, IDENTITY, q / np.maximum(length, 1e-9))


def continuous(quaternions: ArrayLike) -> Floats:
    """(frames, 4) quaternions with signs such that neighbours lie on one half of the sphere.

    q and −q are the same turn; a filter or an interpolation needs the nearer of the two.
    """
    q = np.array(quaternions, np.float64)
    if len(q) > 1:
        flips = np.sum(q[1:] * q[:-1], axis=1) < 0
        q[1:][np.cumsum(flips) % 2 == 1] *= -1
    return q


def slerp(first: ArrayLike, second: ArrayLike, share: ArrayLike) -> Floats:
    """The turn a `share` (0–1) of the way from `first` to `second`, the short way round."""
    a = np.asarray(first, np.float64)
    b = np.asarray(second, np.float64)
    t = np.asarray(share, np.float64)[..., None]
    cosine = np.sum(a * b, axis=-1, keepdims=True)
    b = np.where(cosine < 0, -b, b)
    angle = np.arccos(np.clip(np.abs(cosine), 0, 1))
    sine = np.sin(angle)
    near = sine < 1e-6
    safe = np.where(near, 1, sine)
    from_first = np.where(near, 1 - t, np.sin((1 - t) * angle) / safe)
    from_second = np.where(near, t, np.sin(t * angle) / safe)
    return normalised(from_first * a + from_second * b)


def mean(quaternions: ArrayLike) -> Floats:
    """(4,) the mean of turns that lie near each other.

    The largest eigenvector of the sum of outer products (Markley and others,
    "Averaging Quaternions", 2007).
    """
    q = np.asarray(quaternions, np.float64)
    vector = np.linalg.eigh(q.T @ q)[1][:, -1]
    return np.asarray(vector if vector[0] >= 0 else -vector)


def from_yaw_pitch_roll(angles: ArrayLike) -> Floats:
    """(…, 4) quaternions of R = Ry(yaw) · Rx(pitch) · Rz(roll); radians, shape (…, 3)."""
    half = np.asarray(angles, np.float64) / 2
    cosine, sine, zero = np.cos(half), np.sin(half), np.zeros(half.shape[:-1])
    yaw = np.stack([cosine[..., 0], zero, sine[..., 0], zero], axis=-1)
    pitch = np.stack([cosine[..., 1], sine[..., 1], zero, zero], axis=-1)
    roll = np.stack([cosine[..., 2], zero, zero, sine[..., 2]], axis=-1)
    return multiply(multiply(yaw, pitch), roll)


def to_yaw_pitch_roll(quaternions: ArrayLike) -> Floats:
    """(…, 3) radians of R = Ry(yaw) · Rx(pitch) · Rz(roll): the way back.

    Pitch lies in ±π/2. Looking straight up or down, where yaw and roll are one, roll is 0.
    """
    w, x, y, z = np.moveaxis(normalised(quaternions), -1, 0)
    sine = np.clip(2 * (w * x - y * z), -1, 1)
    pole = np.abs(sine) > 1 - 1e-12
    yaw = np.arctan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    roll = np.arctan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    yaw_at_pole = 2 * np.arctan2(y, w)
    return np.stack(
        [
            np.where(pole, np.arctan2(np.sin(yaw_at_pole), np.cos(yaw_at_pole)), yaw),
            np.arcsin(sine),
            np.where(pole, 0, roll),
        ],
        axis=-1,
    )


def to_vectors(quaternions: ArrayLike) -> Floats:
    """(…, 3) rotation vectors, axis times angle in radians (at most π), of (…, 4)."""
    q = normalised(quaternions)
    q = np.where(q[..., :1] < 0, -q, q)
    sine = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, q[..., :1])
    # Near no turn at all the vector is twice the imaginary part.
    return np.asarray(q[..., 1:] * np.where(sine < 1e-9, 2, angle / np.maximum(sine, 1e-9)))


def from_vectors(vectors: ArrayLike) -> Floats:
    """(…, 4) unit quaternions of (…, 3) rotation vectors: the way back."""
    v = np.asarray(vectors, np.float64)
    angle = np.linalg.norm(v, axis=-1, keepdims=True)
    return np.concatenate([np.cos(angle / 2), v * 0.5 * np.sinc(angle / (2 * np.pi))], axis=-1)
