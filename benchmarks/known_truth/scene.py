# SPDX-License-Identifier: GPL-3.0-or-later
"""A head before a camera in Blender, rendered frame by frame with Cycles.

The head keeps centimetres. Axes of a head: +X the subject's left, +Y up, +Z toward the
camera; Blender's: (x, -z, y). The camera stands at the origin and looks along the head's -Z.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import cv2
import numpy as np
from mien.benchmarks.known_truth.heads import PARTS, Floats, Head

from .look import Look
from .paint import Paint
from .skin import skin_colour, skin_height, wall_colour

_IRIS, _PUPIL = 0.42, 0.17


@dataclass(frozen=True)
class Lens:
    """size: pixels of the square picture; angle: its field of view in radians."""

    size: int
    angle: float

    @property
    def focal(self) -> float:
        """Pixels for a length of 1 at a distance of 1."""
        return self.size / 2 / math.tan(self.angle / 2)

    def projected(self, points: Floats) -> Floats:
        """(…, 2) pixels, y down, of (…, 3) points in the camera's axes."""
        scale = self.focal / -points[..., 2:]
        return points[..., :2] * (scale * (1, -1)) + self.size / 2


class Stage:
    """One head with one look before one lens. Only one lives at a time in a process."""

    def __init__(self, head: Head, paint: Paint, look: Look, lens: Lens, samples: int) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self._head = head
        self._lens = lens
        self._picture = Path(tempfile.mkdtemp(prefix="mien-render-")) / "frame.png"
        self._object = _head_object(head, paint, look)
        _camera(lens)
        _lights(look)
        _background(look)
        _render_settings(lens.size, samples)

    def render(self, weights: Floats, turn: Floats, place: Floats) -> Any:
        """(size, size, 3) uint8 BGR: the head with (52,) weights, turned and placed.

        turn: (3, 3) rotation, place: (3,) centimetres from the camera, in the head's axes.
        """
        posed = self._head.posed(weights) @ turn.T.astype(np.float32) + place
        mesh = self._object.data
        mesh.vertices.foreach_set("co", _to_blender(posed).ravel())
        mesh.update()
        scene = bpy.context.scene
        scene.render.filepath = str(self._picture)
        with _quiet():
            bpy.ops.render.render(write_still=True)
        return cv2.imread(str(self._picture), cv2.IMREAD_COLOR)


class _quiet:
    """Keeps Blender's "Saved: …" lines out of standard output."""

    def __enter__(self) -> None:
        self._saved = os.dup(1)
        with Path(os.devnull).open("w") as nothing:
            os.dup2(nothing.fileno(), 1)

    def __exit__(self, *_: object) -> None:
        os.dup2(self._saved, 1)
        os.close(self._saved)


def _to_blender(points: Floats) -> Floats:
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1).astype(np.float32)


def _head_object(head: Head, paint: Paint, look: Look) -> Any:
    mesh = bpy.data.meshes.new("head")
    shown = (head.parts != PARTS.index("lashes")) | look.lashes
    polygons = [[c for c in corners if c >= 0] for corners in head.polygons[shown].tolist()]
    mesh.from_pydata(_to_blender(head.vertices).tolist(), [], polygons)
    for part in PARTS:
        mesh.materials.append(_material(part, paint, look))
    mesh.polygons.foreach_set("material_index", head.parts[shown].astype(np.int32))
    mesh.polygons.foreach_set("use_smooth", np.ones(len(polygons), bool))
    _attribute(mesh, "rest", head.vertices)
    _attribute(mesh, "eye", _from_pupil(head))
    placed = bpy.data.objects.new("head", mesh)
    bpy.context.collection.objects.link(placed)
    return placed


def _attribute(mesh: Any, name: str, values: Floats) -> None:
    attribute = mesh.attributes.new(name, "FLOAT_VECTOR", "POINT")
    attribute.data.foreach_set("vector", values.astype(np.float32).ravel())


