# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes of the scene as one head in the axes of `models`: +X left, +Y up, +Z forward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...models.errors import TransferError
from ...models.performance import Floats
from ...models.transfer.surface import Integers, Surface, triangles_of
from ...models.transfer.transfer import HeadShape
from ..character import shape_keys_of

_LARGEST_TEXTURE = 4096 * 4096


@dataclass(frozen=True, eq=False)
class MeshPart:
    """Which points of a head are a mesh's. matrix: (3, 3) from its axes to the world's."""

    mesh: bpy.types.Object
    start: int
    end: int
    matrix: Floats

    def local(self, deltas: Floats) -> Floats:
        """Displacements (m, 3) of a head's axes in those of the mesh."""
        x, y, z = deltas.T
        world = np.stack([x, -z, y], axis=1)
        return np.asarray(world @ np.linalg.inv(self.matrix).T)


def meshes_of(chosen: bpy.types.Object) -> tuple[bpy.types.Object, ...]:
    """The meshes that belong to one character, whether or not they have shape keys.

    Those that the same armature moves, or hang from the same topmost parent.
    Raises TransferError if there is none.
    """
    root = _armature_of(chosen) or chosen
    while root.type != "ARMATURE" and root.parent is not None:
        root = root.parent
    members = [root, *root.children_recursive]
    for each in bpy.data.objects:
        if root.type == "ARMATURE" and _modifier_armature(each) == root and each not in members:
            members.append(each)
    meshes = tuple(each for each in members if each.type == "MESH" and each.data.polygons)
    if not meshes:
        raise TransferError(f"“{chosen.name}” has no mesh with faces: select the head's mesh.")
    return meshes


def read_head(meshes: Sequence[bpy.types.Object]) -> tuple[HeadShape, tuple[MeshPart, ...]]:
    """Meshes at rest as one head, without modifiers.

    Raises TransferError for a mesh that cannot be read as it stands.
    """
    points, triangles, colours, names, parts = [], [], [], [], []
    start = 0
    for mesh in meshes:
        _refuse_mirror(mesh)
        own = _rest_points(mesh)
        matrix = np.array(mesh.matrix_world, np.float64)
        if abs(np.linalg.det(matrix[:3, :3])) < 1e-18:
            raise TransferError(f"“{mesh.name}” is scaled to nothing: apply its scale.")
        points.append(to_head_axes(own @ matrix[:3, :3].T + matrix[:3, 3]))
        triangles.append(_triangles(mesh, np.linalg.det(matrix[:3, :3]) < 0) + start)
        colours.append(_colours(mesh))
        names.append(_names(mesh))
        parts.append(MeshPart(mesh, start, start + len(own), matrix[:3, :3]))
        start += len(own)
    surface = Surface(np.concatenate(points), np.concatenate(triangles))
    if not len(surface.triangles) or not np.all(np.isfinite(surface.points)):
        raise TransferError(
            f"“{meshes[0].name}” has no faces, or points that are nowhere: repair the mesh."
        )
    return HeadShape(surface, np.concatenate(colours), np.concatenate(names)), tuple(parts)


def to_head_axes(points: Floats) -> Floats:
    """Blender's world (a character looks along −Y) in a head's axes."""
    x, y, z = points.T
    return np.stack([x, z, -y], axis=1)


def key_points(block: Any) -> Floats:
    """(n, 3) places of a shape key."""
    values = np.empty(len(block.data) * 3, np.float32)
    block.data.foreach_get("co", values)
    return np.asarray(values.reshape(-1, 3), np.float64)


def _rest_points(mesh: bpy.types.Object) -> Floats:
    keys = shape_keys_of(mesh)
    if keys is not None:
        return key_points(keys.reference_key)
    values = np.empty(len(mesh.data.vertices) * 3, np.float32)
    mesh.data.vertices.foreach_get("co", values)
    return np.asarray(values.reshape(-1, 3), np.float64)


def _triangles(mesh: bpy.types.Object, mirrored: bool) -> Integers:
    faces: Any = mesh.data.polygons
    polygons = [tuple(face.vertices) for face in faces]
    triangles = triangles_of(polygons)
    return triangles[:, ::-1] if mirrored else triangles


