# SPDX-License-Identifier: GPL-3.0-or-later
"""Landmarks placed by hand: empties on the face, named for where they belong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import bpy
import numpy as np

from ...models.errors import TransferError
from ...models.performance import Floats
from ...models.transfer.hand_marks import MARKS
from ...models.transfer.registration import face_size
from ...models.transfer.transfer import HeadShape, found_face
from ..steps import Steps, finished
from .heads import meshes_of, read_head, to_head_axes

COLLECTION = "Mien Landmarks"
_PROPERTY = "mien_landmark"


def placed_landmarks(
    scene: bpy.types.Scene, meshes: Sequence[bpy.types.Object]
) -> dict[int, Floats]:
    """Landmarks that someone placed for these meshes, number → place in a head's axes."""
    owner = {mesh.name for mesh in meshes}
    result = {}
    for each in scene.objects:
        number = each.get(_PROPERTY)
        if isinstance(number, int) and each.get("mien_head", "") in owner:
            place = np.array(each.matrix_world.translation)[None]
            result[number] = to_head_axes(place)[0]
    return result


def add_landmarks(
    scene: bpy.types.Scene, mesh: bpy.types.Object, places: Mapping[int, Floats], size: float
) -> list[bpy.types.Object]:
    """Empties at places (in the head's axes) of the marks, to be moved where they belong.

    size: how large they are drawn. Empties that are there already stay.
    """
    collection = bpy.data.collections.get(COLLECTION) or bpy.data.collections.new(COLLECTION)
    if collection.name not in scene.collection.children:
        scene.collection.children.link(collection)
    there = placed_landmarks(scene, [mesh])
    made = []
    for name, number in MARKS.items():
        if number in there or number not in places:
            continue
        x, y, z = places[number]
        empty = bpy.data.objects.new(f"Mien {name}", None)
        empty.empty_display_type, empty.empty_display_size = "SPHERE", size
        empty.show_in_front = empty.show_name = True
        empty.location = (x, -z, y)
        empty[_PROPERTY], empty["mien_head"] = number, mesh.name
        collection.objects.link(empty)
        made.append(empty)
    return made


def add_landmarks_to(scene: bpy.types.Scene, chosen: bpy.types.Object) -> list[bpy.types.Object]:
    """Empties where Mien sees the face of a character; in a row beside it where it sees none.

    Raises TransferError if the character cannot be read.
    """
    mesh, head = head_of(chosen)
    return finished(add_landmarks_in_steps(scene, mesh, landmark_places(head)))


def head_of(chosen: bpy.types.Object) -> tuple[bpy.types.Object, HeadShape]:
    """A character's first mesh, and all of its meshes as one head.

    Raises TransferError if they cannot be read.
    """
    meshes = meshes_of(chosen)
    head, _ = read_head(meshes)
    return meshes[0], head


@dataclass(frozen=True)
class LandmarkPlaces:
    """Where landmarks belong, in the head's axes, by number, and how large to draw them."""

    places: Mapping[int, Floats]
    size: float


def landmark_places(head: HeadShape) -> LandmarkPlaces:
    """Where Mien sees a head's face; in a row beside it where it sees none.

    Takes seconds, and touches nothing of Blender's: it may run in a thread.
    """
    points = head.surface.points[np.unique(head.surface.triangles)]
    height = float(np.ptp(points[:, 1]))
    try:
        face = found_face(head)
    except TransferError:
        top, side = points[:, 1].max(), points[:, 0].max() + 0.1 * height
        front = points[:, 2].max()
        places = {
            number: np.array((side, top - 0.02 * height * index, front))
            for index, number in enumerate(MARKS.values())
        }
        return LandmarkPlaces(places, 0.01 * height)
    size = face_size(face.landmarks, np.maximum(face.confidence, 1e-6))
    return LandmarkPlaces(
        {number: face.landmarks[number] for number in MARKS.values()}, 0.03 * size
    )


def add_landmarks_in_steps(
    scene: bpy.types.Scene, mesh: bpy.types.Object, found: LandmarkPlaces
) -> Steps[list[bpy.types.Object]]:
    """The same as `add_landmarks`, all in the last step: before it nothing was done."""
    yield 0.0
    try:
        return add_landmarks(scene, mesh, found.places, found.size)
    except ReferenceError:
        raise TransferError("The scene or the mesh was deleted meanwhile.") from None
