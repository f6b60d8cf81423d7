# SPDX-License-Identifier: GPL-3.0-or-later
"""Sliders that move the demo character's face as they are dragged."""

import bpy
import numpy as np
import pytest
from mien.addon.expression_model import MODEL
from mien.addon.expression_settings import emotion_items
from mien.addon.live_face import LIVE_FACE, slider_values
from mien.addon.operators.live_face import CLASSES as OPERATORS
from mien.addon.panels.live_face import CLASSES as PANELS
from mien.blender_ops.animation import f_curves
from mien.blender_ops.character import find_character
from mien.blender_ops.demo.character import build_demo_character
from mien.blender_ops.mapping import match
from mien.blender_ops.posing import Face, expression_of
from mien.models.performance import Performance
from mien.models.vae.direct import direct

JOY = [name for name, *_ in emotion_items(None, None)].index("joy")


def live():
    return bpy.context.scene.mien.live


@pytest.fixture
def head(demo_head):
    """The demo character, selected, with a little of a pout that no expression says."""
    demo_head.data.shape_keys.key_blocks["mouthPucker"].value = 0.2
    bpy.context.view_layer.update()
    return demo_head


def keys(head):
    return head.data.shape_keys.key_blocks


def face_of(head):
    character = find_character(head)
    return Face(character, match(character)).values()


def test_one_emotion_shows_what_direct_makes_of_the_face(head):
    character = find_character(head)
    mapping = match(character)
    before = expression_of(character, mapping)
    live().emotions[JOY] = 0.75
    expected = direct(Performance(before[None], np.zeros(1)), "joy", 0.75).weights[0]
    np.testing.assert_allclose(expression_of(character, mapping), expected, atol=1e-5)
    assert keys(head)["mouthSmileLeft"].value > 0.3
    assert not LIVE_FACE.problem


def test_sliders_back_at_zero_leave_the_face_exactly_as_it_was(head):
    before = face_of(head)
    live().axes[0], live().emotions[JOY] = 1.5, 0.5
    assert np.abs(face_of(head) - before).max() > 0.2
    live().axes[0] = 0
    live().emotions[JOY] = 0
    np.testing.assert_array_equal(face_of(head), before)
    assert not live().before


def test_reset_brings_back_the_face_and_the_sliders(head):
    before = face_of(head)
    assert not bpy.ops.mien.reset_live_face.poll()
    live().axes[2] = 2
    live().emotions[JOY] = 1
    assert bpy.ops.mien.reset_live_face() == {"FINISHED"}
    np.testing.assert_array_equal(face_of(head), before)
    assert not any(live().axes) and not any(live().emotions)


def test_the_gaze_stays_and_all_meshes_of_the_face_go_along(head):
    armature = find_character(head).armature
    bone = armature.pose.bones["eye.L"]
    bone.rotation_mode = "QUATERNION"
    bone.rotation_quaternion = (0.98, 0.19, 0, 0)
    turn = tuple(bone.rotation_quaternion)
    jaw = [name.startswith("Jaw") for name in slider_values(live())[1]].index(True)
    live().axes[jaw] = 2
    assert tuple(bone.rotation_quaternion) == turn
    opened = keys(head)["jawOpen"].value
    assert opened > 0.2
    teeth = bpy.data.objects["Mien Teeth Lower"]
    assert keys(teeth)["jawOpen"].value == opened


def test_a_drag_is_undone_and_redone_in_one_step_with_the_face(head):
    bpy.ops.ed.undo_push(message="before")
    name, before = head.name, face_of(head)
    for value in (0.2, 0.4, 0.6):
        live().emotions[JOY] = value
    bpy.ops.ed.undo_push(message="drag")
    after = face_of(bpy.data.objects[name])
    bpy.ops.ed.undo()
    assert live().emotions[JOY] == 0 and not live().before
    np.testing.assert_array_equal(face_of(bpy.data.objects[name]), before)
    bpy.ops.ed.redo()
    assert live().emotions[JOY] == pytest.approx(0.6)
    np.testing.assert_array_equal(face_of(bpy.data.objects[name]), after)
    # And what was before the drag is still known.
    bpy.ops.mien.reset_live_face()
    np.testing.assert_array_equal(face_of(bpy.data.objects[name]), before)


def test_key_this_keys_the_whole_face_on_the_frame(head):
    bpy.context.scene.frame_set(12)
    live().emotions[JOY] = 1
    shown = keys(head)["mouthSmileLeft"].value
    assert bpy.ops.mien.key_live_face() == {"FINISHED"}
    curves = f_curves(head.data.shape_keys)
    assert len(curves) == len(keys(head)) - 1
    points = curves['key_blocks["mouthSmileLeft"].value', 0].keyframe_points
    assert [tuple(point.co) for point in points] == [(12, pytest.approx(shown))]
    assert live().emotions[JOY] == 1


