"""Seconds become frames: every rate, on whole frames and between them."""

import bpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.blender_ops.sampling import END_ROUNDING, lost_spans, sample, scene_rate
from mien.models.performance import Performance


def ramp(times):
    times = np.asarray(times, float)
    return Performance(np.sin(times)[:, None], times, channels=("jawOpen",))


@pytest.mark.parametrize(
    ("fps", "base", "rate"), [(24, 1, 24), (24, 1.001, 23.976), (30, 1.001, 29.97), (60, 1, 60)]
)
def test_the_rate_of_a_scene(fps, base, rate):
    render = bpy.context.scene.render
    render.fps, render.fps_base = fps, base
    assert scene_rate(bpy.context.scene) == pytest.approx(rate, abs=1e-3)


rates = st.sampled_from([23.976, 24, 25, 29.97, 30, 50, 59.94, 60, 120, 7.3])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.floats(0.001, 0.2), min_size=0, max_size=60),
    rates,
    st.floats(-1000, 100_000),
)
def test_whole_frames_take_the_value_at_their_time(steps, rate, start):
    performance = ramp(np.concatenate([[0], np.cumsum(steps)]))
    samples = sample(performance, rate, start)
    assert np.array_equal(samples.frames, np.round(samples.frames))
    seconds = (samples.frames - start) / rate
    assert np.all(seconds >= -1e-5)
    assert np.all(seconds <= performance.duration + END_ROUNDING / rate + 1e-5)
    # None in between is left out.
    first, last = start, start + performance.duration * rate
    assert abs(len(samples.frames) - (np.floor(last) - np.ceil(first) + 1)) <= 1
    expected = np.interp(seconds, performance.times, performance.channel("jawOpen"))
    assert samples.of(performance.weights)[0] == pytest.approx(expected, abs=1e-5)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 400), rates, st.integers(0, 5000))
def test_a_take_at_the_scenes_own_rate_keeps_each_sample(count, rate, start):
    performance = ramp(np.arange(count) / rate)
    samples = sample(performance, rate, start)
    assert np.array_equal(samples.frames, start + np.arange(count))
    assert samples.of(performance.weights)[0] == pytest.approx(
        performance.channel("jawOpen"), abs=1e-6
    )


def test_subframes_keep_each_samples_time():
    performance = ramp([0, 0.013, 0.5, 0.9])
    samples = sample(performance, 24, 10, subframes=True)
    assert samples.frames == pytest.approx(10 + np.array([0, 0.013, 0.5, 0.9]) * 24)
    assert samples.of(performance.weights)[0] == pytest.approx(performance.channel("jawOpen"))


def test_a_range_of_frames():
    performance = ramp(np.arange(61) / 30)
    assert list(sample(performance, 30, 1, (5, 9)).frames) == [5, 6, 7, 8, 9]
    assert list(sample(performance, 30, 1, (-9, 2)).frames) == [1, 2]
    assert len(sample(performance, 30, 1, (100, 200)).frames) == 0
    inside = sample(performance, 24, 1, (5, 6), subframes=True).frames
    assert np.all((inside >= 5) & (inside <= 6))
    assert len(inside) == 2


def test_where_the_face_was_lost():
    confidence = np.ones(100)
    confidence[[0, 1]] = confidence[40:60] = confidence[99] = 0
    performance = ramp(np.arange(100) / 50).replace(confidence=confidence)
    assert lost_spans(performance) == (
        pytest.approx((0, 0.04)),
        pytest.approx((0.8, 0.4)),
        pytest.approx((1.98, 0.02)),
    )
    assert lost_spans(ramp([0, 1])) == ()
    assert lost_spans(ramp([0]).replace(confidence=[0])) == (pytest.approx((0, 0)),)
