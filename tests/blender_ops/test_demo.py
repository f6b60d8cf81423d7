# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo character: every key moves its own part, lids and lips close, nothing is lost."""

import math
from collections import Counter

import bpy
import numpy as np
import pytest
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from mien.blender_ops.demo import build_demo_character
from mien.blender_ops.demo.character import DemoCharacter
from mien.blender_ops.demo.proportions import EYE, MOUTH, to_scene
from mien.blender_ops.demo.skin import LIP_BACK, LIP_SEAM, Skin, build_skin
from mien.models.arkit import CHANNELS, mirrored

MILLIMETRE = 0.001


@pytest.fixture(autouse=True)
def empty_file():
    """Here the file is not emptied before every test: all look at one character."""


@pytest.fixture(scope="module")
def character() -> DemoCharacter:
    bpy.ops.wm.read_homefile(use_empty=True)
    return build_demo_character()


@pytest.fixture(scope="module")
def skin() -> Skin:
    return build_skin()


def key_points(item, name):
    data = item.data.shape_keys.key_blocks[name].data
    points = np.empty(3 * len(data), np.float32)
    data.foreach_get("co", points)
    return points.reshape(-1, 3)


def displacement(item, name):
    return key_points(item, name) - key_points(item, "Basis")


def posed(item, **weights):
    rest = key_points(item, "Basis")
    return rest + sum(w * displacement(item, name) for name, w in weights.items())


def strike(character, **weights):
    for mesh in character.meshes:
        if mesh.data.shape_keys:
            for key in mesh.data.shape_keys.key_blocks[1:]:
                key.value = weights.get(key.name, 0.0)


def surface(item):
    """The evaluated mesh as a tree for rays, and the material of every face."""
    graph = bpy.context.evaluated_depsgraph_get()
    mesh = item.evaluated_get(graph).data
    tree = BVHTree.FromPolygons(
        [v.co for v in mesh.vertices], [tuple(p.vertices) for p in mesh.polygons]
    )
    return tree, [mesh.materials[p.material_index].name for p in mesh.polygons]


def eyeball_seen(character, **weights):
    """A grid of rays on the left eye from in front: whether each meets the eyeball first."""
    strike(character, **weights)
    head, _ = surface(character.head)
    eye, _ = surface(next(m for m in character.meshes if m.name == "Mien Eye Left"))
    x, _, z = to_scene(EYE.centre)
    offsets = np.linspace(-1.0, 1.0, 41) * 0.01 * EYE.radius
    seen = np.zeros((len(offsets), len(offsets)), bool)
    for column, across in enumerate(offsets):
        for row, up in enumerate(offsets):
            start = Vector((x + across, -1.0, z + up))
            on_skin = head.ray_cast(start, Vector((0, 1, 0)))[3]
            on_eye = eye.ray_cast(start, Vector((0, 1, 0)))[3]
            seen[column, row] = on_eye is not None and (on_skin is None or on_eye < on_skin)
    strike(character)
    return seen


def test_head_has_all_channels_in_order_switched_off(character):
    keys = character.head.data.shape_keys.key_blocks
    assert tuple(key.name for key in keys[1:]) == CHANNELS
    for key in keys[1:]:
        assert (key.value, key.slider_min, key.slider_max) == (0.0, 0.0, 1.0)


def test_other_meshes_carry_only_keys_that_move_them(character):
    carriers = {m.name for m in character.meshes if m.data.shape_keys}
    assert {"Mien Brows", "Mien Teeth Lower", "Mien Tongue"} <= carriers
    for mesh in character.meshes[1:]:
        if mesh.data.shape_keys:
            for key in mesh.data.shape_keys.key_blocks[1:]:
                assert key.name in CHANNELS
                assert key.value == 0.0
                assert np.abs(displacement(mesh, key.name)).max() > 1e-6


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_key_moves_something_but_never_far(character, channel):
    length = np.linalg.norm(displacement(character.head, channel), axis=1)
    assert 2.5 * MILLIMETRE < length.max() < 55 * MILLIMETRE
    assert np.mean(length > 0.1 * MILLIMETRE) < 0.75


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_key_is_local(character, skin, channel):
    place = skin.face.points
    length = np.linalg.norm(displacement(character.head, channel), axis=1)
    still = length < 1e-6
    hair_and_back = (place[:, 1] > 4.0) | (place[:, 2] > 8.5)
    assert still[hair_and_back].all()
    if channel.startswith(("brow", "eye")):
        assert still[place[:, 2] < -6.5].all()
    if channel.startswith(("mouth", "jaw", "tongue")):
        assert still[place[:, 2] > 3.5].all()
    if channel.startswith(("eye", "cheekSquint", "browDown", "browOuter")):
        wrong_side = place[:, 0] < -1.5 if channel.endswith("Left") else place[:, 0] > 1.5
        assert still[wrong_side].all()


