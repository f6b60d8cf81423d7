# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain materials in the place of a character's own, in the colours that these would render.

Workbench knows a material's viewport colour and its picture, not its nodes; many characters
were never given a viewport colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy

# What has no material at all looks as if made of clay.
_CLAY = (0.62, 0.5, 0.43, 1.0)
# Blender's own viewport colour, which says that nobody chose one.
_UNCHOSEN = (0.8, 0.8, 0.8, 1.0)


def plain_materials(
    materials: Sequence[bpy.types.Material | None],
) -> list[bpy.types.Material]:
    """Plain ones, for a copied mesh; those with a picture stay. The caller removes them."""
    return [_plain_for(material) for material in materials or (None,)]


def _plain_for(material: bpy.types.Material | None) -> bpy.types.Material:
    if material is None:
        return _plain("Mien clay", _CLAY, 0.6)
    if _has_picture(material):
        return material
    return _plain(material.name, _colour_of(material), material.roughness)


def _plain(name: str, colour: tuple[float, ...], roughness: float) -> bpy.types.Material:
    made = bpy.data.materials.new(name)
    diffuse: Any = colour  # The stubs of some versions know arrays only.
    made.diffuse_color = diffuse
    made.roughness = roughness
    return made


def _colour_of(material: bpy.types.Material) -> tuple[float, ...]:
    """Its viewport colour where one was chosen, else that of its surface shader."""
    diffuse: Any = material.diffuse_color
    chosen: tuple[float, ...] = tuple(diffuse)
    if any(abs(a - b) > 1e-4 for a, b in zip(chosen, _UNCHOSEN, strict=True)):
        return chosen
    for node in _nodes(material):
        inputs: Any = node.inputs
        base = inputs.get("Base Color") or (inputs.get("Color") if "BSDF" in node.type else None)
        if base is not None and not base.is_linked:
            return (*tuple(base.default_value)[:3], 1.0)
    return chosen


def _has_picture(material: bpy.types.Material) -> bool:
    return any(
        node.type == "TEX_IMAGE" and node.image is not None and node.image.size[0] > 0
        for node in _nodes(material)
    )


def _nodes(material: Any) -> Any:
    return material.node_tree.nodes if material.node_tree is not None else ()
