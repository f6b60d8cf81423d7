# SPDX-License-Identifier: GPL-3.0-or-later
"""Fitted keys keep every promise that `fit` makes, for samples of every kind."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.curves.bezier import evaluate
from mien.models.curves.fit import PROMINENCE, CurveError, fit, fit_rotation

SETTINGS = settings(max_examples=60, deadline=None)


@st.composite
def curves(draw):
    """(times, values): a few channels of every shape, at even or uneven times."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    count = draw(st.one_of(st.integers(1, 6), st.integers(7, 400)))
    start = draw(st.sampled_from([-50.0, 0.0, 1.0, 999.5, 36000.0]))
    steps = draw(st.sampled_from(["frames", "sub-frames", "uneven"]))
    step = {"frames": 1.0, "sub-frames": 0.4, "uneven": generator.uniform(0.05, 3, count)}[steps]
    times = start + np.cumsum(np.broadcast_to(step, count))
    phase = np.linspace(0, 1, count)
    shapes = {
        "constant": lambda: np.full(count, generator.uniform()),
        "ramp": lambda: phase,
        "step": lambda: (phase > generator.uniform()).astype(float),
        "spike": lambda: np.where(np.arange(count) == generator.integers(count), 1.0, 0.1),
        "noise": lambda: generator.uniform(size=count),
        "faint noise": lambda: 0.5 + 0.004 * generator.normal(size=count),
        "sine": lambda: 0.5 + 0.5 * np.sin(phase * generator.uniform(1, 60)),
        "walk": lambda: np.cumsum(generator.normal(0, 0.03, count)),
        "clipped walk": lambda: np.clip(np.cumsum(generator.normal(0, 0.2, count)), 0, 1),
        "stairs": lambda: np.floor(phase * 9) / 9,
    }
    names = draw(st.lists(st.sampled_from(sorted(shapes)), min_size=1, max_size=4))
    return times, np.stack([shapes[name]() for name in names], axis=1)


def band_excess(keys, times, values, parts=16):
    """How far the curve leaves the band spanned by the two neighbouring samples."""
    single = np.asarray(times, np.float32).astype(np.float64)
    worst = 0.0
    for part in range(1, parts):
        between = single[:-1] + np.diff(single) * part / parts
        value = evaluate(keys, between)
        over = value - np.maximum(values[:-1], values[1:])
        under = np.minimum(values[:-1], values[1:]) - value
        worst = max(worst, float(np.maximum(over, under).max(initial=0)))
    return worst


def extremes(values, prominence):
    """Samples from which the curve comes back by `prominence` on both sides.

    Of equal extremes with too little between them, the last.
    """
    first = np.flatnonzero(np.diff(values, prepend=np.nan) != 0)
    found = []
    for sign in (1, -1):
        curve = sign * values[first]
        for k in range(1, len(curve) - 1):
            before, after = curve[k - 1 :: -1], curve[k + 1 :]
            before = before[: np.argmax(np.append(before > curve[k], True))]
            after = after[: np.argmax(np.append(after >= curve[k], True))]
            if min(np.ptp(np.append(side, curve[k])) for side in (before, after)) >= prominence:
                found.append(first[k])
    return found


@SETTINGS
@given(curves(), st.sampled_from([0.0, 0.0005, 0.002, 0.005, 0.05]), st.booleans(), st.booleans())
def test_every_promise_is_kept(curve, tolerance, limited, together):
    times, values = curve
    limits = (0.0, 1.0) if limited else (None, None)
    result = fit(times, values, tolerance, *limits, together=together)
    if limited:
        values = np.clip(values, 0, 1)
    values = values.astype(np.float32)
    assert len(result) == values.shape[1]
    for keys, samples in zip(result, values.T, strict=True):
        assert set(keys.times) <= set(np.asarray(times, np.float32))
        at_samples = np.abs(evaluate(keys, times).astype(float) - samples)
        assert at_samples.max() <= tolerance
        assert keys.error == pytest.approx(at_samples.max(), abs=1e-7)
        assert band_excess(keys, times, samples) <= tolerance + 1e-5
        # Handles never fold back and stay within the span, so Blender never corrects them.
        assert np.all(np.diff(keys.times) > 0)
        assert np.all(keys.left[:, 0] <= keys.times) and np.all(keys.right[:, 0] >= keys.times)
        assert np.all(keys.right[:-1, 0] <= keys.left[1:, 0])
        if limited:
            for part in (keys.values, keys.left[:, 1], keys.right[:, 1]):
                assert part.min() >= 0 and part.max() <= 1
        if len(keys) > 1:
            for k in extremes(samples, PROMINENCE * tolerance * 1.0001 + 1e-6):
                assert evaluate(keys, times[k]) == samples[k]
                # A key stands there, or it lies within a hold.
                after = np.searchsorted(keys.times, np.float32(times[k]))
                assert keys.times[after] == np.float32(times[k]) or np.all(
                    keys.values[after - 1 : after + 1] == samples[k]
                )


@SETTINGS
@given(curves())
def test_a_channel_does_not_depend_on_the_others(curve):
    times, values = curve
    all_at_once = fit(times, values, 0.005)
    for channel, keys in enumerate(all_at_once):
        (alone,) = fit(times, values[:, [channel]], 0.005)
        assert np.array_equal(keys.points, alone.points)
        assert np.array_equal(keys.left, alone.left)
        assert np.array_equal(keys.right, alone.right)