def _refuse_mirror(mesh: bpy.types.Object) -> None:
    for modifier in mesh.modifiers:
        if modifier.type in ("MIRROR", "SCREW", "ARRAY") and modifier.show_viewport:
            raise TransferError(
                f"“{mesh.name}” is only a part of what the modifier “{modifier.name}” makes "
                "of it: apply that modifier first."
            )


def _names(mesh: bpy.types.Object) -> Any:
    """(n,) for each point the object's name and the material's."""
    slots = [f"{mesh.name} {s.material.name if s.material else ''}" for s in mesh.material_slots]
    slots = slots or [mesh.name]
    return np.array(slots)[_material_of_points(mesh, len(slots))]


def _material_of_points(mesh: bpy.types.Object, count: int) -> Integers:
    data: Any = mesh.data
    material = np.zeros(len(data.polygons), np.int32)
    data.polygons.foreach_get("material_index", material)
    loops = np.zeros(len(data.loops), np.int32)
    data.loops.foreach_get("vertex_index", loops)
    lengths = np.zeros(len(data.polygons), np.int32)
    data.polygons.foreach_get("loop_total", lengths)
    result = np.zeros(len(data.vertices), np.int64)
    result[loops] = np.repeat(np.clip(material, 0, count - 1), lengths)
    return result


def _colours(mesh: bpy.types.Object) -> Floats:
    """(n, 3) blue, green, red, linear: of the textures or else of the materials."""
    materials = [slot.material for slot in mesh.material_slots] or [None]
    of_point = _material_of_points(mesh, len(materials))
    result = np.array([_plain_colour(material) for material in materials])[of_point]
    place = _texture_places(mesh)
    for index, material in enumerate(materials):
        image = _texture(material)
        if image is not None and place is not None:
            pixels = _pixels(image)
            which = np.flatnonzero(of_point == index)
            height, width = pixels.shape[:2]
            column = (place[which, 0] % 1 * width).astype(int) % width
            row = (place[which, 1] % 1 * height).astype(int) % height
            result[which] = np.clip(pixels[row, column, 2::-1], 0, 1) ** 2.2
    return result


def _plain_colour(material: Any) -> tuple[float, float, float]:
    if material is None:
        return (0.45, 0.5, 0.6)
    shader = _shader(material)
    colour = shader.inputs["Base Color"].default_value if shader else material.diffuse_color
    red, green, blue = colour[:3]
    return (blue, green, red)


def _shader(material: Any) -> Any:
    if material is None or material.node_tree is None:
        return None
    nodes = material.node_tree.nodes
    return next((node for node in nodes if node.type == "BSDF_PRINCIPLED"), None)


def _texture(material: Any) -> Any:
    shader = _shader(material)
    links = shader.inputs["Base Color"].links if shader else ()
    node = links[0].from_node if links else None
    image = node.image if node is not None and node.type == "TEX_IMAGE" else None
    if image is None or not 0 < image.size[0] * image.size[1] <= _LARGEST_TEXTURE:
        return None
    return image if image.channels >= 3 else None


def _pixels(image: Any) -> Floats:
    values = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(values)
    return values.reshape(image.size[1], image.size[0], image.channels)


def _texture_places(mesh: bpy.types.Object) -> Floats | None:
    data: Any = mesh.data
    if data.uv_layers.active is None:
        return None
    values = np.empty(len(data.loops) * 2, np.float32)
    data.uv_layers.active.data.foreach_get("uv", values)
    loops = np.zeros(len(data.loops), np.int32)
    data.loops.foreach_get("vertex_index", loops)
    result = np.zeros((len(data.vertices), 2))
    result[loops] = values.reshape(-1, 2)
    return result


def _armature_of(chosen: bpy.types.Object) -> bpy.types.Object | None:
    ancestor: bpy.types.Object | None = chosen
    while ancestor is not None:
        if ancestor.type == "ARMATURE":
            return ancestor
        if (armature := _modifier_armature(ancestor)) is not None:
            return armature
        ancestor = ancestor.parent
    return None


def _modifier_armature(chosen: bpy.types.Object) -> bpy.types.Object | None:
    modifiers: list[Any] = [each for each in chosen.modifiers if each.type == "ARMATURE"]
    return next((each.object for each in modifiers if each.object is not None), None)
