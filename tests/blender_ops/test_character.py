"""What belongs to a character, and characters that come from another file."""

import bpy
import numpy as np
import pytest
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import (
    CharacterError,
    find_character,
    linked_parts,
    make_face_keys_editable,
)
from mien.blender_ops.mapping import match


def names(objects):
    return [each.name for each in objects]


def test_any_part_leads_to_the_whole(puppet):
    for part in ("Puppet", "Face", "Tongue"):
        character = find_character(bpy.data.objects[part])
        assert character.name == "Puppet"
        assert names(character.meshes) == ["Face", "Tongue"]
        assert character.armature.name == "Puppet"
        assert character.head_bone == "head"
        assert (character.left_eye_bone, character.right_eye_bone) == ("eye.L", "eye.R")


def test_a_mesh_that_only_an_armature_modifier_ties(puppet):
    loose = bpy.data.objects["Tongue"]
    armature = loose.parent
    loose.parent = None
    loose.modifiers.new("Armature", "ARMATURE").object = armature
    assert names(find_character(puppet).meshes) == ["Face", "Tongue"]
    assert find_character(loose).armature == armature


def test_a_character_without_an_armature(puppet):
    root = bpy.data.objects.new("Root", None)
    bpy.context.scene.collection.objects.link(root)
    for name in ("Face", "Tongue"):
        bpy.data.objects[name].parent = root
    bpy.data.objects.remove(bpy.data.objects["Puppet"])
    for part in ("Root", "Tongue"):
        character = find_character(bpy.data.objects[part])
        assert (character.name, character.armature) == ("Root", None)
        assert names(character.meshes) == ["Face", "Tongue"]


def test_two_characters_under_one_parent_stay_apart(puppet):
    stage = bpy.data.objects.new("Stage", None)
    bpy.context.scene.collection.objects.link(stage)
    puppet.parent.parent = stage
    other = bpy.data.objects.new("Other", bpy.data.armatures.new("Other"))
    bpy.context.scene.collection.objects.link(other)
    other.parent = stage
    face = bpy.data.objects.new("OtherFace", puppet.data.copy())
    face.parent = other
    bpy.context.scene.collection.objects.link(face)
    assert names(find_character(puppet).meshes) == ["Face", "Tongue"]
    assert names(find_character(face).meshes) == ["OtherFace"]
    with pytest.raises(CharacterError, match="“Stage” holds several characters"):
        find_character(stage)


def test_parts_beside_an_armature_under_one_parent(puppet):
    root = bpy.data.objects.new("Root", None)
    hat = bpy.data.objects.new("Hat", bpy.data.meshes.new("Hat"))
    for each in (root, hat):
        bpy.context.scene.collection.objects.link(each)
    hat.parent = puppet.parent.parent = root
    for part in (root, hat):
        character = find_character(part)
        assert character.armature.name == "Puppet"
        assert names(character.meshes) == ["Face", "Tongue"]


def test_shape_keys_that_two_objects_share_count_once(puppet):
    twin = bpy.data.objects.new("Twin", puppet.data)
    twin.parent = puppet.parent
    bpy.context.scene.collection.objects.link(twin)
    character = find_character(puppet)
    assert len(character.meshes) == 2


def test_without_shape_keys(puppet):
    cube = bpy.data.objects.new("Cube", bpy.data.meshes.new("Cube"))
    bpy.context.scene.collection.objects.link(cube)
    with pytest.raises(CharacterError, match="“Cube” has no shape keys"):
        find_character(cube)
    with pytest.raises(CharacterError, match="select a mesh"):
        find_character(None)
    cube.shape_key_add(name="Basis")
    with pytest.raises(CharacterError, match="no shape keys"):
        find_character(cube)


def test_deleted_meanwhile(puppet):
    bpy.data.objects.remove(puppet)
    with pytest.raises(CharacterError, match="deleted"):
        find_character(puppet)


# --- From another file ---------------------------------------------------------------------


