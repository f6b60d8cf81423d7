# SPDX-License-Identifier: GPL-3.0-or-later
"""Where on a head each of the tracker's 478 landmarks lies.

Found once: the landmarks of rendered, resting heads are cast back onto the very meshes that
were rendered; the hits of many people and poses are averaged on the mesh they share.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from mien.benchmarks.known_truth.heads import PARTS, Floats, Head, Integers, eye_turns, triangles
from numpy.typing import NDArray

COUNT = 478
FACE = 468
"""Landmarks before the irises: 468 to 472 are the right eye's, 473 to 477 the left one's."""

_NEIGHBOURS = 24


@dataclass(frozen=True, eq=False)
class Correspondence:
    """Points of the mesh that landmarks follow.

    corners: (468, 3) int32, the points of each landmark's triangle.
    shares: (468, 3) float32, how much of each: the place is their weighted sum.
    iris: (2 eyes, 5, 2) float32, sideways and up from the eye's axis, in its radii; the
        left eye first.
    """

    corners: Integers
    shares: Floats
    iris: Floats

    def landmarks(self, head: Head, weights: Floats) -> Floats:
        """(frames, 478, 3) centimetres in the head's axes for (frames, 52) weights."""
        used, corner = np.unique(self.corners, return_inverse=True)
        corner = corner.reshape(self.corners.shape)
        posed = head.vertices[used] + np.tensordot(weights, head.deltas[:, used], axes=1)
        face = (posed[:, corner] * self.shares[..., None]).sum(axis=2)
        return np.asarray(np.concatenate([face, self._irises(head, weights)], 1), np.float32)

    def _irises(self, head: Head, weights: Floats) -> Floats:
        forward = np.sqrt(np.maximum(1 - (self.iris**2).sum(axis=-1), 0))
        rays = np.concatenate([self.iris, forward[..., None]], axis=-1)
        turned = np.einsum("neij,epj->nepi", eye_turns(weights), rays)
        placed = turned * head.eye_radii[:, None, None] + head.eye_centres[:, None]
        # The right eye's come first among the landmarks.
        return np.asarray(placed[:, ::-1].reshape(len(weights), 10, 3))

    def within(self, kept: NDArray[np.bool_]) -> Correspondence:
        """The same for a mesh of which only the (points,) kept ones are left."""
        number = np.cumsum(kept) - 1
        return replace(self, corners=number[self.corners].astype(np.int32))

    def save(self, path: Path) -> None:
        """Write the correspondence as .npz."""
        np.savez_compressed(path, corners=self.corners, shares=self.shares, iris=self.iris)

    @classmethod
    def load(cls, path: Path) -> Correspondence:
        """Read what `save` wrote."""
        with np.load(path) as stored:
            return cls(stored["corners"], stored["shares"], stored["iris"])


@dataclass(frozen=True, eq=False)
class View:
    """A resting head as it was rendered and tracked.

    turn: (3, 3), place: (3,) centimetres, focal: pixels, size: pixels of the picture's side.
    landmarks: (478, 3) pixels.
    """

    head: Head
    turn: Floats
    place: Floats
    focal: float
    size: int
    landmarks: Floats

    def rays(self) -> tuple[Floats, Floats]:
        """Origin (3,) and directions (478, 3) through the landmarks, in the head's axes."""
        pixels = self.landmarks[:, :2] - self.size / 2
        ahead = np.full((len(pixels), 1), -self.focal)
        directions = np.concatenate([pixels * (1, -1), ahead], axis=1)
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        return -self.place @ self.turn, directions @ self.turn


def find(views: list[View], mean: Head) -> Correspondence:
    """The correspondence that fits many views best.

    mean: a head of the same mesh on which places are averaged.
    """
    skin = triangles(mean.polygons[mean.parts == PARTS.index("skin")])
    # Straight at a surface a ray says most about a place; along it, nothing.
    places = np.zeros((FACE, 3))
    total = np.zeros((FACE, 1))
    for view in views:
        origin, directions = view.rays()
        hits, corners, shares, straight = _cast(origin, directions[:FACE], view.head, skin)
        weight = np.where(hits, np.clip(straight, 0, 1) ** 2, 0)[:, None]
        places += weight * (mean.vertices[corners] * shares[..., None]).sum(axis=1)
        total += weight
    places /= np.maximum(total, 1e-9)
    corners, shares = _nearest(places, mean.vertices, skin)
    return Correspondence(corners.astype(np.int32), shares.astype(np.float32), _irises(views))


