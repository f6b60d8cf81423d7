# SPDX-License-Identifier: GPL-3.0-or-later
"""Adding the demo character and its stage to a file that holds other things."""

import bpy
import numpy as np
import pytest
from mien.blender_ops.demo import build_demo_character, build_demo_scene


def key_points(item, name):
    data = item.data.shape_keys.key_blocks[name].data
    return np.array([point.co for point in data])


def test_building_again_is_equal_and_leaves_what_is_there_alone():
    own = bpy.data.objects.new("Mien Head", bpy.data.meshes.new("Mien Head"))
    bpy.context.scene.collection.objects.link(own)
    bpy.context.view_layer.objects.active = own
    own.select_set(True)
    first = build_demo_character()
    first.head.data.shape_keys.key_blocks["jawOpen"].value = 0.5
    second = build_demo_character()
    assert own.name == "Mien Head"
    assert len(own.data.vertices) == 0
    assert bpy.context.view_layer.objects.active == own
    assert [o for o in bpy.context.view_layer.objects if o.select_get()] == [own]
    assert first.head.data.shape_keys.key_blocks["jawOpen"].value == 0.5
    assert len({own, *first.meshes, *second.meshes}) == 1 + 2 * len(first.meshes)
    for one, other in zip(first.meshes, second.meshes, strict=True):
        assert other.modifiers[0].object == second.armature
        a, b = (np.array([v.co for v in m.data.vertices]) for m in (one, other))
        np.testing.assert_array_equal(a, b)
        if one.data.shape_keys:
            for key in one.data.shape_keys.key_blocks:
                np.testing.assert_array_equal(
                    key_points(one, key.name), key_points(other, key.name)
                )


def test_can_be_added_while_another_object_is_edited():
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.object.mode_set(mode="EDIT")
    cube = bpy.context.object
    build_demo_character("Other")
    assert bpy.context.view_layer.objects.active == cube
    assert cube.mode == "EDIT"
    assert "Other Head" in bpy.data.objects


@pytest.mark.parametrize("engine", ["BLENDER_WORKBENCH", "CYCLES"])
def test_scene_shows_the_face(tmp_path, engine):
    build_demo_character()
    camera = build_demo_scene()
    scene = bpy.context.scene
    assert scene.camera == camera
    scene.render.engine = engine
    if engine == "CYCLES":
        scene.cycles.samples = 4
    scene.render.resolution_x = scene.render.resolution_y = 64
    scene.render.filepath = str(tmp_path / "face.png")
    bpy.ops.render.render(write_still=True)
    picture = bpy.data.images.load(scene.render.filepath)
    pixels = np.array(picture.pixels[:]).reshape(64, 64, 4)[:, :, :3]
    cheek = pixels[20:32, 22:42].mean(axis=(0, 1))
    assert cheek[0] > cheek[1] > cheek[2] > 0.1
    assert cheek[0] < 0.995
