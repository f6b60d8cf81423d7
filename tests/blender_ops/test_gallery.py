"""Pictures of characters: what is seen, from where, and that the character stays as it is."""

import json

import bpy
import numpy as np
import pytest
from mien.blender_ops import gallery
from mien.blender_ops.character import CharacterError, find_character
from mien.blender_ops.commands import main
from mien.blender_ops.demo.character import build_demo_character
from mien.blender_ops.face_camera import view_of_face
from mien.blender_ops.gallery import contact_sheet, pictures, pictures_in_steps, read_targa
from mien.blender_ops.keying_face import key_expression
from mien.blender_ops.mapping import match
from mien.blender_ops.posing import Face
from mien.blender_ops.render import RenderError
from mien.models.arkit import CHANNELS


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory):
    """The demo character in a file, as building it takes seconds."""
    bpy.ops.wm.read_homefile(use_empty=True)
    build_demo_character()
    path = tmp_path_factory.mktemp("demo") / "demo.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


@pytest.fixture
def demo(demo_file):
    """The demo character with its mapping."""
    bpy.ops.wm.open_mainfile(filepath=str(demo_file))
    character = find_character(bpy.data.objects["Mien Head"])
    bpy.context.view_layer.update()
    return character, match(character)


def weights_of(**channels):
    weights = np.zeros(len(CHANNELS), np.float32)
    for name, value in channels.items():
        weights[CHANNELS.index(name)] = value
    return weights


def everything():
    """All data-blocks by kind and name."""
    return {
        (type(block).__name__, block.name_full)
        for name in dir(bpy.data)
        if isinstance(collection := getattr(bpy.data, name), bpy.types.bpy_prop_collection)
        for block in collection
    }


def test_each_expression_is_seen_and_nothing_is_left(demo):
    before, values = everything(), Face(*demo).values()
    faces = np.stack([weights_of(), weights_of(jawOpen=1), weights_of(browInnerUp=1)])
    rest, open_, brows = pictures(*demo, faces, size=64)
    assert rest.shape == (64, 64, 4)
    assert rest.min() >= 0 and rest.max() <= 1 and (rest[..., 3] == 1).all()
    lower, upper = slice(0, 32), slice(32, 64)
    jaw, brow = np.abs(open_ - rest), np.abs(brows - rest)
    assert jaw[lower].sum() > 5 * jaw[upper].sum() > 0 or jaw[upper].sum() == 0
    assert brow[upper].sum() > 5 * brow[lower].sum()
    assert everything() == before
    np.testing.assert_array_equal(Face(*demo).values(), values)


def test_the_same_expression_is_the_same_picture(demo):
    faces = np.stack([weights_of(mouthSmileLeft=0.7)] * 2)
    one, other = pictures(*demo, faces, size=48)
    np.testing.assert_array_equal(one, other)


def test_an_animated_face_shows_the_expression_and_keeps_its_animation(demo):
    key_expression(*demo, weights_of(mouthPucker=1), 1)
    key_expression(*demo, weights_of(mouthPucker=1, jawOpen=1), 20)
    bpy.context.scene.frame_set(10)
    values = Face(*demo).values()
    animated = pictures(*demo, weights_of(browInnerUp=1)[None], size=48)
    np.testing.assert_array_equal(Face(*demo).values(), values)
    for mesh in demo[0].meshes:
        mesh.data.shape_keys.animation_data_clear()
    demo[0].armature.animation_data_clear()
    still = pictures(*demo, weights_of(browInnerUp=1)[None], size=48)
    np.testing.assert_allclose(animated, still, atol=0.02)


def test_what_drivers_move_is_seen(demo):
    """A face whose keys follow a custom property is posed by that property."""
    character, _ = demo
    rig = character.armature
    rig["jawOpen"] = 0.0
    rig.update_tag()
    for mesh in character.meshes:
        block = mesh.data.shape_keys.key_blocks.get("jawOpen")
        if block is not None:
            curve = block.driver_add("value")
            for modifier in list(curve.modifiers):
                curve.modifiers.remove(modifier)
            driver = curve.driver
            variable = driver.variables.new()
            variable.name = "jaw"
            variable.targets[0].id = rig
            variable.targets[0].data_path = '["jawOpen"]'
            driver.expression = "jaw"
    bpy.context.view_layer.update()
    character = find_character(character.meshes[0])
    mapping = match(character)
    assert {target.data_path for target in mapping.found["jawOpen"]} == {'["jawOpen"]'}
    rest, open_ = pictures(
        character, mapping, np.stack([weights_of(), weights_of(jawOpen=1)]), size=48
    )
    assert np.abs(open_ - rest)[:24].max() > 0.2
    assert rig["jawOpen"] == 0.0
    assert character.meshes[0].data.shape_keys.key_blocks["jawOpen"].value == 0


