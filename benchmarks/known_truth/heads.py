# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads whose every point is known for given weights: what the solver learns from.

ICT-FaceKit (https://github.com/ICT-VGL/ICT-FaceKit, MIT; Li et al., Learning Formation of
Physically-Based Face Attributes, https://arxiv.org/abs/2004.03458) gives a neutral, ten
modes of identity and ARKit's expressions. It has no tongueOut: the tongue is moved here.
Lengths are centimetres; +X the subject's left, +Y up, +Z forward.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mien.models.arkit import CHANNELS, EYE_LOOK_DOWN, EYE_LOOK_SIDEWAYS, EYE_LOOK_UP
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.integer[Any]]

PARTS = ("skin", "hair", "lashes", "teeth", "mouth", "left eye", "right eye", "unseen")

_ICT_PARTS = {
    "M_Face": "skin",
    "M_BackHead": "hair",
    "M_EyeLashes": "lashes",
    "M_Teeth": "teeth",
    "M_GumsTongue": "mouth",
    "M_ScleraLeft": "left eye",
    "M_ScleraRight": "right eye",
}
_TONGUE_PLACE = (0.0, -3.9, 6.4)
_TONGUE_SIZE = (1.7, 0.45, 3.2)
_TONGUE_REACH = 3.4
_TONGUE_RISE = 0.9
_TONGUE_FALL = 1.6


@dataclass(frozen=True, eq=False)
class Head:
    """A head: a neutral, what each channel adds, and eyeballs that turn.

    name: what a person reads.
    vertices: (points, 3) float32, the neutral.
    polygons: (polygons, 4) int32; the fourth corner is -1 in a triangle.
    parts: (polygons,) int8, indices into `PARTS`; the iris is a place on an eye.
    deltas: (52, points, 3) float32 in the order of `CHANNELS`, eyeballs not moved.
    eyes: (2, points) bool: what turns with the left and with the right eye.
    eye_centres: (2, 3) float32, of the left and the right eye.
    eye_radii: (2,) float32.
    """

    name: str
    vertices: Floats
    polygons: Integers
    parts: Integers
    deltas: Floats
    eyes: NDArray[np.bool_]
    eye_centres: Floats
    eye_radii: Floats

    def posed(self, weights: Floats) -> Floats:
        """(points, 3) float32: the head with (52,) weights on, its eyes turned by them."""
        moving = np.flatnonzero(weights)
        posed = self.vertices + np.tensordot(weights[moving], self.deltas[moving], axes=1)
        for centre, which, turn in zip(
            self.eye_centres, self.eyes, eye_turns(weights), strict=True
        ):
            posed[which] = (self.vertices[which] - centre) @ turn.T + centre
        return posed.astype(np.float32)


def gaze(weights: Floats) -> Floats:
    """(…, 2 eyes, 2): pitch (down positive) and yaw (subject's left positive), radians.

    From (…, 52) weights by the angles that `arkit` states for an eyeLook weight of 1.
    """

    def of(name: str) -> Floats:
        return weights[..., CHANNELS.index(name)]

    angles = []
    for side, outward in (("Left", 1), ("Right", -1)):
        down = of(f"eyeLookDown{side}") * EYE_LOOK_DOWN - of(f"eyeLookUp{side}") * EYE_LOOK_UP
        out = (of(f"eyeLookOut{side}") - of(f"eyeLookIn{side}")) * EYE_LOOK_SIDEWAYS
        angles.append(np.stack([down, outward * out], axis=-1))
    return np.stack(angles, axis=-2)


def eye_turns(weights: Floats) -> Floats:
    """(…, 2 eyes, 3, 3): the rotation of each eyeball for (…, 52) weights."""
    angles = gaze(np.asarray(weights, np.float64))
    return rotation(angles[..., 1], angles[..., 0], np.zeros_like(angles[..., 0]))


