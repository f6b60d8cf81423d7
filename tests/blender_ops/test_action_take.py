import bpy
import numpy as np
import pytest
from mien.blender_ops.action_take import performance_of_action
from mien.blender_ops.animation import (
    AnimationError,
    Curve,
    Keys,
    action_of,
    write_curves,
)
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.blend_files import set_rate
from mien.blender_ops.character import find_character
from mien.blender_ops.commands import main
from mien.blender_ops.mapping import Mapping, Row, Target, match
from mien.models import formats
from mien.models.performance import Performance
from mien.models.take import read_take

from .conftest import add_armature, add_mesh


def read_back(face, **options):
    character = find_character(face)
    return performance_of_action(character, match(character), bpy.context.scene, **options)


def key(face, name, frames, values, **keys):
    data = face.data.shape_keys
    path = f'key_blocks["{name}"].value'
    at = Keys(np.array(frames, np.float32), np.array(values, np.float32), **keys)
    return write_curves("Made by hand", {data: [Curve(path, at)]})[0]


def test_a_bake_is_read_back_as_it_was(puppet, performance):
    set_rate(bpy.context.scene, 60)
    character = find_character(puppet)
    bake(performance, character, match(character), BakeOptions(tolerance=0.0))
    result = read_back(puppet)
    assert len(result) == len(performance)
    np.testing.assert_allclose(result.times, performance.times, atol=1e-6)
    for name in result.channels:
        np.testing.assert_allclose(
            result.channel(name), performance.channel(name), atol=2e-6, err_msg=name
        )
    same = np.abs(np.sum(result.head[:, :4] * performance.head[:, :4], axis=1))
    np.testing.assert_allclose(same, 1, atol=1e-5)


def test_eye_bones_are_read_where_they_turn_the_eyes(performance):
    armature = add_armature(
        "Rig",
        head=((0, 0, 1), (0, 0, 2), 0.4, ""),
        **{
            "eye.L": ((0.3, -0.5, 1.5), (0.3, -0.7, 1.5), 0.4, "head"),
            "eye.R": ((-0.3, -0.5, 1.5), (-0.3, -0.7, 1.5), -1.2, "head"),
        },
    )
    face = add_mesh("Face", ["jawOpen", "mouthSmileLeft"], armature)
    set_rate(bpy.context.scene, 60)
    character = find_character(face)
    bake(performance, character, match(character), BakeOptions(tolerance=0.0))
    result = read_back(face)
    np.testing.assert_allclose(result.eyes, performance.eyes, atol=1e-5)
    assert result.channels == ("jawOpen", "mouthSmileLeft")


def test_neck_and_jaw_bones_are_read_back(performance):
    armature = add_armature(
        "Rig",
        spine=((0, 0, -1), (0, 0, 0), 0.0, ""),
        neck=((0, 0, 0), (0, 0.1, 1), 0.3, "spine"),
        head=((0, 0.1, 1), (0, 0, 2), -0.7, "neck"),
        jaw=((0, -0.1, 1.2), (0, -0.6, 1.0), 0.5, "head"),
    )
    face = add_mesh("Face", ["mouthSmileLeft", "eyeBlinkLeft"], armature)
    set_rate(bpy.context.scene, 60)
    character = find_character(face)
    assert character.neck_bones and character.jaw_bone
    bake(performance, character, match(character), BakeOptions(tolerance=0.0))
    result = read_back(face)
    same = np.abs(np.sum(result.head[:, :4] * performance.head[:, :4], axis=1))
    np.testing.assert_allclose(same, 1, atol=1e-5)
    np.testing.assert_allclose(result.channel("jawOpen"), performance.channel("jawOpen"), atol=1e-4)
    sideways = performance.channel("jawLeft") - performance.channel("jawRight")
    np.testing.assert_allclose(
        result.channel("jawLeft") - result.channel("jawRight"), sideways, atol=1e-4
    )


def test_channels_that_share_shapes_are_taken_apart():
    face = add_mesh("Face", ["jawOpen", "smile", "blink"])
    left, right = (
        Row(f"mouthSmile{side}", (Target(face, "smile", weight=0.5),)) for side in ("Left", "Right")
    )
    looks = (
        Row("jawLeft", (Target(face, "jawOpen", weight=1.0),)),
        Row("jawRight", (Target(face, "jawOpen", weight=-1.0),)),
    )
    mapping = Mapping((left, right, *looks, Row("eyeBlinkLeft", (Target(face, "blink"),))))
    key(face, "jawOpen", [1, 6, 11], [0.5, 0.0, -0.25], interpolation=1)
    for name, value in (("smile", 0.6), ("blink", 0.3)):
        face.data.shape_keys.key_blocks[name].value = value
    result = performance_of_action(find_character(face), mapping, bpy.context.scene)
    np.testing.assert_allclose(result.channel("jawLeft")[[0, 5, 10]], [0.5, 0, 0], atol=1e-6)
    np.testing.assert_allclose(result.channel("jawRight")[[0, 5, 10]], [0, 0, 0.25], atol=1e-6)
    both = result.channel("mouthSmileLeft") + result.channel("mouthSmileRight")
    np.testing.assert_allclose(both, 1.2, atol=1e-6)
    np.testing.assert_allclose(result.channel("eyeBlinkLeft"), 0.3, atol=1e-6)


