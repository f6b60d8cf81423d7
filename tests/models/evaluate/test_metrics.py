# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.evaluate import metrics


@pytest.fixture
def motion():
    times = np.arange(600)[:, None] / 60
    return 0.5 + 0.4 * np.sin(times * np.random.default_rng(0).uniform(1, 6, 52))


def test_rmse_by_hand():
    assert metrics.rmse(np.array([[0.0, 3.0]]), np.array([[4.0, 0.0]])) == pytest.approx(
        np.sqrt(12.5)
    )


def test_jitter_is_the_mean_second_difference():
    assert metrics.jitter(np.array([[0.0], [1.0], [0.0], [1.0]])) == 2
    assert metrics.jitter(np.arange(9.0)[:, None]) == 0
    assert metrics.jitter(np.zeros((2, 3))) == 0


def test_jitter_can_be_asked_of_still_stretches_alone(motion):
    motion[:300] = motion[300]
    quiet = metrics.still(motion, 60)
    assert quiet[50:250].all()
    assert not quiet[400:].all()
    assert metrics.jitter(motion, quiet) < 1e-4 < metrics.jitter(motion)


def test_peaks_are_local_maxima_above_three_tenths():
    curve = np.array([0, 0.2, 0, 0.5, 0.4, 0.9, 0.9, 0.1, 0.4])[:, None]
    assert np.flatnonzero(metrics.peaks(curve)).tolist() == [3, 5]


def test_peak_error_looks_at_peaks_only():
    curve = np.array([0, 0.5, 0, 0.8, 0])[:, None]
    flat = curve.copy()
    flat[3] -= 0.1
    flat[0] += 0.7
    assert metrics.peak_error(flat, curve, 1.0) == pytest.approx(0.1)
    assert metrics.peak_error(np.zeros((5, 1)), np.zeros((5, 1))) == 0


@pytest.mark.parametrize("shift", [-4, 0, 3])
def test_delay_finds_a_shift(motion, shift):
    assert metrics.delay(np.roll(motion, shift, axis=0)[10:-10], motion[10:-10]) == pytest.approx(
        shift, abs=0.05
    )


def test_delay_of_a_few_frames_is_none():
    assert metrics.delay(np.zeros((2, 1)), np.zeros((2, 1))) == 0


def test_the_velocity_spectrum_peaks_where_the_motion_does():
    wave = np.sin(2 * np.pi * 7.5 * np.arange(1200) / 60)[:, None]
    spectrum = metrics.velocity_spectrum(wave)[:, 0]
    assert (np.argmax(spectrum) + 1) * 60 / 64 == pytest.approx(7.5, abs=0.5)


def test_velocity_spectrum_distance_is_zero_alike_and_one_when_still(motion):
    assert metrics.velocity_spectrum_distance(motion, motion) == 0
    assert metrics.velocity_spectrum_distance(0 * motion, motion) == pytest.approx(1)


def test_frechet_distance_of_gaussians_by_hand():
    random = np.random.default_rng(0)
    one = random.normal(0, 1, (200_000, 2))
    other = random.normal(0, 1, (200_000, 2)) * (2, 1) + (3, 0)
    # |μ|² = 9; in the first dimension 1 + 4 − 2·2 = 1.
    assert metrics.frechet_distance(one, other) == pytest.approx(10, rel=0.02)
    assert metrics.frechet_distance(one, one) == pytest.approx(0, abs=1e-6)


def test_still_motion_has_no_diversity(motion):
    assert metrics.diversity(np.full((600, 3), 0.5), 60) == 0
    assert metrics.diversity(motion, 60) > 0.1
    assert metrics.diversity(motion[:5], 60) == 0


def test_every_action_unit_names_arkit_channels():
    named = [name for names in metrics.ACTION_UNITS.values() for name in names]
    assert set(named) <= set(CHANNELS)
    assert len(named) == len(set(named))


def test_action_units_agree_or_do_not():
    smile = np.zeros((10, 52))
    smile[:, [CHANNELS.index("mouthSmileLeft"), CHANNELS.index("mouthSmileRight")]] = 0.8
    open_jaw = smile.copy()
    open_jaw[:, CHANNELS.index("jawOpen")] = 0.5
    assert metrics.action_unit_agreement(smile, smile) == 1
    assert metrics.action_unit_agreement(smile, open_jaw) == pytest.approx(2 / 3)
    assert metrics.action_unit_agreement(0 * smile, smile) == 0
    assert metrics.action_unit_agreement(0 * smile, 0 * smile) == 1


def test_a_motion_equals_itself_in_every_figure(motion):
    figures = metrics.compare(motion, motion, 60)
    assert figures == pytest.approx(
        {
            "rmse": 0,
            "jitter": 1,
            "jitter_still": figures["jitter_still"],
            "peak_error": 0,
            "delay": 0,
            "velocity_spectrum": 0,
            "frechet": 0,
            "diversity": 1,
            "action_units": 1,
        },
        abs=1e-3,
    )