def test_the_camera_follows_the_head(demo):
    """However the character stands and turns its head, its face is seen from the front."""
    character, mapping = demo
    before = pictures(character, mapping, weights_of()[None], size=48)
    armature = character.armature
    armature.location, armature.rotation_euler = (3, -2, 1), (0, 0, 2.5)
    armature.scale = (2, 2, 2)
    bpy.context.view_layer.update()
    moved = pictures(character, match(character), weights_of()[None], size=48)
    assert np.abs(moved - before).mean() < 0.02
    bone = armature.pose.bones[character.head_bone]
    bone.rotation_mode = "XYZ"
    bone.rotation_euler = (0.3, 0.8, -0.2)
    bpy.context.view_layer.update()
    mapping = match(character)
    depsgraph = bpy.context.view_layer.depsgraph
    view = view_of_face(character, mapping, depsgraph)
    tip = min(character.meshes[0].data.vertices, key=lambda vertex: vertex.co.y).index
    head = character.meshes[0].evaluated_get(depsgraph)
    seen = view.matrix.inverted() @ (head.matrix_world @ head.data.vertices[tip].co)
    assert abs(seen.x) < 0.05 * abs(seen.z)
    turned = pictures(character, mapping, weights_of()[None], size=48)
    # Body and hair tips stand otherwise, the face does not.
    assert np.abs(turned - moved)[0, 16:32, 16:32].mean() < 0.05


def test_stopped_or_failed_between_two_strokes_nothing_is_left(demo, monkeypatch):
    before, values = everything(), Face(*demo).values()
    faces = np.stack([weights_of(jawOpen=1)] * 3)
    steps = pictures_in_steps(*demo, faces, size=48)
    for _ in range(5):
        next(steps)
        assert everything() == before
        np.testing.assert_array_equal(Face(*demo).values(), values)
    steps.close()
    for name in ("_add_camera", "surfaces_of", "plain_materials"):
        with monkeypatch.context() as patch:
            patch.setattr(gallery, name, _fails)
            with pytest.raises(ZeroDivisionError):
                pictures(*demo, faces, size=48)
        assert everything() == before, name
        np.testing.assert_array_equal(Face(*demo).values(), values)


def _fails(*_):
    raise ZeroDivisionError


def test_a_hidden_or_deleted_character_is_an_error_in_words(demo):
    character, mapping = demo
    for item in (character.armature, *character.armature.children_recursive):
        item.hide_set(True)
    with pytest.raises(CharacterError, match="hidden"):
        pictures(character, mapping, weights_of()[None])
    bpy.data.objects.remove(character.meshes[0])
    with pytest.raises(CharacterError, match="deleted"):
        pictures(character, mapping, weights_of()[None])


def test_what_has_no_material_or_a_picture_is_seen(demo):
    character, mapping = demo
    head = character.meshes[0]
    head.data.materials.clear()
    (clay,) = pictures(character, mapping, weights_of()[None], size=48)
    image = bpy.data.images.new("skin", 4, 4)
    image.pixels.foreach_set(np.tile([0, 1, 0, 1], 16).astype(np.float32))
    material = bpy.data.materials.new("skin")
    if material.node_tree is None:
        material.use_nodes = True
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    material.node_tree.nodes.active = node
    head.data.materials.append(material)
    if not head.data.uv_layers:
        head.data.uv_layers.new()
    (green,) = pictures(character, mapping, weights_of()[None], size=48)
    middle = (slice(18, 30), slice(18, 30))
    assert (green - clay)[middle][..., 1].mean() > (green - clay)[middle][..., 0].mean() + 0.1
    assert material.users == 1


def test_a_sheet_begins_at_the_top_left():
    sheet = contact_sheet([np.full((2, 2, 4), value) for value in (1, 2, 3)], columns=2)
    assert sheet[..., 0].tolist() == [[3, 3, 0, 0], [3, 3, 0, 0], [1, 1, 2, 2], [1, 1, 2, 2]]


def test_a_picture_of_another_form_is_refused():
    with pytest.raises(RenderError):
        read_targa(bytes(18 + 16), 2)


def test_the_command_writes_a_sheet(demo, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "demo.blend"))
    sheet, figures = tmp_path / "sheet.png", tmp_path / "figures.json"
    arguments = ["--emotion", "joy", "--count", "3", "--columns", "2", "--size", "48"]
    command = ["gallery", str(tmp_path / "demo.blend"), "-o", str(sheet), *arguments]
    assert main([*command, "--json", str(figures)]) == 0
    image = bpy.data.images.load(str(sheet))
    assert tuple(image.size) == (96, 96)
    pixels = np.array(image.pixels).reshape(2, 48, 2, 48, 4)
    assert pixels[0, :, 1, :, 3].max() == 0, "the fourth place is empty"
    assert pixels[1, :, :, :, 3].min() == 1
    assert len(json.loads(figures.read_text())["expressions"]) == 3
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert main(["gallery", str(tmp_path / "none.blend"), "-o", str(sheet)]) == 1
    assert main([*command[:3], str(tmp_path / "no folder" / "sheet.png")]) == 1
