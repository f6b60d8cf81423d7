# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.evaluate.moments import BLINK, moments, sharpest


@pytest.fixture
def motion():
    """A slow swell, a blink of the right eye at frame 100, a plosive at frame 150."""
    weights = np.zeros((240, 52))
    weights[:, CHANNELS.index("eyeBlinkLeft")] = np.linspace(0, 1, 240)
    for channel, frame, height in (("eyeBlinkRight", 100, 0.8), ("mouthClose", 150, 0.3)):
        shape = np.maximum(1 - np.abs(np.arange(240) - frame) / 6, 0)
        weights[:, CHANNELS.index(channel)] = height * shape
    return weights


def test_the_quickest_rise_and_fall_is_found(motion):
    assert sharpest(motion, CHANNELS, BLINK) == ("eyeBlinkRight", 100, pytest.approx(0.8))


def test_each_moment_is_shown_in_every_version(motion):
    blink, plosive = moments(motion, {"damaged": motion + 0.01}, CHANNELS, 60.0)
    assert "eyeBlinkRight" in blink.title
    assert "mouthClose" in plosive.title
    assert blink.times[24] == pytest.approx(100 / 60)
    assert list(blink.curves) == ["damaged", "true"]
    np.testing.assert_allclose(blink.curves["damaged"] - blink.curves["true"], 0.01)
    assert blink.curves["true"].max() == pytest.approx(0.8)


@pytest.mark.parametrize("frames", [1, 48, 49])
def test_where_nothing_happens_there_is_no_moment(frames):
    assert moments(np.zeros((frames, 52)), {}, CHANNELS, 60.0) == []


def test_channels_that_are_not_there_are_not_looked_for(motion):
    assert moments(motion[:, :3], {}, CHANNELS[:3], 60.0) == moments(
        np.zeros((240, 1)), {}, ("jawOpen",), 60.0
    )
