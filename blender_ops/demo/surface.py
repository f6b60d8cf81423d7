# SPDX-License-Identifier: GPL-3.0-or-later
"""The head's form: rounded solids that flow into one another.

Distances are approximate and negative inside. The smooth union is Inigo Quilez'
polynomial one, the ellipsoid his first-order bound
(https://iquilezles.org/articles/smin, https://iquilezles.org/articles/ellipsoids).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .proportions import EYE, MIRROR, NECK, Floats, smoothstep

Distance = Callable[[Floats], Floats]


def _length(vectors: Floats) -> Floats:
    """Lengths (n,) of vectors (n, 3), several times faster than numpy's own norm."""
    squares: Floats = np.einsum("ij,ij->i", vectors, vectors)
    return np.sqrt(squares)


def ellipsoid(points: Floats, centre: tuple[float, ...], radii: tuple[float, ...]) -> Floats:
    """Distance (n,) of points (n, 3) from an ellipsoid along the axes."""
    offset = points - np.asarray(centre)
    scaled = _length(offset / np.asarray(radii))
    steepness = _length(offset / np.square(radii))
    distance: Floats = scaled * (scaled - 1.0) / np.maximum(steepness, 1e-9)
    return distance


def column(points: Floats, centre: tuple[float, float], radius: float, top: float) -> Floats:
    """Distance (n,) from an upright column that ends at a height and has no foot."""
    around = np.hypot(points[:, 0] - centre[0], points[:, 1] - centre[1]) - radius
    distance: Floats = np.maximum(around, points[:, 2] - top)
    return distance


def union(first: Floats, second: Floats, softness: Floats | float) -> Floats:
    """Both solids as one, their seam filled over a width of `softness`."""
    fill: Floats = np.maximum(softness - np.abs(first - second), 0.0) / softness
    joined: Floats = np.minimum(first, second) - fill * fill * softness / 4.0
    return joined


def without(solid: Floats, tool: Floats, softness: float) -> Floats:
    """The first solid with the second cut out of it, the edge rounded."""
    return -union(-solid, tool, softness)


def mask(points: Floats) -> Floats:
    """Distance (n,) from the bare form of the head: cranium, cheeks and chin."""
    half = _left(points)
    head = ellipsoid(half, (0.0, 1.3, 2.6), (10.0, 9.9, 9.6))
    head = union(head, ellipsoid(half, (0.0, -0.7, -4.2), (7.9, 7.8, 5.9)), 4.0)
    head = union(head, ellipsoid(half, (4.4, -4.4, -4.2), (3.2, 3.2, 2.9)), 3.0)
    head = union(head, ellipsoid(half, (5.4, -3.9, -0.7), (3.3, 3.7, 4.0)), 3.0)
    return union(head, ellipsoid(half, (0.0, -6.0, -8.7), (2.3, 1.9, 1.5)), 3.0)


def face(points: Floats) -> Floats:
    """Distance (n,) from the head without lids: the mask with sockets, nose and neck."""
    half = _left(points)
    head = union(mask(points), column(half, NECK.centre, NECK.radius, -6.0), 2.0)
    socket = ellipsoid(half, EYE.centre, (3.3, 3.3, 3.3))
    head = without(head, socket, 2.0)
    nose = ellipsoid(half, (0.0, -8.85, -2.9), (1.3, 1.45, 1.08))
    nose = union(nose, ellipsoid(half, (0.75, -8.2, -2.95), (0.75, 0.8, 0.65)), 0.6)
    return union(head, nose, 1.0)


def _left(points: Floats) -> Floats:
    """The points, those of the right half mirrored onto the left."""
    return np.where(points[:, :1] < 0.0, points * MIRROR, points)


def face_with_lids(points: Floats) -> Floats:
    """Distance (n,) from the head with the spheres on which the lids lie."""
    half = _left(points)
    lids = _length(half - np.asarray(EYE.centre)) - EYE.lid_radius
    # The fold over the upper lid is sharper than the cheek below the lower one.
    softness = 1.3 - 0.6 * smoothstep(-0.5, 1.5, points[:, 2])
    return union(face(points), lids, softness)


def gradient(distance: Distance, points: Floats) -> Floats:
    """Unit outward normals (n, 3) by central differences."""
    step = 1e-3
    result = np.empty_like(points)
    for axis in range(3):
        shift = np.zeros(3)
        shift[axis] = step
        result[:, axis] = distance(points + shift) - distance(points - shift)
    result /= np.maximum(_length(result), 1e-12)[:, None]
    return result


def project(distance: Distance, points: Floats, steps: int = 4) -> Floats:
    """The points (n, 3) moved onto the surface along its normals."""
    for _ in range(steps):
        points = points - distance(points)[:, None] * gradient(distance, points)
    return points


def front(across: Floats, height: Floats, distance: Distance = face) -> Floats:
    """Depth y (n,) of the surface in front, at the given x and z. Off the face: its rim."""
    low: Floats = np.full(len(across), -16.0)
    high: Floats = np.zeros(len(across))
    for _ in range(30):
        middle = (low + high) / 2.0
        inside = distance(np.column_stack([across, middle, height])) < 0.0
        low, high = np.where(inside, low, middle), np.where(inside, middle, high)
    return (low + high) / 2.0