@pytest.fixture
def library(puppet, tmp_path):
    """A file with the puppet in a collection."""
    collection = bpy.data.collections.new("Puppet")
    bpy.context.scene.collection.children.link(collection)
    for each in list(bpy.context.scene.collection.objects):
        bpy.context.scene.collection.objects.unlink(each)
        collection.objects.link(each)
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_empty=True)
    return path


def link_collection(path, holder=None):
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.collections = ["Puppet"]
    (holder or bpy.context.scene.collection).children.link(wanted.collections[0])
    return local_or_linked("Face")


def link_into_a_local_collection(path):
    holder = bpy.data.collections.new("Actors")
    bpy.context.scene.collection.children.link(holder)
    return link_collection(path, holder)


def link_instance(path):
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.collections = ["Puppet"]
    empty = bpy.data.objects.new("Instance", None)
    empty.instance_type = "COLLECTION"
    empty.instance_collection = wanted.collections[0]
    bpy.context.scene.collection.objects.link(empty)
    return empty


def link_objects(path):
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.objects = ["Puppet", "Face", "Tongue"]
    for each in wanted.objects:
        bpy.context.scene.collection.objects.link(each)
    return local_or_linked("Face")


def link_and_override_objects(path):
    link_collection(path)
    collection = bpy.data.collections["Puppet"]
    collection.override_hierarchy_create(
        bpy.context.scene, bpy.context.view_layer, do_fully_editable=True
    )
    bpy.context.scene.collection.children.unlink(collection)
    return local_or_linked("Face")


def link_mesh_only(path):
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.meshes = ["Face"]
    face = bpy.data.objects.new("Face", wanted.meshes[0])
    bpy.context.scene.collection.objects.link(face)
    return face


def local_or_linked(name):
    found = [each for each in bpy.data.objects if each.name == name]
    return next((each for each in found if each.library is None), found[0])


WAYS = [
    link_collection,
    link_into_a_local_collection,
    link_instance,
    link_objects,
    link_and_override_objects,
    link_mesh_only,
]


@pytest.mark.parametrize("way", WAYS)
def test_a_linked_character_is_not_written_to(library, performance, way):
    character = find_character(way(library))
    assert linked_parts(character)
    with pytest.raises(CharacterError, match="Make Face Keys Editable"):
        bake(performance, character, match(character), BakeOptions(tolerance=0))
    assert len(bpy.data.actions) == 0
    assert not [each for each in bpy.data.objects if "Head" in each.name]


@pytest.mark.parametrize("way", WAYS)
def test_made_editable_the_keys_survive_a_save(library, performance, way, tmp_path):
    scene = bpy.context.scene
    scene.render.fps = 60
    character = make_face_keys_editable(find_character(way(library)))
    assert linked_parts(character) == ()
    assert make_face_keys_editable(character) == character
    shown = [each for each in scene.objects if each.type == "MESH"]
    assert all(each.library is None for each in shown), "the linked ones make room"
    assert set(character.meshes) <= set(shown)
    bake(performance, character, match(character), BakeOptions(tolerance=0))
    before = poses()
    file = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=file)
    after = poses()
    assert after.keys() == before.keys()
    for name, values in before.items():
        assert after[name] == pytest.approx(values, abs=1e-6)
        assert np.ptp(values, axis=0).max() > 0.3, "it moves"


def poses():
    """What the graph shows of every local mesh and armature at some frames."""
    found = {}
    for frame in (1, 30, 77, 121):
        bpy.context.scene.frame_set(frame)
        graph = bpy.context.evaluated_depsgraph_get()
        for each in bpy.context.scene.objects:
            evaluated = each.evaluated_get(graph)
            if each.type == "MESH":
                pose = [v for corner in evaluated.data.vertices for v in corner.co]
            elif each.type == "ARMATURE":
                pose = [v for row in evaluated.pose.bones["head"].matrix for v in row]
            else:
                continue
            found.setdefault(each.name, []).append(pose)
    return {name: np.array(poses) for name, poses in found.items()}
