# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces put on characters, kept in words, and keyed by hand."""

import bpy
import numpy as np
import pytest
from mien.blender_ops.animation import f_curves
from mien.blender_ops.character import CharacterError, find_character
from mien.blender_ops.demo.character import build_demo_character
from mien.blender_ops.keying_face import key_expression
from mien.blender_ops.mapping import match
from mien.blender_ops.places import Place, in_words, restore, set_values, values_of
from mien.blender_ops.posing import Face, expression_of, put_on
from mien.models.arkit import CHANNELS


@pytest.fixture
def demo():
    """The demo character with its mapping."""
    character = find_character(build_demo_character().head)
    return character, match(character)


def weights_of(**channels):
    weights = np.zeros(len(CHANNELS), np.float32)
    for name, value in channels.items():
        weights[CHANNELS.index(name)] = value
    return weights


def test_what_is_put_on_is_read_again(demo):
    random = np.random.default_rng(3)
    weights = random.uniform(0, 1, len(CHANNELS))
    gaze = [place for place, name in enumerate(CHANNELS) if name.startswith("eyeLook")]
    weights[gaze] = 0
    put_on(*demo, weights)
    np.testing.assert_allclose(expression_of(*demo), weights, atol=1e-6)


def test_eyes_turn_by_what_a_bake_would_turn(demo):
    put_on(*demo, weights_of(eyeLookUpLeft=1, eyeLookUpRight=1))
    bones = demo[0].armature.pose.bones
    angles = [bones[name].matrix_basis.to_quaternion().angle for name in ("eye.L", "eye.R")]
    assert min(angles) > 0.2
    put_on(*demo, weights_of())
    assert max(bones[n].matrix_basis.to_quaternion().angle for n in ("eye.L", "eye.R")) < 1e-4


def test_a_face_knows_what_a_change_does_without_showing_it(demo):
    face = Face(*demo)
    before = face.values()
    after = face.values_for(weights_of(jawOpen=0.5))
    assert np.array_equal(face.values(), before)
    change = after - face.values_for(weights_of())
    changed = {face.places[n].data_path for n in np.flatnonzero(change)}
    assert changed == {'key_blocks["jawOpen"].value'}
    moved = face.moved(before, 3 * change)
    assert moved.max() == 1
    face.show(moved)
    np.testing.assert_array_equal(face.values(), moved)


def test_words_bring_back_every_number(demo):
    face = Face(*demo)
    face.show(face.values_for(weights_of(mouthSmileLeft=0.3, eyeLookInLeft=0.7)))
    said, before = in_words(face.places), face.values()
    put_on(*demo, weights_of(browInnerUp=1))
    restore(said)
    np.testing.assert_array_equal(face.values(), before)
    # What is gone is left out.
    demo[0].meshes[0].shape_key_clear()
    restore(said)


def test_custom_properties_and_turns_are_places(demo):
    holder = demo[0].meshes[0]
    holder['a "quoted" one'] = 0.25
    name = bpy.utils.escape_identifier('a "quoted" one')
    places = [
        Place(holder, f'["{name}"]'),
        Place(holder, "rotation_euler", 2),
        Place(demo[0].armature, 'pose.bones["head"].location', 1),
    ]
    set_values(places, np.array([0.75, 0.5, 0.125]))
    assert holder['a "quoted" one'] == 0.75
    assert holder.rotation_euler.z == 0.5
    np.testing.assert_array_equal(values_of(places), [0.75, 0.5, 0.125])
    assert [Place.found(place.name) for place in places] == places
    assert Place.found(Place(holder, '["nothing"]').name) is None


def test_an_expression_is_keyed_on_its_frame_and_nowhere_else(demo):
    keys = demo[0].meshes[0].data.shape_keys
    assert key_expression(*demo, weights_of(jawOpen=0.5), 10) > 52
    assert key_expression(*demo, weights_of(), 20) > 52
    curve = f_curves(keys)['key_blocks["jawOpen"].value', 0]
    assert [tuple(point.co) for point in curve.keyframe_points] == [(10, 0.5), (20, 0)]
    assert curve.group.name == "Jaw"
    bpy.context.scene.frame_set(10)
    assert keys.key_blocks["jawOpen"].value == 0.5
    bones = f_curves(demo[0].armature)
    assert {path for path, _ in bones} == {
        f'pose.bones["{name}"].rotation_quaternion' for name in ("eye.L", "eye.R")
    }


def test_the_face_as_it_stands_is_keyed(demo):
    keys = demo[0].meshes[0].data.shape_keys
    put_on(*demo, weights_of(mouthPucker=0.25))
    key_expression(*demo, None, 5)
    bpy.context.scene.frame_set(7)
    curve = f_curves(keys)['key_blocks["mouthPucker"].value', 0]
    assert [tuple(point.co) for point in curve.keyframe_points] == [(5, 0.25)]


def test_what_was_deleted_is_an_error_in_words(demo):
    face = Face(*demo)
    mesh = demo[0].meshes[0]
    mesh.shape_key_remove(mesh.data.shape_keys.key_blocks["jawOpen"])
    with pytest.raises(CharacterError, match="removed meanwhile"):
        face.values()
    bpy.data.objects.remove(mesh)
    with pytest.raises(CharacterError):
        face.values_for(weights_of())


def test_a_jaw_bone_opens_as_far_as_the_weight_says(make_rig, add_keys):
    armature = make_rig(seed=3, head="head", jaw="jaw")
    skin = bpy.data.objects["Skin"]
    add_keys(skin, mouthSmileLeft={2: (0, 0, 0.1)}, mouthSmileRight={2: (0, 0, 0.1)})
    character = find_character(skin)
    face = Face(character, match(character))
    before = face.values()
    rest, half = face.values_for(weights_of()), face.values_for(weights_of(jawOpen=0.5))
    face.show(face.moved(before, half - rest))
    bone = armature.pose.bones["jaw"]
    half_open = bone.matrix_basis.to_quaternion().angle
    assert half_open > 0.05
    put_on(character, match(character), weights_of(jawOpen=1))
    assert bone.matrix_basis.to_quaternion().angle == pytest.approx(2 * half_open, rel=0.02)
    face.show(before)
    assert bone.matrix_basis.to_quaternion().angle < 1e-3
