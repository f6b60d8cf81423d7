"""Head, neck and eyes of rigs of any build: where the evaluated bones look, and where skin goes."""

import argparse
import math

import bpy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mathutils import Matrix, Vector
from mien.blender_ops.animation import evaluate, f_curves
from mien.blender_ops.bake import BakeError, BakeOptions, bake
from mien.blender_ops.bake_options import NECK_SHARE
from mien.blender_ops.character import find_character
from mien.blender_ops.key_arguments import add_bake_arguments, bake_options
from mien.blender_ops.mapping import match
from mien.models import rotation
from mien.models.performance import Performance

QUARTER = (-math.pi / 2, 3, "X")
NAMES = {
    "neck": ("Neck",),
    "head": "Head",
    "eyeLeft": "LeftEye",
    "eyeRight": "RightEye",
}
MODES = ("QUATERNION", "XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "AXIS_ANGLE")


def bake_on(rig, performance, **options):
    bpy.context.scene.render.fps = 24
    character = find_character(rig)
    return bake(performance, character, match(character), BakeOptions(**options))


def looking(head, eyes, jaw=0.0):
    """A performance of these yaws, pitches and rolls (frames, 3) and eyes (frames, 4)."""
    head, eyes = np.asarray(head, float), np.asarray(eyes, float)
    poses = np.column_stack([rotation.from_yaw_pitch_roll(head), np.zeros((len(head), 3))])
    weights = np.full((len(head), 1), jaw)
    return Performance(weights, np.arange(len(head)) / 24, ("jawOpen",), head=poses, eyes=eyes)


def random_looks(seed, frames=6):
    random = np.random.default_rng(seed)
    return looking(random.uniform(-0.9, 0.9, (frames, 3)), random.uniform(-0.5, 0.5, (frames, 4)))


def to_blender(vectors):
    x, y, z = np.moveaxis(np.asarray(vectors), -1, 0)
    return np.stack([x, -z, y], axis=-1)


def expected_directions(performance, sample, eye=None):
    """Where the face's forward and up go, in Blender's axes for a character that faces −Y."""
    turn = performance.head[sample, :4]
    if eye is not None:
        pitch, yaw = performance.eyes[sample, 2 * eye : 2 * eye + 2]
        turn = rotation.multiply(turn, rotation.from_yaw_pitch_roll([yaw, pitch, 0]))
    return to_blender(rotation.turned(turn, [(0, 0, 1), (0, 1, 0)]))


def found_directions(rig, bone, frame, played_turn, importer):
    """The same as Blender plays them, in the axes of the character."""
    upright = Matrix.Rotation(*importer).to_3x3() if importer else Matrix.Identity(3)
    turn = upright @ played_turn(rig, bone, frame) @ upright.inverted()
    return np.array([turn @ Vector((0, -1, 0)), turn @ Vector((0, 0, 1))])


def degrees_between(found, expected):
    across = np.linalg.norm(np.cross(found, expected), axis=-1)
    return np.degrees(np.arctan2(across, np.sum(np.asarray(found) * expected, axis=-1)))


rigs = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10_000),
        "importer": st.sampled_from([None, QUARTER]),
        "necks": st.integers(0, 3),
        "share": st.sampled_from([0.0, 0.3, 1.0]),
        "heading": st.floats(-3, 3),
        "lean": st.floats(-0.5, 0.5),
        "parented": st.booleans(),
    }
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rigs)
def test_every_build_of_rig_looks_where_the_performance_looks(make_rig, add_keys, played_turn, rig):
    bpy.ops.wm.read_homefile(use_empty=True)
    names = NAMES | {"neck": ("Neck", "Neck1", "Neck2")[: rig["necks"]]}
    armature = make_rig(seed=rig["seed"], importer=rig["importer"], **names)
    add_keys(bpy.data.objects["Skin"], jawOpen={2: (0, 0, -0.03)})
    place(armature, rig["heading"], rig["lean"], rig["parented"])
    performance = random_looks(rig["seed"])
    bake_on(armature, performance, tolerance=0, neck_share=rig["share"])
    for sample in range(len(performance)):
        for bone, eye in (("Head", None), ("LeftEye", 0), ("RightEye", 1)):
            found = found_directions(armature, bone, sample + 1, played_turn, rig["importer"])
            expected = expected_directions(performance, sample, eye)
            assert degrees_between(found, expected).max() < 0.1


def place(armature, heading, lean, parented):
    """Turn a character in the scene and lean it over, by itself or by a parent."""
    turn = Matrix.Rotation(heading, 4, "Z") @ Matrix.Rotation(lean, 4, "X")
    if parented:
        parent = bpy.data.objects.new("Parent", None)
        bpy.context.scene.collection.objects.link(parent)
        armature.parent = parent
        parent.matrix_world = turn
    else:
        armature.matrix_world = turn @ armature.matrix_world
    bpy.context.view_layer.update()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("importer", [None, QUARTER])