@SETTINGS
@given(curves(), st.sampled_from([0.002, 0.02]))
def test_keys_stand_only_where_they_are_allowed(curve, tolerance):
    times, values = curve
    allowed = np.arange(len(times)) % 3 == 0
    may = set(np.asarray(times, np.float32)[allowed | (np.arange(len(times)) == len(times) - 1)])
    for keys, samples in zip(
        fit(times, values, tolerance, allowed=allowed), values.T.astype(np.float32), strict=True
    ):
        assert set(keys.times) <= may
        away = np.abs(evaluate(keys, times).astype(float) - samples)
        assert keys.error == pytest.approx(away.max(), abs=1e-7)
        # A key on every allowed sample is the most that can be done.
        if away.max() > tolerance:
            k = int(np.argmax(away))
            beside = keys.times[np.searchsorted(keys.times, np.float32(times[k])) - 1 :][:2]
            between = [t for t in may if beside[0] < t < beside[-1]]
            assert not between


def test_smooth_movement_needs_few_keys_and_makes_no_kinks():
    times = np.arange(600.0)
    values = np.stack([0.5 + 0.4 * np.sin(times / 20), times / 600], axis=1)
    sine, ramp = fit(times, values, 0.005)
    assert len(sine) <= 22
    assert len(ramp) == 2
    before = (sine.values - sine.left[:, 1]) / (sine.times - sine.left[:, 0])
    after = (sine.right[:, 1] - sine.values) / (sine.right[:, 0] - sine.times)
    assert np.abs(before - after)[1:-1].max() < 1e-4


def test_a_blink_closes_on_its_frame():
    times = 1.0 + np.arange(120)
    blink = np.interp(times, [1, 40, 44, 46, 55, 120], [0.05, 0.06, 1, 1, 0.05, 0.04])
    (keys,) = fit(times, blink[:, None], 0.005, 0, 1)
    assert list(evaluate(keys, [44, 45, 46, 44.5])) == [1, 1, 1, 1]
    assert {44, 46} <= set(keys.times)
    assert len(keys) <= 8


def test_holds_are_exactly_still():
    times = np.arange(200.0)
    values = np.clip(np.sin(times / 10), 0, 1)
    (keys,) = fit(times, values[:, None], 0.005, 0, 1)
    held = [k for k in range(199) if values[k] == values[k + 1] == 0]
    assert held
    assert np.all(evaluate(keys, np.array(held)[:, None] + np.linspace(0, 1, 9)) == 0)


def test_a_channel_that_never_moves_has_one_key_or_none():
    values = np.column_stack([np.full(50, 0.3), np.linspace(0, 1, 50)])
    still, moving = fit(np.arange(50), values, 0.005)
    assert len(still) == 1 and evaluate(still, 20.5) == np.float32(0.3)
    assert len(moving) == 2
    still, moving = fit(np.arange(50), values, 0.005, drop_still=True)
    assert len(still) == 0 and len(moving) == 2


def test_each_channel_has_its_own_tolerance():
    generator = np.random.default_rng(3)
    walk = np.cumsum(generator.normal(0, 0.02, 500))
    coarse, fine = fit(np.arange(500), np.column_stack([walk, walk]), [0.05, 0.002])
    assert len(coarse) < len(fine)
    assert 0.002 < coarse.error <= 0.05 and fine.error <= 0.002


def angles_between(first, second):
    """Radians of the turns between quaternions, after bringing both to length one."""
    first, second = (q / np.linalg.norm(q, axis=1, keepdims=True) for q in (first, second))
    return 2 * np.arcsin(np.clip(np.linalg.norm(first - second, axis=1) / 2, 0, 1)) * 2


@SETTINGS
@given(
    st.integers(0, 2**32), st.integers(2, 300), st.sampled_from([0.002, 0.01, 0.1]), st.booleans()
)
def test_rotations_stay_within_the_angle_and_never_flip(seed, count, tolerance, flip):
    generator = np.random.default_rng(seed)
    turns = np.cumsum(generator.normal(0, 0.05, (count, 4)), axis=0) + np.eye(4)[0]
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    signs = generator.choice([-1, 1], count) if flip else np.ones(count)
    times = np.arange(count)
    keys = fit_rotation(times, turns * signs[:, None], tolerance)
    played = np.stack([evaluate(each, times) for each in keys], axis=1).astype(float)
    expected = turns * np.sign(np.sum(turns * played, axis=1, keepdims=True))
    assert angles_between(played, expected).max() <= tolerance
    between = np.stack([evaluate(each, times[:-1] + 0.5) for each in keys], axis=1)
    if np.sum(turns[1:] * turns[:-1], axis=1).min() > 0.5:
        assert np.sum(played[1:] * played[:-1], axis=1).min() > 0
        assert np.linalg.norm(between, axis=1).min() > 0.5
    moving = [each.times for each in keys if len(each) > 1]
    assert all(np.array_equal(moving[0], other) for other in moving)


@pytest.mark.parametrize(
    ("times", "values", "settings"),
    [
        ([0, 1], [[0]], {}),
        ([], np.zeros((0, 1)), {}),
        ([0, 1], [0, 1], {}),
        ([0, np.nan], [[0], [1]], {}),
        ([0, 1], [[0], [np.inf]], {}),
        ([1, 0], [[0], [1]], {}),
        ([1e6, 1e6 + 0.01], [[0], [1]], {}),
        ([0, 1], [[0], [1]], {"tolerance": -1}),
        ([0, 1], [[0], [1]], {"tolerance": [1, 2]}),
        ([0, 1], [[0], [1]], {"lower": 1, "upper": 0}),
        ([0, 1], [[0], [1]], {"allowed": [True]}),
    ],
)
def test_samples_that_make_no_curve_are_refused(times, values, settings):
    with pytest.raises(CurveError):
        fit(times, values, **{"tolerance": 0.005, **settings})
    with pytest.raises(CurveError):
        fit_rotation([0, 1], [[1, 0, 0, 0], [0, 0, 0, 0]], 0.01)
