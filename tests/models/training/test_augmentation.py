# SPDX-License-Identifier: GPL-3.0-or-later
import dataclasses

import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.training.augmentation import (
    Augmentation,
    chances_of,
    cubic,
    draw_window,
    draw_windows,
)
from mien.models.training.clips import Clip

PLAIN = Augmentation(
    slowest=1.0, fastest=1.0, mirrored=0.0, mixed=0.0, least_gain=1.0, most_gain=1.0, dulled=0.0
)


@pytest.fixture
def clip():
    ramp = np.linspace(0, 1, 601, dtype=np.float32)[:, None]
    return Clip("ramp", ramp.repeat(52, axis=1), 60.0)


def window(clip, augmentation, seed=0, frames=100):
    return draw_window([clip], np.ones(1), frames, 60.0, augmentation, np.random.default_rng(seed))


def test_without_augmentation_a_window_is_a_piece_of_the_clip(clip):
    drawn = window(clip, PLAIN)
    assert drawn.shape == (100, 52)
    np.testing.assert_allclose(np.diff(drawn, axis=0), 1 / 600, atol=1e-5)


def test_speed_is_a_factor_on_time(clip):
    fast = dataclasses.replace(PLAIN, slowest=2.0, fastest=2.0)
    np.testing.assert_allclose(np.diff(window(clip, fast), axis=0), 2 / 600, atol=1e-5)


def test_a_slower_recording_is_never_slowed_down():
    ramp = np.linspace(0, 1, 601, dtype=np.float32)[:, None].repeat(52, axis=1)
    slow = Clip("30 fps", ramp, 30.0)
    spread = dataclasses.replace(PLAIN, slowest=0.3, fastest=1.6)
    for seed in range(20):
        step = np.diff(window(slow, spread, seed), axis=0).mean()
        assert 0.99 * 0.5 / 600 <= step <= 1.01 * 1.6 / 1.3 / 600


def test_gain_is_the_same_left_and_right(clip):
    drawn = window(clip, dataclasses.replace(PLAIN, least_gain=0.5, most_gain=1.0))
    left, right = CHANNELS.index("eyeBlinkLeft"), CHANNELS.index("eyeBlinkRight")
    np.testing.assert_array_equal(drawn[:, left], drawn[:, right])
    assert np.ptp(drawn[-1]) > 0.05


def test_dulled_weights_vanish_below_their_threshold(clip):
    drawn = window(clip, dataclasses.replace(PLAIN, dulled=1.0, most_dulled=0.9), frames=600)
    assert (drawn == 0).mean() > 0.2
    assert drawn.max() == pytest.approx(1, abs=0.01)


def test_mixed_windows_take_brows_and_eyes_from_elsewhere(clip):
    drawn = window(clip, dataclasses.replace(PLAIN, mixed=1.0))
    at = [drawn[0, CHANNELS.index(name)] for name in ("browInnerUp", "eyeBlinkLeft", "jawOpen")]
    assert len(set(at)) == 3


def test_a_short_clip_is_stretched_to_fit():
    short = Clip("short", np.random.default_rng(0).random((20, 52)).astype(np.float32), 60.0)
    assert np.isfinite(window(short, Augmentation(), frames=100)).all()


def test_the_same_seed_gives_the_same_window(clip):
    np.testing.assert_array_equal(
        window(clip, Augmentation(), seed=4), window(clip, Augmentation(), seed=4)
    )
    assert not np.array_equal(
        window(clip, Augmentation(), seed=4), window(clip, Augmentation(), seed=5)
    )


def test_windows_stay_in_range(clip):
    for seed in range(10):
        drawn = window(clip, dataclasses.replace(Augmentation(), most_gain=3.0), seed)
        assert drawn.min() >= 0
        assert drawn.max() <= 1


def test_longer_clips_are_likelier_but_not_as_much_as_they_are_longer():
    clips = [Clip("", np.zeros((frames, 52)), 60.0) for frames in (100, 400)]
    np.testing.assert_allclose(chances_of(clips), [1 / 3, 2 / 3])


def test_splines_pass_through_samples_and_keep_parabolas():
    times = np.arange(20.0)[:, None]
    np.testing.assert_allclose(cubic(times**2, np.arange(20.0)), times**2, atol=1e-4)
    at = np.array([4.25, 9.5])
    np.testing.assert_allclose(cubic(times**2, at)[:, 0], at**2, atol=1e-4)


def test_windows_of_a_take_are_played_and_scaled_alike(clip):
    several = draw_windows(
        [clip],
        np.ones(1),
        5,
        60,
        60.0,
        dataclasses.replace(PLAIN, slowest=0.7, fastest=2.0, least_gain=0.5),
        np.random.default_rng(3),
    )
    assert several.shape == (5, 60, 52)
    steps = np.diff(several, axis=1).mean(axis=1)
    np.testing.assert_allclose(steps, steps[:1].repeat(5, axis=0), atol=1e-5)
    assert len({float(one[0, 0]) for one in several}) == 5
