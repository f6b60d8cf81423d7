"""Face keys carried over in Blender: reading heads, adding keys, landmarks, the command."""

import bpy
import numpy as np
import pytest
from mien.blender_ops.blend_files import save_blend
from mien.blender_ops.character import find_character
from mien.blender_ops.commands import main
from mien.blender_ops.demo import build_demo_character
from mien.blender_ops.steps import finished
from mien.blender_ops.transfer import Request, add_keys_in_steps, computed, request_for
from mien.blender_ops.transfer.heads import key_points, meshes_of, read_head
from mien.blender_ops.transfer.landmarks import add_landmarks, placed_landmarks
from mien.blender_ops.transfer.templates import demo_template, template_in_file, template_of
from mien.models.arkit import CHANNELS
from mien.models.errors import TransferError
from mien.models.transfer.hand_marks import MARKS, face_from_marks
from mien.models.transfer.transfer import Template

# Some that show most: both jaws, lips, lids.
SOME = ("jawOpen", "mouthSmileLeft", "eyeBlinkRight")


def tetrahedron(name="Head", where=(0, 0, 0)):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(
        [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)],
        [],
        [(0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2)],
    )
    made = bpy.data.objects.new(name, mesh)
    made.location = where
    bpy.context.scene.collection.objects.link(made)
    bpy.context.view_layer.update()
    return made


def keys_of(mesh):
    return mesh.data.shape_keys.key_blocks


def some_of(template):
    rows = [template.channels.index(channel) for channel in SOME]
    return Template(template.head, SOME, template.deltas[rows])


def test_a_head_is_read_where_it_stands():
    made = tetrahedron(where=(0, -2, 5))
    made.rotation_euler = (0, 0, np.pi / 2)
    made.scale = (2, 2, 2)
    bpy.context.view_layer.update()
    head, (part,) = read_head([made])
    # Its own +X is Blender's +Y, which is a head's back.
    assert head.surface.points[1] == pytest.approx((0, 5, 0), abs=1e-6)
    assert part.local(np.array([[0.0, 0, -2]]))[0] == pytest.approx((1, 0, 0), abs=1e-6)


@pytest.mark.parametrize("scale", [(1, 1, 1), (-1, 1, 1)])
def test_normals_look_outward_on_a_mirrored_object_too(scale):
    made = tetrahedron()
    made.scale = scale
    bpy.context.view_layer.update()
    surface = read_head([made])[0].surface
    middle = surface.points.mean(axis=0)
    outward = surface.points[surface.triangles].mean(axis=1) - middle
    assert np.all((outward * surface.triangle_normals).sum(axis=1) > 0)


