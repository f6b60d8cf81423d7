"""A range of new keys leaves what was animated around it as it was."""

import bpy
import numpy as np
import pytest
from mien.blender_ops.animation import (
    BEZIER,
    CONSTANT,
    LINEAR,
    Curve,
    Keys,
    evaluate,
    f_curves,
    write_curves,
)
from mien.blender_ops.splice import Before, before_of, blend_weights, spliced

PATH = "location"
OLD_FRAMES = np.array([1, 20, 32, 50, 80])
OLD_VALUES = np.array([0, 2, -1, 0.5, 1.5])


@pytest.fixture
def thing():
    thing = bpy.data.objects.new("Thing", None)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def animate(thing, interpolation):
    write_curves("Old", {thing: [Curve(PATH, Keys(OLD_FRAMES, OLD_VALUES, interpolation))]})
    return f_curves(thing)[PATH, 0]


def splice_in(thing, frames, values, interpolation=LINEAR):
    old = before_of(thing)(PATH, 0)
    keys = spliced(Keys(frames, values, interpolation), old)
    write_curves("New", {thing: [Curve(PATH, keys)]})
    return f_curves(thing)[PATH, 0]


@pytest.mark.parametrize("interpolation", [CONSTANT, LINEAR, BEZIER, 4, 7, 12])
@pytest.mark.parametrize("new", [(25, 40), (20, 50), (21, 22), (40, 120), (-10, 5), (90, 99)])
def test_outside_the_range_the_curve_stays(thing, interpolation, new):
    """Also for bounce (4), elastic (7) and sine (12) easing."""
    old = animate(thing, interpolation)
    frames = np.arange(new[0], new[1] + 1)
    curve = splice_in(thing, frames, np.full(len(frames), 9.0))
    outside = np.concatenate([np.arange(-20, new[0]), np.arange(new[1] + 1, 140)])
    assert evaluate(curve, outside) == pytest.approx(evaluate(old, outside), abs=2e-3)
    assert evaluate(curve, frames) == pytest.approx(9.0)


def test_bezier_curves_stay_between_frames_too_with_one_key_more_a_cut(thing):
    old = animate(thing, BEZIER)
    curve = splice_in(thing, np.array([25, 30]), np.array([9.0, 9.0]))
    outside = np.concatenate([np.arange(-5, 24, 0.13), np.arange(31, 90, 0.13)])
    assert evaluate(curve, outside) == pytest.approx(evaluate(old, outside), abs=1e-3)
    assert len(curve.keyframe_points) == len(OLD_FRAMES) + 2 + 2


def test_handles_that_would_overlap_are_cut_where_blender_shortens_them(thing):
    keys = Keys(
        np.array([1.0, 11.0]),
        np.array([0.0, 1.0]),
        BEZIER,
        left=np.array([[-3.0, 0], [2.0, 3.0]]),
        right=np.array([[10.0, -2.0], [14.0, 1.0]]),
    )
    write_curves("Old", {thing: [Curve(PATH, keys)]})
    old = f_curves(thing)[PATH, 0]
    curve = splice_in(thing, np.array([7, 8]), np.array([5.0, 5.0]))
    outside = np.concatenate([np.arange(0, 6, 0.1), np.arange(9, 12, 0.1)])
    assert evaluate(curve, outside) == pytest.approx(evaluate(old, outside), abs=1e-3)


def test_a_value_that_stood_still_stands_still_outside(thing):
    thing.location.x = 4
    curve = splice_in(thing, np.array([10, 20]), np.array([1.0, 2.0]))
    assert evaluate(curve, [1, 9, 10, 20, 21, 50]) == pytest.approx([4, 4, 1, 2, 4, 4])


def test_a_cycle_becomes_keys(thing):
    old = animate(thing, LINEAR)
    old.modifiers.new("CYCLES")
    frames = np.arange(100, 111)
    curve = splice_in(thing, frames, np.full(11, 9.0))
    assert evaluate(curve, np.arange(1, 100)) == pytest.approx(
        evaluate(old, np.arange(1, 100)), abs=1e-4
    )
    assert before_of(thing)(PATH, 0).has_modifiers is False


def test_blends_ease_from_nothing_to_all_and_back():
    frames = np.arange(10.0, 51)
    weights = blend_weights(frames, 10, 20)
    assert weights[[0, 5, 10, 20, 30, 40]] == pytest.approx([0, 0.5, 1, 1, 0.5, 0])
    assert np.all(np.diff(weights[:11]) > 0)
    assert np.all(blend_weights(frames, 0, 0) == 1)
    assert np.all(blend_weights(np.array([3.0]), 0, 0) == 1)


def test_what_a_property_did_before(thing):
    thing.location.y = 3
    old = animate(thing, LINEAR)
    find = before_of(thing)
    assert isinstance(find(PATH, 0), Before)
    assert find(PATH, 0).at(np.array([1, 20])) == pytest.approx(evaluate(old, [1, 20]))
    assert find(PATH, 1).at(np.array([1, 20])) == pytest.approx([3, 3])
