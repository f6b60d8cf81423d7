"""The used part of the take, said on the timeline; takes aligned by timecode."""

import bpy
import numpy as np
import pytest
from mien.addon import take_list, take_memory
from mien.addon.operators.presets import preset_text
from mien.addon.operators.trim import frames_in_use, part_in_use
from mien.blender_ops.animation import f_curves
from mien.blender_ops.demo import build_demo_character
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance, Source
from mien.models.recipe import Recipe, Step
from mien.models.take import write_take
from mien.models.timecode import apart, earliest


def write(folder, seconds=4.0, rate=30, timecode=""):
    """A take whose jaw opens evenly, so that a weight tells the time."""
    times = np.arange(round(seconds * rate) + 1) / rate
    weights = np.zeros((len(times), len(CHANNELS)), np.float32)
    weights[:, CHANNELS.index("jawOpen")] = times / times[-1]
    return write_take(
        folder,
        Performance(weights, times, source=Source("", timecode)),
        recipe=Recipe(),
    )


def settings():
    return bpy.context.scene.mien


@pytest.fixture
def scene(saved_file):
    made = bpy.context.scene
    made.render.fps = 24
    return made


@pytest.fixture
def take(scene, saved_file):
    write(saved_file / "takes" / "face")
    take_list.refresh()
    settings().take_index = 0
    settings().start_frame = 11


def test_the_used_part_begins_and_ends_at_the_current_frame(take, scene):
    assert part_in_use(settings()) == (0, 4) and frames_in_use(settings()) == (11, 107)
    scene.frame_set(35)
    assert bpy.ops.mien.trim_at_frame(edge="START") == {"FINISHED"}
    assert part_in_use(settings()) == pytest.approx((1, 4))
    assert settings().start_frame == 35
    scene.frame_set(83)
    bpy.ops.mien.trim_at_frame(edge="END")
    assert part_in_use(settings()) == pytest.approx((1, 3))
    assert frames_in_use(settings()) == (35, 83)
    assert bpy.ops.mien.clear_trim() == {"FINISHED"}
    assert frames_in_use(settings()) == (11, 107)
    assert settings().recipe == Recipe().to_json()


def test_what_is_baked_stays_on_its_frames(take, scene):
    demo = build_demo_character()
    bpy.context.view_layer.objects.active = demo.head
    # Between samples of the take, which has 30 a second.
    scene.frame_set(20)
    bpy.ops.mien.trim_at_frame(edge="START")
    bpy.ops.mien.bake(tolerance=0)
    curve = f_curves(demo.head.data.shape_keys)['key_blocks["jawOpen"].value', 0]
    assert curve.keyframe_points[0].co[0] == 20
    for frame in (20, 21, 40, 106):
        assert curve.evaluate(frame) == pytest.approx((frame - 11) / 24 / 4, abs=1e-4)


def test_the_preview_range_says_the_part(take, scene):
    with pytest.raises(RuntimeError, match="preview range"):
        bpy.ops.mien.trim_to_preview_range()
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 35, 59
    bpy.ops.mien.trim_to_preview_range()
    assert part_in_use(settings()) == pytest.approx((1, 2))
    scene.frame_preview_start, scene.frame_preview_end = -50, 500
    bpy.ops.mien.trim_to_preview_range()
    assert part_in_use(settings()) == (0, 4)


def test_a_trim_keeps_frames_at_another_speed_too(take, scene):
    settings().recipe = Recipe((Step("retime", {"speed": 2.0}),)).to_json()
    assert frames_in_use(settings()) == (11, 59)
    scene.frame_set(23)
    bpy.ops.mien.trim_at_frame(edge="START")
    assert part_in_use(settings()) == pytest.approx((1, 4))
    assert frames_in_use(settings()) == (23, 59)


def test_without_the_trim_the_take_lies_where_it_did(take, scene):
    for undone in (
        lambda: bpy.ops.mien.remove_recipe_step(index=0),
        lambda: bpy.ops.mien.reset_recipe(),
    ):
        bpy.ops.mien.trim_take(start=1)
        assert frames_in_use(settings()) == (35, 107)
        undone()
        assert frames_in_use(settings()) == (11, 107)