def _from_pupil(head: Head) -> Floats:
    """(points, 3): sideways, up and the angle from straight ahead of points on an eyeball."""
    result = np.zeros((len(head.vertices), 3), np.float32)
    for which, centre in zip(head.eyes, head.eye_centres, strict=True):
        ray = head.vertices[which] - centre
        length = np.linalg.norm(ray, axis=1)
        angle = np.arccos(np.clip(ray[:, 2] / np.maximum(length, 1e-6), -1, 1))
        result[which] = np.stack([ray[:, 0] / length, ray[:, 1] / length, angle], axis=1)
    return result


def _material(part: str, paint: Paint, look: Look) -> Any:
    material = bpy.data.materials.new(part)
    material.use_nodes = True
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    if part == "skin":
        _skin(tree, shader, paint, look)
    elif part.endswith("eye"):
        _eye(tree, shader, look)
    else:
        colour = {
            "hair": look.hair,
            "lashes": (0.01, 0.008, 0.007),
            "teeth": (0.75, 0.7, 0.6),
            "mouth": (0.35, 0.09, 0.08),
            "unseen": (0.0, 0.0, 0.0),
        }[part]
        shader.inputs["Base Color"].default_value = (*colour, 1)
        shader.inputs["Roughness"].default_value = {"teeth": 0.25, "mouth": 0.3}.get(part, 0.7)
    return material


