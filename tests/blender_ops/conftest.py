"""Tests in Blender start from an empty file."""

import bpy
import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance


@pytest.fixture(autouse=True)
def empty_file():
    bpy.ops.wm.read_homefile(use_empty=True)


def add_mesh(name, keys, parent=None):
    """A tetrahedron with shape keys, each of which lifts its tip by one."""
    mesh = bpy.data.meshes.new(name)
    corners = [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, 0, 1)]
    mesh.from_pydata(corners, [], [(0, 1, 2), (0, 1, 3), (1, 2, 3), (0, 2, 3)])
    made = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(made)
    made.parent = parent
    if keys:
        made.shape_key_add(name="Basis", from_mix=False)
    for key in keys:
        block = made.shape_key_add(name=key, from_mix=False)
        block.data[3].co.z += 1
        block.value = 0
    return made


def add_armature(name, **bones):
    """An armature; each bone is (head, tail, roll, parent or "")."""
    data = bpy.data.armatures.new(name)
    made = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(made)
    bpy.context.view_layer.objects.active = made
    bpy.ops.object.mode_set(mode="EDIT")
    for bone, (head, tail, roll, parent) in bones.items():
        edit = data.edit_bones.new(bone)
        edit.head, edit.tail, edit.roll = head, tail, roll
        edit.parent = data.edit_bones[parent] if parent else None
    bpy.ops.object.mode_set(mode="OBJECT")
    return made


@pytest.fixture
def puppet():
    """A face and a tongue on an armature with neck, head and eyes, rolled at odd angles."""
    armature = add_armature(
        "Puppet",
        neck=((0, 0, 0), (0, 0.1, 1), 0.3, ""),
        head=((0, 0.1, 1), (0, 0, 2), -0.7, "neck"),
        **{
            "eye.L": ((0.3, -0.5, 1.5), (0.3, -0.7, 1.5), 0.4, "head"),
            "eye.R": ((-0.3, -0.5, 1.5), (-0.3, -0.7, 1.5), -1.2, "head"),
        },
    )
    face = add_mesh("Face", CHANNELS[:-1], armature)
    add_mesh("Tongue", ["tongueOut", "jaw_open"], armature)
    bpy.context.view_layer.update()
    return face


@pytest.fixture
def performance():
    """Two seconds at 60 fps: every channel moves, the head turns all ways, eyes look about."""
    times = np.arange(121) / 60
    random = np.random.default_rng(7)
    speed, phase = random.uniform(0.5, 3, 52), random.uniform(0, 6, 52)
    weights = 0.5 + 0.5 * np.sin(times[:, None] * speed * 6 + phase)
    angles = 0.8 * np.sin(times[:, None] * (3, 4, 5) + (0.1, 0.2, 0.3))
    from mien.models import rotation

    head = np.column_stack([rotation.from_yaw_pitch_roll(angles), np.zeros((121, 3))])
    eyes = 0.4 * np.sin(times[:, None] * (5, 4, 5, 4))
    return Performance(weights, times, head=head, eyes=eyes)
