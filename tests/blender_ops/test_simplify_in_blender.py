"""Curves that are already there get fewer keys and play as before."""

import itertools
import math

import bpy
import numpy as np
import pytest
from mien.blender_ops.animation import (
    BEZIER,
    CONSTANT,
    LINEAR,
    Curve,
    Keys,
    curves_of_action,
    f_curves,
    read_keys,
    write_curves,
)
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import find_character
from mien.blender_ops.mapping import match
from mien.blender_ops.simplify import SimplifyError, simplify_curves

FRAMES = np.arange(1.0, 301.0)
WAVE = 0.5 + 0.4 * np.sin(FRAMES / 15)


def curve_of(values=WAVE, interpolation=LINEAR, frames=FRAMES, path='["x"]', group=""):
    """An F-Curve with a key on each of these frames, on an empty of its own."""
    holder = bpy.data.objects.new("Holder", None)
    bpy.context.scene.collection.objects.link(holder)
    holder["x"] = 0.0
    keys = Keys(np.asarray(frames), np.asarray(values), interpolation)
    write_curves("Test", {holder: [Curve(path, keys, group=group)]})
    return f_curves(holder)[path, 0]


def played(curve, frames=FRAMES):
    return np.array([curve.evaluate(frame) for frame in frames])


@pytest.mark.parametrize("interpolation", [LINEAR, BEZIER], ids=["linear", "bezier"])
@pytest.mark.parametrize("tolerance", [0.02, 0.005])
def test_few_keys_play_as_many(interpolation, tolerance):
    curve = curve_of(interpolation=interpolation)
    before = played(curve)
    result = simplify_curves([curve], tolerance)
    away = np.abs(played(curve) - before).max()
    assert 0 < away <= tolerance and result.largest_error == pytest.approx(away, abs=1e-9)
    assert (result.before, result.after) == (300, len(curve.keyframe_points))
    assert result.after < 40
    assert played(curve, np.linspace(1, 300, 999)).max() <= before.max() + 1e-6
    assert result.words() == f"300 keys → {result.after}, largest error {away:.3g}."
    again = simplify_curves([curve], tolerance / 1000)
    assert again.after == result.after and "no curve needs fewer" in again.words()


def test_what_is_played_changes_at_once():
    curve = curve_of(np.where(FRAMES % 2, 0.5, 0.52))
    simplify_curves([curve], 0.05)
    holder = bpy.data.objects["Holder"]
    bpy.context.scene.frame_set(10)
    graph = bpy.context.evaluated_depsgraph_get()
    assert holder.evaluated_get(graph)["x"] == pytest.approx(curve.evaluate(10))
    assert len(curve.keyframe_points) <= 2


@pytest.mark.parametrize("kind", ["NOISE", "CYCLES", "GENERATOR"])
def test_modifiers_stay_and_are_not_baked_in(kind):
    curve = curve_of()
    modifier = curve.modifiers.new(kind)
    if kind == "GENERATOR":
        modifier.use_additive = True
    muted = curve.modifiers.new("NOISE")
    muted.mute = True
    before = played(curve, np.arange(-50, 400))
    result = simplify_curves([curve], 0.005)
    assert result.after < 50
    assert [each.type for each in curve.modifiers] == [kind, "NOISE"]
    assert [each.mute for each in curve.modifiers] == [False, True]
    assert np.abs(played(curve, np.arange(-50, 400)) - before).max() <= 0.005 + 1e-5


@pytest.mark.parametrize("extrapolation", ["CONSTANT", "LINEAR"])
@pytest.mark.parametrize("interpolation", [LINEAR, BEZIER, CONSTANT])
def test_a_curve_goes_on_beyond_its_ends_as_it_did(extrapolation, interpolation):
    curve = curve_of(WAVE + FRAMES / 100, interpolation, group="Mouth")
    curve.extrapolation = extrapolation
    outside = np.array([-40, 0.5, 1, 300, 300.5, 333])
    before = played(curve, outside)
    simplify_curves([curve], 0.01)
    assert curve.extrapolation == extrapolation
    assert curve.group.name == "Mouth"
    assert played(curve, outside) == pytest.approx(before, abs=1e-4)


def test_locked_curves_are_untouched_and_named():
    locked, grouped, free = curve_of(), curve_of(group="Head"), curve_of()
    locked.lock = True
    grouped.group.lock = True
    before = [read_keys(curve) for curve in (locked, grouped)]
    result = simplify_curves([locked, grouped, free])
    for curve, old in zip((locked, grouped), before, strict=True):
        assert np.array_equal(read_keys(curve).left, old.left)
    assert len(free.keyframe_points) < 40
    assert result.left == (("x", "they are locked"),) * 2
    assert "left as they are because they are locked: x, x" in result.words()


def test_held_keys_stay_held():
    kinds = np.where(FRAMES < 100, CONSTANT, BEZIER).astype(np.int32)
    values = np.where(FRAMES < 100, np.floor(FRAMES / 10) / 10, WAVE)
    curve = curve_of(values, kinds)
    halves = np.arange(1, 300, 0.5)
    before = played(curve, halves)
    simplify_curves([curve], 0.005)
    after = played(curve, halves)
    assert np.array_equal(after[halves < 100], before[halves < 100])
    assert np.abs(after - before)[halves == np.round(halves)].max() <= 0.005
    assert len(curve.keyframe_points) < 60


