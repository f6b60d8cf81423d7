# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain materials that look alike in Workbench, EEVEE and Cycles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy


@dataclass(frozen=True)
class Paint:
    """A colour (linear RGB), its roughness and how much light it gives of itself."""

    colour: tuple[float, float, float]
    roughness: float = 0.5
    glow: float = 0.0


PAINTS: dict[str, Paint] = {
    "skin": Paint((0.90, 0.56, 0.41), 0.48),
    "lips": Paint((0.78, 0.34, 0.27), 0.42),
    "lip line": Paint((0.36, 0.085, 0.075), 0.5),
    "mouth": Paint((0.11, 0.015, 0.02), 0.6),
    "lash": Paint((0.035, 0.018, 0.014), 0.5),
    "lower lash": Paint((0.40, 0.17, 0.11), 0.5),
    "eyeball": Paint((0.93, 0.93, 0.91), 0.18),
    "iris": Paint((0.08, 0.36, 0.42), 0.2),
    "iris rim": Paint((0.015, 0.10, 0.14), 0.2),
    "pupil": Paint((0.006, 0.006, 0.008), 0.15),
    "glint": Paint((1.0, 1.0, 1.0), 0.2, 1.0),
    "teeth": Paint((0.93, 0.90, 0.84), 0.25, 0.3),
    "tongue": Paint((0.72, 0.20, 0.20), 0.4, 0.15),
    "hair": Paint((0.13, 0.045, 0.022), 0.45),
    "shirt": Paint((0.04, 0.26, 0.36), 0.65),
}


def make_materials(character: str) -> dict[str, bpy.types.Material]:
    """A new material for every paint, named after the character."""
    return {name: _make(f"{character} {name}", paint) for name, paint in PAINTS.items()}


def _make(name: str, paint: Paint) -> bpy.types.Material:
    made = bpy.data.materials.new(name)
    material: Any = made
    colour = (*paint.colour, 1.0)
    material.diffuse_color = colour
    material.roughness = paint.roughness
    if material.node_tree is None:
        material.use_nodes = True
    shader = next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = colour
    shader.inputs["Roughness"].default_value = paint.roughness
    if paint.glow:
        shader.inputs["Emission Color"].default_value = colour
        shader.inputs["Emission Strength"].default_value = paint.glow
    return made