@pytest.mark.parametrize("channel", CHANNELS)
def test_left_and_right_are_mirror_images(character, skin, channel):
    other = skin.topology.mirror()
    rest = key_points(character.head, "Basis")
    np.testing.assert_allclose(rest[other] * (-1, 1, 1), rest, atol=1e-6)
    here, there = (
        displacement(character.head, channel),
        displacement(character.head, mirrored(channel)),
    )
    np.testing.assert_allclose(there[other] * (-1, 1, 1), here, atol=1e-6)


def test_faces_all_turn_the_same_way(skin):
    edges = Counter((face[i], face[(i + 1) % 4]) for face in skin.quads for i in range(4))
    assert max(edges.values()) == 1
    middle = skin.face.points[[i for q in skin.quads for i in q]].reshape(-1, 4, 3)
    normals = np.cross(middle[:, 2] - middle[:, 0], middle[:, 3] - middle[:, 1])
    crown = middle.mean(axis=1)[:, 2] > 8.0
    assert (normals[crown, 2] > 0).all()


def test_blink_covers_the_eyeball(character):
    assert eyeball_seen(character).mean() > 0.2
    for also in (
        {},
        {"eyeLookDownLeft": 1.0},
        {"eyeLookDownLeft": 0.5},
        {"eyeSquintLeft": 1.0},
        {"cheekSquintLeft": 1.0, "mouthSmileLeft": 1.0},
        {"browDownLeft": 1.0, "noseSneerLeft": 1.0},
        {"eyeLookInLeft": 1.0},
        {"eyeLookOutLeft": 1.0},
    ):
        assert not eyeball_seen(character, eyeBlinkLeft=1.0, **also).any(), also


@pytest.mark.parametrize(
    "weights",
    [
        {"eyeBlinkLeft": 0.25},
        {"eyeBlinkLeft": 0.5},
        {"eyeBlinkLeft": 0.75},
        {"eyeWideLeft": 1.0},
        {"eyeSquintLeft": 1.0},
        {"eyeSquintLeft": 1.0, "cheekSquintLeft": 1.0},
        {"eyeLookDownLeft": 1.0},
        {"eyeLookDownLeft": 0.5, "eyeBlinkLeft": 0.5},
        {"browDownLeft": 1.0, "eyeSquintLeft": 0.5},
        {"browInnerUp": 1.0, "browOuterUpLeft": 1.0},
    ],
    ids=str,
)
def test_eyeball_shows_only_between_the_lids(character, weights):
    """No part of the eyeball comes through a lid: what is seen of it has no second piece."""
    for column in eyeball_seen(character, **weights):
        assert np.count_nonzero(np.diff(column.astype(int)) == 1) <= 1


def test_lid_edges_meet_when_the_eye_is_shut(character, skin):
    points = posed(character.head, eyeBlinkLeft=1.0)
    edge = skin.topology.rings["eye.L"][-3]
    half = len(edge) // 2
    for place in range(1, half):
        upper, lower = points[edge[place]], points[edge[-place]]
        direction = (upper + lower) / 2 - to_scene(EYE.centre)
        gap = np.cross(upper - lower, direction / np.linalg.norm(direction))
        assert np.linalg.norm(gap) < 0.5 * MILLIMETRE


def seam_gap(skin, points):
    """Largest height by which the upper lip's seam stands above the lower one's."""
    gaps = []
    for ring in range(LIP_SEAM, LIP_BACK + 1):
        vertices = skin.topology.rings["mouth"][ring]
        half = len(vertices) // 2
        for place in range(1, half):
            gaps.append(points[vertices[place]] - points[vertices[-place]])
    return np.array(gaps)


def test_lips_touch_at_rest(character, skin):
    gaps = seam_gap(skin, key_points(character.head, "Basis"))
    assert np.abs(gaps).max() < 0.5 * MILLIMETRE
    assert gaps[:, 2].max() <= 0.0


