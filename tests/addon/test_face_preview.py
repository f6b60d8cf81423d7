# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe shown on the demo character before it is baked."""

import time

import bpy
import numpy as np
import pytest
from mien.addon.face_preview import FACE_PREVIEW
from mien.blender_ops.animation import f_curves
from mien.blender_ops.character import find_character
from mien.blender_ops.mapping import match
from mien.blender_ops.posing import Face
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance
from mien.models.take import read_take, write_take

SECONDS = 2


@pytest.fixture
def head(tmp_path, demo_head):
    """The demo character, selected, and a take of a mouth and a head that move."""
    times = np.arange(60 * SECONDS + 1) / 60
    weights = np.zeros((len(times), len(CHANNELS)), np.float32)
    weights[:, CHANNELS.index("jawOpen")] = times / SECONDS
    half = 0.2 * np.sin(times)
    zero = np.zeros(len(times))
    turn = np.stack([np.cos(half), zero, np.sin(half), zero, zero, zero, zero], axis=1)
    write_take(tmp_path / "talk", Performance(weights, times, head=turn))
    bpy.ops.mien.load_take(filepath=str(tmp_path / "talk" / "take.json"))
    while settings().recipe_stack:
        bpy.ops.mien.remove_recipe_step()
    demo_head.data.shape_keys.key_blocks["mouthPucker"].value = 0.2
    bpy.context.scene.render.fps = 24
    bpy.context.scene.frame_set(1)
    return demo_head


def settings():
    return bpy.context.scene.mien


def jaw(head=None):
    head = head or bpy.data.objects["Mien Head"]
    return head.data.shape_keys.key_blocks["jawOpen"].value


def face_of(head):
    character = find_character(head)
    return Face(character, match(character)).values()


def turned(head):
    armature = find_character(head).armature
    return armature.pose.bones["head"].matrix_basis.to_quaternion().angle


def test_it_follows_the_timeline_and_leaves_nothing(head):
    scene, before = bpy.context.scene, face_of(head)
    assert bpy.ops.mien.preview_on_character() == {"FINISHED"}
    assert not FACE_PREVIEW.problem and settings().preview.on
    for frame in (1, 13, 25, 37, 49):
        scene.frame_set(frame)
        assert jaw() == pytest.approx((frame - 1) / 48, abs=1e-5)
    # What is drawn follows, too.
    evaluated = head.evaluated_get(bpy.context.evaluated_depsgraph_get())
    assert evaluated.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(1)
    assert turned(head) > 0.2
    scene.frame_set(500)
    assert jaw() == pytest.approx(1)
    scene.frame_set(7, subframe=0.5)
    assert jaw() == pytest.approx(6.5 / 48, abs=1e-5)
    assert bpy.ops.mien.preview_on_character(on=False) == {"FINISHED"}
    np.testing.assert_array_equal(face_of(head), before)
    assert turned(head) < 1e-6
    assert not bpy.data.actions and not settings().preview.before


def test_it_shows_what_a_bake_plays(head):
    scene = bpy.context.scene
    bpy.ops.mien.add_recipe_step(kind="mirror")
    bpy.ops.mien.preview_on_character()
    shown = {}
    for frame in (5, 20, 49):
        scene.frame_set(frame)
        shown[frame] = face_of(head), turned(head)
    assert bpy.ops.mien.bake(tolerance=0.0) == {"FINISHED"}
    assert not settings().preview.on
    for frame, (values, angle) in shown.items():
        scene.frame_set(frame)
        np.testing.assert_allclose(face_of(head), values, atol=1e-5)
        assert turned(head) == pytest.approx(angle, abs=1e-5)