def test_a_preset_keeps_the_trim(take, tmp_path):
    bpy.ops.mien.trim_take(start=1, end=2)
    preset = tmp_path / "mirrored.py"
    preset.write_text(preset_text(Recipe((Step("mirror"),)).to_json()))
    bpy.ops.mien.use_preset(filepath=str(preset), menu_idname="MIEN_PT_recipe_presets")
    assert [item.name for item in settings().recipe_stack] == ["trim", "mirror"]
    assert frames_in_use(settings()) == (35, 59)


def test_nothing_left_is_a_report(take, scene):
    scene.frame_set(300)
    with pytest.raises(RuntimeError, match="Nothing of the take would be left"):
        bpy.ops.mien.trim_at_frame(edge="START")
    assert settings().start_frame == 11


def test_a_trim_is_undone(take, scene):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.mien.trim_take(start=1, end=2)
    bpy.ops.ed.undo_push(message="trimmed")
    assert settings().start_frame == 35
    bpy.ops.ed.undo()
    assert settings().start_frame == 11 and part_in_use(settings()) == (0, 4)


# Timecode


@pytest.fixture
def shoot(scene, saved_file):
    folder = saved_file / "takes"
    write(folder / "a", timecode="13:00:10:00.000")
    write(folder / "b", timecode="13:00:20:30.000")
    write(folder / "c")
    take_list.refresh()
    return take_list.listed_takes()


def choose(name):
    settings().take_index = take_list.place_of(f"//takes/{name}")


def test_takes_lie_where_their_timecode_says(shoot):
    choose("b")
    assert bpy.ops.mien.align_by_timecode() == {"FINISHED"}
    assert settings().start_frame == 1 + 24 * 10.5
    choose("a")
    assert settings().start_frame == 1
    choose("b")
    assert settings().start_frame == 253


def test_takes_of_a_camera_that_counts_24_and_shoots_23_976_lie_whole_frames_apart(
    scene, saved_file
):
    scene.render.fps, scene.render.fps_base = 24, 1.001
    rate = 24000 / 1001
    for name, code in (("a", "10:00:00:00"), ("b", "10:10:00:12")):
        times = np.arange(49) / rate
        weights = np.zeros((49, len(CHANNELS)), np.float32)
        source = Source("", code, 24, rate)
        write_take(saved_file / "takes" / name, Performance(weights, times, source=source))
    take_list.refresh()
    choose("b")
    bpy.ops.mien.align_by_timecode()
    assert settings().start_frame == 1 + 600 * 24 + 12
    bpy.ops.mien.align_by_timecode(reference="TIMECODE", timecode="10:10:00:00", base=24)
    assert settings().start_frame == 13


def test_a_timecode_may_be_the_reference(shoot):
    choose("a")
    bpy.ops.mien.align_by_timecode(
        reference="TIMECODE", timecode="13:00:00:12", base=24, frame=1001
    )
    assert settings().start_frame == 1001 + 24 * 9.5
    with pytest.raises(RuntimeError, match="not a timecode"):
        bpy.ops.mien.align_by_timecode(reference="TIMECODE", timecode="noon")
    with pytest.raises(RuntimeError, match="not a time of day"):
        bpy.ops.mien.align_by_timecode(reference="TIMECODE", timecode="13:99:00:12")


def test_a_trimmed_take_is_aligned_by_its_beginning(shoot):
    choose("b")
    bpy.ops.mien.trim_take(start=1, end=2)
    bpy.ops.mien.align_by_timecode()
    assert take_memory.first_frame(settings()) == 253
    assert settings().start_frame == 277


def test_a_take_without_timecode_says_so(shoot):
    choose("c")
    with pytest.raises(RuntimeError, match="has no timecode"):
        bpy.ops.mien.align_by_timecode()


def test_beyond_the_last_frame_is_a_report(shoot):
    choose("a")
    bpy.context.scene.render.fps = 240
    with pytest.raises(RuntimeError, match="choose a timecode nearer"):
        bpy.ops.mien.align_by_timecode(reference="TIMECODE", timecode="02:00:00:00")


def test_a_shoot_may_go_past_midnight():
    night = [86390.0, 5.0, 86000.0]
    assert earliest(night) == 86000.0
    assert apart(86000.0, 5.0) == pytest.approx(405)
    assert earliest([7.0]) == 7.0
