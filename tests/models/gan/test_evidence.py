# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from mien.models.gan.evidence import bridged, held


def column(*values):
    return np.array(values, float)[:, None]


def test_a_gap_becomes_a_straight_line():
    filled = bridged(column(0, 9, 9, 3, 4), column(1, 0, 0, 1, 1))
    np.testing.assert_allclose(filled[:, 0], [0, 1, 2, 3, 4])


def test_gaps_at_the_ends_are_held():
    filled = bridged(column(9, 2, 3, 9), column(0, 1, 0.5, 0))
    np.testing.assert_allclose(filled[:, 0], [2, 2, 3, 3])


def test_live_the_last_seen_frame_is_held():
    filled = held(column(7, 2, 9, 9, 5), column(0, 1, 0, 0, 1))
    np.testing.assert_allclose(filled[:, 0], [7, 2, 2, 2, 5])


def test_what_was_never_or_always_seen_stays():
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    for fill in (bridged, held):
        np.testing.assert_array_equal(fill(values, np.array([[0.0, 1.0], [0.0, 1.0]])), values)
        assert fill(values, np.ones((2, 2))) is values


def test_each_channel_has_its_own_gaps():
    values = np.array([[0.0, 0.0], [9.0, 1.0], [2.0, 2.0]])
    filled = bridged(values, np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 1.0]]))
    np.testing.assert_allclose(filled, [[0, 0], [1, 1], [2, 2]])