def _cast(
    origin: Floats, directions: Floats, head: Head, skin: Integers
) -> tuple[NDArray[np.bool_], Integers, Floats, Floats]:
    """First hits of rays on the skin: whether, the triangle's corners, shares, straightness.

    Möller and Trumbore, Fast, Minimum Storage Ray/Triangle Intersection (1997). A ray that
    misses takes the triangle that it passes nearest to.
    """
    a, b, c = (head.vertices[skin[:, i]].astype(np.float64) for i in range(3))
    first, second = b - a, c - a
    normal = np.cross(first, second)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    facing = np.flatnonzero(((origin - a) * normal).sum(axis=1) > 0)
    a, first, second = a[facing], first[facing], second[facing]
    normal, skin = normal[facing], skin[facing]
    hits = np.zeros(len(directions), bool)
    corners = np.zeros((len(directions), 3), np.int64)
    shares = np.zeros((len(directions), 3))
    straight = np.zeros(len(directions))
    to_origin = origin - a
    across_origin = np.cross(to_origin, first)
    for index, ray in enumerate(directions):
        across = np.cross(ray, second)
        determinant = (first * across).sum(axis=1)
        safe = np.where(np.abs(determinant) < 1e-12, 1e-12, determinant)
        u = (to_origin * across).sum(axis=1) / safe
        v = (across_origin @ ray) / safe
        distance = (second * across_origin).sum(axis=1) / safe
        inside = (u >= -1e-6) & (v >= -1e-6) & (u + v <= 1 + 1e-6) & (distance > 0)
        if not inside.any():
            continue
        best = np.flatnonzero(inside)[np.argmin(distance[inside])]
        hits[index] = True
        corners[index] = skin[best]
        shares[index] = (1 - u[best] - v[best], u[best], v[best])
        straight[index] = -(normal[best] @ ray)
    return hits, corners, shares, straight


def _nearest(places: Floats, vertices: Floats, skin: Integers) -> tuple[Integers, Floats]:
    """The point of the surface nearest to each place, as a triangle and shares."""
    centres = vertices[skin].mean(axis=1)
    corners = np.zeros((len(places), 3), np.int64)
    shares = np.zeros((len(places), 3))
    for index, place in enumerate(places):
        near = np.argsort(((centres - place) ** 2).sum(axis=1))[:_NEIGHBOURS]
        best = np.inf
        for triangle in skin[near]:
            share = _shares_in(place, vertices[triangle].astype(np.float64))
            away = float(np.linalg.norm(share @ vertices[triangle] - place))
            if away < best:
                best, corners[index], shares[index] = away, triangle, share
    return corners, shares


def _shares_in(place: Floats, corners: Floats) -> Floats:
    """(3,) shares of the point of a triangle that is nearly nearest to a place."""
    first, second = corners[1] - corners[0], corners[2] - corners[0]
    system = np.array([[first @ first, first @ second], [first @ second, second @ second]])
    along = place - corners[0]
    u, v = np.linalg.solve(system + 1e-12 * np.eye(2), [along @ first, along @ second])
    share = np.maximum([1 - u - v, u, v], 0)
    return np.asarray(share / share.sum())


def _irises(views: list[View]) -> Floats:
    """(2, 5, 2): where irises' landmarks lie on an eye that looks ahead, left eye first."""
    found = []
    for view in views:
        origin, directions = view.rays()
        eyes = []
        for eye, start in ((0, 473), (1, 468)):
            centre, radius = view.head.eye_centres[eye], view.head.eye_radii[eye]
            rays = directions[start : start + 5]
            along = -((origin - centre) * rays).sum(axis=1)
            closest = origin + along[:, None] * rays
            beside = ((closest - centre) ** 2).sum(axis=1)
            back = np.sqrt(np.maximum(radius**2 - beside, 0))
            hit = closest - back[:, None] * rays
            eyes.append(((hit - centre) / radius)[:, :2])
        found.append(eyes)
    return np.asarray(np.median(found, axis=0), np.float32)
