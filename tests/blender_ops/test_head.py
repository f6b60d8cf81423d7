"""Head and eyes: where the evaluated bones look, against where the performance looks."""

import math

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Quaternion, Vector
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import CharacterError, find_character
from mien.blender_ops.mapping import match
from mien.models import rotation

MODES = ("QUATERNION", "XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "AXIS_ANGLE")


def bake_on(chosen, performance, **options):
    character = find_character(chosen)
    return bake(performance, character, match(character), BakeOptions(**options))


def to_blender(vectors):
    """A performance's (x, y, z) in Blender's axes, for a character that faces −Y."""
    x, y, z = np.moveaxis(np.asarray(vectors), -1, 0)
    return np.stack([x, -z, y], axis=-1)


def evaluated(thing, frame):
    bpy.context.scene.frame_set(math.floor(frame), subframe=frame % 1)
    return thing.evaluated_get(bpy.context.evaluated_depsgraph_get())


def turn_of_bone(armature, bone, frame):
    """How far a bone has turned from its rest, in the armature's axes."""
    posed = evaluated(armature, frame).pose.bones[bone].matrix
    return posed.to_3x3() @ armature.data.bones[bone].matrix_local.to_3x3().inverted()


def directions(matrix):
    """Where a turn takes the face's forward and up."""
    return np.array([matrix @ Vector((0, -1, 0)), matrix @ Vector((0, 0, 1))])


def expected_head(performance, sample):
    return to_blender(rotation.turned(performance.head[sample, :4], [(0, 0, 1), (0, 1, 0)]))


@pytest.fixture
def sixty():
    bpy.context.scene.render.fps = 60


@pytest.mark.parametrize("mode", MODES)
def test_the_head_bone_looks_where_the_head_looks(puppet, performance, sixty, mode):
    armature = puppet.parent
    armature.pose.bones["head"].rotation_mode = mode
    bake_on(puppet, performance, tolerance=0)
    for sample in (0, 13, 60, 101, 120):
        found = directions(turn_of_bone(armature, "head", sample + 1))
        assert found == pytest.approx(expected_head(performance, sample), abs=1e-4)


@pytest.mark.parametrize("tolerance", [0, 0.02])
@pytest.mark.parametrize("mode", MODES)
def test_nothing_flips_between_frames(puppet, performance, sixty, mode, tolerance):
    armature = puppet.parent
    armature.pose.bones["head"].rotation_mode = mode
    # More than a full turn: every angle wraps around on the way.
    angles = np.linspace(0, 2.5 * math.pi, 121)[:, None] * (1, 0.1, 0.05)
    turns = np.column_stack([rotation.from_yaw_pitch_roll(angles), np.zeros((121, 3))])
    turns[::3] *= -1
    performance = performance.replace(head=turns)
    bake_on(puppet, performance, tolerance=tolerance)
    for sample in range(0, 120, 7):
        ends = [directions(turn_of_bone(armature, "head", sample + 1 + i)) for i in (0, 1)]
        between = directions(turn_of_bone(armature, "head", sample + 1.5))
        # A frame of this turn is 3.75°; halfway lies between its ends.
        assert np.linalg.norm(between - (ends[0] + ends[1]) / 2, axis=1).max() < 0.01


def test_a_few_keys_turn_the_head_within_the_tolerance(puppet, performance, sixty):
    armature = puppet.parent
    for mode in MODES:
        armature.pose.bones["head"].rotation_mode = mode
        bake_on(puppet, performance, tolerance=0.02)
        for sample in range(0, 121, 5):
            found = directions(turn_of_bone(armature, "head", sample + 1))
            away = np.linalg.norm(found - expected_head(performance, sample), axis=1)
            assert away.max() < 0.02


def test_the_head_is_nearer_than_a_weight_needs_to_be(puppet, performance, sixty):
    """What moves the whole face must not be seen to lag behind its samples."""
    armature = puppet.parent
    bake_on(puppet, performance, tolerance=0.04)
    away = [
        np.abs(directions(turn_of_bone(armature, "head", i + 1)) - expected_head(performance, i))
        for i in range(0, 121, 3)
    ]
    assert 0.0005 < np.linalg.norm(away, axis=2).max() < 0.01
    few = bake_on(puppet, performance, region_tolerance={"head": 0.2})
    assert few.largest_error == pytest.approx(0.2, rel=0.7)


def test_the_eyes_turn_with_the_head(puppet, performance, sixty):
    armature = puppet.parent
    bake_on(puppet, performance, tolerance=0)
    for sample in (5, 50, 99):
        for bone, pitch, yaw in (("eye.L", 0, 1), ("eye.R", 2, 3)):
            eye = rotation.from_yaw_pitch_roll(
                [performance.eyes[sample, yaw], performance.eyes[sample, pitch], 0]
            )
            turn = rotation.multiply(performance.head[sample, :4], eye)
            expected = to_blender(rotation.turned(turn, [(0, 0, 1), (0, 1, 0)]))
            found = directions(turn_of_bone(armature, bone, sample + 1))
            assert found == pytest.approx(expected, abs=1e-4)


def test_eyes_that_were_not_recorded_follow_the_eye_look_weights(puppet, performance, sixty):
    channels = ("eyeLookOutLeft", "eyeLookInRight", "eyeLookDownLeft", "eyeLookUpRight")
    weights = np.tile(np.linspace(0, 1, 121)[:, None], (1, 4))
    performance = performance.replace(
        weights=weights, channels=channels, eyes=None, head=None, confidence=np.ones(121)
    )
    bake_on(puppet, performance, tolerance=0)
    left = turn_of_bone(puppet.parent, "eye.L", 121) @ Vector((0, -1, 0))
    right = turn_of_bone(puppet.parent, "eye.R", 121) @ Vector((0, -1, 0))
    assert left.x > 0.4 and left.z < -0.4, "to the subject's left, and down"
    assert right.x > 0.4 and right.z > 0.4, "to the subject's left, and up"


@pytest.mark.parametrize("importer", [Quaternion(), Quaternion((1, 0, 0), math.pi / 2)])
@pytest.mark.parametrize("heading", [0.0, 2.0])
def test_an_importers_quarter_turn_and_a_heading_change_nothing(
    puppet, performance, sixty, importer, heading
):
    armature = puppet.parent
    # What an importer does: the data lie in other axes, the object turns them back.
    armature.data.transform(importer.inverted().to_matrix().to_4x4())
    armature.matrix_world = Matrix.Rotation(heading, 4, "Z") @ importer.to_matrix().to_4x4()
    bpy.context.view_layer.update()
    bake_on(puppet, performance, tolerance=0)
    to_character = Matrix.Rotation(heading, 3, "Z").inverted() @ armature.matrix_world.to_3x3()
    for sample in (10, 77):
        turn = turn_of_bone(armature, "head", sample + 1)
        found = directions(to_character @ turn @ to_character.inverted())
        assert found == pytest.approx(expected_head(performance, sample), abs=1e-3)


def test_a_character_built_facing_the_other_way(puppet, performance, sixty):
    armature = puppet.parent
    around = Matrix.Rotation(math.pi, 3, "Z")
    armature.data.transform(around.to_4x4())
    bake_on(puppet, performance, tolerance=0)
    turn = turn_of_bone(armature, "head", 78)
    found = directions(around.inverted() @ turn @ around)
    assert found == pytest.approx(expected_head(performance, 77), abs=1e-3)


def test_an_empty_turns_where_there_is_no_head_bone(performance, sixty):
    face = add_face()
    result = bake_on(face, performance, tolerance=0)
    empty = bpy.data.objects["Face Head"]
    for sample in (0, 64):
        found = directions(evaluated(empty, sample + 1).matrix_world.to_3x3())
        assert found == pytest.approx(expected_head(performance, sample), abs=1e-4)
    assert "Face Head" in result.words()
    bake_on(face, performance, tolerance=0)
    assert [each.name for each in bpy.data.objects if each.type == "EMPTY"] == ["Face Head"]


def test_where_the_head_goes(puppet, performance):
    bake_on(puppet, performance, head="NONE", tolerance=0)
    assert not any("head" in path for path, _ in _paths(puppet.parent))
    bake_on(puppet, performance, head="EMPTY", tolerance=0)
    assert bpy.data.objects["Puppet Head"].animation_data.action
    assert bpy.data.objects["Puppet Head"].parent == puppet.parent
    with pytest.raises(CharacterError, match="no head bone"):
        bake_on(add_face(), performance, head="BONE")


def test_no_head_in_the_performance_no_keys_on_the_head(puppet, performance):
    bake_on(puppet, performance.replace(head=None, eyes=None), tolerance=0)
    assert not any("head" in path for path, _ in _paths(puppet.parent))


def _paths(datablock):
    from mien.blender_ops.animation import f_curves

    return f_curves(datablock)


def add_face():
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 2)], [], [(0, 1, 2)])
    face = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(face)
    face.shape_key_add(name="Basis")
    face.shape_key_add(name="jawOpen").value = 0
    return face
