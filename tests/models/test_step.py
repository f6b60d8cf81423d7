# SPDX-License-Identifier: GPL-3.0-or-later
"""Stepped animation: poses held for two or three frames."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.curves.bezier import evaluate
from mien.models.curves.fit import CurveError
from mien.models.curves.step import step


def holds(keys, last):
    """The lengths of the holds between all the frames on which any channel changes."""
    starts = np.unique(np.concatenate([each.times for each in keys]))
    return np.diff(np.append(starts, last + 1))


def test_on_twos_every_second_frame_is_a_pose():
    times = 1.0 + np.arange(25)
    values = np.linspace(0, 1, 25)[:, None]
    (keys,) = step(times, values, shortest=2, longest=2)
    assert list(keys.times) == list(range(1, 26, 2))
    assert keys.held.all()
    assert np.array_equal(evaluate(keys, times)[0:24:2], evaluate(keys, times)[1:25:2])
    assert set(evaluate(keys, times)) <= set(values.astype(np.float32).ravel())


def test_poses_change_with_the_movement():
    # Still, one quick change on an odd frame, still: the change must fall on that frame.
    values = np.where(np.arange(40) < 17, 0.1, 0.9)[:, None]
    (keys,) = step(np.arange(40), values)
    assert list(keys.times) == [0, 17]


def test_a_blink_of_one_frame_still_closes():
    for peak in range(5, 30):
        blink = np.zeros((40, 2))
        blink[peak, 0] = 1
        blink[:, 1] = np.linspace(0, 1, 40)
        keys, _ = step(np.arange(40), blink)
        shown = evaluate(keys, np.arange(40))
        assert shown.max() == 1
        assert abs(int(np.argmax(shown)) - peak) <= 2


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 80), st.integers(1, 4), st.integers(0, 3), st.integers(0, 2**32))
def test_holds_have_the_lengths_asked_for(frames, shortest, more, seed):
    values = np.random.default_rng(seed).uniform(size=(frames, 3))
    keys = step(np.arange(frames), values, 0, shortest=shortest, longest=shortest + more)
    lengths = holds(keys, frames - 1)
    assert lengths.sum() == frames
    # Two poses in a row may be alike by chance, never shorter than asked for.
    assert np.all(lengths[:-1] >= shortest) and lengths[-1] >= 1
    for each in keys:
        assert np.all(np.diff(each.values) != 0)


def test_a_length_that_makes_no_sense_is_refused():
    with pytest.raises(CurveError):
        step([0, 1], [[0], [1]], shortest=3, longest=2)
    with pytest.raises(CurveError):
        step([0], [[0], [1]])
