"""What turns the eyes: bones, keys, or a target that they look at, and never two at once."""

import math

import bpy
import numpy as np
import pytest
from mathutils import Vector
from mien.blender_ops.animation import f_curves
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import find_character
from mien.blender_ops.eyes import EYE_LOOK
from mien.blender_ops.mapping import match
from mien.models import rotation
from mien.models.performance import Performance

NAMES = {"neck": ("Neck",), "head": "Head", "eyeLeft": "LeftEye", "eyeRight": "RightEye"}
LEFT_IRIS, RIGHT_IRIS, LID = 0, 1, 4


def bake_on(rig, performance, **options):
    bpy.context.scene.render.fps = 24
    character = find_character(rig)
    return bake(performance, character, match(character), BakeOptions(tolerance=0, **options))


def look_about(seed=1, frames=6):
    """Eyes, head, and the eyeLook weights that go with the eyes."""
    random = np.random.default_rng(seed)
    head = rotation.from_yaw_pitch_roll(random.uniform(-0.6, 0.6, (frames, 3)))
    eyes = random.uniform(-0.4, 0.4, (frames, 4))
    return Performance(
        random.uniform(0.1, 1, (frames, 8)),
        np.arange(frames) / 24,
        EYE_LOOK,
        head=np.column_stack([head, np.zeros((frames, 3))]),
        eyes=eyes,
    )


@pytest.fixture
def rig(make_rig):
    return make_rig(seed=1, **NAMES)


@pytest.fixture
def skin(rig):
    return bpy.data.objects["Skin"]


def baked_bones(rig):
    return {path.split('"')[1] for path, _ in f_curves(rig)}


def values_of(skin, key):
    curve = f_curves(skin.data.shape_keys).get((f'key_blocks["{key}"].value', 0))
    return None if curve is None else [point.co.y for point in curve.keyframe_points]


def test_keys_of_the_lids_go_with_bones_of_the_eyeballs(rig, skin, add_keys):
    add_keys(skin, **{channel: {LID: (0, 0, -0.003)} for channel in EYE_LOOK})
    performance = look_about()
    result = bake_on(rig, performance)
    assert baked_bones(rig) == {"Neck", "Head", "LeftEye", "RightEye"}
    for channel in EYE_LOOK:
        assert values_of(skin, channel) == pytest.approx(performance.channel(channel), abs=1e-6)
    assert result.notes == ()


def test_keys_that_move_only_eyeballs_rest_beside_bones(rig, skin, add_keys):
    add_keys(skin, **{channel: {LEFT_IRIS: (0.005, 0, 0)} for channel in EYE_LOOK})
    result = bake_on(rig, look_about())
    assert "LeftEye" in baked_bones(rig)
    for channel in EYE_LOOK:
        assert set(values_of(skin, channel)) == {0}
    assert "the eyes look by the bones “LeftEye” and “RightEye”" in result.words()
    assert "stay at 0, or the eyes would turn twice" in result.words()


def test_keys_that_move_eyeballs_and_lids_in_one_win_over_bones(rig, skin, add_keys):
    moves = {LEFT_IRIS: (0.005, 0, 0), RIGHT_IRIS: (0.005, 0, 0), LID: (0, 0, -0.003)}
    add_keys(skin, **dict.fromkeys(EYE_LOOK, moves))
    performance = look_about()
    result = bake_on(rig, performance)
    assert baked_bones(rig) == {"Neck", "Head"}
    for channel in EYE_LOOK:
        assert values_of(skin, channel) == pytest.approx(performance.channel(channel), abs=1e-6)
    assert "the eyes look by the eyeLook keys" in result.words()


def test_keys_that_cannot_look_all_ways_do_not_win(rig, skin, add_keys):
    moves = {LEFT_IRIS: (0.005, 0, 0), LID: (0, 0, -0.003)}
    add_keys(skin, eyeLookUpLeft=moves, eyeLookDownLeft=moves, jawOpen={2: (0, 0, -0.03)})
    result = bake_on(rig, look_about())
    assert "LeftEye" in baked_bones(rig)
    assert set(values_of(skin, "eyeLookUpLeft")) == {0}
    assert result.missing == (), "what the bones show is not missing"


@pytest.mark.parametrize("by", ["BONES", "KEYS"])
def test_the_animator_decides(rig, skin, add_keys, by):
    moves = {LEFT_IRIS: (0.005, 0, 0), LID: (0, 0, -0.003)}
    add_keys(skin, **dict.fromkeys(EYE_LOOK, moves))
    bake_on(rig, look_about(), eyes=by)
    assert ("LeftEye" in baked_bones(rig)) == (by == "BONES")
    assert (set(values_of(skin, "eyeLookInLeft")) == {0}) == (by == "BONES")


def test_bones_that_stood_turned_go_to_rest_where_keys_win(rig, skin, add_keys):
    moves = {LEFT_IRIS: (0.005, 0, 0), LID: (0, 0, -0.003)}
    add_keys(skin, **dict.fromkeys(EYE_LOOK, moves))
    bake_on(rig, look_about(), eyes="BONES")
    bake_on(rig, look_about(), eyes="KEYS")
    bpy.context.scene.frame_set(3)
    assert rig.pose.bones["LeftEye"].matrix_basis.to_quaternion().angle < 1e-3