def test_mouth_close_shuts_the_open_jaw(character, skin):
    opened = posed(character.head, jawOpen=1.0)
    assert seam_gap(skin, opened)[:, 2].max() > 25 * MILLIMETRE
    closed = posed(character.head, jawOpen=1.0, mouthClose=1.0)
    assert np.abs(seam_gap(skin, closed)).max() < 0.8 * MILLIMETRE
    chin = np.argmin(np.linalg.norm(skin.face.points - (0.0, -8.0, -9.2), axis=1))
    rest = key_points(character.head, "Basis")
    assert rest[chin, 2] - closed[chin, 2] > 15 * MILLIMETRE


@pytest.mark.parametrize(
    "channel", [c for c in CHANNELS if c.startswith(("mouthSmile", "mouthFrown", "mouthPress"))]
)
def test_these_keys_leave_the_lips_together(character, skin, channel):
    gaps = seam_gap(skin, posed(character.head, **{channel: 1.0}))
    assert np.abs(gaps).max() < 0.8 * MILLIMETRE


def into_the_mouth(character, **weights):
    """How many of a grid of rays from in front meet the inside of the mouth or the teeth."""
    strike(character, **weights)
    meshes = [character.head] + [m for m in character.meshes if "Teeth" in m.name]
    trees = [surface(mesh) for mesh in meshes]
    count = 0
    for across in np.linspace(-0.03, 0.03, 31):
        for up in np.linspace(-0.03, 0.01, 41):
            start = Vector((across, -1.0, up + to_scene((0, 0, MOUTH.height))[2]))
            hits = []
            for tree, names in trees:
                _, _, face, distance = tree.ray_cast(start, Vector((0, 1, 0)))
                if face is not None:
                    hits.append((distance, names[face]))
            count += min(hits)[1] in ("Mien mouth", "Mien teeth")
    strike(character)
    return count


def test_the_mouth_shows_its_inside_only_when_open(character):
    assert into_the_mouth(character) == 0
    assert into_the_mouth(character, jawOpen=1.0, mouthClose=1.0) == 0
    assert into_the_mouth(character, jawOpen=1.0) > 100


def test_bones(character):
    bones = character.armature.data.bones
    assert [bone.name for bone in bones] == ["neck", "head", "eye.L", "eye.R"]
    assert bones["eye.L"].head_local.x > 0 > bones["eye.R"].head_local.x
    assert bones["eye.L"].parent == bones["eye.R"].parent == bones["head"]
    assert (bones["eye.L"].tail_local - bones["eye.L"].head_local).normalized().y < -0.99


def evaluated_points(item):
    mesh = item.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    return points.reshape(-1, 3)


def test_eyes_and_head_follow_their_bones(character):
    meshes = {mesh.name: mesh for mesh in character.meshes}
    moving = ("Mien Eye Left", "Mien Eye Right", "Mien Hair", "Mien Shirt")
    rest = {name: evaluated_points(meshes[name]) for name in moving}

    def turned(bone):
        pose = character.armature.pose.bones[bone]
        pose.rotation_mode = "XYZ"
        pose.rotation_euler = (0.0, 0.0, math.radians(20))
        found = [n for n in moving if np.abs(evaluated_points(meshes[n]) - rest[n]).max() > 1e-4]
        pose.rotation_euler = (0.0, 0.0, 0.0)
        return found

    assert turned("eye.L") == ["Mien Eye Left"]
    assert turned("eye.R") == ["Mien Eye Right"]
    assert turned("head") == ["Mien Eye Left", "Mien Eye Right", "Mien Hair"]


def test_every_mesh_hangs_on_the_armature_in_one_collection(character):
    assert set(character.collection.objects) == {character.armature, *character.meshes}
    for mesh in character.meshes:
        assert mesh.parent == character.armature
        assert [m.object for m in mesh.modifiers if m.type == "ARMATURE"] == [character.armature]
        assert all(material is not None for material in mesh.data.materials)


def test_stands_on_the_ground_at_human_size(character):
    corners = np.concatenate([evaluated_points(mesh) for mesh in character.meshes])
    assert abs(corners[:, 2].min()) < 0.005
    head = to_scene(build_skin().face.points)
    assert 0.2 < np.ptp(head[head[:, 2] > 0.05][:, 2]) < 0.27
    assert np.abs(corners).max() < 0.35
