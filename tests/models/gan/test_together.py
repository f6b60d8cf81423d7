# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from mien.models.gan import together as module
from mien.models.gan.damage import lingering
from mien.models.gan.together import together

FRAMES, CHANNELS = 1200, 12


@pytest.fixture
def face():
    """Twelve channels that three muscles move, slowly."""
    random = np.random.default_rng(0)
    times = np.arange(FRAMES)[:, None] / 60
    muscles = np.sin(times * (3.1, 4.3, 7.7)) * np.sin(times * (0.31, 0.53, 0.71))
    return 0.5 + 0.2 * muscles @ random.uniform(-1, 1, (3, CHANNELS))


def sure(face):
    return np.ones(face.shape, np.float32)


def error(one, other):
    return float(np.sqrt(np.mean(np.square(one - other))))


def test_noise_that_differs_from_channel_to_channel_is_told_from_motion(face):
    tremble = np.random.default_rng(1).normal(0, 0.02, face.shape)
    (estimate,) = together([face + tremble], [sure(face)])
    assert error(estimate, face) < 0.6 * 0.02


def test_noise_of_any_colour_is(face):
    tremble = lingering(face.shape, 0.02, 0.9, np.random.default_rng(1))
    (estimate,) = together([face + tremble], [sure(face)])
    assert error(estimate, face) < 0.8 * error(face + tremble, face)


def test_what_is_clean_stays_as_it_is(face):
    (estimate,) = together([face], [sure(face)])
    assert error(estimate, face) < 1e-3


def test_bands_add_up(face):
    ((start, stop, bands),) = module._bands(face)
    assert (start, stop) == (0, FRAMES)
    np.testing.assert_allclose(sum(bands), face, atol=1e-5)


def test_parts_are_learned_from_as_one_take(face):
    tremble = np.random.default_rng(1).normal(0, 0.02, face.shape)
    damaged = face + tremble
    halves = [damaged[:600], damaged[600:]]
    apart = together(halves, [sure(one) for one in halves])
    assert [len(one) for one in apart] == [600, 600]
    assert error(np.concatenate(apart), face) < 0.65 * 0.02


def test_pieces_of_a_long_take_equal_the_whole(face, monkeypatch):
    whole = together([face], [sure(face)])[0]
    monkeypatch.setattr(module, "_PIECE", 250)
    np.testing.assert_allclose(together([face], [sure(face)])[0], whole, atol=5e-4)


def test_frames_that_were_not_seen_teach_nothing(face):
    lost = face.copy()
    lost[300:600] = np.random.default_rng(2).random((300, CHANNELS))
    known = sure(face)
    known[300:600] = 0
    (estimate,) = together([lost], [known])
    assert error(estimate[700:], face[700:]) < 2e-3


@pytest.mark.parametrize("frames", [1, 2, 3, 7])
def test_a_few_frames_come_back_much_as_they_are(face, frames):
    (estimate,) = together([face[:frames]], [sure(face[:frames])])
    assert estimate.shape == (frames, CHANNELS)
    assert np.isfinite(estimate).all()
    assert error(estimate, face[:frames]) < 0.01


def test_a_take_of_which_nothing_was_seen_stays(face):
    (estimate,) = together([face], [0 * sure(face)])
    np.testing.assert_allclose(estimate, face, atol=1e-5)


def test_channels_that_never_move_stay_finite(face):
    face[:, 3:] = 0
    (estimate,) = together([face], [sure(face)])
    assert np.isfinite(estimate).all()
    assert np.abs(estimate[:, 3:]).max() < 1e-3
