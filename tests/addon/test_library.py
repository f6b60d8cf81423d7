"""Chosen pictures become assets in a catalogue, and an asset is put on a character."""

import bpy
import numpy as np
import pytest
from mien.addon.asset_shelf import MIEN_AST_expressions, MIEN_AST_expressions_popup
from mien.addon.gallery_pictures import GALLERY
from mien.blender_ops.asset_catalogs import FILE
from mien.blender_ops.demo.character import build_demo_character
from mien.blender_ops.library import expression_of_asset
from mien.models.arkit import CHANNELS


@pytest.fixture
def gallery(saved_file):
    """Twelve expressions of the demo character in a saved file; two of them are chosen."""
    head = build_demo_character().head
    bpy.context.view_layer.objects.active = head
    random = np.random.default_rng(2)
    expressions = random.random((12, 52)).astype(np.float32)
    expressions[:, [name.startswith("eyeLook") for name in CHANNELS]] = 0
    GALLERY.keep("joy", expressions, random.random((12, 16, 16, 4)).astype(np.float32))
    chosen = bpy.context.window_manager.mien_gallery.chosen
    chosen[2] = chosen[7] = True
    return saved_file


def test_only_what_is_chosen_becomes_assets(gallery):
    assert bpy.ops.mien.save_expressions() == {"FINISHED"}
    assert sorted(action.name for action in bpy.data.actions) == ["Joy 3", "Joy 8"]
    (line,) = [line for line in (gallery / FILE).read_text().splitlines() if "Joy" in line]
    for action, number in ((bpy.data.actions["Joy 3"], 2), (bpy.data.actions["Joy 8"], 7)):
        assert line == f"{action.asset_data.catalog_id}:Expressions/Joy:Expressions-Joy"
        expected = GALLERY.expressions[number]
        np.testing.assert_allclose(expression_of_asset(action.asset_data), expected, atol=1.1e-4)


def test_poses_are_saved_beside_expressions(gallery):
    assert bpy.ops.mien.save_expressions(poses=True) == {"FINISHED"}
    kinds = [
        {action.asset_data.get("mien_expression") is None for action in bpy.data.actions},
        len(bpy.data.actions),
    ]
    assert kinds == [{True, False}, 4]
    assert "Expressions/Mien" in (gallery / FILE).read_text()


def test_an_asset_is_put_on_by_its_name_in_the_file(gallery):
    bpy.ops.mien.save_expressions()
    applied = bpy.ops.mien.apply_expression_asset(relative_asset_identifier="Action/Joy 3")
    assert applied == {"FINISHED"}
    blocks = bpy.context.object.data.shape_keys.key_blocks
    for name, weight in zip(CHANNELS, GALLERY.expressions[2], strict=True):
        if name in blocks and not name.startswith("eyeLook"):
            assert blocks[name].value == pytest.approx(weight, abs=1.1e-4)
    with pytest.raises(RuntimeError, match="no expression"):
        bpy.ops.mien.apply_expression_asset(relative_asset_identifier="Action/Sad 1")


def test_an_asset_is_put_on_from_a_library_of_the_preferences(gallery):
    bpy.ops.mien.save_expressions()
    expected = GALLERY.expressions[2, CHANNELS.index("jawOpen")]
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_homefile(use_empty=True)
    libraries = bpy.context.preferences.filepaths.asset_libraries
    library = libraries.new(name="Faces", directory=str(gallery))
    try:
        head = build_demo_character().head
        bpy.context.view_layer.objects.active = head
        bpy.ops.mien.apply_expression_asset(
            asset_library_type="CUSTOM",
            asset_library_identifier="Faces",
            relative_asset_identifier="scene.blend/Action/Joy 3",
        )
        blocks = head.data.shape_keys.key_blocks
        assert blocks["jawOpen"].value == pytest.approx(expected, abs=1.1e-4)
        assert not len(bpy.data.libraries)
    finally:
        libraries.remove(library)
    with pytest.raises(RuntimeError, match="no longer in the preferences"):
        bpy.ops.mien.apply_expression_asset(
            asset_library_type="CUSTOM",
            asset_library_identifier="Faces",
            relative_asset_identifier="scene.blend/Action/Joy 3",
        )


def test_nothing_chosen_nothing_saved(gallery):
    bpy.context.window_manager.mien_gallery.property_unset("chosen")
    assert not bpy.ops.mien.save_expressions.poll()


def test_the_shelf_leaves_pose_mode_to_the_pose_library(gallery):
    assert MIEN_AST_expressions.poll(bpy.context)
    assert not MIEN_AST_expressions_popup.poll(bpy.context), "this is no 3D view"
    bpy.context.view_layer.objects.active = bpy.data.objects["Mien"]
    bpy.ops.object.mode_set(mode="POSE")
    has_pose_library = hasattr(bpy.types, "VIEW3D_AST_pose_library")
    assert MIEN_AST_expressions.poll(bpy.context) != has_pose_library
    bpy.ops.object.mode_set(mode="EDIT")
    assert not MIEN_AST_expressions.poll(bpy.context)


def test_blender_may_ask_for_the_shelf_before_its_first_window_shows_an_object(mien_enabled):
    class Context:
        mode = "OBJECT"

    assert not MIEN_AST_expressions.poll(Context)
