# SPDX-License-Identifier: GPL-3.0-or-later
"""Idle life: its statistics, its loop, and what it refuses."""

import json

import numpy as np
import pytest
from mien.models.capture.gaze import eyes_from_weights
from mien.models.errors import ActionUnitError, SamplingError, WeightsError
from mien.models.rotation import to_yaw_pitch_roll
from mien.models.vae.idle import idle
from mien.models.vae.life import Moments, blinks, closed_by, drift, life, saccades
from mien.models.vae.runtime import ExpressionModel

MODEL = ExpressionModel()


@pytest.fixture(scope="module")
def minutes():
    return [idle(120, seed, model=MODEL) for seed in range(3)]


def spans(values, above):
    """First frame and frame after the last of each stretch above a value."""
    high = np.concatenate([[False], values > above, [False]])
    edges = np.flatnonzero(np.diff(high.astype(int)))
    return edges.reshape(-1, 2)


def test_it_blinks_as_people_do(minutes):
    for take in minutes:
        lid = take.channel("eyeBlinkLeft")
        shut = spans(lid, 0.8)
        assert 10 <= len(shut) / (take.duration / 60) <= 25
        for first, last in shut:
            assert lid[first:last].max() > 0.97
            # The whole blink: from where the lid leaves its height to where it is back.
            # That may have changed meanwhile, since the gaze went elsewhere.
            before, after = lid[max(first - 15, 0) : first], lid[last : last + 15]
            start = first - np.argmax(lid[first::-1] <= before.min() + 0.05)
            end = last + np.argmax(lid[last:] <= after.min() + 0.05)
            assert 0.1 <= (end - start) / take.rate <= 0.4
        np.testing.assert_array_equal(take.channel("eyeBlinkRight") > 0.8, lid > 0.8)


def test_every_minute_of_many_seeds_has_its_blinks():
    moments = Moments(np.arange(3600) / 60, None)
    for seed in range(200):
        random = np.random.default_rng(seed)
        starts = [start for start, _ in blinks(moments, saccades(moments, random), random)]
        assert 10 <= sum(start < 60 for start in starts) <= 25
        gaps = np.diff(starts)
        assert gaps.min() > 0.5 and gaps.std() > 0.3


def test_the_gaze_jumps_and_rests_and_the_lids_follow(minutes):
    for take in minutes:
        speed = np.abs(np.diff(take.eyes, axis=0)).max(axis=1) * take.rate
        moving = speed > np.radians(10)
        assert 0.01 < moving.mean() < 0.2
        jumps = spans(speed, np.radians(10))
        assert 20 < len(jumps) / (take.duration / 60) < 150
        assert max(last - first for first, last in jumps) / take.rate < 0.15
        np.testing.assert_allclose(eyes_from_weights(take.weights), take.eyes, atol=1e-5)
        open_ = take.channel("eyeBlinkLeft") < 0.5
        down = take.channel("eyeLookDownLeft")[open_]
        lid = take.channel("eyeBlinkLeft")[open_]
        assert lid[down > 0.1].mean() > lid[down < 0.02].mean() + 0.02


def test_brows_and_mouth_drift_and_the_mouth_stays_shut(minutes):
    for take in minutes:
        for name in ("browInnerUp", "mouthSmileLeft"):
            assert take.channel(name).std() > 0.003
        opened = take.channel("jawOpen") - take.channel("mouthClose")
        assert opened.max() < 0.05
        assert take.weights.min() >= 0 and take.weights.max() <= 1


def test_the_head_turns_a_little_and_breathes(minutes):
    for take in minutes:
        angles = np.degrees(to_yaw_pitch_roll(take.head[:, :4]))
        assert 0.3 < angles.std(axis=0).max() < 5
        assert np.abs(angles).max() < 20
        assert np.abs(np.diff(angles, axis=0)).max() * take.rate < 60
        assert 0.001 < np.ptp(take.head[:, 5]) < 0.01


def test_a_loop_closes_without_a_jump():
    take = idle(20, 3, loop=True, model=MODEL)
    assert take.duration == pytest.approx(20)
    for values in (take.weights, take.head, take.eyes):
        np.testing.assert_array_equal(values[0], values[-1])
        steps = np.abs(np.diff(values, axis=0)).max(axis=1)
        across = np.abs(values[1] - values[-2]).max() / 2
        assert across <= np.percentile(steps, 99.5)


def test_the_same_seed_gives_the_same_and_another_another():
    assert idle(3, 5, model=MODEL) == idle(3, 5, model=MODEL)
    assert idle(3, 5, model=MODEL) != idle(3, 6, model=MODEL)


def test_it_rests_in_an_emotion():
    calm = idle(5, 1, model=MODEL)
    glad = idle(5, 1, emotion="joy", intensity=0.8, model=MODEL)
    assert glad.channel("mouthSmileLeft").mean() > calm.channel("mouthSmileLeft").mean() + 0.2


@pytest.mark.parametrize("rate", [12, 24, 29.97, 120])
def test_blinks_close_the_eye_at_any_rate(rate):
    take = idle(30, 2, rate=rate, model=MODEL)
    assert take.rate == pytest.approx(rate)
    for first, last in spans(take.channel("eyeBlinkLeft"), 0.6):
        assert take.channel("eyeBlinkLeft")[first:last].max() > 0.97


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"seconds": 0}, SamplingError),
        ({"seconds": -1}, SamplingError),
        ({"seconds": float("nan")}, SamplingError),
        ({"seconds": 1e9}, SamplingError),
        ({"seconds": 1, "rate": 0}, SamplingError),
        ({"seconds": 1, "seed": -1}, SamplingError),
        ({"seconds": 1, "emotion": "glee"}, ActionUnitError),
        ({"seconds": 1, "intensity": 2}, SamplingError),
    ],
)
def test_what_cannot_be_is_said(arguments, error):
    with pytest.raises(error):
        idle(**arguments, model=MODEL)


def test_a_moment_is_enough():
    assert len(idle(0.01, model=MODEL)) == 2


def test_blinks_on_a_circle_come_round():
    moments = Moments(np.arange(600) / 60, 10.0)
    lid = closed_by(moments, [(9.95, 0.3)])
    assert lid[:5].max() > 0.5 and lid[300] == 0


def test_drift_has_its_variance_and_closes():
    moments = Moments(np.arange(60000) / 60 % 1000, 1000.0)
    noise = drift(moments, 3, 2.0, np.random.default_rng(0))
    assert noise.std() == pytest.approx(1, abs=0.1)
    assert np.abs(noise[0] - noise[-1]).max() < 0.1


def test_a_damaged_table_is_said_so(tmp_path):
    table = tmp_path / "life.json"
    for text, words in (("", "cannot be read"), (json.dumps({"blinks": {}}), "lacks")):
        table.write_text(text)
        with pytest.raises(WeightsError, match=words):
            life(table)
