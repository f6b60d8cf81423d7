"""Corrections by hand stay with the character: through saving, renaming, appending and undo."""

import bpy
import numpy as np
import pytest
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import CharacterError, find_character
from mien.blender_ops.mapping import Target, match
from mien.blender_ops.mapping.mapping import KEPT
from mien.blender_ops.mapping.saved import (
    PROPERTY,
    correct,
    reset,
    save,
    saved_rows,
    uncorrect,
)
from mien.models.performance import Performance


def targets_of(chosen, channel):
    mapping = match(find_character(chosen))
    return [(target.object.name, target.key, target.weight) for target in mapping.found[channel]]


def test_a_row_is_corrected(puppet):
    character = find_character(puppet)
    correct(character, "jawOpen", [Target(puppet, key="mouthFunnel", weight=0.5)])
    row = match(character).row("jawOpen")
    assert targets_of(puppet, "jawOpen") == [("Face", "mouthFunnel", 0.5)]
    assert (row.origin, row.certainty) == (KEPT, 1.0)
    assert targets_of(puppet, "mouthFunnel") == [("Face", "mouthFunnel", 1.0)]
    uncorrect(character, "jawOpen")
    assert [key for _, key, _ in targets_of(puppet, "jawOpen")] == ["jawOpen", "jaw_open"]
    assert PROPERTY not in puppet.parent


def test_a_channel_is_left_out(puppet):
    character = find_character(puppet)
    correct(character, "cheekPuff", ())
    mapping = match(character)
    assert "cheekPuff" in mapping.missing
    assert mapping.row("cheekPuff").origin == KEPT


def test_many_channels_move_one_key_and_one_moves_many(puppet):
    character = find_character(puppet)
    face = puppet
    correct(character, "jawOpen", [Target(face, "mouthFunnel", weight=0.5)])
    correct(character, "jawForward", [Target(face, "mouthFunnel", weight=0.25)])
    correct(
        character,
        "jawLeft",
        [Target(face, "cheekPuff", weight=0.5), Target(face, "noseSneerLeft", weight=-1)],
    )
    weights = np.array([[0.8, 0.4, 1.0]])
    performance = Performance(weights, [0], ("jawOpen", "jawForward", "jawLeft"))
    bake(performance, character, match(character), BakeOptions(tolerance=0))
    bpy.context.scene.frame_set(1)
    blocks = puppet.data.shape_keys.key_blocks
    assert blocks["mouthFunnel"].value == pytest.approx(0.8 * 0.5 + 0.4 * 0.25)
    assert blocks["cheekPuff"].value == pytest.approx(0.5)
    assert blocks["noseSneerLeft"].value == 0  # limited to its slider's range


def test_values_keep_to_the_range_of_the_slider(puppet):
    character = find_character(puppet)
    block = puppet.data.shape_keys.key_blocks["mouthLeft"]
    block.slider_min, block.slider_max = -1, 0.5
    correct(character, "mouthRight", [Target(puppet, "mouthLeft", weight=-2)])
    performance = Performance(
        np.array([[1.0, 0.0], [0.0, 0.3], [0.0, 1.0]]),
        np.arange(3) / 24,
        ("mouthLeft", "mouthRight"),
    )
    bake(performance, character, match(character), BakeOptions(tolerance=0))
    shown = []
    for frame in (1, 2, 3):
        bpy.context.scene.frame_set(frame)
        shown.append(block.value)
    assert shown == pytest.approx([0.5, -0.6, -1])


def test_a_bone_channel_and_a_property_by_hand(puppet):
    armature = puppet.parent
    armature["smile"] = 0.0
    armature.pose.bones["neck"].rotation_mode = "XYZ"
    character = find_character(puppet)
    path = 'pose.bones["neck"].rotation_euler'
    correct(character, "mouthSmileLeft", [Target(armature, data_path='["smile"]', weight=4)])
    correct(character, "jawOpen", [Target(armature, "", path, 0, weight=0.5, rest=0.1)])
    mapping = match(character)
    assert mapping.found["jawOpen"][0].label == "Puppet: neck rotation euler X"
    performance = Performance(np.array([[0.5, 0.5]]), [0], ("mouthSmileLeft", "jawOpen"))
    bake(performance, character, mapping, BakeOptions(tolerance=0))
    bpy.context.scene.frame_set(1)
    assert armature["smile"] == pytest.approx(2)
    assert armature.pose.bones["neck"].rotation_euler[0] == pytest.approx(0.35)


