"""A jaw bone opens, slides and swings where the face has no jaw keys."""

import math

import bpy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mien.blender_ops.animation import f_curves
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import CharacterError, find_character, find_characters
from mien.blender_ops.corrections import add_corrections_layer
from mien.blender_ops.jaw import JAW_CHANNELS, JAW_FORWARD, JAW_OPEN, JAW_SIDEWAYS, jaw_turns
from mien.blender_ops.mapping import match
from mien.models import rotation
from mien.models.performance import Performance

NAMES = {
    "neck": ("Neck",),
    "head": "Head",
    "eyeLeft": "LeftEye",
    "eyeRight": "RightEye",
    "jaw": "Jaw",
}
QUARTER = (-math.pi / 2, 3, "X")
CHIN = 2
# Of the rig's jaw: from joint to chin.
JOINT, REACH = np.array((0, 0, 1.64)), math.hypot(0.08, 0.09)


def bake_on(rig, performance, **options):
    bpy.context.scene.render.fps = 24
    character = find_character(rig)
    return bake(performance, character, match(character), BakeOptions(**options))


def jaw(rows, channels=JAW_CHANNELS):
    rows = np.asarray(rows, float)
    return Performance(rows, np.arange(len(rows)) / 24, channels)


def chin_at(frame):
    skin = bpy.data.objects["Skin"]
    bpy.context.scene.frame_set(frame)
    evaluated = skin.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array(evaluated.matrix_world @ evaluated.data.vertices[CHIN].co)


@pytest.fixture
def rig(make_rig, add_keys):
    made = make_rig(seed=3, **NAMES)
    add_keys(bpy.data.objects["Skin"], eyeBlinkLeft={4: (0, 0, -0.01)})
    return made


rigs = st.tuples(st.integers(0, 10_000), st.sampled_from([None, QUARTER]))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rigs, st.tuples(*[st.floats(0, 1)] * 4))
def test_the_chin_goes_where_the_channels_say(make_rig, add_keys, rig, weights):
    bpy.ops.wm.read_homefile(use_empty=True)
    seed, importer = rig
    armature = make_rig(seed=seed, importer=importer, **NAMES)
    add_keys(bpy.data.objects["Skin"], eyeBlinkLeft={4: (0, 0, -0.01)})
    bake_on(armature, jaw([(0, 0, 0, 0), weights]), tolerance=0)
    opens, forward, left, right = weights
    turn = rotation.from_yaw_pitch_roll([JAW_SIDEWAYS * (left - right), JAW_OPEN * opens, 0])
    chin = np.array((0, -0.08, 1.55)) - JOINT
    x, y, z = rotation.turned(turn, (chin[0], chin[2], -chin[1]))
    slide = forward * JAW_FORWARD * REACH
    expected = JOINT + np.array((x, -z - slide, y))
    assert chin_at(1) == pytest.approx((0, -0.08, 1.55), abs=1e-5)
    assert chin_at(2) == pytest.approx(expected, abs=1e-5)


def test_it_opens_down_and_swings_to_the_subjects_left(rig):
    result = bake_on(rig, jaw(np.vstack([np.zeros(4), np.eye(4)])), tolerance=0)
    rest, opened, forward, left, right = (chin_at(frame) - chin_at(1) for frame in range(1, 6))
    assert np.abs(rest).max() < 1e-6
    assert opened[2] < -0.02 and opened[1] > 0, "down and back"
    assert forward[1] < -0.005 and abs(forward[2]) < 1e-5
    assert left[0] > 0.005 and right[0] < -0.005
    assert "the jaw opens by the bone “Jaw”, because there are no jaw keys" in result.words()
    assert result.missing == ()


def test_keys_go_before_bones(rig, add_keys):
    add_keys(bpy.data.objects["Skin"], jawOpen={CHIN: (0, 0, -0.03)})
    result = bake_on(rig, jaw(np.vstack([np.zeros(4), np.eye(4)])), tolerance=0)
    assert not any("Jaw" in path for path, _ in f_curves(rig))
    assert result.notes == ()
    assert chin_at(2) == pytest.approx((0, -0.08, 1.52), abs=1e-5)