class _Nodes:
    """A short hand for building shader trees."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree

    def add(self, kind: str, inputs: dict[Any, Any], **settings: Any) -> Any:
        node = self.tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(node, name, value)
        for name, value in inputs.items():
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, node.inputs[name])
            else:
                node.inputs[name].default_value = value
        return node

    def attribute(self, name: str) -> Any:
        return self.add("ShaderNodeAttribute", {}, attribute_name=name).outputs["Vector"]

    def parts(self, vector: Any) -> Any:
        return self.add("ShaderNodeSeparateXYZ", {0: vector}).outputs

    def maths(self, operation: str, first: Any, second: Any = 0.0) -> Any:
        return self.add("ShaderNodeMath", {0: first, 1: second}, operation=operation).outputs[0]

    def mixed(self, share: Any, first: Any, second: Any) -> Any:
        node = self.add("ShaderNodeMixRGB", {0: share, 1: first, 2: second})
        return node.outputs[0]

    def picture(self, name: str, pixels: Floats, place: Any) -> Any:
        """The colour at a place of a (rows, columns, 3) linear picture, the lowest row first."""
        height, width = pixels.shape[:2]
        image = bpy.data.images.new(name, width, height, float_buffer=True)
        image.colorspace_settings.name = "Non-Color"
        opaque = np.concatenate([pixels, np.ones((height, width, 1), np.float32)], axis=2)
        image.pixels.foreach_set(opaque.astype(np.float32).ravel())
        node = self.add("ShaderNodeTexImage", {"Vector": place}, image=image, extension="EXTEND")
        return node.outputs["Color"]

    def step(self, value: Any, low: float, high: float) -> Any:
        return self.add(
            "ShaderNodeMapRange",
            {"Value": value, "From Min": low, "From Max": high},
            interpolation_type="SMOOTHSTEP",
        ).outputs[0]


def _opaque(colour: Sequence[float], factor: float = 1.0) -> tuple[float, ...]:
    return (*(c * factor for c in colour), 1.0)


def _skin(tree: Any, shader: Any, paint: Paint, look: Look) -> None:
    nodes = _Nodes(tree)
    extent = paint.high - paint.low
    place = nodes.add(
        "ShaderNodeMapping",
        {
            "Vector": nodes.attribute("rest"),
            "Location": (-paint.low[0] / extent[0], -paint.low[1] / extent[1], 0),
            "Scale": (1 / extent[0], 1 / extent[1], 1),
        },
    ).outputs[0]
    colour = nodes.picture("skin", skin_colour(paint, look), place)
    tree.links.new(colour, shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = look.roughness
    height = nodes.picture("relief", skin_height(paint, look)[..., None].repeat(3, -1), place)
    bump = nodes.add("ShaderNodeBump", {"Strength": look.bump, "Distance": 0.3, "Height": height})
    tree.links.new(bump.outputs[0], shader.inputs["Normal"])


def _eye(tree: Any, shader: Any, look: Look) -> None:
    nodes = _Nodes(tree)
    place = nodes.attribute("eye")
    angle = nodes.parts(place)[2]
    iris = nodes.mixed(
        nodes.step(angle, _PUPIL, _IRIS), _opaque(look.iris, 1.5), _opaque(look.iris, 0.35)
    )
    colour = nodes.mixed(nodes.step(angle, _IRIS, _IRIS + 0.05), iris, (0.7, 0.66, 0.64, 1))
    dark = nodes.step(angle, _PUPIL, _PUPIL + 0.03)
    colour = nodes.mixed(dark, (0.003, 0.003, 0.003, 1), colour)
    tree.links.new(colour, shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = 0.08


def _camera(lens: Lens) -> None:
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.sensor_fit = "HORIZONTAL"
    camera.data.angle = lens.angle
    camera.data.clip_end = 5000
    # Blender's camera looks along its own -Z: a quarter turn about X makes that +Y.
    camera.rotation_euler = (math.pi / 2, 0, 0)
    bpy.context.collection.objects.link(camera)
    bpy.context.scene.camera = camera


def _lights(look: Look) -> None:
    for sun in look.suns:
        light = bpy.data.lights.new("sun", "SUN")
        light.energy, light.color = sun.strength, sun.colour
        light.angle = math.radians(sun.softness)
        placed = bpy.data.objects.new("sun", light)
        # Unturned, a sun shines along -Z; from the camera it shines along +Y.
        placed.rotation_euler = (
            math.radians(90 - sun.height),
            0,
            math.radians(sun.sideways),
        )
        bpy.context.collection.objects.link(placed)
    world = bpy.data.worlds.new("world")
    world.use_nodes = True
    shade = world.node_tree.nodes["Background"]
    shade.inputs[0].default_value = _opaque(look.ambient_colour)
    shade.inputs[1].default_value = look.ambient
    bpy.context.scene.world = world


def _background(look: Look) -> None:
    mesh = bpy.data.meshes.new("wall")
    side, far = 900.0, 420.0
    mesh.from_pydata(
        [(-side, far, -side), (side, far, -side), (side, far, side), (-side, far, side)],
        [],
        [(0, 1, 2, 3)],
    )
    wall = bpy.data.objects.new("wall", mesh)
    wall.visible_shadow = wall.visible_diffuse = wall.visible_glossy = False
    material = bpy.data.materials.new("wall")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.remove(tree.nodes["Principled BSDF"])
    nodes = _Nodes(tree)
    place = nodes.add(
        "ShaderNodeMapping",
        {
            "Vector": nodes.add("ShaderNodeNewGeometry", {}).outputs["Position"],
            "Rotation": (math.pi / 2, 0, 0),
            "Scale": (1 / side, 1 / side, 1 / side),
        },
    ).outputs[0]
    colour = nodes.picture("wall", wall_colour(look), place)
    emission = nodes.add("ShaderNodeEmission", {"Color": colour})
    tree.links.new(emission.outputs[0], tree.nodes["Material Output"].inputs[0])
    mesh.materials.append(material)
    bpy.context.collection.objects.link(wall)


def _render_settings(size: int, samples: int) -> None:
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGB"
    scene.render.image_settings.compression = 0
    scene.render.use_persistent_data = True
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.view_settings.view_transform = "Standard"
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_input_passes = "RGB"
    if hasattr(cycles, "denoising_quality"):
        cycles.denoising_quality = "FAST"
    cycles.max_bounces = 1
    cycles.diffuse_bounces = 1
    cycles.glossy_bounces = 0
    cycles.transparent_max_bounces = 0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.seed = 0
