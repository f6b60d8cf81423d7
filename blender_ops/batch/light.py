# SPDX-License-Identifier: GPL-3.0-or-later
"""Light and a background for a file that brings none."""

from __future__ import annotations

import math
from typing import Any

import bpy

# A world that shines at least this much was lit by someone; Blender's own grey is 0.05.
_LIT = 0.1

# Power in W/m², and turns about X and Z of a sun that shines down: from the front, above left;
# weaker from the right; and from behind, for an edge.
_SUNS = (("key", 2.6, 50, -35), ("fill", 0.9, 70, 50), ("rim", 1.6, 55, 160))


_GREY = (0.16, 0.17, 0.18)


def light_face(scene: bpy.types.Scene) -> bool:
    """Light what faces −Y by three suns if nothing lights the scene; whether that was so.

    Workbench needs no light. A scene without a world gets a grey one behind the face.
    """
    lit = _is_lit(scene)
    if scene.world is None:
        scene.world = _grey_world()
    render: Any = scene.render
    if lit or render.engine == "BLENDER_WORKBENCH":
        return False
    for name, power, down, around in _SUNS:
        data: Any = bpy.data.lights.new(f"Mien {name}", "SUN")
        data.energy, data.angle = power, math.radians(10)
        sun = bpy.data.objects.new(f"Mien {name}", data)
        sun.rotation_euler = (math.radians(down), 0, math.radians(around))
        scene.collection.objects.link(sun)
    return True


def _grey_world() -> Any:
    world: Any = bpy.data.worlds.new("Mien world")
    world.color = _GREY  # what Workbench shows
    if bpy.app.version < (5, 0):
        world.use_nodes = True
    background = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = (*_GREY, 1.0)
    return world


def _is_lit(scene: bpy.types.Scene) -> bool:
    if any(item.type == "LIGHT" and not item.hide_render for item in scene.objects):
        return True
    world: Any = scene.world
    if world is None:
        return False
    if not world.use_nodes or world.node_tree is None:
        return bool(max(world.color) >= _LIT)
    return any(_shines(node) for node in world.node_tree.nodes if node.type == "BACKGROUND")


def _shines(node: Any) -> bool:
    colour, strength = node.inputs["Color"], node.inputs["Strength"]
    if colour.is_linked or strength.is_linked:  # a picture of a sky, for one
        return True
    return bool(max(colour.default_value[:3]) * strength.default_value >= _LIT)