def test_an_action_is_written_over_and_plays_again_afterwards(head):
    scene, block = bpy.context.scene, head.data.shape_keys.key_blocks["jawOpen"]
    for frame, value in ((1, 0.9), (49, 0.1)):
        block.value = value
        block.keyframe_insert("value", frame=frame)
    curve = f_curves(head.data.shape_keys)['key_blocks["jawOpen"].value', 0]
    keys = [tuple(point.co) for point in curve.keyframe_points]
    action = head.data.shape_keys.animation_data.action
    scene.frame_set(25)
    assert jaw() == pytest.approx(0.5, abs=1e-3)
    bpy.ops.mien.preview_on_character()
    scene.frame_set(49)
    assert jaw() == pytest.approx(1)
    evaluated = head.evaluated_get(bpy.context.evaluated_depsgraph_get())
    assert evaluated.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(1)
    bpy.context.view_layer.update()
    assert jaw() == pytest.approx(1)
    bpy.ops.mien.preview_on_character(on=False)
    assert jaw() == pytest.approx(0.1)
    assert head.data.shape_keys.animation_data.action == action
    assert [tuple(point.co) for point in curve.keyframe_points] == keys


def test_what_was_set_by_hand_comes_back_though_it_is_animated(head):
    block = head.data.shape_keys.key_blocks["jawOpen"]
    block.keyframe_insert("value", frame=1)
    block.value = 0.33
    bpy.ops.mien.preview_on_character()
    bpy.ops.mien.preview_on_character(on=False)
    assert block.value == pytest.approx(0.33)


def test_a_change_of_the_recipe_is_shown_by_itself(head):
    scene = bpy.context.scene
    bpy.ops.mien.preview_on_character()
    scene.frame_set(49)
    bpy.ops.mien.add_recipe_step(kind="gain")
    settings().recipe_stack[0].gain.overall = 0.5
    FACE_PREVIEW.wait()
    assert jaw() == pytest.approx(0.5)
    settings().recipe_stack[0].active = False
    FACE_PREVIEW.wait()
    assert jaw() == pytest.approx(1)
    settings().start_frame = 25
    FACE_PREVIEW.wait()
    assert jaw() == pytest.approx(0.5, abs=1e-5)


def test_before_and_after_refining_are_seen(head):
    take = read_take(bpy.path.abspath(settings().take)).performance
    noise = np.random.default_rng(5).normal(0, 0.08, take.weights.shape)
    weights = np.clip(take.weights + noise, 0, 1).astype(np.float32)
    folder = bpy.path.abspath(settings().take) + "_noisy"
    write_take(folder, Performance(weights, take.times))
    bpy.ops.mien.load_take(filepath=folder + "/take.json")
    settings().recipe = '{"mien_recipe": 1, "steps": []}'
    bpy.ops.mien.refine(strength=1.0)
    bpy.ops.mien.preview_on_character()

    def tremble():
        values = []
        for frame in range(5, 45):
            bpy.context.scene.frame_set(frame)
            values.append(jaw())
        return np.abs(np.diff(values, 2)).mean()

    after = tremble()
    bpy.ops.mien.refine(refined=False)
    FACE_PREVIEW.wait()
    assert tremble() > 1.2 * after
    bpy.context.scene.frame_set(25)
    assert jaw() == pytest.approx(weights[60, CHANNELS.index("jawOpen")], abs=1e-5)


def test_an_undo_takes_back_a_change_and_then_the_preview(head):
    scene = bpy.context.scene
    scene.frame_set(49)
    before, name = face_of(head), head.name
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.mien.preview_on_character()
    bpy.ops.ed.undo_push(message="preview")
    bpy.ops.mien.add_recipe_step(kind="gain")
    settings().recipe_stack[0].gain.overall = 0.5
    FACE_PREVIEW.wait()
    bpy.ops.ed.undo_push(message="gain")
    assert jaw() == pytest.approx(0.5)
    bpy.ops.ed.undo()
    FACE_PREVIEW.wait()
    assert settings().preview.on and jaw() == pytest.approx(1)
    bpy.ops.ed.undo()
    FACE_PREVIEW.wait()
    assert not settings().preview.on
    np.testing.assert_array_equal(face_of(bpy.data.objects[name]), before)
    bpy.ops.ed.redo()
    FACE_PREVIEW.wait()
    assert settings().preview.on and jaw() == pytest.approx(1)
    bpy.ops.mien.preview_on_character(on=False)
    np.testing.assert_array_equal(face_of(bpy.data.objects[name]), before)