def test_a_face_of_bones_alone_is_a_character(make_rig):
    rig = make_rig(seed=6, **NAMES)
    assert find_characters(bpy.context.scene) == [find_character(rig)]
    assert find_character(bpy.data.objects["Skin"]).armature == rig
    bake_on(rig, jaw(np.vstack([np.zeros(4), np.eye(4)])), tolerance=0)
    assert chin_at(2)[2] < 1.54
    add_corrections_layer(find_character(rig))
    turned = np.column_stack([np.tile(rotation.IDENTITY, (5, 1)), np.zeros((5, 3))])
    bake_on(rig, jaw(np.zeros((5, 4))).replace(head=turned), head="EMPTY")
    assert find_character(rig).head_empty == bpy.data.objects["Rig Head"]


def test_a_body_without_face_is_no_character(make_rig):
    rig = make_rig(seed=6, neck=("Neck",), head="Head", eyeLeft="LeftEye", eyeRight="RightEye")
    assert find_characters(bpy.context.scene) == []
    with pytest.raises(CharacterError, match="has no shape keys"):
        find_character(rig)


def test_a_connected_bone_cannot_slide(rig):
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bones = rig.data.edit_bones
    bones["Head"].tail = bones["Jaw"].head
    bones["Jaw"].use_connect = True
    bpy.ops.object.mode_set(mode="OBJECT")
    result = bake_on(rig, jaw(np.vstack([np.zeros(4), np.eye(4)])), tolerance=0)
    assert "jawForward is left out" in result.words()
    assert result.missing == ("jawForward",)
    assert not any(path.endswith("location") for path, _ in f_curves(rig))
    assert chin_at(2)[2] < 1.54


@pytest.mark.parametrize("tolerance", [0.005, 0.03])
def test_few_keys_keep_the_chin_within_the_tolerance(rig, tolerance):
    times = np.arange(97) / 24
    weights = 0.5 + 0.5 * np.sin(times[:, None] * (5, 3, 4, 6))
    performance = jaw(weights)
    result = bake_on(rig, performance, tolerance=tolerance)
    assert result.keys < result.samples * 0.7
    assert result.largest_error <= tolerance
    few = np.array([chin_at(frame) for frame in range(1, 98)])
    bake_on(rig, performance, tolerance=0)
    exact = np.array([chin_at(frame) for frame in range(1, 98)])
    # A weight's tolerance of each of the three, at the chin's end of the jaw.
    furthest = tolerance * (JAW_OPEN + 2 * JAW_SIDEWAYS + JAW_FORWARD) * REACH * 2
    assert np.linalg.norm(few - exact, axis=1).max() < furthest


def test_what_a_weight_stands_for():
    turn = jaw_turns(jaw([(1, 0, 0, 0)]))[0]
    assert 2 * math.degrees(math.acos(turn[0])) == pytest.approx(25.3, abs=0.01)
    still = jaw_turns(jaw([(0, 1, 0.4, 0.4)]))[0]
    assert still == pytest.approx(rotation.IDENTITY)


def test_a_jaw_without_any_of_its_channels_stays(rig):
    result = bake_on(rig, jaw([[0], [1]], ("eyeBlinkLeft",)), tolerance=0)
    assert result.notes == ()
    assert not any("Jaw" in path for path, _ in f_curves(rig))


def test_a_jaw_removed_meanwhile(rig):
    character = find_character(rig)
    mapping = match(character)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    rig.data.edit_bones.remove(rig.data.edit_bones["Jaw"])
    bpy.ops.object.mode_set(mode="OBJECT")
    with pytest.raises(CharacterError, match="no longer has the bone “Jaw”"):
        bake(jaw([(0, 0, 0, 0)]), character, mapping)
