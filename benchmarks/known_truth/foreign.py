# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads of other families than ICT-FaceKit, for measuring only: nothing is trained on them.

Face Cap's generic head (https://github.com/hizzlehoff/FaceCapOSCReceiverExample, MIT) and
MakeHuman's base mesh (https://github.com/makehumancommunity/makehuman, CC0) with the ARKit
targets of TalkingHead (https://github.com/met4citizen/TalkingHead, MIT).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mien.benchmarks.known_truth.heads import PARTS, Floats, Head, Integers, points_of
from mien.models.arkit import CHANNELS, mirrored

from .paint import Outlines

_MAKEHUMAN_PARTS = {
    "body": "skin",
    "helper-l-eye": "left eye",
    "helper-r-eye": "right eye",
    "helper-upper-teeth": "teeth",
    "helper-lower-teeth": "teeth",
    "helper-tongue": "mouth",
}
# Decimetres, and the place of ICT-FaceKit's origin between MakeHuman's eyes.
_MAKEHUMAN_ORIGIN = np.array((0.0, 6.92, 0.45))
_MAKEHUMAN_NECK = 6.1
_FACE_CAP_ORIGIN = np.array((0.0, -0.011, -0.045))
_FACE_CAP_PARTS = {"head": "skin", "teeth": "teeth", "eyeLeft": "", "eyeRight": ""}


_OUTLINES = {
    "Face Cap": Outlines(
        (
            np.array([(-5.7, 4.8), (-5.0, 5.3), (-4.1, 5.5), (-2.8, 5.45), (-1.3, 5.1)]),
            np.array([(1.3, 5.1), (2.8, 5.45), (4.1, 5.5), (5.0, 5.3), (5.7, 4.8)]),
        ),
        np.array(
            (
                *((-2.5, -3.3), (-1.8, -3.7), (-0.6, -4.0), (0.6, -4.0), (1.8, -3.7), (2.5, -3.3)),
                *((2.0, -3.1), (0.8, -2.75), (0.0, -2.85), (-0.8, -2.75), (-2.0, -3.1)),
            )
        ),
    ),
    "MakeHuman": Outlines(
        (
            np.array([(-5.3, 4.9), (-4.7, 5.3), (-3.8, 5.45), (-2.7, 5.35), (-1.3, 5.0)]),
            np.array([(1.3, 5.0), (2.7, 5.35), (3.8, 5.45), (4.7, 5.3), (5.3, 4.9)]),
        ),
        np.array(
            (
                *((-2.65, -3.05), (-2.0, -3.65), (-0.75, -4.2), (0.75, -4.2), (2.0, -3.65)),
                *((2.65, -3.05), (2.05, -2.7), (0.8, -2.25), (0.0, -2.4), (-0.8, -2.25)),
                (-2.05, -2.7),
            )
        ),
    ),
}


def makehuman(data: Path) -> Head:
    """MakeHuman's head with the neck. Raises OSError if its files are missing."""
    folder = data / "rigs" / "makehuman"
    vertices, polygons, parts = _read_object(folder / "base.obj")
    deltas = np.zeros((len(CHANNELS), *vertices.shape), np.float32)
    for index, channel in enumerate(CHANNELS):
        rows = np.loadtxt(folder / "final-talkinghead" / f"{channel}.target", comments="#", ndmin=2)
        deltas[index, rows[:, 0].astype(int)] = rows[:, 1:] * 10
    above = (vertices[polygons[:, 0], 1] > _MAKEHUMAN_NECK) & (parts >= 0)
    placed = (vertices - _MAKEHUMAN_ORIGIN) * 10
    return _assembled("MakeHuman", placed, polygons[above], parts[above], deltas)


def _read_object(path: Path) -> tuple[Floats, Integers, Integers]:
    vertices, polygons, parts = [], [], []
    part = -1
    for line in path.read_text().splitlines():
        key, _, rest = line.partition(" ")
        if key == "v":
            vertices.append([float(x) for x in rest.split()])
        elif key == "g":
            part = PARTS.index(_MAKEHUMAN_PARTS[rest]) if rest in _MAKEHUMAN_PARTS else -1
        elif key == "f":
            corners = [int(corner.split("/")[0]) - 1 for corner in rest.split()]
            polygons.append(([*corners, -1])[:4])
            parts.append(part)
    return np.array(vertices), np.array(polygons, np.int32), np.array(parts, np.int8)


def face_cap(data: Path) -> Head:
    """Face Cap's generic head. Empties Blender's scene; needs Blender 4.5 or later."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.fbx_import(filepath=str(data / "rigs" / "face_cap" / "FaceCapHeadGeneric.fbx"))
    bpy.context.view_layer.update()
    vertices, polygons, parts, deltas, start = [], [], [], [], 0
    for name, part in _FACE_CAP_PARTS.items():
        placed = bpy.data.objects[name]
        points = _from_blender(placed, _points(placed.data.vertices))
        # The file names its eyes as seen from the front.
        part = part or ("left eye" if points[:, 0].mean() > 0 else "right eye")
        corners = [([*p.vertices, -1])[:4] for p in placed.data.polygons]
        corners = np.array(corners, np.int32)
        polygons.append(np.where(corners >= 0, corners + start, -1))
        parts.append(np.full(len(corners), PARTS.index(part), np.int8))
        vertices.append(points)
        deltas.append(_shape_keys(placed, points))
        start += len(points)
    return _assembled(
        "Face Cap",
        (np.concatenate(vertices) - _FACE_CAP_ORIGIN) * 100,
        np.concatenate(polygons),
        np.concatenate(parts),
        np.concatenate(deltas, axis=1) * 100,
    )


def foreign_outlines(name: str) -> Outlines:
    """Where brows and lips lie on these heads, in centimetres: neither file says it."""
    return _OUTLINES[name]


def _points(container: Any) -> Floats:
    values = np.empty(len(container) * 3, np.float32)
    container.foreach_get("co", values)
    return values.reshape(-1, 3)


def _from_blender(placed: Any, points: Floats) -> Floats:
    """World places in the axes of a head that faces -Y in Blender."""
    matrix = np.array(placed.matrix_world)
    x, y, z = (points @ matrix[:3, :3].T + matrix[:3, 3]).T
    return np.stack([x, z, -y], axis=1)


def _shape_keys(placed: Any, rest: Floats) -> Floats:
    """(52, points, 3) in metres; a key's side is where it moves the face."""
    deltas = np.zeros((len(CHANNELS), *rest.shape), np.float32)
    if placed.data.shape_keys is None:
        return deltas
    for key in placed.data.shape_keys.key_blocks[1:]:
        delta = _from_blender(placed, _points(key.data)) - rest
        name = key.name.replace("_L", "Left").replace("_R", "Right")
        if name.endswith(("Left", "Right")) and mirrored(name) != name and "_" in key.name:
            side = float((np.abs(delta).sum(axis=1) * rest[:, 0]).sum())
            name = name.removesuffix("Left").removesuffix("Right")
            name += "Left" if side > 0 else "Right"
        if name in CHANNELS:
            deltas[CHANNELS.index(name)] = delta
    return deltas


def _assembled(
    name: str, vertices: Floats, polygons: Integers, parts: Integers, deltas: Floats
) -> Head:
    """A head without the points that no polygon uses."""
    used = points_of(polygons, len(vertices))
    number = np.where(used, np.cumsum(used) - 1, -1)
    polygons = np.where(polygons >= 0, number[polygons], -1).astype(np.int32)
    vertices, deltas = vertices[used].astype(np.float32), deltas[:, used].astype(np.float32)
    eyes, centres, radii = [], [], []
    for part in ("left eye", "right eye"):
        index = PARTS.index(part)
        ball = vertices[points_of(polygons[parts == index], len(vertices))]
        centre, radius = (ball.min(axis=0) + ball.max(axis=0)) / 2, float(np.ptp(ball[:, 1])) / 2
        points, faces = _eyeball(centre, radius)
        polygons = np.concatenate(
            [polygons[parts != index], np.where(faces >= 0, faces + len(vertices), -1)]
        )
        parts = np.concatenate([parts[parts != index], np.full(len(faces), index, np.int8)])
        eyes.append(np.arange(len(points)) + len(vertices))
        vertices = np.concatenate([vertices, points])
        centres.append(centre)
        radii.append(radius)
    turning = np.zeros((2, len(vertices)), bool)
    for row, which in zip(turning, eyes, strict=True):
        row[which] = True
    deltas = np.pad(deltas, ((0, 0), (0, len(vertices) - deltas.shape[1]), (0, 0)))
    return Head(
        name, vertices, polygons, parts, deltas, turning, np.stack(centres), np.array(radii)
    )


def _eyeball(centre: Floats, radius: float) -> tuple[Floats, Integers]:
    """A smooth ball, its pole to the front: the heads' own eyes have layers or few points."""
    around, along = 32, 24
    turn, slope = np.meshgrid(
        np.linspace(0, 2 * np.pi, around, endpoint=False),
        np.pi * np.linspace(0.08, 1, along) ** 1.5,
        indexing="ij",
    )
    unit = np.stack(
        [np.sin(slope) * np.cos(turn), np.sin(slope) * np.sin(turn), np.cos(slope)], axis=-1
    ).reshape(-1, 3)
    here = np.arange(around * along).reshape(around, along)
    there = np.roll(here, -1, axis=0)
    sides = np.stack([here[:, :-1], here[:, 1:], there[:, 1:], there[:, :-1]], axis=-1)
    # A fan closes the ball at the pupil.
    front = np.array([0.0, 0.0, 1.0])
    points = np.concatenate([unit, front[None]]) * radius + centre
    fan = np.stack([np.full(around, len(unit)), here[:, 0], there[:, 0], np.full(around, -1)], 1)
    polygons = np.concatenate([sides.reshape(-1, 4), fan])
    return points.astype(np.float32), polygons.astype(np.int32)