def test_where_the_face_is_animated_the_sliders_end_with_the_frame(head):
    scene = bpy.context.scene
    keys(head)["jawOpen"].keyframe_insert("value", frame=1)
    keys(head)["jawOpen"].value = 0.5
    keys(head)["jawOpen"].keyframe_insert("value", frame=11)
    scene.frame_set(11)
    live().emotions[JOY] = 1
    assert keys(head)["mouthSmileLeft"].value > 0.3
    scene.frame_set(6)
    assert keys(head)["jawOpen"].value == pytest.approx(0.25)
    # What no Action moves is put back, too.
    assert keys(head)["mouthSmileLeft"].value == 0
    assert live().emotions[JOY] == 0 and not live().before


def test_where_nothing_is_animated_the_sliders_stay(head):
    live().emotions[JOY] = 1
    shown = face_of(head)
    bpy.context.scene.frame_set(20)
    np.testing.assert_array_equal(face_of(head), shown)
    assert live().emotions[JOY] == 1


def test_another_character_starts_with_sliders_at_zero(head):
    live().emotions[JOY] = 1
    bpy.context.view_layer.update()
    shown = face_of(head)
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    bpy.context.scene.collection.objects.link(lamp)
    bpy.context.view_layer.objects.active = lamp
    bpy.context.view_layer.update()
    assert live().emotions[JOY] == 1
    other = build_demo_character("Other").head
    bpy.context.view_layer.objects.active = other
    bpy.context.view_layer.update()
    assert live().emotions[JOY] == 0 and not live().before
    np.testing.assert_array_equal(face_of(head), shown)
    live().axes[0] = 1
    assert np.abs(face_of(other)).max() > 0.1
    np.testing.assert_array_equal(face_of(head), shown)


def test_what_is_changed_by_hand_meanwhile_is_kept(head):
    live().emotions[JOY] = 0.5
    bpy.context.view_layer.update()
    keys(head)["tongueOut"].value = 0.4
    bpy.context.view_layer.update()
    live().emotions[JOY] = 0.6
    assert keys(head)["tongueOut"].value == pytest.approx(0.4)
    bpy.ops.mien.reset_live_face()
    assert keys(head)["tongueOut"].value == pytest.approx(0.4)
    assert keys(head)["mouthSmileLeft"].value == 0


def test_a_saved_file_knows_the_face_before(head, tmp_path):
    before = face_of(head)
    live().emotions[JOY] = 0.5
    file = str(tmp_path / "live.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.open_mainfile(filepath=file)
    head = bpy.data.objects["Mien Head"]
    assert live().emotions[JOY] == 0.5 and keys(head)["mouthSmileLeft"].value > 0.2
    live().axes[0] = 0.5
    bpy.ops.mien.reset_live_face()
    np.testing.assert_array_equal(face_of(head), before)


def test_without_a_character_a_slider_says_why_and_does_not_raise(mien_enabled):
    live().axes[0] = 1
    assert "Select the character" in LIVE_FACE.problem
    assert not bpy.ops.mien.key_live_face.poll()
    assert bpy.ops.mien.reset_live_face() == {"FINISHED"}


def test_a_face_that_loses_a_key_is_looked_up_again(head):
    live().emotions[JOY] = 0.5
    head.shape_key_remove(keys(head)["mouthSmileLeft"])
    live().emotions[JOY] = 0.7
    live().emotions[JOY] = 0.8
    assert not LIVE_FACE.problem
    assert keys(head)["mouthSmileRight"].value > 0.2
    live().emotions[JOY] = 0
    assert keys(head)["mouthSmileRight"].value == 0


def test_a_linked_face_is_not_moved(head, tmp_path):
    file = str(tmp_path / "character.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.read_homefile(use_empty=True)
    with bpy.data.libraries.load(file, link=True) as (_, wanted):
        wanted.objects = ["Mien Head"]
    head = wanted.objects[0]
    bpy.context.scene.collection.objects.link(head)
    bpy.context.view_layer.objects.active = head
    live().emotions[JOY] = 1
    assert "Make Face Keys Editable" in LIVE_FACE.problem
    assert keys(head)["mouthSmileLeft"].value == 0


def test_the_model_is_loaded_by_the_first_drag_and_not_before(head):
    MODEL.forget()
    assert MODEL._loaded is None
    live().axes[0] = 0.1
    assert MODEL._loaded is not None
    assert len(MODEL.axis_names) == len(live().axes) and all(MODEL.axis_names)


def test_names_of_axes_come_out_of_a_thread(mien_enabled):
    MODEL.forget()
    assert MODEL.axis_names == ()
    MODEL.prepare()
    MODEL._thread.join()
    assert MODEL._look() is None
    assert len(MODEL.axis_names) == 8


def test_every_class_is_registered_and_named(mien_enabled):
    for each in (*PANELS, *OPERATORS):
        assert each.is_registered and each.__doc__