def test_it_survives_saving_and_opening(puppet, tmp_path):
    character = find_character(puppet)
    path = 'pose.bones["neck"].location'
    correct(character, "jawOpen", [Target(bpy.data.objects["Tongue"], "tongueOut", weight=0.5)])
    correct(character, "jawLeft", [Target(puppet.parent, data_path=path, index=1, weight=-0.2)])
    correct(character, "cheekPuff", ())
    file = str(tmp_path / "character.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=file)
    rows = saved_rows(find_character(bpy.data.objects["Face"]))
    assert rows["cheekPuff"] == ()
    assert rows["jawOpen"] == (Target(bpy.data.objects["Tongue"], "tongueOut", weight=0.5),)
    (bone,) = rows["jawLeft"]
    assert (bone.object.name, bone.data_path, bone.index) == ("Puppet", path, 1)
    assert bone.weight == pytest.approx(-0.2)


def test_it_survives_renaming_and_appending_beside_another(puppet, tmp_path):
    correct(find_character(puppet), "jawOpen", [Target(puppet, "mouthFunnel")])
    puppet.name = "Somebody"
    assert targets_of(puppet, "jawOpen") == [("Somebody", "mouthFunnel", 1.0)]
    puppet.name = "Face"
    file = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file, copy=True)
    with bpy.data.libraries.load(file) as (source, wanted):
        wanted.objects = list(source.objects)
    second = next(each for each in wanted.objects if each.name.startswith("Face"))
    assert second.name != "Face"
    for each in wanted.objects:
        bpy.context.scene.collection.objects.link(each)
    assert targets_of(second, "jawOpen") == [(second.name, "mouthFunnel", 1.0)]
    assert targets_of(puppet, "jawOpen") == [("Face", "mouthFunnel", 1.0)]


def test_undo_takes_a_correction_back(puppet):
    bpy.ops.ed.undo_push(message="before")
    correct(find_character(puppet), "jawOpen", [Target(puppet, "mouthFunnel")])
    bpy.ops.ed.undo_push(message="corrected")
    bpy.ops.ed.undo()
    face = bpy.data.objects["Face"]
    assert saved_rows(find_character(face)) == {}
    bpy.ops.ed.redo()
    assert targets_of(bpy.data.objects["Face"], "jawOpen") == [("Face", "mouthFunnel", 1.0)]


def test_all_rows_are_kept_whatever_the_keys_are_called_later(puppet):
    character = find_character(puppet)
    save(character, {row.channel: row.shapes for row in match(character).rows})
    correct(character, "jawOpen", saved_rows(character)["jawOpen"][:1])
    assert len(saved_rows(character)) == 52
    assert reset(character) and not reset(character)
    assert saved_rows(character) == {}
    assert match(character).row("jawOpen").origin == "ARKit"


def test_a_driven_key_of_a_corrected_row_is_reached_through_its_control(puppet):
    armature = puppet.parent
    armature["open"] = 0.0
    curve = puppet.data.shape_keys.key_blocks["mouthFunnel"].driver_add("value")
    variable = curve.driver.variables.new()
    variable.name = "v"
    variable.targets[0].id = armature
    variable.targets[0].data_path = '["open"]'
    curve.driver.expression = "v / 5"
    character = find_character(puppet)
    correct(character, "jawOpen", [Target(puppet, "mouthFunnel", weight=0.5)])
    (target,) = match(character).found["jawOpen"]
    assert (target.object, target.data_path) == (armature, '["open"]')
    assert target.weight == pytest.approx(2.5, rel=1e-3)


def test_what_was_removed_is_left_out(puppet):
    character = find_character(puppet)
    correct(character, "jawOpen", [Target(puppet, "mouthFunnel"), Target(puppet, "cheekPuff")])
    puppet.shape_key_remove(puppet.data.shape_keys.key_blocks["mouthFunnel"])
    assert targets_of(puppet, "jawOpen") == [("Face", "cheekPuff", 1.0)]


@pytest.mark.parametrize("odd", ["text", {"rows": "{"}, {"rows": "{}", "holders": {}}, 5])
def test_a_property_that_is_damaged_is_no_mapping(puppet, odd):
    puppet.parent[PROPERTY] = odd
    character = find_character(puppet)
    assert saved_rows(character) == {}
    assert len(match(character).found) == 52


def test_what_makes_no_sense_is_refused(puppet):
    character = find_character(puppet)
    with pytest.raises(CharacterError, match="none of the face's channels"):
        correct(character, "jaw", [Target(puppet, "jawOpen")])
    with pytest.raises(CharacterError, match="There is no Face: gone"):
        correct(character, "jawOpen", [Target(puppet, "gone")])
    with pytest.raises(CharacterError, match="There is no Puppet: gone"):
        correct(character, "jawOpen", [Target(puppet.parent, data_path='["gone"]')])
    assert saved_rows(character) == {}


def test_a_linked_character_keeps_its_mapping_and_refuses_another(puppet, tmp_path):
    correct(find_character(puppet), "jawOpen", [Target(puppet, "mouthFunnel")])
    library = tmp_path / "library.blend"
    bpy.data.libraries.write(str(library), {puppet, bpy.data.objects["Tongue"]}, fake_user=True)
    bpy.ops.wm.read_homefile(use_empty=True)
    with bpy.data.libraries.load(str(library), link=True) as (source, wanted):
        wanted.objects = list(source.objects)
    for each in wanted.objects:
        bpy.context.scene.collection.objects.link(each)
    face = next(each for each in wanted.objects if each.name == "Face")
    assert targets_of(face, "jawOpen") == [("Face", "mouthFunnel", 1.0)]
    with pytest.raises(CharacterError, match="linked"):
        correct(find_character(face), "jawOpen", ())