def test_a_file_is_saved_as_if_there_were_none(head, tmp_path):
    scene, before = bpy.context.scene, face_of(head)
    bpy.ops.mien.preview_on_character()
    scene.frame_set(49)
    file = str(tmp_path / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    assert settings().preview.on and jaw() == pytest.approx(1)
    scene.frame_set(25)
    assert jaw() == pytest.approx(0.5)
    bpy.ops.wm.open_mainfile(filepath=file)
    assert not settings().preview.on
    np.testing.assert_array_equal(face_of(bpy.data.objects["Mien Head"]), before)


def test_a_file_that_blender_saved_by_itself_is_put_right(head, tmp_path):
    before = face_of(head)
    bpy.ops.mien.preview_on_character()
    bpy.context.scene.frame_set(49)
    file = str(tmp_path / "autosaved.blend")
    data = set(bpy.data.scenes) | set(bpy.data.objects)
    bpy.data.libraries.write(file, data, fake_user=True)
    bpy.ops.mien.preview_on_character(on=False)
    bpy.ops.wm.open_mainfile(filepath=file)
    scene = bpy.data.scenes["Scene"]
    assert not scene.mien.preview.on and not scene.mien.preview.before
    np.testing.assert_array_equal(face_of(bpy.data.objects["Mien Head"]), before)


def test_pictures_are_rendered_without_it(head, tmp_path):
    scene = bpy.context.scene
    seen = []
    bpy.ops.mien.preview_on_character()
    scene.frame_set(49)
    bpy.app.handlers.render_pre.append(lambda *_: seen.append(jaw()))
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.resolution_x = scene.render.resolution_y = 16
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.render.filepath = str(tmp_path / "picture.png")
    try:
        bpy.ops.render.render(write_still=True)
    finally:
        bpy.app.handlers.render_pre.pop()
    assert seen == [0]
    assert settings().preview.on and jaw() == pytest.approx(1)


def test_disabling_puts_the_face_back(head):
    from mien.addon import registration

    before = face_of(head)
    bpy.ops.mien.preview_on_character()
    bpy.context.scene.frame_set(49)
    registration.unregister()
    try:
        np.testing.assert_array_equal(face_of(head), before)
    finally:
        registration.register()


def test_a_key_that_goes_ends_it_with_a_word(head):
    bpy.ops.mien.preview_on_character()
    head.shape_key_remove(head.data.shape_keys.key_blocks["jawOpen"])
    bpy.context.scene.frame_set(5)
    assert "was removed" in FACE_PREVIEW.problem
    bpy.ops.mien.preview_on_character(on=False)
    assert not settings().preview.on


def test_a_take_that_cannot_be_read_says_so(head, tmp_path):
    bpy.ops.mien.preview_on_character()
    settings().take = str(tmp_path / "nowhere")
    FACE_PREVIEW.wait()
    assert "nowhere" in FACE_PREVIEW.problem


def test_another_job_may_run_beside_it(head):
    bpy.ops.mien.preview_on_character()
    assert bpy.ops.mien.preview_bake() == {"FINISHED"}
    assert settings().preview.on


def test_without_a_take_or_a_character_it_says_why(mien_enabled):
    with pytest.raises(RuntimeError, match="take first"):
        bpy.ops.mien.preview_on_character()


def test_a_minute_plays_in_real_time(head, tmp_path):
    """52 channels, 60 seconds, on the demo character with an Action below."""
    times = np.arange(3600) / 60
    speed = np.linspace(1, 6, len(CHANNELS))
    weights = (0.5 - 0.5 * np.cos(times[:, None] * speed)).astype(np.float32)
    write_take(tmp_path / "minute", Performance(weights, times))
    bpy.ops.mien.load_take(filepath=str(tmp_path / "minute" / "take.json"))
    settings().recipe = '{"mien_recipe": 1, "steps": []}'
    bpy.ops.mien.bake(tolerance=0.0)
    bpy.ops.mien.preview_on_character()
    start = time.perf_counter()
    for frame in range(100, 196):
        bpy.context.scene.frame_set(frame)
    assert 96 / (time.perf_counter() - start) >= 24
