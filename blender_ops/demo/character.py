# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo character, put together from its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from . import eyeballs, features, hair, mouth_parts
from .keys import displacements
from .materials import make_materials
from .part import Part
from .proportions import to_scene
from .rig import bind, head_share, make_armature
from .skin import LID_EDGE, LID_LINE, LIP_BORDER, LIP_FRONT, LIP_SEAM, Skin, build_skin


@dataclass(frozen=True)
class DemoCharacter:
    """The objects of a demo character.

    head: the skin with lids, lips and mouth; carries all 52 keys.
    meshes: every mesh, the head first; those that move with a key carry it too.
    """

    collection: bpy.types.Collection
    armature: bpy.types.Object
    head: bpy.types.Object
    meshes: tuple[bpy.types.Object, ...]


def build_demo_character(name: str = "Mien") -> DemoCharacter:
    """Add the demo character to the scene, in a new collection.

    It faces -Y and stands on the ground at the world's origin. Nothing that is there
    is changed: names that are taken get a number. The eyes turn by the bones `eye.L`
    and `eye.R`; the eyeLook keys move the lids only.
    """
    collection = bpy.data.collections.new(name)
    bpy.context.scene.collection.children.link(collection)
    armature = make_armature(name, collection)
    materials = make_materials(name)
    meshes = []
    for part in demo_parts():
        item = _make_object(f"{name} {part.name}", part, materials)
        collection.objects.link(item)
        bind(item, part, armature)
        _subdivide(item, part.smooth)
        meshes.append(item)
    return DemoCharacter(collection, armature, meshes[0], tuple(meshes))


def demo_parts() -> list[Part]:
    """The pieces of the demo character before they become meshes, the skin first."""
    return [
        _skin_part(build_skin()),
        eyeballs.eyeball("L"),
        eyeballs.eyeball("R"),
        eyeballs.glints(),
        features.brows(),
        mouth_parts.upper_teeth(),
        mouth_parts.lower_teeth(),
        mouth_parts.tongue(),
        features.ears(),
        hair.hair(),
        features.shirt(),
    ]


# Height in face space above which an eye's rim is the upper lid's, its corners left out.
_LASHES_FROM = 0.55

_SKIN_MATERIALS = ("skin", "lips", "lip line", "mouth", "lash", "lower lash")


def _skin_part(skin: Skin) -> Part:
    face = skin.face
    share = head_share(face.points)
    return Part(
        "Head",
        face.points,
        list(skin.quads),
        _SKIN_MATERIALS,
        {"head": share, "neck": 1.0 - share},
        [_SKIN_MATERIALS.index(_skin_material(skin, quad)) for quad in skin.quads],
        displacements(face),
    )


def _skin_material(skin: Skin, quad: tuple[int, ...]) -> str:
    """The material of a face, by the outermost ring that it touches."""
    corners = list(quad)
    mouth = skin.face.mouth_ring[corners].min()
    eye = skin.face.eye_ring[corners].min()
    if mouth >= LIP_SEAM:
        return "mouth"
    if mouth >= LIP_BORDER:
        return "lip line" if mouth == LIP_FRONT else "lips"
    if LID_LINE <= eye <= LID_EDGE:
        return "lash" if skin.face.points[corners, 2].mean() > _LASHES_FROM else "lower lash"
    return "skin"


def _make_object(
    name: str, part: Part, materials: dict[str, bpy.types.Material]
) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(to_scene(part.points).tolist(), [], part.faces)
    for material in part.materials:
        mesh.materials.append(materials[material])
    if part.paint:
        mesh.polygons.foreach_set("material_index", part.paint)
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    mesh.update()
    item = bpy.data.objects.new(name, mesh)
    if part.keys:
        _add_keys(item, part)
    return item


def _add_keys(item: bpy.types.Object, part: Part) -> None:
    item.shape_key_add(name="Basis", from_mix=False)
    for channel, displacement in part.keys.items():
        key = item.shape_key_add(name=channel, from_mix=False)
        key.value, key.slider_min, key.slider_max = 0.0, 0.0, 1.0
        place = to_scene(part.points + displacement).astype(np.float32)
        key.data.foreach_set("co", place.ravel())


def _subdivide(item: bpy.types.Object, levels: int) -> None:
    if levels:
        modifier: Any = item.modifiers.new("Subdivision", "SUBSURF")
        modifier.levels, modifier.render_levels = 1, levels
