"""Expressions as assets: kept by channel, read again from other files, poses for bones."""

import uuid

import bpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.blender_ops.animation import curves_of_action
from mien.blender_ops.asset_catalogs import (
    FILE,
    CatalogError,
    as_part,
    catalog_of_path,
    folder_of_catalogs,
)
from mien.blender_ops.character import find_character
from mien.blender_ops.library import (
    LibraryError,
    Picked,
    expression_in_file,
    expression_of_asset,
    holds_expression,
    is_moved_by_bones,
    save_expression,
    save_pose,
)
from mien.blender_ops.mapping import match
from mien.blender_ops.posing import Face
from mien.models.arkit import CHANNELS

from .conftest import add_armature, add_mesh


def weights_of(**channels):
    weights = np.zeros(len(CHANNELS), np.float32)
    for name, value in channels.items():
        weights[CHANNELS.index(name)] = value
    return weights


def a_picture(size=32):
    return np.random.default_rng(5).random((size, size, 4)).astype(np.float32)


def test_an_expression_is_an_asset_with_picture_and_curves():
    picture = a_picture()
    catalog = str(uuid.uuid4())
    action = save_expression(Picked("Joy 1", weights_of(jawOpen=0.5), picture), catalog)
    assert action.asset_data.catalog_id == catalog
    assert holds_expression(action.asset_data)
    assert action.use_fake_user
    np.testing.assert_array_equal(expression_of_asset(action.asset_data), weights_of(jawOpen=0.5))
    shown = np.array(action.preview.image_pixels_float).reshape(picture.shape)
    np.testing.assert_allclose(shown, picture, atol=1 / 255)
    curves = {curve.data_path: curve.evaluate(1) for curve in curves_of_action(action)}
    assert len(curves) == len(CHANNELS)
    assert {path for path, value in curves.items() if value} == {'key_blocks["jawOpen"].value'}


def test_its_action_plays_on_keys_named_as_channels_are():
    face = add_mesh("Face", CHANNELS)
    action = save_expression(Picked("Open", weights_of(jawOpen=0.25)))
    data = face.data.shape_keys.animation_data_create()
    data.action = action
    if hasattr(action, "slots"):
        data.action_slot = action.slots[0]
    bpy.context.scene.frame_set(3)
    assert face.data.shape_keys.key_blocks["jawOpen"].value == 0.25


@settings(max_examples=10)
@given(st.lists(st.floats(0, 1, width=32), min_size=52, max_size=52))
def test_what_is_saved_is_read(values):
    action = save_expression(Picked("Any", np.array(values, np.float32)))
    np.testing.assert_allclose(expression_of_asset(action.asset_data), values, atol=1.1e-4)


def test_an_expression_is_read_from_another_file_and_nothing_of_it_stays(tmp_path):
    path = tmp_path / "library.blend"
    save_expression(Picked("Wink", weights_of(eyeBlinkLeft=1)))
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_empty=True)
    np.testing.assert_array_equal(expression_in_file(path, "Wink"), weights_of(eyeBlinkLeft=1))
    assert not len(bpy.data.actions) and not len(bpy.data.libraries)
    for place, name in ((path, "Frown"), (tmp_path / "nothing.blend", "Wink")):
        with pytest.raises(LibraryError, match="no expression"):
            expression_in_file(place, name)


def test_an_asset_without_expression_says_so():
    action = bpy.data.actions.new("Walk")
    action.asset_mark()
    assert not holds_expression(action.asset_data)
    for metadata in (action.asset_data, None):
        with pytest.raises(LibraryError):
            expression_of_asset(metadata)
    action.asset_data["mien_expression"] = '{"jawOpen": "wide"}'
    with pytest.raises(LibraryError):
        expression_of_asset(action.asset_data)


def test_a_face_of_shape_keys_has_no_pose(puppet):
    character = find_character(puppet)
    mapping = match(character)
    assert not is_moved_by_bones(mapping)
    action = save_pose(Picked("Look", weights_of(eyeLookUpLeft=1)), Face(character, mapping))
    assert {curve.group.name for curve in curves_of_action(action)} == {"eye.L", "eye.R"}
    head = add_mesh("Head", CHANNELS)
    character = find_character(head)
    with pytest.raises(LibraryError, match="No bone"):
        save_pose(Picked("Look", weights_of()), Face(character, match(character)))


