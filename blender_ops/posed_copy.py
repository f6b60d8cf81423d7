# SPDX-License-Identifier: GPL-3.0-or-later
"""A character's looks with another expression, while the character itself stays as it is.

The expression is put on the character, Blender evaluates it with all its bones, drivers and
modifiers, what is seen of it is read as plain numbers, and everything is set back: at one
stroke, so that no redraw and no undo step sees anything of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ..models.performance import Floats
from .character import Character
from .posing import Face

# What has a surface that can be read as a mesh.
_WITH_SURFACE = {"MESH", "CURVE", "SURFACE", "FONT", "META"}


@dataclass(frozen=True, eq=False)
class Topology:
    """How the vertices of a surface hang together, and what it looks like.

    corners: (corners,) their vertices. starts: (faces,) the first corner of each face.
    slots: (faces,) numbers of materials. smooth: (faces,). uv: (corners, 2), or none.
    """

    corners: NDArray[np.int32]
    starts: NDArray[np.int32]
    slots: NDArray[np.int32]
    smooth: NDArray[np.bool_]
    uv: Floats | None

    def fits(self, mesh: bpy.types.Mesh) -> bool:
        """Whether a mesh has as many corners and faces."""
        return (len(mesh.loops), len(mesh.polygons)) == (len(self.corners), len(self.starts))


@dataclass(frozen=True, eq=False)
class Surface:
    """What is seen of one object.

    places: (vertices, 3) in its own space. matrix: where that is in the world. materials:
    those of the object itself, None for empty slots.
    """

    places: Floats
    topology: Topology
    matrix: Matrix
    materials: tuple[bpy.types.Material | None, ...]


def visible_parts(
    character: Character, view_layer: bpy.types.ViewLayer
) -> tuple[bpy.types.Object, ...]:
    """The objects of a character that have a surface and are shown in a view layer."""
    root = character.armature or character.meshes[0]
    while character.armature is None and root.parent is not None:
        root = root.parent
    members = dict.fromkeys((*character.meshes, root, *root.children_recursive))
    if character.armature is not None:
        members |= dict.fromkeys(
            each
            for each in bpy.data.objects
            if any(_armature_of(modifier) == character.armature for modifier in each.modifiers)
        )
    return tuple(
        each
        for each in members
        if each.type in _WITH_SURFACE and each.visible_get(view_layer=view_layer)
    )


@contextlib.contextmanager
def shown_for_a_moment(
    face: Face, weights: Floats, view_layer: bpy.types.ViewLayer
) -> Iterator[bpy.types.Depsgraph]:
    """The scene evaluated with an expression, (52,) weights, on a face; then it is set back.

    Raises CharacterError if something of the character is gone.
    """
    before = face.values()
    try:
        face.show(face.values_for(weights))
        view_layer.update()
        depsgraph = view_layer.depsgraph
        assert depsgraph is not None, "it is there once the view layer is updated"
        yield depsgraph
    finally:
        face.show(before)
        view_layer.update()


def surfaces_of(
    parts: Sequence[bpy.types.Object],
    depsgraph: bpy.types.Depsgraph,
    before: Sequence[Surface] = (),
) -> list[Surface]:
    """The surfaces of evaluated objects.

    before: those of the same objects with another expression, which moves their vertices but
    hangs them together no other way.
    """
    made: list[Surface] = []
    for part in parts:
        evaluated: Any = part.evaluated_get(depsgraph)
        mesh = evaluated.to_mesh(depsgraph=depsgraph)
        if mesh is None:
            continue
        try:
            known = before[len(made)].topology if len(made) < len(before) else None
            topology = known if known is not None and known.fits(mesh) else _topology(mesh)
            places = _read(mesh.vertices, "co", np.float32, 3)
        finally:
            evaluated.to_mesh_clear()
        materials = tuple(slot.material for slot in part.material_slots)
        made.append(Surface(places, topology, evaluated.matrix_world.copy(), materials))
    return made


def mesh_of(surface: Surface) -> bpy.types.Mesh:
    """A new mesh that looks like a surface, without materials; the caller removes it."""
    topology = surface.topology
    mesh: Any = bpy.data.meshes.new("Mien gallery")
    mesh.vertices.add(len(surface.places))
    mesh.loops.add(len(topology.corners))
    mesh.polygons.add(len(topology.starts))
    mesh.vertices.foreach_set("co", surface.places.ravel())
    mesh.loops.foreach_set("vertex_index", topology.corners)
    mesh.polygons.foreach_set("loop_start", topology.starts)
    # As attributes these are set all at once.
    if topology.slots.any():
        slots = mesh.attributes.new("material_index", "INT", "FACE")
        slots.data.foreach_set("value", topology.slots)
    if not topology.smooth.all():
        sharp = mesh.attributes.new("sharp_face", "BOOLEAN", "FACE")
        sharp.data.foreach_set("value", ~topology.smooth)
    if topology.uv is not None:
        mesh.uv_layers.new(do_init=False).uv.foreach_set("vector", topology.uv.ravel())
    mesh.update(calc_edges=True)
    return mesh  # type: ignore[no-any-return]


def _topology(mesh: Any) -> Topology:
    uv = mesh.uv_layers.active
    return Topology(
        corners=_read(mesh.loops, "vertex_index", np.int32),
        starts=_read(mesh.polygons, "loop_start", np.int32),
        slots=_read(mesh.polygons, "material_index", np.int32),
        smooth=_read(mesh.polygons, "use_smooth", np.bool_),
        uv=None if uv is None else _read(uv.uv, "vector", np.float32, 2),
    )


def _read(rows: Any, name: str, dtype: type, width: int = 1) -> Any:
    values: NDArray[Any] = np.empty(len(rows) * width, dtype)
    rows.foreach_get(name, values)
    return values if width == 1 else values.reshape(-1, width)


def _armature_of(modifier: Any) -> Any:
    return modifier.object if modifier.type == "ARMATURE" else None
