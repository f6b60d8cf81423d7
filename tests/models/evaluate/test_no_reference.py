"""Figures without a truth: tremble that is gone, moments that are still there."""

import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.evaluate.no_reference import figures
from mien.models.performance import Performance

RATE = 30


def a_take(**curves):
    frames = len(next(iter(curves.values())))
    weights = np.zeros((frames, 52))
    for name, values in curves.items():
        weights[:, CHANNELS.index(name)] = values
    return Performance(weights, np.arange(frames) / RATE)


def speech():
    """Two plosives and a tremble about closed lips that is none; three blinks."""
    mouth = np.full(90, 0.4)
    mouth[20:23] = mouth[50:54] = 0.01
    mouth[80:] = 0.02 + 0.02 * (np.arange(10) % 2)
    mouth[79] = 0.2
    lids = np.zeros(90)
    for frame in (10, 40, 70):
        lids[frame - 2 : frame + 3] = (0.4, 0.8, 1, 0.8, 0.4)
    return mouth, lids


def test_all_moments_of_an_unchanged_take_are_kept():
    mouth, lids = speech()
    take = a_take(jawOpen=mouth, eyeBlinkLeft=lids, eyeBlinkRight=lids)
    found = figures(take, take)
    assert found["lip_closures"] == found["lip_closures_kept"] == 3
    assert found["blinks"] == found["blinks_kept"] == 3
    assert found["changed"] == 0 and found["jitter"] == found["jitter_seen"] > 0


def test_a_plosive_that_a_filter_flattens_is_missed():
    mouth, lids = speech()
    flat = mouth.copy()
    flat[20:23] = 0.2
    half = lids.copy()
    half[38:43] *= 0.5
    seen = a_take(jawOpen=mouth, eyeBlinkLeft=lids, eyeBlinkRight=lids)
    found = figures(seen, a_take(jawOpen=flat, eyeBlinkLeft=half, eyeBlinkRight=half))
    assert found["lip_closures_kept"] == 2 and found["blinks_kept"] == 2
    assert found["changed"] == pytest.approx((3 + 5 + 5) / (90 * 52), abs=1e-5)


def test_moments_are_compared_in_seconds_and_may_come_a_little_later():
    mouth, _ = speech()
    seen = a_take(jawOpen=mouth)
    times = np.arange(180) / 60
    weights = np.zeros((180, 1))
    weights[:, 0] = np.interp(times - 1 / 60, seen.times, mouth)
    made = Performance(weights, times, ("jawOpen",))
    found = figures(seen, made)
    # Without the other channels there is nothing to say of lips and lids.
    assert "lip_closures" not in found and found["changed"] > 0
    both = Performance(np.hstack([weights, 0 * weights]), times, ("jawOpen", "mouthClose"))
    assert figures(seen, both)["lip_closures_kept"] == 3


def test_without_a_tremble_the_jitter_is_less():
    rng = np.random.default_rng(1)
    smooth = 0.5 + 0.3 * np.sin(np.arange(120) / 10)
    seen = a_take(jawOpen=smooth + rng.normal(0, 0.02, 120))
    found = figures(seen, a_take(jawOpen=smooth))
    assert found["jitter"] < 0.2 * found["jitter_seen"]