def test_colours_come_from_materials_and_textures():
    made = tetrahedron()
    material = bpy.data.materials.new("Skin")
    if material.node_tree is None:
        material.use_nodes = True
    made.data.materials.append(material)
    shader = next(n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (0.9, 0.5, 0.1, 1)
    assert read_head([made])[0].colours[0] == pytest.approx((0.1, 0.5, 0.9))
    image = bpy.data.images.new("Paint", 2, 2)
    image.pixels = [0.0, 1.0, 0.0, 1.0] * 4
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    material.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    made.data.uv_layers.new()
    assert read_head([made])[0].colours[0] == pytest.approx((0, 1, 0), abs=0.02)


def test_half_a_head_is_refused_with_a_word_what_to_do():
    made = tetrahedron()
    made.modifiers.new("Mirror", "MIRROR")
    with pytest.raises(TransferError, match="apply that modifier"):
        read_head([made])


@pytest.mark.parametrize("shape", ["empty", "points", "flat", "not a number"])
def test_degenerate_meshes_are_refused(shape):
    made = tetrahedron()
    if shape == "empty":
        made.data.clear_geometry()
    elif shape == "points":
        made.data = bpy.data.meshes.new("Points")
        made.data.from_pydata([(0, 0, 0), (1, 1, 1)], [(0, 1)], [])
    elif shape == "flat":
        made.scale = (0, 0, 0)
    else:
        made.data.vertices[0].co = (float("nan"), 0, 0)
    bpy.context.view_layer.update()
    with pytest.raises(TransferError):
        request_for(made)


def test_a_head_without_a_face_is_told_so():
    request = request_for(tetrahedron())
    with pytest.raises(TransferError, match="No face was found"):
        computed(request, some_of(demo_template()))


def test_nothing_chosen_is_told():
    with pytest.raises(TransferError, match="Select"):
        request_for(None)


def test_all_meshes_of_a_rig_are_one_character():
    demo = build_demo_character()
    alone = tetrahedron("Alone")
    assert set(meshes_of(demo.head)) == set(meshes_of(demo.armature)) == set(demo.meshes)
    assert meshes_of(alone) == (alone,)


def request_of(mesh, missing=SOME):
    head, parts = read_head([mesh])
    return Request("Head", head, parts, missing)


def deltas_for(mesh, channels=SOME):
    random = np.random.default_rng(0)
    return {name: random.normal(size=(len(mesh.data.vertices), 3)) for name in channels}


def test_keys_are_added_in_the_meshs_own_axes_and_at_rest():
    made = tetrahedron()
    made.rotation_euler = (0.3, 0.4, 0.5)
    made.scale = (3, 3, 3)
    bpy.context.view_layer.update()
    deltas = deltas_for(made)
    result = finished(add_keys_in_steps(request_of(made), deltas))
    assert result.added == SOME
    assert [block.name for block in keys_of(made)] == ["Basis", *SOME]
    matrix = np.array(made.matrix_world)[:3, :3]
    for name in SOME:
        block = keys_of(made)[name]
        assert (block.value, block.slider_min, block.slider_max) == (0, 0, 1)
        moved = (key_points(block) - key_points(keys_of(made)[0])) @ matrix.T
        x, y, z = deltas[name].T
        assert moved == pytest.approx(np.stack([x, -z, y], axis=1), abs=1e-4)


def test_a_key_that_is_there_stays_as_it_is():
    made = tetrahedron()
    made.shape_key_add(name="Basis")
    made.shape_key_add(name="jawOpen").data[0].co = (7, 7, 7)
    made.shape_key_add(name="other")
    result = finished(add_keys_in_steps(request_of(made), deltas_for(made)))
    assert result.added == SOME[1:]
    assert tuple(keys_of(made)["jawOpen"].data[0].co) == (7, 7, 7)
    assert [block.name for block in keys_of(made)][:3] == ["Basis", "jawOpen", "other"]


def test_only_missing_channels_are_asked_for():
    made = tetrahedron()
    for name in ("Basis", "JawOpen", "mouthSmile_L"):
        block = made.shape_key_add(name=name)
        block.data[3].co.z += 1 if name != "Basis" else 0
    missing = request_for(made).missing
    assert "jawOpen" not in missing
    assert "eyeBlinkLeft" in missing


def test_stopped_halfway_nothing_is_left():
    made = tetrahedron()
    steps = add_keys_in_steps(request_of(made), deltas_for(made))
    next(steps)
    next(steps)
    assert len(keys_of(made)) == 3
    steps.close()
    assert made.data.shape_keys is None


def test_a_mesh_that_was_changed_meanwhile_is_left_alone():
    made = tetrahedron()
    request = request_of(made)
    deltas = deltas_for(made)
    made.data.clear_geometry()
    made.data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    with pytest.raises(TransferError, match="was changed"):
        finished(add_keys_in_steps(request, deltas))
    assert made.data.shape_keys is None


def test_a_mesh_that_does_not_move_gets_no_key():
    made, far = tetrahedron(), tetrahedron("Shirt", (0, 0, -9))
    head, parts = read_head([made, far])
    deltas = {"jawOpen": np.zeros((8, 3))}
    deltas["jawOpen"][:4] = 1
    finished(add_keys_in_steps(Request("Head", head, parts, SOME), deltas))
    assert "jawOpen" in keys_of(made)
    assert far.data.shape_keys is None


def test_the_demo_template_is_the_demo_character():
    template = demo_template()
    assert template.channels == CHANNELS
    demo = build_demo_character()
    built = template_of(find_character(demo.head))
    assert built.channels == CHANNELS
    # The character stands in metres on the ground; its skin comes first in the template.
    start, count = 0, len(demo.head.data.vertices)
    for mesh in meshes_of(demo.head):
        if mesh == demo.head:
            break
        start += len(mesh.data.vertices)
    own = built.deltas[:, start : start + count]
    assert own * 100 == pytest.approx(template.deltas[:, :count], abs=1e-3)


def test_the_demo_head_gets_its_own_keys_back():
    """The whole way, on a head whose points and order are others: found, fitted, carried."""
    demo = build_demo_character()
    truth = template_of(find_character(demo.head))
    for mesh in demo.meshes:
        if mesh.data.shape_keys:
            mesh.shape_key_clear()
    request = request_for(demo.head)
    assert request.missing == CHANNELS
    assert not request.turn_eyes
    deltas = computed(request, some_of(demo_template()))
    result = finished(add_keys_in_steps(request, deltas))
    assert result.added == SOME
    assert set(SOME) <= {block.name for block in keys_of(demo.head)}
    for channel in SOME:
        true = truth.deltas[CHANNELS.index(channel)]
        far = np.linalg.norm(true, axis=1)
        error = np.linalg.norm(deltas[channel] - true, axis=1) / far.max()
        moving = far > 0.1 * far.max()
        assert np.median(error[moving]) < 0.05
        assert np.percentile(error[moving], 90) < 0.2
        assert np.percentile(error[~moving], 95) < 0.02
    assert not request_for(demo.head).missing or set(request_for(demo.head).missing).isdisjoint(
        SOME
    )


def test_landmarks_are_placed_once_and_read_back():
    made = tetrahedron()
    scene = bpy.context.scene
    places = {number: np.array((0.1 * number, 2, 3)) for number in MARKS.values()}
    assert len(add_landmarks(scene, made, places, 0.1)) == len(MARKS)
    bpy.context.view_layer.update()
    assert add_landmarks(scene, made, places, 0.1) == []
    read = placed_landmarks(scene, [made])
    assert read.keys() == places.keys()
    assert read[1] == pytest.approx(places[1], abs=1e-5)
    assert placed_landmarks(scene, [tetrahedron("Other")]) == {}


def test_too_few_landmarks_are_told():
    head = demo_template().head
    with pytest.raises(TransferError, match="at least"):
        face_from_marks(head, {1: np.zeros(3)}, None)


def test_a_template_in_another_file_leaves_this_one_as_it_was(tmp_path):
    build_demo_character()
    save_blend(tmp_path / "template.blend")
    bpy.ops.wm.read_homefile(use_empty=True)
    tetrahedron()
    before = {name: len(getattr(bpy.data, name)) for name in ("objects", "meshes", "materials")}
    template = template_in_file(tmp_path / "template.blend")
    assert template.channels == CHANNELS
    assert {name: len(getattr(bpy.data, name)) for name in before} == before
    with pytest.raises(Exception, match="There is no file"):
        template_in_file(tmp_path / "nowhere.blend")


def test_the_command_says_what_is_wrong_in_one_line(tmp_path, capsys):
    tetrahedron()
    save_blend(tmp_path / "head.blend")
    out = tmp_path / "out.blend"
    assert main(["transfer", str(tmp_path / "head.blend"), "-o", str(out)]) == 1
    assert "No face was found" in capsys.readouterr().err
    assert main(["transfer", str(tmp_path / "none.blend"), "-o", str(out)]) == 1
    arguments = ["transfer", str(tmp_path / "head.blend"), "-o", str(out), "--object", "Nobody"]
    assert main(arguments) == 1
    assert "no object “Nobody”" in capsys.readouterr().err
    assert not out.exists()