def test_a_pose_is_what_blender_puts_on_the_bones():
    armature = add_armature(
        "Rig",
        head=((0, 0, 0), (0, 0, 1), 0, ""),
        jaw=((0, 0, 0.3), (0, -0.5, 0.1), 0.2, "head"),
    )
    character = find_character(armature)
    face = Face(character, match(character))
    action = save_pose(Picked("Open", weights_of(jawOpen=1)), face)
    bone = armature.pose.bones["jaw"]
    assert bone.matrix_basis.to_quaternion().angle < 1e-5
    armature.pose.apply_pose_from_action(action)
    by_blender = bone.matrix_basis.to_quaternion()
    assert by_blender.angle > 0.1
    face.show(face.values_for(weights_of(jawOpen=1)))
    assert by_blender.rotation_difference(bone.matrix_basis.to_quaternion()).angle < 1e-3


def test_control_bones_that_drive_keys_are_a_pose():
    """A face board: each key follows a bone, so what the bones do is the face."""
    channels = ("jawOpen", "mouthPucker", "browInnerUp")
    bones = {name: ((n, 0, 0), (n, 0, 1), 0.3 * n, "") for n, name in enumerate(channels)}
    board = add_armature("Board", **bones)
    head = add_mesh("Head", channels, board)
    for name in channels:
        curve = head.data.shape_keys.key_blocks[name].driver_add("value")
        for modifier in list(curve.modifiers):
            curve.modifiers.remove(modifier)
        variable = curve.driver.variables.new()
        variable.name, variable.type = "y", "TRANSFORMS"
        target = variable.targets[0]
        target.id, target.bone_target = board, name
        target.transform_type, target.transform_space = "LOC_Y", "LOCAL_SPACE"
        curve.driver.expression = "y * 4"
    bpy.context.view_layer.update()
    character = find_character(head)
    mapping = match(character)
    assert is_moved_by_bones(mapping)
    weights = weights_of(jawOpen=0.8, browInnerUp=0.2)
    action = save_pose(Picked("Awe", weights), Face(character, mapping))
    board.pose.apply_pose_from_action(action)
    assert board.pose.bones["jawOpen"].location.y == pytest.approx(0.2)
    assert board.pose.bones["browInnerUp"].location.y == pytest.approx(0.05)
    bpy.context.view_layer.update()
    played = head.evaluated_get(bpy.context.view_layer.depsgraph).data.shape_keys.key_blocks
    assert [played[name].value for name in channels] == pytest.approx([0.8, 0, 0.2], abs=1e-5)


def test_a_name_is_one_part_of_a_path():
    assert as_part(" Rig: left/right") == "Rig- left-right"


def test_a_catalogue_is_made_once(tmp_path):
    made = catalog_of_path(tmp_path, "Expressions/Joy")
    assert catalog_of_path(tmp_path, "Expressions/Joy") == made
    assert catalog_of_path(tmp_path, "Expressions/Anger") != made
    lines = (tmp_path / FILE).read_text().splitlines()
    assert "VERSION 1" in lines
    assert f"{made}:Expressions/Joy:Expressions-Joy" in lines
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_the_user_wrote_stays(tmp_path, newline):
    theirs = newline.join(
        ["# Mine", "VERSION 1", "", f"{uuid.uuid4()}:Props/Räder:Props-Räder"]
    ).encode()
    (tmp_path / FILE).write_bytes(theirs)
    catalog_of_path(tmp_path, "Expressions/Joy")
    after = (tmp_path / FILE).read_bytes()
    assert after.startswith(theirs + newline.encode())
    assert after.count(newline.encode()) == after.count(b"\n") == 5


def test_a_catalogue_that_the_user_made_is_used(tmp_path):
    theirs = str(uuid.uuid4())
    (tmp_path / FILE).write_text(f"VERSION 1\n{theirs}:Expressions/Joy:Happy faces\n")
    assert catalog_of_path(tmp_path, "Expressions/Joy") == theirs


@pytest.mark.parametrize("content", [b"VERSION 2\n", b"\xff\xfe\x00", b"hello\n"])
def test_a_file_of_another_kind_is_left_alone(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(CatalogError):
        catalog_of_path(tmp_path, "Expressions/Joy")
    assert (tmp_path / FILE).read_bytes() == content


def test_catalogues_lie_where_blender_keeps_them(tmp_path):
    library, shot = tmp_path / "library", tmp_path / "library" / "faces"
    shot.mkdir(parents=True)
    blend = shot / "a.blend"
    assert folder_of_catalogs(blend) == shot
    assert folder_of_catalogs(blend, [tmp_path / "elsewhere"]) == shot
    assert folder_of_catalogs(blend, [tmp_path, library]) == library
    (shot / FILE).touch()
    assert folder_of_catalogs(blend, [library]) == shot
