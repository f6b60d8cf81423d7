# SPDX-License-Identifier: GPL-3.0-or-later
"""Existing curves with fewer keys: the same movement, the same holds, the same ends."""

import numpy as np
import pytest
from mien.models.curves.bezier import Keys, evaluate
from mien.models.curves.fit import fit
from mien.models.curves.simplify import simplify


def smooth_keys(times, values, held=None):
    """Keys with level handles a third of a frame long."""
    points = np.stack([times, values], axis=1).astype(np.float32)
    return Keys(
        points[:, 0],
        points[:, 1],
        left=points - np.float32([0.3, 0]),
        right=points + np.float32([0.3, 0]),
        held=np.zeros(len(points), bool) if held is None else np.asarray(held),
    )


def simplified(*curves, **settings):
    return simplify(
        curves,
        [lambda frames, keys=keys: evaluate(keys, frames) for keys in curves],
        settings.pop("tolerance", 0.005),
        **settings,
    )


def test_a_key_on_every_frame_becomes_few():
    times = 1.0 + np.arange(300)
    first = smooth_keys(times, 0.5 + 0.4 * np.sin(times / 15))
    second = smooth_keys(times[20:250:2], np.cos(times[20:250:2] / 30))
    for old, new in zip((first, second), simplified(first, second), strict=True):
        assert len(new) < len(old) / 5
        frames = np.arange(old.times[0], old.times[-1] + 1)
        away = np.abs(evaluate(new, frames) - evaluate(old, frames)).max()
        assert away <= 0.005 and new.error == pytest.approx(away, abs=1e-6)


def test_a_curve_that_would_not_get_fewer_keys_stays_as_it_is():
    times = np.arange(1, 300)
    (few,) = fit(times, np.sin(times / 9)[:, None], 0.005)
    (again,) = simplified(few, tolerance=0.0001)
    assert again is few
    single = smooth_keys([5.0], [0.5])
    assert simplified(single) == [single]


def test_constant_stretches_stay_stepped():
    times = np.arange(100.0)
    values = np.where(times < 30, 0.2, np.where(times < 60, np.sin(times / 6), 0.7))
    held = (times < 30) | (times >= 60)
    old = smooth_keys(times, values, held)
    (new,) = simplified(old)
    assert len(new) < 20
    frames = np.linspace(0, 99, 1981)
    stepped = (frames < 30) | (frames >= 60)
    assert np.array_equal(evaluate(new, frames)[stepped], evaluate(old, frames)[stepped])
    whole = np.arange(100)
    assert np.abs(evaluate(new, whole) - evaluate(old, whole)).max() <= 0.005


def test_stepped_curves_lose_only_the_keys_that_change_nothing():
    values = np.repeat([0.0, 0.5, 0.5001, 1.0], 10)
    old = smooth_keys(np.arange(40.0), values, np.ones(40, bool))
    (new,) = simplified(old)
    assert list(new.times) == [0, 10, 30] and new.held.all()
    assert new.error == pytest.approx(0.0001, rel=1e-2)


def test_a_curve_that_stands_still_before_it_steps():
    values = np.concatenate([np.full(20, 0.3), [0.9, 0.1]])
    held = np.arange(22) >= 19
    (new,) = simplified(smooth_keys(np.arange(22.0), values, held))
    frames = np.linspace(0, 21, 211)
    old = evaluate(smooth_keys(np.arange(22.0), values, held), frames)
    assert np.abs(evaluate(new, frames) - old).max() <= 1e-6
    assert len(new) <= 4


def test_keys_between_frames_are_samples_too_and_whole_frames_can_be_asked_for():
    times = 1 + np.arange(400) * 0.4
    old = smooth_keys(times, np.sin(times / 7))
    (new,) = simplified(old, tolerance=0.01)
    assert np.abs(evaluate(new, times) - old.values).max() <= 0.01
    (whole,) = simplified(old, tolerance=0.01, whole_frames=True)
    assert np.all(whole.times[1:-1] == np.round(whole.times[1:-1]))
    assert np.abs(evaluate(whole, times) - old.values).max() <= 0.01


def test_what_a_curve_does_beyond_its_ends_stays():
    times = np.arange(100.0)
    old = smooth_keys(times, times / 100)
    old.left[0] = (-2, -0.5)
    old.right[-1] = (101, 2)
    (new,) = simplified(old)
    assert len(new) == 2
    assert np.array_equal(new.left[0], old.left[0])
    assert np.array_equal(new.right[-1], old.right[-1])
    assert not new.held[-1]
