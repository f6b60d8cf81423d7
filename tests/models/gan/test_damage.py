# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace

import numpy as np
import pytest
from mien.models.gan import damage
from mien.models.gan.damage import PROTOCOL, Damage


@pytest.fixture
def random():
    return np.random.default_rng(0)


def test_white_noise_has_its_deviation(random):
    noise = damage.white(np.zeros((4000, 20)), 0.02, random)
    assert noise.std() == pytest.approx(0.02, rel=0.02)


def test_lingering_noise_has_its_deviation_and_correlation(random):
    noise = damage.lingering((20000, 4), 0.03, 0.7, random)
    assert noise.std() == pytest.approx(0.03, rel=0.03)
    assert noise[:10].std() == pytest.approx(0.03, rel=0.5)
    for column in noise.T:
        assert np.corrcoef(column[1:], column[:-1])[0, 1] == pytest.approx(0.7, abs=0.02)


def test_lingering_noise_solves_its_recursion():
    noise = damage.lingering((100, 3), 1.0, 0.6, np.random.default_rng(5))
    fresh = np.random.default_rng(5).normal(0, 1.0, (100, 3))
    expected = np.array(fresh)
    for frame in range(1, 100):
        expected[frame] = 0.6 * expected[frame - 1] + 0.8 * fresh[frame]
    np.testing.assert_allclose(noise, expected, atol=1e-9)


def test_a_tracker_trembles_less_where_the_face_rests(random):
    weights = np.zeros((600, 10))
    weights[300:] = np.linspace(0, 5, 300)[:, None]  # one weight a second
    error = damage.tracker(weights, 60, 0.03, random) - weights
    assert error[:280].std() == pytest.approx(0.03 * 0.3, rel=0.1)
    assert error[320:580].std() == pytest.approx(0.03 * 1.3, rel=0.1)


def test_local_speed_is_weights_a_second_and_at_most_one():
    ramp = np.linspace(0, 1, 121)[:, None]  # half a weight a second at 60 fps
    assert damage.local_speed(ramp, 60)[30:90] == pytest.approx(0.5)
    assert damage.local_speed(10 * ramp, 60).max() == 1
    assert damage.local_speed(ramp[:1], 60).tolist() == [[0]]


def test_dropouts_freeze_the_last_value_and_say_so(random):
    weights = np.arange(2000.0)[:, None]
    frozen, confidence = damage.dropout(weights, 0.05, random)
    lost = confidence == 0
    assert lost.mean() == pytest.approx(0.05, abs=0.003)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], lost, [0]])))
    lengths = edges[1::2] - edges[::2]
    assert lengths.min() >= 3
    assert lengths.max() <= 15
    np.testing.assert_array_equal(frozen[~lost], weights[~lost])
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        assert (frozen[start:stop] == weights[start - 1]).all()


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 5])
def test_a_few_frames_survive_every_damage(frames, random):
    weights = np.full((frames, 2), 0.5)
    for one in PROTOCOL.values():
        damaged, confidence = one.apply(weights, 60, random)
        assert damaged.shape == weights.shape
        assert np.isfinite(damaged).all()
        assert confidence.shape == (frames,)


def test_a_lower_rate_keeps_lines_and_its_own_samples():
    line = np.linspace(0, 1, 101)[:, None]
    np.testing.assert_allclose(damage.low_rate(line, 60, 24), line, atol=1e-9)
    wave = np.sin(np.arange(101))[:, None]
    brought_back = damage.low_rate(wave, 60, 30)
    np.testing.assert_allclose(brought_back[::2], wave[::2], atol=1e-9)
    np.testing.assert_allclose(brought_back[1:-1:2], (wave[:-2:2] + wave[2::2]) / 2, atol=1e-9)


def test_a_slower_camera_loses_what_lies_beside_a_lost_sample(random):
    weights = np.random.default_rng(1).random((400, 2))
    _, confidence = Damage(dropout=0.05).apply(weights, 60, np.random.default_rng(2))
    _, slower = Damage(dropout=0.05, low_rate=24).apply(weights, 60, np.random.default_rng(2))
    assert 0 < (slower == 0).sum() >= (confidence == 0).sum()
    assert set(np.unique(slower)) <= {0.0, 1.0}


def test_frozen_frames_repeat_the_one_before(random):
    weights = np.arange(1000.0)[:, None]
    held = damage.frozen(weights, 0.2, random)
    repeats = np.flatnonzero(np.diff(held[:, 0]) == 0)
    assert 100 < len(repeats) < 300
    assert (held <= weights).all()


def test_saturated_channels_stop_short(random):
    weights = np.repeat(np.linspace(0, 1, 50)[:, None], 100, axis=1)
    short = damage.saturated(weights, 0.3, random).max(axis=0)
    assert 10 < (short < 0.96).sum() < 50
    assert short.min() >= 0.5


def test_no_damage_changes_nothing(random):
    weights = random.random((50, 3))
    damaged, confidence = PROTOCOL["none"].apply(weights, 60, random)
    np.testing.assert_array_equal(damaged, weights)
    assert (confidence == 1).all()


def test_the_same_seed_gives_the_same_damage():
    weights = np.random.default_rng(0).random((200, 52))
    one, _ = PROTOCOL["all"].apply(weights, 60, np.random.default_rng(3))
    other, _ = PROTOCOL["all"].apply(weights, 60, np.random.default_rng(3))
    np.testing.assert_array_equal(one, other)


def test_drawn_damages_are_of_many_kinds_and_some_of_the_protocols(random):
    drawn = [damage.draw_damage(random) for _ in range(300)]
    assert len(set(drawn)) > 200
    assert {True, False} == {bool(one.dropout) for one in drawn}
    published = [damage.draw_damage(random, protocol=1.0) for _ in range(100)]
    plain = {replace(one, phase=0.0) for one in published}
    assert plain == set(PROTOCOL.values())
