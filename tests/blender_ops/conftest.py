"""Tests in Blender start from an empty file."""

import math
import random

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector
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


MODES = ("QUATERNION", "XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "AXIS_ANGLE")

# Where the joints of a head are, in metres, for a subject who faces −Y: +X is their left.
_JOINTS = {
    "head": (0, 0.02, 1.6),
    "eyeLeft": (0.03, -0.07, 1.68),
    "eyeRight": (-0.03, -0.07, 1.68),
    "jaw": (0, 0.0, 1.64),
}


@pytest.fixture
def make_rig():
    return add_rig


def add_rig(seed=0, mode=None, importer=None, **names):
    """A head on an armature; its bones point anywhere, as importers leave them.

    names: of the parts head, eyeLeft, eyeRight, jaw, and neck: a tuple of names. seed: of the
    bones' directions, rolls and, unless `mode` is given, rotation modes. importer: the turn by
    which an importer stands the data upright.

    The mesh “Skin” has vertices on each part: the middle of the left and right iris, the chin,
    the tip of the nose, and the left eye's upper lid.
    """
    chance = random.Random(seed)
    necks = names.pop("neck", ())
    height = 1.6 - 0.05 * len(necks)
    bones, parent = {}, ""

    def add(name, place, parent):
        way = Vector([chance.gauss(0, 1) for _ in range(3)]).normalized() * 0.08
        bones[name] = (place, Vector(place) + way, chance.uniform(-3, 3), parent)

    add("hips", (0, 0, 1), "")
    parent = "hips"
    for number, name in enumerate(necks):
        add(name, (0, 0.03, height + 0.05 * number), parent)
        parent = name
    if "head" in names:
        add(names["head"], _JOINTS["head"], parent)
        parent = names["head"]
    for part in ("eyeLeft", "eyeRight", "jaw"):
        if part in names:
            add(names[part], _JOINTS[part], parent)
    armature = add_armature("Rig", **bones)
    for bone in armature.pose.bones:
        bone.rotation_mode = mode or chance.choice(MODES)
    skin = _skin(armature, names)
    bpy.context.view_layer.update()
    if importer is not None:
        turn = Matrix.Rotation(*importer).to_4x4()
        for data in (armature.data, skin.data):
            data.transform(turn.inverted())
        armature.matrix_world = turn
        bpy.context.view_layer.update()
    return armature


def _skin(armature, names):
    places = {
        "eyeLeft": (0.03, -0.09, 1.68),
        "eyeRight": (-0.03, -0.09, 1.68),
        "jaw": (0, -0.08, 1.55),
        "head": (0, -0.11, 1.62),
    }
    lid = (0.03, -0.09, 1.695)
    mesh = bpy.data.meshes.new("Skin")
    mesh.from_pydata([*places.values(), lid], [], [])
    skin = bpy.data.objects.new("Skin", mesh)
    bpy.context.scene.collection.objects.link(skin)
    skin.parent = armature
    for index, part in enumerate([*places, "head"]):
        if names.get(part):
            group = skin.vertex_groups.get(names[part]) or skin.vertex_groups.new(name=names[part])
            group.add([index], 1, "REPLACE")
    modifier = skin.modifiers.new("Armature", "ARMATURE")
    modifier.object = armature
    return skin


def add_keys(mesh, **ways):
    """Shape keys, each of which moves some vertices: {index: way}."""
    if mesh.data.shape_keys is None:
        mesh.shape_key_add(name="Basis", from_mix=False)
    for name, moves in ways.items():
        block = mesh.shape_key_add(name=name, from_mix=False)
        block.value = 0
        for index, way in moves.items():
            block.data[index].co += Vector(way)


@pytest.fixture(name="add_keys")
def add_keys_fixture():
    return add_keys


def played_turn(armature, bone, frame):
    """How far a bone has turned from its rest in the armature's axes, as Blender plays it."""
    bpy.context.scene.frame_set(math.floor(frame), subframe=frame % 1)
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    posed = evaluated.pose.bones[bone].matrix.to_3x3()
    return posed @ armature.data.bones[bone].matrix_local.to_3x3().inverted()


@pytest.fixture(name="played_turn")
def played_turn_fixture():
    return played_turn
