# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the head is: a rigid, scaled fit of MediaPipe's canonical face to the landmarks.

The camera stands at the origin and looks along −Z; +X is right in the picture, which is
the subject's left, +Y is up: the axes of a Performance. As no lens is known, a vertical
field of view of 63° is assumed, as MediaPipe does; lengths are the canonical face's
centimetres. Weighted orthogonal Procrustes: D. Akca, Generalized Procrustes analysis and
its applications in photogrammetry (https://doi.org/10.3929/ethz-a-004656648).
"""

from __future__ import annotations

import io
import math

import numpy as np

from ..performance import Floats
from .weights import read_weights

FIELD_OF_VIEW = math.radians(63.0)


class HeadPose:
    """Fits the canonical face. Raises WeightsError when it cannot be loaded."""

    def __init__(self) -> None:
        with np.load(io.BytesIO(read_weights("face_geometry.npz"))) as geometry:
            self._points = geometry["points"].astype(np.float64)
            weights = geometry["weights"].astype(np.float64)
        self._weights = weights / weights.sum()
        self._used = np.flatnonzero(weights)

    def matrices(self, landmarks: Floats, width: int, height: int) -> Floats:
        """(frames, 4, 4) float64, centimetres: from the canonical face to the camera's axes.

        landmarks: (frames, 478, 3) in pixels of pictures of this width and height.
        """
        # At a distance of 1 the picture is this high; z is scaled as x is.
        pixel = 2 * math.tan(FIELD_OF_VIEW / 2) / height
        used = landmarks[:, self._used].astype(np.float64)
        x = (used[:, :, 0] - width / 2) * pixel
        y = (height / 2 - used[:, :, 1]) * pixel
        # The middle depth is taken over all points of the mesh, used by the fit or not.
        middle = landmarks[:, : len(self._points), 2].mean(axis=1, dtype=np.float64)
        depth = (used[:, :, 2] - middle[:, None]) * pixel
        scale = _scale(self._fit(np.stack([x, y, -depth], axis=2)))
        scale = scale * _scale(self._fit(_unprojected(x, y, depth, scale)))
        return self._fit(_unprojected(x, y, depth, scale))

    def _fit(self, target: Floats) -> Floats:
        """The turn, uniform scale and move that bring the canonical points to each target."""
        source, weights = self._points[self._used], self._weights[self._used, None]
        source_centre = (weights * source).sum(axis=0)
        target_centre = (weights * target).sum(axis=1)
        centred = source - source_centre
        left, _, right = np.linalg.svd((weights * target).swapaxes(1, 2) @ centred)
        # A mirrored fit is none: turn the least certain axis round.
        left[np.linalg.det(left) * np.linalg.det(right) < 0, :, 2] *= -1
        turn = left @ right
        aligned = (weights * (centred @ turn.swapaxes(1, 2)) * target).sum(axis=(1, 2))
        scaled = turn * (aligned / (weights * centred**2).sum())[:, None, None]
        result = np.tile(np.eye(4), (len(target), 1, 1))
        result[:, :3, :3] = scaled
        result[:, :3, 3] = target_centre - scaled @ source_centre
        return result


def heads_from_matrices(matrices: Floats) -> Floats:
    """(frames, 7) float32: unit quaternion w, x, y, z and metres, as in a Performance."""
    turns = matrices[:, :3, :3] / _scale(matrices)[:, None, None]
    heads: Floats = np.concatenate([_quaternions(turns), matrices[:, :3, 3] / 100], axis=1).astype(
        np.float32
    )
    return heads


def _scale(matrices: Floats) -> Floats:
    """(frames,) uniform scales of (frames, 4, 4) matrices."""
    return np.asarray(np.linalg.norm(matrices[:, :3, 0], axis=1))


def _unprojected(x: Floats, y: Floats, depth: Floats, scale: Floats) -> Floats:
    """Points at distance 1 in perspective moved out to their own distance."""
    distance = (depth + 1) / scale[:, None]
    return np.stack([x * distance, y * distance, -distance], axis=2)


def _quaternions(turns: Floats) -> Floats:
    """(frames, 4): w, x, y, z of rotation matrices, w ≥ 0.

    The largest eigenvector of a symmetric matrix: Bar-Itzhack, New method for extracting
    the quaternion from a rotation matrix (https://doi.org/10.2514/2.4654).
    """
    (a, b, c), (d, e, f), (g, h, i) = turns.transpose(1, 2, 0)
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
