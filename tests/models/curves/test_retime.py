import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.curves.interpolation import interpolated
from mien.models.curves.retime import retime, sampled, trim
from mien.models.errors import RecipeError
from mien.models.performance import Performance
from mien.models.timecode import seconds

quick = settings(max_examples=40, deadline=None)
rates = st.sampled_from([12, 23.976, 24000 / 1001, 24, 25, 29.97, 30, 50, 59.94, 60, 120])
seeds = st.integers(0, 10**6)
either = st.sampled_from(["cubic", "linear"])


@quick
@given(seeds, st.integers(1, 60), either, st.booleans())
def test_at_its_own_times_it_is_the_same(performance_of, seed, frames, method, uneven):
    source = performance_of(seed, frames, 30, uneven=uneven, confidence=True)
    again = sampled(source, source.times, cubic=method == "cubic")
    np.testing.assert_array_equal(again.weights, source.weights)
    np.testing.assert_array_equal(again.times, source.times)
    np.testing.assert_array_equal(again.eyes, source.eyes)
    np.testing.assert_array_equal(again.confidence, source.confidence)
    same = np.abs(np.sum(again.head[:, :4] * source.head[:, :4], axis=1))
    np.testing.assert_allclose(same, 1, atol=1e-6)
    np.testing.assert_array_equal(again.head[:, 4:], source.head[:, 4:])


@quick
@given(seeds, rates, st.integers(1, 60), either)
def test_at_its_own_rate_it_is_the_same(performance_of, seed, rate, frames, method):
    source = performance_of(seed, frames, rate)
    again = retime(source, rate=float(rate), method=method)
    np.testing.assert_array_equal(again.weights, source.weights)
    np.testing.assert_allclose(again.times, source.times, atol=1e-12)


@quick
@given(seeds, st.integers(1, 80), rates, rates, either)
def test_any_rate_to_any_rate_by_time(performance_of, seed, frames, from_rate, to_rate, method):
    source = performance_of(seed, frames, from_rate, uneven=seed % 2)
    result = retime(source, rate=float(to_rate), method=method)
    np.testing.assert_allclose(result.times, np.arange(len(result)) / to_rate)
    assert result.duration <= source.duration + 1e-6
    assert source.duration - result.duration < 1 / to_rate + 1e-6
    assert (result.weights <= source.weights.max(axis=0)).all()
    assert (result.weights >= source.weights.min(axis=0)).all()
    for frame in range(0, len(result), 7):
        low, high = np.searchsorted(source.times, result.times[frame] + [-1e-6, 1e-6])
        around = source.weights[max(min(low, high) - 1, 0) : max(low, high) + 1]
        assert (result.weights[frame] <= around.max(axis=0)).all()
        assert (result.weights[frame] >= around.min(axis=0)).all()
    np.testing.assert_allclose(np.linalg.norm(result.head[:, :4], axis=1), 1, atol=1e-5)


def test_a_ten_minute_take_ends_where_it_ended(performance_of):
    source = Performance(weights=np.zeros((36_000, 1)), times=np.arange(36_000) / 60, channels="j")
    for rate in (24000 / 1001, 24, 25, 30000 / 1001, 30, 50, 60000 / 1001, 60):
        result = retime(source, rate=rate)
        assert source.duration - 1 / rate < result.duration <= source.duration


def test_up_and_down_again_gives_the_samples_back(performance_of):
    source = performance_of(2, 50, 24)
    np.testing.assert_array_equal(
        retime(retime(source, rate=120.0), rate=24.0).weights, source.weights
    )


def test_a_cubic_follows_a_curve_better_than_straight_lines(performance_of):
    fine = performance_of(3, 600, 120)
    coarse = retime(fine, rate=15.0)
    errors = [
        np.abs(retime(coarse, rate=120.0, method=method).weights - fine.weights[:593]).mean()
        for method in ("cubic", "linear")
    ]
    assert errors[0] < 0.5 * errors[1]


