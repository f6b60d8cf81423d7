"""The panel's words on a mapping, and the operators that put it right."""

import sys

import bpy
import pytest
from mien.addon import active_character, channel_list
from mien.addon.active_character import summary_of
from mien.addon.panels.mapping import icon_of
from mien.blender_ops.character import find_character
from mien.blender_ops.mapping import match
from mien.blender_ops.mapping.saved import PROPERTY, saved_rows
from mien.models.arkit import CHANNELS


@pytest.fixture
def face(mien_enabled):
    """A face with some keys, selected."""
    made = add_face("Face", ["jawOpen", "mouthFunnel", "eyeBlinkLeft", "eyeBlinkRight"])
    bpy.context.view_layer.objects.active = made
    return made


def add_face(name, keys):
    mesh = bpy.data.meshes.new(name)
    corners = [(i % 3, i // 3, 0.1 * i * i) for i in range(9)]
    mesh.from_pydata(corners, [], [(i, i + 1, i + 3) for i in range(6)])
    made = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(made)
    made.shape_key_add(name="Basis", from_mix=False)
    for number, key in enumerate(keys):
        block = made.shape_key_add(name=key, from_mix=False)
        block.data[number].co.z += 1
        block.value = 0
    return made


def rows_of(face):
    return match(find_character(face)).found


def test_the_list_holds_every_channel_after_opening_a_file_too(face, tmp_path):
    names = [each.name for each in bpy.context.window_manager.mien_mapping.channels]
    assert names == list(CHANNELS)
    file = str(tmp_path / "file.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=file)
    assert [each.name for each in bpy.context.window_manager.mien_mapping.channels] == names


def test_what_the_panel_says(face):
    face.data.shape_keys.key_blocks["mouthFunnel"].mute = True
    active_character.forget()
    summary = summary_of(face)
    assert summary.conventions == "ARKit: 4 channels, likely"
    assert summary.rows["jawOpen"].text == "Face: jawOpen"
    assert summary.rows["mouthFunnel"].notes == ("Face: mouthFunnel is muted",)
    assert summary.rows["cheekPuff"].text == ""
    assert icon_of(summary.rows["jawOpen"]) == "CHECKMARK"
    assert summary.rows["jawOpen"].short == "jawOpen"
    assert icon_of(summary.rows["mouthFunnel"]) == "INFO"
    assert icon_of(summary.rows["cheekPuff"]) == "BLANK1"


def test_shapes_are_looked_at_anew_only_when_there_are_others(face, monkeypatch):
    summary_of(face)
    looks = []
    module = sys.modules[match.__module__]
    whole = module.look_at
    monkeypatch.setattr(module, "look_at", lambda shapes: looks.append(1) or whole(shapes))
    active_character.forget()
    before = summary_of(face)
    assert looks == []
    face.shape_key_add(name="cheekPuff", from_mix=False)
    active_character.forget()
    assert summary_of(face).found == before.found + 1
    assert looks == [1]


def test_a_row_is_corrected_and_left_out_and_named_again(face):
    assert bpy.ops.mien.correct_mapping(channel="jawOpen", key="mouthFunnel", weight=0.5) == {
        "FINISHED"
    }
    (target,) = rows_of(face)["jawOpen"]
    assert (target.key, target.weight) == ("mouthFunnel", 0.5)
    assert summary_of(face).rows["jawOpen"].origin == "kept with the character"
    bpy.ops.mien.correct_mapping(channel="jawOpen", key="jawOpen", add=True)
    assert [each.key for each in rows_of(face)["jawOpen"]] == ["mouthFunnel", "jawOpen"]
    assert bpy.ops.mien.leave_channel_out(channel="jawOpen") == {"FINISHED"}
    assert "jawOpen" not in rows_of(face)
    assert bpy.ops.mien.uncorrect_mapping(channel="jawOpen") == {"FINISHED"}
    assert [each.key for each in rows_of(face)["jawOpen"]] == ["jawOpen"]


def test_a_click_takes_what_the_panel_prepared(face):
    panel = bpy.context.window_manager.mien_mapping
    panel.index = CHANNELS.index("cheekPuff")
    panel.correction.key, panel.correction.weight = "mouthFunnel", 0.25
    assert bpy.ops.mien.correct_mapping() == {"FINISHED"}
    (target,) = rows_of(face)["cheekPuff"]
    assert (target.key, target.weight) == ("mouthFunnel", 0.25)
    other = add_face("Other", ["jawOpen", "mouthFunnel", "mouthPucker"])
    panel.reference = other.name
    bpy.context.view_layer.objects.active = face
    assert bpy.ops.mien.solve_mapping() == {"FINISHED"}
    assert "mouthPucker" in rows_of(face)


def test_the_channel_is_the_one_that_is_selected(face):
    bpy.context.window_manager.mien_mapping.index = CHANNELS.index("mouthFunnel")
    assert channel_list.chosen_channel(bpy.context) == "mouthFunnel"
    bpy.ops.mien.leave_channel_out()
    assert saved_rows(find_character(face)) == {"mouthFunnel": ()}


def test_a_bone_and_a_property(face):
    data = bpy.data.armatures.new("Rig")
    rig = bpy.data.objects.new("Rig", data)
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    data.edit_bones.new("control").tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    rig["smile"] = 0.0
    face.parent = rig
    bpy.context.view_layer.objects.active = face
    bpy.ops.mien.correct_mapping(
        channel="jawOpen", kind="BONE", bone="control", bone_channel="location.1", weight=0.02
    )
    (target,) = rows_of(face)["jawOpen"]
    assert target.label == "Rig: control location Y"
    bpy.ops.mien.correct_mapping(
        channel="cheekPuff", kind="PROPERTY", holder="Rig", data_path='["smile"]', weight=10
    )
    (target,) = rows_of(face)["cheekPuff"]
    assert (target.label, target.weight) == ("Rig: smile", 10)


def test_saving_and_resetting_the_mapping(face):
    assert bpy.ops.mien.save_mapping() == {"FINISHED"}
    assert set(saved_rows(find_character(face))) == {
        "jawOpen",
        "mouthFunnel",
        "eyeBlinkLeft",
        "eyeBlinkRight",
    }
    assert bpy.ops.mien.reset_mapping() == {"FINISHED"}
    assert PROPERTY not in face
    assert bpy.ops.mien.reset_mapping() == {"CANCELLED"}


def test_solving_by_another_head(face):
    other = add_face("Other", ["jawOpen", "mouthFunnel", "mouthPucker"])
    face.data.shape_keys.key_blocks["eyeBlinkLeft"].name = "third"
    assert "mouthPucker" not in rows_of(face)
    assert bpy.ops.mien.solve_mapping(reference=other.name) == {"FINISHED"}
    (target,) = rows_of(face)["mouthPucker"]
    assert target.key == "third"
    assert "jawOpen" not in saved_rows(find_character(face))


@pytest.mark.parametrize(
    ("operator", "arguments", "message"),
    [
        ("correct_mapping", {"channel": "jaw", "key": "jawOpen"}, "none of the face's channels"),
        ("correct_mapping", {"channel": "jawOpen", "key": "gone"}, "There is no Face: gone"),
        ("correct_mapping", {"holder": "Nobody", "key": "jawOpen"}, "no object “Nobody”"),
        ("correct_mapping", {"kind": "PROPERTY"}, "Choose what moves on “Face”"),
        ("solve_mapping", {"reference": ""}, "Choose the head"),
    ],
)
def test_what_goes_wrong_is_one_report(face, operator, arguments, message):
    with pytest.raises(RuntimeError, match=message):
        getattr(bpy.ops.mien, operator)(**arguments)
    assert saved_rows(find_character(face)) == {}


def test_undo_takes_a_row_back(face):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.mien.correct_mapping(channel="jawOpen", key="mouthFunnel")
    bpy.ops.ed.undo_push(message="corrected")
    bpy.ops.ed.undo()
    face = bpy.data.objects["Face"]
    assert saved_rows(find_character(face)) == {}
    active_character.forget()
    assert summary_of(face).rows["jawOpen"].text == "Face: jawOpen"


def test_the_folder_for_conventions_needs_an_extension(mien_enabled):
    with pytest.raises(RuntimeError, match="not installed as an extension"):
        bpy.ops.mien.open_conventions()


def test_without_a_character_the_buttons_are_grey(mien_enabled):
    bpy.ops.mesh.primitive_cube_add()
    assert not bpy.ops.mien.save_mapping.poll()
    assert not bpy.ops.mien.correct_mapping.poll()