def test_keys_on_another_mesh_of_eyeballs_rest_and_lids_follow(rig, skin, add_keys):
    """As on avatars whose eyeballs are meshes of their own, with the same keys."""
    add_keys(skin, **{channel: {LID: (0, 0, -0.003)} for channel in EYE_LOOK})
    ball = bpy.data.objects.new("Ball", bpy.data.meshes.new("Ball"))
    ball.data.from_pydata([(0.03, -0.09, 1.68)], [], [])
    bpy.context.scene.collection.objects.link(ball)
    ball.parent, ball.parent_type, ball.parent_bone = rig, "BONE", "LeftEye"
    add_keys(ball, eyeLookInLeft={0: (0.01, 0, 0)})
    performance = look_about()
    bake_on(rig, performance)
    assert set(values_of(ball, "eyeLookInLeft")) == {0}
    expected = performance.channel("eyeLookInLeft")
    assert values_of(skin, "eyeLookInLeft") == pytest.approx(expected, abs=1e-6)


# --- Eyes that look at a target ------------------------------------------------------------


def add_targets(rig, shared, carried, distance=0.3):
    """Bones that the eyes are pointed at: one for each, or one for both."""
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bones = rig.data.edit_bones
    for side, x in (("Left", 0.03), ("Right", -0.03)):
        name = "target" if shared else f"target{side}"
        if name not in bones:
            bone = bones.new(name)
            bone.head = (0 if shared else x, -0.07 - distance, 1.68)
            bone.tail, bone.roll = bone.head + Vector((0.02, 0.03, 0.05)), 0.7
            bone.parent = bones["Head" if carried else "hips"]
        # The eye looks along its bone, as a tracked one must.
        eye = bones[f"{side}Eye"]
        eye.tail = eye.head + Vector((0, -0.03, 0))
    bpy.ops.object.mode_set(mode="OBJECT")
    for side in ("Left", "Right"):
        track = rig.pose.bones[f"{side}Eye"].constraints.new("DAMPED_TRACK")
        track.target, track.subtarget = rig, "target" if shared else f"target{side}"
        track.track_axis = "TRACK_Y"


def gaze_of(rig, bone, frame):
    bpy.context.scene.frame_set(frame)
    posed = rig.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones[bone].matrix
    return np.array(posed.to_3x3() @ Vector((0, 1, 0)))


def expected_gaze(performance, sample, eye):
    pitch, yaw = performance.eyes[sample, 2 * eye : 2 * eye + 2]
    turn = rotation.multiply(
        performance.head[sample, :4], rotation.from_yaw_pitch_roll([yaw, pitch, 0])
    )
    x, y, z = rotation.turned(turn, (0, 0, 1))
    return np.array([x, -z, y])


@pytest.mark.parametrize("carried", [True, False])
def test_targets_are_moved_where_tracking_overrules_the_eyes(rig, skin, add_keys, carried):
    """Whether they are carried by the head or stay behind when it turns."""
    add_targets(rig, shared=False, carried=carried)
    add_keys(skin, jawOpen={2: (0, 0, -0.03)})
    performance = look_about()
    channels = performance.replace(
        channels=("jawOpen",), weights=np.zeros((6, 1)), confidence=np.ones(6)
    )
    bake_on(rig, channels)
    assert baked_bones(rig) == {"Neck", "Head", "targetLeft", "targetRight"}
    for sample in range(6):
        for eye, bone in enumerate(("LeftEye", "RightEye")):
            cosine = gaze_of(rig, bone, sample + 1) @ expected_gaze(performance, sample, eye)
            assert math.degrees(math.acos(min(cosine, 1))) < 0.1


def test_one_target_for_both_eyes_is_where_they_look_on_the_whole(rig, skin, add_keys):
    add_targets(rig, shared=True, carried=True, distance=2.0)
    add_keys(skin, jawOpen={2: (0, 0, -0.03)})
    performance = look_about()
    both = np.tile(performance.eyes[:, :2], (1, 2))
    performance = performance.replace(
        channels=("jawOpen",), weights=np.zeros((6, 1)), confidence=np.ones(6), eyes=both
    )
    bake_on(rig, performance)
    for sample in range(6):
        cosine = gaze_of(rig, "LeftEye", sample + 1) @ expected_gaze(performance, sample, 0)
        # The eyes stand 3 cm beside the middle and look at a point 2 m away.
        assert math.degrees(math.acos(min(cosine, 1))) < 1.5


def test_eyes_that_look_at_another_object_are_left_alone(rig, skin, add_keys):
    add_keys(skin, **{channel: {LID: (0, 0, -0.003)} for channel in EYE_LOOK})
    empty = bpy.data.objects.new("LookAt", None)
    bpy.context.scene.collection.objects.link(empty)
    rig.pose.bones["LeftEye"].constraints.new("TRACK_TO").target = empty
    result = bake_on(rig, look_about())
    assert baked_bones(rig) == {"Neck", "Head"}
    assert "“LeftEye” is aimed at another object" in result.words()