def test_looking_left_moves_the_iris_to_the_subjects_left(make_rig, add_keys, mode, importer):
    """Not by angles, but by where the skin of the evaluated mesh goes."""
    armature = make_rig(seed=4, mode=mode, importer=importer, **NAMES)
    skin = bpy.data.objects["Skin"]
    add_keys(skin, jawOpen={2: (0, 0, -0.03)})
    left, down = [[0, 0.4, 0, 0.4]], [[0.4, 0, 0.4, 0]]
    still, to_left, to_floor = (0, 0, 0), (0.5, 0, 0), (0, 0.5, 0)
    bake_on(
        armature,
        looking(
            [still, still, still, to_left, to_floor], [[0] * 4, *left, *down, [0] * 4, [0] * 4]
        ),
        tolerance=0,
    )
    rest, eyes_left, eyes_down, head_left, head_down = (vertices(skin, i + 1) for i in range(5))
    for iris in (0, 1):
        assert (eyes_left - rest)[iris, 0] > 0.005, "+X is the subject's left"
        assert (eyes_down - rest)[iris, 2] < -0.005
    assert np.abs(eyes_left - rest)[3].max() < 1e-6, "the nose stays"
    assert (head_left - rest)[3, 0] > 0.05
    assert (head_down - rest)[3, 2] < -0.03


def vertices(mesh, frame):
    bpy.context.scene.frame_set(frame)
    evaluated = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([evaluated.matrix_world @ v.co for v in evaluated.data.vertices])


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0])
def test_the_neck_takes_its_share(make_rig, add_keys, played_turn, share):
    armature = make_rig(seed=5, **NAMES | {"neck": ("Neck1", "Neck2")})
    add_keys(bpy.data.objects["Skin"], jawOpen={2: (0, 0, -0.03)})
    performance = looking([(0.8, 0, 0), (0, -0.5, 0), (0, 0, 0.4)], np.zeros((3, 4)))
    bake_on(armature, performance, tolerance=0, neck_share=share)
    for sample, angle in ((0, 0.8), (1, 0.5), (2, 0.4)):
        for bone, part in (("Neck1", share / 2), ("Neck2", share), ("Head", 1)):
            turn = played_turn(armature, bone, sample + 1).to_quaternion()
            assert turn.angle == pytest.approx(part * angle, abs=1e-4)
    if share == 0:
        assert not any("Neck" in path for path, _ in f_curves(armature))


def test_a_share_lies_between_none_and_all():
    for share in (-0.1, 1.1):
        with pytest.raises(BakeError, match="between 0 and 1"):
            BakeOptions(neck_share=share)


@pytest.mark.parametrize("tolerance", [0.005, 0.04])
def test_few_keys_keep_to_the_tolerance_through_neck_and_head(
    make_rig, add_keys, played_turn, tolerance
):
    """The head may be off by a quarter of the tolerance, the eyes by all of it."""
    armature = make_rig(seed=6, **NAMES)
    add_keys(bpy.data.objects["Skin"], jawOpen={2: (0, 0, -0.03)})
    times = np.arange(121) / 24
    head = 0.6 * np.sin(times[:, None] * (3, 4, 5) + (0.1, 0.2, 0.3))
    eyes = 0.4 * np.sin(times[:, None] * (5, 4, 5, 4))
    result = bake_on(armature, looking(head, eyes), tolerance=tolerance)
    performance = looking(head, eyes)
    assert result.keys < result.samples / 3
    for sample in range(0, 121, 4):
        off = {}
        for bone, eye in (("Head", None), ("LeftEye", 0)):
            found = found_directions(armature, bone, sample + 1, played_turn, None)
            off[bone] = degrees_between(found, expected_directions(performance, sample, eye)).max()
        assert off["Head"] <= math.degrees(tolerance / 4) + 0.01
        assert off["LeftEye"] <= math.degrees(tolerance * 1.25) + 0.01


@pytest.mark.parametrize("mode", MODES)
def test_nothing_jumps_in_a_long_take(make_rig, add_keys, mode):
    """Ten minutes of a head that looks all about: no number takes a step that the head does not."""
    armature = make_rig(seed=7, mode=mode, **NAMES)
    add_keys(bpy.data.objects["Skin"], jawOpen={2: (0, 0, -0.03)})
    frames = 24 * 600
    random = np.random.default_rng(8)
    speeds, phases = random.uniform(0.2, 2.5, (2, 3, 4))
    times = np.arange(frames)[:, None, None] / 24
    head = np.sin(times * speeds + 9 * phases).mean(axis=2) * (1.3, 0.7, 0.6)
    performance = looking(head, np.zeros((frames, 4)))
    bake_on(armature, performance, tolerance=0)
    turns = performance.head[:, :4]
    steps = 2 * np.arccos(np.clip(np.abs(np.sum(turns[1:] * turns[:-1], axis=1)), 0, 1))
    for bone in ("Neck", "Head"):
        curves = {key: c for key, c in f_curves(armature).items() if f'"{bone}"' in key[0]}
        values = np.column_stack([evaluate(c, np.arange(1, frames + 1)) for c in curves.values()])
        if mode == "AXIS_ANGLE":
            # An axis says nothing while the angle is 0, and may change there.
            values = values[:, :1] * values[:, 1:]
        largest = np.abs(np.diff(values, axis=0)).max()
        # An Euler angle is quicker than the head near its pole, but never turns round.
        assert largest < (0.6 * steps.max() if mode == "QUATERNION" else 1.0)