def rotation(yaw: Floats, pitch: Floats, roll: Floats) -> Floats:
    """(…, 3, 3): Ry(yaw) · Rx(pitch) · Rz(roll) from radians of shape (…)."""
    yaw, pitch, roll = np.broadcast_arrays(yaw, pitch, roll)
    (cy, sy), (cp, sp), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (yaw, pitch, roll))
    rows = [
        [cy * cr + sy * sp * sr, sy * sp * cr - cy * sr, sy * cp],
        [cp * sr, cp * cr, -sp],
        [cy * sp * sr - sy * cr, sy * sr + cy * sp * cr, cy * cp],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


class IctFaceKit:
    """The modes of ICT-FaceKit, read once; `head` gives any identity.

    neutral (points, 3), identities (10, points, 3), deltas (52, points, 3), polygons, parts
    and eyes are as in `Head`.
    """

    def __init__(self, data: Path) -> None:
        """Read `data`/rigs/ict_facekit/ict_facekit.npz. Raises OSError if it is missing."""
        with np.load(data / "rigs" / "ict_facekit" / "ict_facekit.npz") as stored:
            self.neutral = stored["neutral"].astype(np.float32)
            self.identities = stored["identity_deltas"].astype(np.float32)
            names = [str(name) for name in stored["expression_names"]]
            expressions = stored["expression_deltas"].astype(np.float32)
            materials = [str(name) for name in stored["material_names"]]
            material, polygons = stored["material"], stored["faces"].astype(np.int32)
        seen = np.isin(material, [materials.index(name) for name in _ICT_PARTS])
        self.polygons = polygons[seen]
        part_of = {materials.index(name): PARTS.index(part) for name, part in _ICT_PARTS.items()}
        self.parts = np.array([part_of[m] for m in material[seen]], np.int8)
        self.deltas = _by_channel(names, expressions)
        self._add_tongue()
        self.eyes = np.stack(
            [
                points_of(self.polygons[self.parts == PARTS.index(part)], len(self.neutral))
                for part in ("left eye", "right eye")
            ]
        )
        self.deltas[:, self.eyes.any(axis=0)] = 0

    def _add_tongue(self) -> None:
        teeth = points_of(self.polygons[self.parts == PARTS.index("teeth")], len(self.neutral))
        opened = self.deltas[CHANNELS.index("jawOpen"), :, 1]
        tongue, polygons = _tongue()
        added = _tongue_deltas(tongue, self.deltas, teeth & (opened < opened[teeth].min() / 2))
        self.polygons = np.concatenate([self.polygons, polygons + len(self.neutral)])
        self.parts = np.concatenate(
            [self.parts, np.full(len(polygons), PARTS.index("mouth"), np.int8)]
        )
        self.neutral = np.concatenate([self.neutral, tongue])
        self.deltas = np.concatenate([self.deltas, added], axis=1)
        self.identities = np.pad(self.identities, ((0, 0), (0, len(tongue)), (0, 0)))

    def only(self, kept: NDArray[np.bool_]) -> IctFaceKit:
        """The same heads with only the (points,) kept ones and no polygons: quick to make."""
        small = copy.copy(self)
        small.neutral = self.neutral[kept]
        small.identities, small.deltas = self.identities[:, kept], self.deltas[:, kept]
        small.eyes = self.eyes[:, kept]
        small.polygons, small.parts = self.polygons[:0], self.parts[:0]
        return small

    def head(self, identity: Floats, name: str = "ICT") -> Head:
        """The head of (10,) weights of the identity modes; a person has about ±1.5 of each."""
        vertices = self.neutral + np.tensordot(identity, self.identities, axes=1)
        vertices = vertices.astype(np.float32)
        balls = [vertices[which] for which in self.eyes]
        centres = np.stack([(b.min(axis=0) + b.max(axis=0)) / 2 for b in balls])
        radii = np.array([np.ptp(b[:, 1]) / 2 for b in balls])
        return Head(
            name, vertices, self.polygons, self.parts, self.deltas, self.eyes, centres, radii
        )


def points_of(polygons: Integers, count: int) -> NDArray[np.bool_]:
    """(count,) bool: the points that some polygon uses."""
    used = np.zeros(count, bool)
    used[polygons[polygons >= 0]] = True
    return used


def triangles(polygons: Integers) -> Integers:
    """(triangles, 3): quads cut along the first diagonal."""
    quads = polygons[polygons[:, 3] >= 0]
    return np.concatenate([polygons[:, :3], quads[:, [0, 2, 3]]])


def _by_channel(names: list[str], expressions: Floats) -> Floats:
    """(52, points, 3): ICT's expressions under ARKit's names; split ones are added up."""
    deltas = np.zeros((len(CHANNELS), *expressions.shape[1:]), np.float32)
    for name, delta in zip(names, expressions, strict=True):
        whole = name.removesuffix("_L").removesuffix("_R")
        sided = whole + {"_L": "Left", "_R": "Right"}.get(name[-2:], "")
        for channel in (sided, whole):
            if channel in CHANNELS:
                deltas[CHANNELS.index(channel)] += delta
                break
    return deltas


def _tongue() -> tuple[Floats, Integers]:
    """Points and polygons of a plain tongue: a flat ellipsoid behind the teeth."""
    around, along = 16, 12
    turn, slope = np.meshgrid(
        np.linspace(0, 2 * np.pi, around, endpoint=False),
        np.linspace(0.02, np.pi - 0.02, along),
        indexing="ij",
    )
    unit = np.stack(
        [np.sin(slope) * np.cos(turn), np.sin(slope) * np.sin(turn), -np.cos(slope)], axis=-1
    )
    points = (unit * _TONGUE_SIZE + _TONGUE_PLACE).reshape(-1, 3)
    here = np.arange(around * along).reshape(around, along)
    there = np.roll(here, -1, axis=0)
    corners = [here[:, :-1], here[:, 1:], there[:, 1:], there[:, :-1]]
    polygons = np.stack(corners, axis=-1).reshape(-1, 4)
    return points.astype(np.float32), polygons.astype(np.int32)


def _tongue_deltas(tongue: Floats, deltas: Floats, lower_teeth: NDArray[np.bool_]) -> Floats:
    """(52, tongue's points, 3): it follows the lower teeth, and reaches out for tongueOut."""
    moved = deltas[:, lower_teeth].mean(axis=1)[:, None].repeat(len(tongue), axis=1)
    share = (tongue[:, 2] - tongue[:, 2].min()) / np.ptp(tongue[:, 2])
    # The jaw turns about its joint: the root of the tongue moves little.
    moved *= share[:, None]
    out = moved[CHANNELS.index("tongueOut")]
    out[:, 2] += _TONGUE_REACH * share
    out[:, 1] += _TONGUE_RISE * share - _TONGUE_FALL * share**4
    return np.asarray(moved, np.float32)