@pytest.mark.parametrize("kind", ["BOUNCE", "ELASTIC", "BACK", "SINE", "EXPO"])
def test_eased_keys_play_the_same_within_the_tolerance(kind):
    curve = curve_of()
    for number, point in enumerate(curve.keyframe_points):
        if 20 <= number < 23:
            point.interpolation = kind
    before = played(curve)
    simplify_curves([curve], 0.01)
    assert len(curve.keyframe_points) < 60
    assert np.abs(played(curve) - before).max() <= 0.01


def test_keys_on_whole_frames_only():
    frames = 1 + np.arange(600) * 0.4
    curve = curve_of(np.sin(frames / 9), frames=frames)
    whole = np.arange(1, 241)
    before = played(curve, whole)
    result = simplify_curves([curve], 0.005, whole_frames=True)
    at = read_keys(curve).frames
    assert np.array_equal(at[1:-1], np.round(at[1:-1]))
    assert np.abs(played(curve, whole) - before).max() <= 0.005
    assert result.after < 60


def test_what_an_animator_told_of_a_key_stays():
    curve = curve_of()
    top = int(np.argmax(WAVE[:60]))
    curve.keyframe_points[top].type = "EXTREME"
    simplify_curves([curve], 0.005)
    told = {point.co.x: point.type for point in curve.keyframe_points}
    assert told.pop(FRAMES[top]) == "EXTREME"
    assert set(told.values()) == {"KEYFRAME"}


def test_a_property_that_moves_in_whole_steps_is_left_alone():
    holder = bpy.data.objects.new("Holder", None)
    bpy.context.scene.collection.objects.link(holder)
    for frame in range(1, 60):
        holder.pass_index = round(frame / 3)
        holder.keyframe_insert("pass_index", frame=frame)
    (curve,) = curves_of_action(holder.animation_data.action)
    before = played(curve, np.arange(1, 60))
    result = simplify_curves([curve], 0.9)
    assert np.array_equal(played(curve, np.arange(1, 60)), before)
    assert result.left == (("pass_index[0]", "their values move in whole steps"),)


def test_curves_that_make_no_sense_are_named_and_left():
    double = curve_of()
    # A tool that writes keys in bulk and does not tell Blender leaves them like this.
    double.keyframe_points[8].co.x = double.keyframe_points[7].co.x
    broken = curve_of(np.where(FRAMES == 7, np.nan, WAVE))
    result = simplify_curves([double, broken])
    assert result.before == result.after == 600
    assert {reason for _, reason in result.left} == {
        "they have several keys on one frame",
        "some of their values are no numbers",
    }


def test_small_curves():
    single, pair = curve_of([0.3], frames=[5.0]), curve_of([0.3, 0.3], frames=[1.0, 9.0])
    result = simplify_curves([single, pair])
    assert result.after == result.before == 3


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ"])
def test_rotations_stay_within_the_angle(mode):
    holder = bpy.data.objects.new("Head", None)
    bpy.context.scene.collection.objects.link(holder)
    holder.rotation_mode = mode
    from mathutils import Euler

    path = "rotation_quaternion" if mode == "QUATERNION" else "rotation_euler"
    # More than a full turn: the quaternion's sign changes on the way, no angle may jump.
    angles = np.column_stack([FRAMES / 40, np.sin(FRAMES / 20), 0.2 * np.sin(FRAMES / 7)])
    turns = [Euler(each).to_quaternion() for each in angles]
    for one, other in itertools.pairwise(turns):
        if one.dot(other) < 0:
            other.negate()
    values = np.array(turns) if mode == "QUATERNION" else angles
    curves = [
        Curve(path, Keys(FRAMES, column, LINEAR), index) for index, column in enumerate(values.T)
    ]
    write_curves("Turn", {holder: curves})
    result = simplify_curves(list(f_curves(holder).values()), 0.02)
    assert result.after < result.before / 5
    assert result.largest_error <= 0.02
    previous = None
    for frame in FRAMES[::3]:
        bpy.context.scene.frame_set(int(frame))
        found = holder.matrix_world.to_quaternion()
        wanted = turns[int(frame) - 1]
        assert 2 * math.acos(min(1, abs(found.dot(wanted)))) <= 0.02 + 1e-3
        raw = np.array(getattr(holder, path))
        if previous is not None:
            assert np.abs(raw - previous).max() < 0.3, "nothing flips"
        previous = raw


def test_a_bake_with_a_key_a_frame_gets_as_few_as_a_bake_with_a_tolerance(puppet, performance):
    bpy.context.scene.render.fps = 60
    character = find_character(puppet)
    few = bake(performance, character, match(character), BakeOptions())
    many = bake(performance, character, match(character), BakeOptions(tolerance=0))
    curves = [curve for action in many.actions for curve in curves_of_action(action)]
    result = simplify_curves(curves)
    assert (result.curves, result.before) == (many.curves, many.keys)
    assert result.after == pytest.approx(few.keys, rel=0.02)
    assert result.largest_error <= 0.005


def test_no_curves_or_a_negative_tolerance():
    with pytest.raises(SimplifyError, match="no curves"):
        simplify_curves([])
    with pytest.raises(SimplifyError, match="negative"):
        simplify_curves([curve_of()], -0.1)