def test_a_control_rig_keeps_its_head_level(make_rig, add_keys, played_turn):
    """As Rigify does: the head's rotation is the torso's, whatever the neck does."""
    armature = make_rig(seed=9, **NAMES)
    add_keys(bpy.data.objects["Skin"], jawOpen={2: (0, 0, -0.03)})
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    bones = armature.data.edit_bones
    for name, height, parent in (("torso", 1.0, "hips"), ("MCH-head", 1.6, "Neck")):
        bone = bones.new(name)
        bone.head, bone.tail, bone.roll = (0, 0.02, height), (0, 0.02, height + 0.1), 0.2
        bone.parent = bones[parent]
    bones["Head"].parent = bones["MCH-head"]
    bpy.ops.object.mode_set(mode="OBJECT")
    level = armature.pose.bones["MCH-head"].constraints.new("COPY_ROTATION")
    level.target, level.subtarget = armature, "torso"
    performance = random_looks(10)
    result = bake_on(armature, performance, tolerance=0)
    neck = [played_turn(armature, "Neck", i + 1).to_quaternion().angle for i in range(6)]
    assert min(neck) > 0.05, "the neck turns along"
    for sample in range(len(performance)):
        found = found_directions(armature, "Head", sample + 1, played_turn, None)
        assert degrees_between(found, expected_directions(performance, sample)).max() < 0.1
    assert result.notes == ()
    # Half of it cannot be shared out: the head alone turns, and the animator is told.
    level.influence = 0.5
    result = bake_on(armature, performance, tolerance=0)
    assert "the neck stays still" in result.words()
    for sample in range(len(performance)):
        found = found_directions(armature, "Head", sample + 1, played_turn, None)
        assert degrees_between(found, expected_directions(performance, sample)).max() < 0.1


def test_a_neck_that_was_baked_before_does_not_turn_twice(make_rig, add_keys, played_turn):
    armature = make_rig(seed=12, **NAMES)
    add_keys(bpy.data.objects["Skin"], jawOpen={2: (0, 0, -0.03)})
    performance = random_looks(13)
    bake_on(armature, performance, tolerance=0)
    bake_on(armature, performance, tolerance=0, neck_share=0)
    for sample in range(len(performance)):
        found = found_directions(armature, "Head", sample + 1, played_turn, None)
        assert degrees_between(found, expected_directions(performance, sample)).max() < 0.1
        assert played_turn(armature, "Neck", sample + 1).to_quaternion().angle < 1e-3


def test_a_turn_that_comes_back_comes_back(make_rig, add_keys):
    armature = make_rig(seed=11, **NAMES)
    add_keys(bpy.data.objects["Skin"], jawOpen={2: (0, 0, -0.03)})
    looks = [(0, 0, 0), (0.9, 0.3, 0), (0, 0, 0)]
    bake_on(armature, looking(looks, np.zeros((3, 4))), tolerance=0)
    for (path, index), curve in f_curves(armature).items():
        first, _, last = evaluate(curve, np.array([1, 2, 3]))
        assert first == pytest.approx(last, abs=1e-5), (path, index)


def test_two_takes_on_two_characters_of_one_scene(make_rig, add_keys, played_turn):
    """Two faces of one clip: each bake leaves the other character alone."""
    looks = []
    for seed in (20, 21):
        armature = make_rig(seed=seed, **NAMES)
        skin = armature.children[0]
        add_keys(skin, jawOpen={2: (0, 0, -0.03)})
        looks.append((armature, random_looks(seed)))
    for armature, performance in looks:
        bake_on(armature, performance, tolerance=0)
    for armature, performance in looks:
        for sample in range(len(performance)):
            found = found_directions(armature, "Head", sample + 1, played_turn, None)
            assert degrees_between(found, expected_directions(performance, sample)).max() < 0.1


def test_the_command_line_sets_neck_and_eyes():
    parser = argparse.ArgumentParser()
    add_bake_arguments(parser)
    usual = bake_options(parser.parse_args([]))
    assert (usual.neck_share, usual.eyes) == (NECK_SHARE, "AUTO")
    chosen = bake_options(parser.parse_args(["--neck-share", "0.5", "--eyes", "keys"]))
    assert (chosen.neck_share, chosen.eyes) == (0.5, "KEYS")