def test_a_head_on_an_empty_is_read_back(performance):
    face = add_mesh("Face", ["jawOpen"])
    set_rate(bpy.context.scene, 60)
    character = find_character(face)
    bake(performance, character, match(character), BakeOptions(tolerance=0.0))
    result = read_back(face)
    same = np.abs(np.sum(result.head[:, :4] * performance.head[:, :4], axis=1))
    np.testing.assert_allclose(same, 1, atol=1e-5)


def test_keys_between_frames_and_what_plays_between_keys_are_there():
    face = add_mesh("Face", ["jawOpen", "eyeBlinkLeft", "other"])
    face.data.shape_keys.key_blocks["eyeBlinkLeft"].value = 0.25
    set_rate(bpy.context.scene, 25)
    frames, values = [10, 12.5, 20, 31], [0.0, 1.0, 0.5, -0.1]
    action = key(face, "jawOpen", frames, values, interpolation=1)
    result = read_back(face)
    assert result.source.text == action.name
    np.testing.assert_allclose(result.times, (np.r_[10, 11, 12, 12.5, 13:32] - 10) / 25, atol=1e-9)
    np.testing.assert_allclose(
        result.channel("jawOpen"), np.interp(result.times * 25 + 10, frames, values), atol=1e-6
    )
    np.testing.assert_allclose(result.channel("eyeBlinkLeft"), 0.25)
    part = read_back(face, start=12.0, end=14.0)
    np.testing.assert_allclose(part.times * 25 + 12, [12, 12.5, 13, 14])
    with pytest.raises(AnimationError, match="earlier one first"):
        read_back(face, start=14.0, end=12.0)


def test_modifiers_and_curved_handles_are_read_as_they_play():
    face = add_mesh("Face", ["jawOpen"])
    key(face, "jawOpen", [1, 21], [0.0, 1.0], interpolation=2)
    curve = next(
        curve for curve in _curves(face) if curve.data_path == 'key_blocks["jawOpen"].value'
    )
    curve.modifiers.new("CYCLES")
    result = read_back(face, start=1.0, end=60.0)
    played = [curve.evaluate(frame) for frame in range(1, 61)]
    np.testing.assert_allclose(result.channel("jawOpen"), played, atol=1e-6)
    assert np.ptp(result.channel("jawOpen")[30:]) > 0.5


def test_another_action_than_the_assigned_one_is_read_by_choice():
    face = add_mesh("Face", ["jawOpen"])
    first = key(face, "jawOpen", [1, 11], [0.0, 1.0])
    second = key(face, "jawOpen", [1, 11], [0.0, 0.5])
    assert first != second and action_of(face.data.shape_keys) == second
    assert read_back(face).channel("jawOpen").max() == pytest.approx(0.5)
    assert read_back(face, action=first).channel("jawOpen").max() == pytest.approx(1)


def test_an_action_with_several_slots_gives_each_character_its_own():
    one, two = add_mesh("One", ["jawOpen"]), add_mesh("Two", ["jawOpen"])
    for face, top in ((one, 1.0), (two, 0.5)):
        at = Keys(np.array([1, 11], np.float32), np.array([0, top], np.float32))
        write_curves("Shared", {face.data.shape_keys: [Curve('key_blocks["jawOpen"].value', at)]})
    shared = action_of(one.data.shape_keys)
    if hasattr(shared, "slots"):
        slot = shared.slots.new(id_type="KEY", name=two.data.shape_keys.name)
        bag = shared.layers[0].strips[0].channelbag(slot, ensure=True)
        curve = bag.fcurves.new('key_blocks["jawOpen"].value')
        curve.keyframe_points.insert(1, 0.0)
        curve.keyframe_points.insert(11, 0.25)
        assert read_back(two, action=shared).channel("jawOpen").max() == pytest.approx(0.25)
    assert read_back(one, action=shared).channel("jawOpen").max() == pytest.approx(1)


def test_an_action_of_something_else_is_refused():
    face = add_mesh("Face", ["jawOpen"])
    with pytest.raises(AnimationError, match="moves nothing"):
        read_back(face)
    action = key(face, "jawOpen", [1, 11], [0.0, 1.0])
    other = add_mesh("Other", ["mouthSmileLeft"])
    with pytest.raises(AnimationError, match=action.name):
        read_back(other, action=action)


def test_the_command_writes_a_take_that_keeps_what_was_animated(tmp_path, capsys):
    face = add_mesh("Face", ["jawOpen"])
    set_rate(bpy.context.scene, 24)
    key(face, "jawOpen", [1, 5.5, 25], [0.0, 1.0, 0.2])
    blend = tmp_path / "scene.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))
    output = tmp_path / "take"
    assert main(["from-action", str(blend), "-o", str(output)]) == 0
    take = read_take(output)
    assert take.recipe.steps == ()
    assert take.performance.duration == pytest.approx(1)
    assert take.performance.channel("jawOpen").max() == pytest.approx(1)
    assert main(["from-action", str(blend), "-o", str(output) + "2", "--action", "None"]) == 1
    assert "Made by hand" in capsys.readouterr().err
    assert isinstance(formats.read(output), Performance)


def _curves(face):
    from mien.blender_ops.animation import f_curves

    return list(f_curves(face.data.shape_keys).values())
