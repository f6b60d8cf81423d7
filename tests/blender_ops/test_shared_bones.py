"""Heads of other people: where their skin goes when the performance looks left, down, or turns."""

import bpy
import numpy as np
import pytest
from mathutils import Vector
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import find_character
from mien.blender_ops.mapping import match
from mien.models import rotation
from mien.models.performance import Performance

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(bpy.app.version < (4, 5), reason="reads ASCII FBX from 4.5 on"),
]

# Frame by frame: at rest, eyes to the left, eyes down, head to the left, head down.
EYES = np.array([[0] * 4, [0, 0.4, 0, 0.4], [0.4, 0, 0.4, 0], [0] * 4, [0] * 4])
HEAD = np.array([(0, 0, 0), (0, 0, 0), (0, 0, 0), (0.5, 0, 0), (0, 0.5, 0)])


def looks():
    head = np.column_stack([rotation.from_yaw_pitch_roll(HEAD), np.zeros((5, 3))])
    return Performance(np.zeros((5, 1)), np.arange(5) / 24, ("jawOpen",), head=head, eyes=EYES)


def places(mesh, chosen):
    """(5, chosen, 3) where vertices of a mesh are on each frame."""
    result = []
    for frame in range(1, 6):
        bpy.context.scene.frame_set(frame)
        evaluated = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
        vertices = evaluated.data.vertices
        result.append([evaluated.matrix_world @ vertices[i].co for i in chosen])
    return np.array(result)


def foremost(mesh, group):
    """The vertex of a group that is the farthest ahead: an iris's middle."""
    index = mesh.vertex_groups[group].index
    members = [v.index for v in mesh.data.vertices if any(g.group == index for g in v.groups)]
    return min(members, key=lambda i: (mesh.matrix_world @ mesh.data.vertices[i].co).y)


def test_the_face_cap_avatar_looks_where_the_performance_looks(shared):
    bpy.ops.wm.fbx_import(filepath=str(shared / "rigs/face_cap/FaceCapLiveModeAvatar.fbx"))
    bpy.context.scene.render.fps = 24
    character = find_character(bpy.data.objects["Head"])
    assert character.neck_bones == ("Neck_Joint",)
    bake(looks(), character, match(character), BakeOptions(tolerance=0))
    eyeballs = bpy.data.objects["HeadMeshes"]
    irises = [foremost(eyeballs, f"{side}Eye_Joint") for side in ("Left", "Right")]
    rest, left, down, *_ = places(eyeballs, irises)
    radius = 0.012
    assert np.all((left - rest)[:, 0] > 0.3 * radius), "+X is the subject's left"
    assert np.all((down - rest)[:, 2] < -0.3 * radius)
    face = bpy.data.objects["Head"]
    nose = foremost(face, "Head_Joint")
    rest, left, down, turned, bowed = places(face, [nose])[:, 0]
    assert np.allclose(rest, left, atol=1e-5) and np.allclose(rest, down, atol=1e-5)
    assert (turned - rest)[0] > 0.02
    assert (bowed - rest)[2] < -0.02


def test_the_face_cap_heads_eyeballs_turn(shared):
    """They are objects of their own, named by the viewer: “left” lies on the subject's right."""
    bpy.ops.wm.fbx_import(filepath=str(shared / "rigs/face_cap/FaceCapHeadGeneric.fbx"))
    bpy.context.scene.render.fps = 24
    character = find_character(bpy.data.objects["head"])
    assert character.left_eye_object == bpy.data.objects["grp_eyeRight"]
    assert character.right_eye_object == bpy.data.objects["grp_eyeLeft"]
    for _ in range(2):
        bake(looks(), find_character(bpy.data.objects["head"]), match(character), BakeOptions())
        for name in ("eyeLeft", "eyeRight"):
            ball = bpy.data.objects[name]
            iris = min(ball.data.vertices, key=lambda v: (ball.matrix_world @ v.co).y).index
            bpy.context.scene.frame_set(1)
            rest, left, down, *_ = places(ball, [iris])[:, 0]
            assert (left - rest)[0] > 0.004, "+X is the subject's left"
            assert (down - rest)[2] < -0.004


def test_the_live_link_head_turns_by_an_empty(shared):
    """It has no bones at all."""
    bpy.ops.wm.open_mainfile(filepath=str(shared / "rigs/live_link_head/Live_Link_Face.blend"))
    bpy.context.scene.render.fps = 24
    head = bpy.data.objects["FBHead"]
    character = find_character(head)
    assert (character.head_bone, character.neck_bones, character.jaw_bone) == ("", (), "")
    result = bake(looks(), character, match(character), BakeOptions(tolerance=0))
    empty = bpy.data.objects["FBHead Head"]
    assert "“FBHead Head” turns as the head does" in result.words()
    bpy.context.scene.frame_set(4)
    ahead = empty.matrix_world.to_3x3() @ Vector((0, -1, 0))
    assert ahead.x == pytest.approx(np.sin(0.5), abs=1e-4)
