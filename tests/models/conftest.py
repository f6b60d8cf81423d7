"""Performances made of a seed, for tests of what is done to them."""

import numpy as np
import pytest
from mien.models import rotation
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance, Source


def make(
    seed=0,
    frames=40,
    rate=60.0,
    channels=CHANNELS,
    head=True,
    eyes=True,
    confidence=False,
    uneven=False,
    timecode="",
):
    """A performance of smooth, random curves in 0–1."""
    random = np.random.default_rng(seed)
    times = np.arange(frames) / rate
    if uneven:
        times = np.cumsum(random.uniform(0.3, 2.0, frames)) / rate
    phase = random.uniform(0, 2 * np.pi, len(channels))
    speed = random.uniform(0.5, 3, len(channels))
    weights = 0.5 + 0.5 * np.sin(times[:, None] * speed * 2 * np.pi + phase)
    poses = None
    if head:
        angles = 0.8 * np.sin(times[:, None] * [1.0, 1.7, 2.3] + random.uniform(0, 6, 3))
        places = random.normal(0, 0.1, 3) + 0.02 * angles
        poses = np.concatenate([rotation.from_yaw_pitch_roll(angles), places], axis=1)
    return Performance(
        weights=weights,
        times=times,
        channels=channels,
        head=poses,
        eyes=random.normal(0, 0.2, (frames, 4)) if eyes else None,
        confidence=random.uniform(0, 1, frames) if confidence else np.ones(frames),
        source=Source("made by a test", timecode, 60),
    )


@pytest.fixture(scope="session")
def performance_of():
    """`performance_of(seed=0, frames=40, rate=60, …)`: a performance of random curves."""
    return make
