# SPDX-License-Identifier: GPL-3.0-or-later
"""A camera, lights and a backdrop that show the demo character well in every engine."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Vector

LOOK_AT = (0.0, 0.0, 0.135)


def build_demo_scene(scene: bpy.types.Scene | None = None) -> bpy.types.Object:
    """Add camera, three lights and a world to a scene, and make them current.

    scene: the one in the window if none is given. Returns the camera. The world that
    was set before stays in the file.
    """
    scene = scene or bpy.context.scene
    collection = bpy.data.collections.new("Mien Stage")
    scene.collection.children.link(collection)
    camera = bpy.data.cameras.new("Mien Camera")
    camera.lens = 85.0
    camera_object = _place(collection, camera, (0.0, -1.02, 0.15))
    scene.camera = camera_object
    _light(collection, "Mien Key Light", (-0.7, -1.0, 0.85), 10.5, 0.6, (1.0, 0.95, 0.88))
    _light(collection, "Mien Fill Light", (0.95, -0.8, 0.25), 2.0, 0.9, (0.85, 0.92, 1.0))
    _light(collection, "Mien Rim Light", (0.35, 0.8, 0.75), 6.0, 0.4, (1.0, 0.97, 0.95))
    world = bpy.data.worlds.new("Mien World")
    colour = (0.55, 0.62, 0.66)
    world.color = colour
    if world.node_tree is None:
        world.use_nodes = True
    background = next(n for n in world.node_tree.nodes if n.type == "BACKGROUND")
    background.inputs["Color"].default_value = (*colour, 1.0)
    background.inputs["Strength"].default_value = 0.75
    scene.world = world
    scene.view_settings.view_transform = "Standard"
    shading = scene.display.shading
    shading.light, shading.color_type = "STUDIO", "MATERIAL"
    shading.studio_light = "paint.sl"
    shading.show_specular_highlight = True
    shading.show_cavity = True
    shading.cavity_type = "SCREEN"
    shading.curvature_valley_factor = 0.7
    return camera_object


def _place(
    collection: bpy.types.Collection, data: bpy.types.ID, where: tuple[float, float, float]
) -> bpy.types.Object:
    """A new object at a place, that looks at the face."""
    item = bpy.data.objects.new(data.name, data)
    collection.objects.link(item)
    item.location = where
    toward = Vector(LOOK_AT) - Vector(where)
    item.rotation_euler = toward.to_track_quat("-Z", "Y").to_euler()
    return item


def _light(
    collection: bpy.types.Collection,
    name: str,
    where: tuple[float, float, float],
    power: float,
    size: float,
    colour: tuple[float, float, float],
) -> None:
    light: Any = bpy.data.lights.new(name, "AREA")
    light.energy, light.size, light.color = power, size, colour
    _place(collection, light, where)
