"""Corrections by hand lie above the bake, play exactly, and outlive the next bake."""

import bpy
import numpy as np
import pytest
from mathutils import Quaternion
from mien.blender_ops.animation import f_curves
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import CharacterError, find_character
from mien.blender_ops.corrections import add_corrections_layer
from mien.blender_ops.mapping import match

FRAMES = (-3, 1, 17, 40, 77, 121, 140)


@pytest.fixture
def character(puppet):
    bpy.context.scene.render.fps = 60
    return find_character(puppet)


def bake_on(character, performance, **options):
    return bake(performance, character, match(character), BakeOptions(**options))


def poses(character, frames=FRAMES):
    """Weights and the head's turn at some frames, as the graph shows them."""
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        graph = bpy.context.evaluated_depsgraph_get()
        keys = character.meshes[0].evaluated_get(graph).data.shape_keys.key_blocks
        head = character.armature.evaluated_get(graph).pose.bones["head"].matrix_basis
        found.append([*(key.value for key in keys), *(v for row in head for v in row)])
    return np.array(found)


def jaw(character, frame):
    bpy.context.scene.frame_set(frame)
    graph = bpy.context.evaluated_depsgraph_get()
    face = character.meshes[0].evaluated_get(graph)
    return face.data.shape_keys.key_blocks["jawOpen"].value


def correct_jaw(character, frame, value):
    """What an animator does: go to a frame, set the slider, insert a key."""
    bpy.context.scene.frame_set(frame)
    block = character.meshes[0].data.shape_keys.key_blocks["jawOpen"]
    block.value = value
    block.keyframe_insert("value", frame=frame)


@pytest.mark.parametrize("tolerance", [0, 0.005])
def test_a_layer_changes_nothing_by_itself(character, performance, tolerance):
    bake_on(character, performance, tolerance=tolerance)
    before = poses(character)
    assert np.ptp(before, axis=0).max() > 0.5
    assert add_corrections_layer(character) is not None
    assert poses(character) == pytest.approx(before, abs=1e-5)
    assert add_corrections_layer(character) is None


@pytest.mark.parametrize("value", [0.9, 0.0, 1.0])
def test_a_keyed_correction_plays_exactly(character, performance, value):
    bake_on(character, performance)
    add_corrections_layer(character)
    middle = 1 + int(np.argmin(np.abs(performance.channel("jawOpen") - 0.5)))
    for frame in (1, 120):
        correct_jaw(character, frame, jaw(character, frame))
    correct_jaw(character, middle, value)
    assert jaw(character, middle) == pytest.approx(value, abs=1e-6)
    assert jaw(character, 1) == pytest.approx(performance.channel("jawOpen")[0], abs=0.005)


def test_the_heads_stack_takes_corrections_too(character, performance):
    bake_on(character, performance)
    add_corrections_layer(character)
    bpy.context.scene.frame_set(60)
    bone = character.armature.pose.bones["head"]
    wanted = Quaternion((0.3, 0.5, 0.2), 0.7)
    bone.rotation_quaternion = wanted
    bone.keyframe_insert("rotation_quaternion", frame=60)
    bpy.context.scene.frame_set(1)
    bpy.context.scene.frame_set(60)
    found = bone.matrix_basis.to_quaternion()
    assert abs(found.dot(wanted)) == pytest.approx(1, abs=1e-5)


def test_a_second_bake_keeps_the_corrections(character, performance):
    bake_on(character, performance)
    add_corrections_layer(character)
    for frame, lift in ((20, 0.0), (30, -0.2), (40, 0.0)):
        correct_jaw(character, frame, jaw(character, frame) + lift)
    softer = performance.replace(weights=performance.weights * 0.5)
    first = f_curves(character.meshes[0].data.shape_keys)
    bake_on(character, softer, tolerance=0)
    for frame, lift in ((10, 0), (30, -0.2), (60, 0)):
        expected = softer.channel("jawOpen")[frame - 1] + lift
        assert jaw(character, frame) == pytest.approx(expected, abs=0.002)
    second = f_curves(character.meshes[0].data.shape_keys)
    assert first.keys() == second.keys()
    assert len(character.meshes[0].data.shape_keys.animation_data.nla_tracks) == 1


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ"])
def test_a_second_bake_keeps_the_heads_corrections(character, performance, mode):
    bone = character.armature.pose.bones["head"]
    bone.rotation_mode = mode
    path = "rotation_quaternion" if mode == "QUATERNION" else "rotation_euler"

    def turn(frame):
        bpy.context.scene.frame_set(frame)
        return bone.matrix_basis.to_quaternion()

    bake_on(character, performance)
    add_corrections_layer(character)
    wanted = Quaternion((0.3, 0.5, 0.2), 0.7)
    for frame in (20, 60, 100):
        bpy.context.scene.frame_set(frame)
        if frame == 60:
            setattr(bone, path, wanted if mode == "QUATERNION" else wanted.to_euler(mode))
        bone.keyframe_insert(path, frame=frame)
    below = turn(80)
    bake_on(character, performance, tolerance=0.001)
    for frame, expected in ((60, wanted), (80, below)):
        assert abs(turn(frame).dot(expected)) == pytest.approx(1, abs=1e-4)
    assert len(character.armature.animation_data.nla_tracks) == 1


def test_a_second_bake_of_another_length_keeps_time(character, performance):
    bake_on(character, performance, start_frame=1)
    add_corrections_layer(character)
    weights = np.linspace(0, 1, 400)[:, None].repeat(52, axis=1)
    longer = performance.replace(
        weights=weights, times=np.arange(400) / 60, head=None, eyes=None, confidence=np.ones(400)
    )
    bake_on(character, longer, start_frame=-50, tolerance=0)
    for frame in (-50, 0, 100, 349):
        expected = weights[frame + 50, 0]
        assert jaw(character, frame) == pytest.approx(expected, abs=1e-4)
    short = longer.replace(weights=weights[:30], times=np.arange(30) / 60, confidence=np.ones(30))
    bake_on(character, short, start_frame=200, tolerance=0)
    assert jaw(character, 229) == pytest.approx(weights[29, 0], abs=1e-4)
    assert jaw(character, 10) == pytest.approx(0, abs=1e-4)


def test_a_layer_survives_a_save(character, performance, tmp_path):
    bake_on(character, performance)
    add_corrections_layer(character)
    correct_jaw(character, 50, jaw(character, 50) - 0.4)
    before = poses(character)
    file = str(tmp_path / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.open_mainfile(filepath=file)
    character = find_character(bpy.data.objects["Face"])
    assert poses(character) == pytest.approx(before, abs=1e-6)
    bake_on(character, performance.replace(weights=performance.weights * 0 + 1))
    assert jaw(character, 50) == pytest.approx(0.6, abs=1e-5), "the correction is still there"


def test_nothing_to_correct(character):
    with pytest.raises(CharacterError, match="bake before"):
        add_corrections_layer(character)