def test_the_head_turns_the_short_way_at_an_even_speed():
    half = np.radians([10, 30]) / 2
    head = np.zeros((2, 7))
    head[:, 0], head[:, 2] = np.cos(half), np.sin(half)
    head[1, :4] *= -1
    head[:, 4] = [0, 1]
    source = Performance(weights=np.zeros((2, 52)), times=[0, 1], head=head)
    result = retime(source, rate=4.0).head
    np.testing.assert_allclose(
        np.degrees(2 * np.arctan2(result[:, 2], result[:, 0])), [10, 15, 20, 25, 30], atol=1e-4
    )
    np.testing.assert_allclose(result[:, 4], [0, 0.25, 0.5, 0.75, 1], atol=1e-6)


def test_what_lies_beside_an_unseen_frame_is_not_called_seen():
    source = Performance(weights=np.zeros((4, 52)), times=np.arange(4), confidence=[1, 1, 0, 1])
    np.testing.assert_array_equal(retime(source, rate=2.0).confidence, [1, 1, 1, 0, 0, 0, 1])


@quick
@given(seeds, st.floats(0.1, 10))
def test_speed_changes_times_only(performance_of, seed, speed):
    source = performance_of(seed)
    result = retime(source, speed=speed)
    np.testing.assert_array_equal(result.weights, source.weights)
    np.testing.assert_allclose(result.times * speed, source.times)


def test_speed_and_rate_go_together(performance_of):
    result = retime(performance_of(0, 61, 60), rate=24.0, speed=0.5)
    assert result.duration == pytest.approx(2)
    assert len(result) == 49


@quick
@given(seeds, st.floats(0, 1), st.floats(0, 1))
def test_a_trimmed_performance_is_that_part(performance_of, seed, first, second):
    source = performance_of(seed, 60, 30, timecode="00:00:01:00.000")
    start, end = sorted((first * source.duration, second * source.duration))
    kept = (source.times >= start - 1e-9) & (source.times <= end + 1e-9)
    if not kept.any():
        with pytest.raises(RecipeError, match="nothing lies between"):
            trim(source, start=start, end=end)
        return
    result = trim(source, start=start, end=end)
    count = int(kept.sum())
    np.testing.assert_array_equal(result.weights[-count:], source.weights[kept])
    np.testing.assert_array_equal(result.head[-count:], source.head[kept])
    assert result.times[0] == 0 and count <= len(result) <= count + 1
    np.testing.assert_allclose(
        np.diff(result.times[-count:]), np.diff(source.times[kept]), atol=1e-12
    )
    # What happens keeps its time, and the timecode says when that was.
    assert result.times[-1] == pytest.approx(source.times[kept][-1] - start, abs=1.001e-3)
    began = seconds(result.source.timecode) - 1
    assert began + result.times[-1] == pytest.approx(source.times[kept][-1], abs=1e-4)


def test_a_trim_between_two_samples_begins_between_them(performance_of):
    source = performance_of(0, 31, 30)
    result = trim(source, start=0.55 / 30)
    assert len(result) == 31
    assert result.times[1] == pytest.approx(0.45 / 30)
    lowest, highest = source.weights[:2].min(axis=0), source.weights[:2].max(axis=0)
    assert np.all((lowest - 1e-6 <= result.weights[0]) & (result.weights[0] <= highest + 1e-6))
    assert len(trim(source, start=0.98 / 30)) == 30


def test_trim_moves_the_timecode_and_counts_back_from_the_end(performance_of):
    source = performance_of(0, 61, 60, timecode="10:00:00:00.000")
    result = trim(source, start=0.5, end=-0.25)
    assert result.source.timecode == "10:00:00:30.000"
    assert result.duration == pytest.approx(0.25)
    assert trim(source) is source


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": -1.0},
        {"rate": float("nan")},
        {"speed": 0.0},
        {"speed": float("inf")},
        {"method": "magic"},
    ],
)
def test_impossible_settings_are_refused(performance_of, wrong):
    with pytest.raises(RecipeError, match="Retime"):
        retime(performance_of(), **wrong)


def test_one_frame_is_one_frame_at_any_rate(performance_of):
    source = performance_of(0, 1)
    assert retime(source, rate=24.0) == source


def test_interpolation_outside_holds_the_ends():
    values = np.array([[1.0], [2.0], [4.0]])
    result = interpolated(np.array([0.0, 1, 2]), values, np.array([-1.0, 0, 2, 3]))
    np.testing.assert_array_equal(result[:, 0], [1, 1, 4, 4])
