# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from mien.models.gan.evidence import gathered, held


def column(*values):
    return np.array(values, float)[:, None]


def whole(weights, confidence):
    frames = np.arange(len(weights))
    return gathered(weights, confidence, frames.astype(float), frames)


def test_a_gap_becomes_a_straight_line():
    shown = whole(column(0, 9, 9, 3, 4), column(1, 0, 0, 1, 1))
    np.testing.assert_allclose(shown.motion[:, 0], [0, 1, 2, 3, 4])


def test_gaps_at_the_ends_are_held():
    shown = whole(column(9, 2, 3, 9), column(0, 1, 0.5, 0))
    np.testing.assert_allclose(shown.motion[:, 0], [2, 2, 3, 3])


def test_nothing_missing_is_shown_as_it_is():
    values = np.random.default_rng(0).random((20, 3))
    shown = whole(values, np.full((20, 3), 0.8))
    np.testing.assert_allclose(shown.motion, values, atol=1e-12)
    assert not shown.curve.any()
    np.testing.assert_allclose(shown.confidence, 0.8)


def test_the_curve_leads_from_lines_to_a_parabola():
    frames = np.arange(41.0)
    parabola = column(*(0.001 * (frames - 20) ** 2))
    lost = column(*np.where((frames > 17) & (frames < 23), 0.0, 1.0))
    shown = whole(parabola, lost)
    assert np.abs(shown.motion - parabola).max() > 0.004
    # The natural spline is straight at both ends; twenty frames away that is forgotten.
    np.testing.assert_allclose((shown.motion + shown.curve)[15:26], parabola[15:26], atol=2e-5)
    assert not shown.curve[lost > 0].any()


def test_a_slow_cameras_samples_are_joined_by_a_spline():
    places = np.arange(0, 120.1, 2.5)
    frames = np.arange(121.0)
    wave = np.sin(0.1 * frames)[:, None]
    shown = gathered(np.sin(0.1 * places)[:, None], np.ones((len(places), 1)), places, frames)
    inner = slice(15, 106)
    assert np.abs(shown.motion - wave)[inner].max() > 0.005
    assert np.abs(shown.motion + shown.curve - wave)[inner].max() < 1e-4


def test_evidence_fades_away_from_samples():
    shown = gathered(column(0, 1), np.ones((2, 1)), np.array([0.0, 5.0]), np.arange(6))
    np.testing.assert_allclose(shown.confidence[:, 0], [1, 0.5, 0, 0, 0.5, 1])


def test_a_long_gap_gets_no_curve():
    frames = np.arange(60)
    lost = column(*np.where((frames > 20) & (frames < 50), 0.0, 1.0))
    shown = whole(np.sin(0.3 * frames)[:, None], lost)
    assert not shown.curve.any()


def test_each_channel_has_its_own_gaps():
    values = np.array([[0.0, 0.0], [9.0, 1.0], [2.0, 2.0]])
    shown = whole(values, np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 1.0]]))
    np.testing.assert_allclose(shown.motion, [[0, 0], [1, 1], [2, 2]])
    np.testing.assert_allclose(shown.confidence[1], [0.5, 1])


def test_what_was_never_seen_stays_at_confidence_zero():
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    shown = whole(values, np.array([[0.0, 1.0], [0.0, 1.0]]))
    np.testing.assert_allclose(shown.motion, values)
    np.testing.assert_allclose(shown.confidence, [[0, 1], [0, 1]])


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_few_samples_are_enough(frames):
    values = np.full((frames, 2), 0.5)
    shown = gathered(values, np.ones((frames, 2)), np.arange(frames) * 2.5, np.arange(8))
    np.testing.assert_allclose(shown.motion + shown.curve, 0.5)


def test_live_the_last_seen_frame_is_held():
    filled = held(column(7, 2, 9, 9, 5), column(0, 1, 0, 0, 1))
    np.testing.assert_allclose(filled[:, 0], [7, 2, 2, 2, 5])
    never = held(column(7, 2), column(0, 0))
    np.testing.assert_allclose(never[:, 0], [7, 2])
