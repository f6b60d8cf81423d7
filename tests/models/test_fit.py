# SPDX-License-Identifier: GPL-3.0-or-later
"""Fitted keys keep every promise that `fit` makes, for samples of every kind."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.models.curves.bezier import evaluate
from mien.models.curves.fit import PROMINENCE, CurveError, fit

SETTINGS = settings(max_examples=60, deadline=None)


@st.composite
def curves(draw):
    """(times, values): a few channels of every shape, at even or uneven times."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    count = draw(st.one_of(st.integers(1, 6), st.integers(7, 400)))
    start = draw(st.sampled_from([-50.0, 0.0, 1.0, 999.5, 36000.0]))
    steps = draw(st.sampled_from(["frames", "sub-frames", "uneven"]))
    step = {"frames": 1.0, "sub-frames": 0.4, "uneven": generator.uniform(0.05, 3, count)}[steps]
    times = start + np.cumsum(np.broadcast_to(step, count))
    phase = np.linspace(0, 1, count)
    shapes = {
        "constant": lambda: np.full(count, generator.uniform()),
        "ramp": lambda: phase,
        "step": lambda: (phase > generator.uniform()).astype(float),
        "spike": lambda: np.where(np.arange(count) == generator.integers(count), 1.0, 0.1),
        "noise": lambda: generator.uniform(size=count),
        "faint noise": lambda: 0.5 + 0.004 * generator.normal(size=count),
        "sine": lambda: 0.5 + 0.5 * np.sin(phase * generator.uniform(1, 60)),
        "walk": lambda: np.cumsum(generator.normal(0, 0.03, count)),
        "clipped walk": lambda: np.clip(np.cumsum(generator.normal(0, 0.2, count)), 0, 1),
        "stairs": lambda: np.floor(phase * 9) / 9,
    }
    names = draw(st.lists(st.sampled_from(sorted(shapes)), min_size=1, max_size=4))
    return times, np.stack([shapes[name]() for name in names], axis=1)


def band_excess(keys, times, values, parts=16):
    """How far the curve leaves the band spanned by the two neighbouring samples."""
    single = np.asarray(times, np.float32).astype(np.float64)
    worst = 0.0
    for part in range(1, parts):
        between = single[:-1] + np.diff(single) * part / parts
        value = evaluate(keys, between)
        over = value - np.maximum(values[:-1], values[1:])
        under = np.minimum(values[:-1], values[1:]) - value
        worst = max(worst, float(np.maximum(over, under).max(initial=0)))
    return worst


def extremes(values, prominence):
    """Samples from which the curve comes back by `prominence` on both sides.

    Of equal extremes with too little between them, the last.
    """
    first = np.flatnonzero(np.diff(values, prepend=np.nan) != 0)
    found = []
    for sign in (1, -1):
        curve = sign * values[first]
        for k in range(1, len(curve) - 1):
            before, after = curve[k - 1 :: -1], curve[k + 1 :]
            before = before[: np.argmax(np.append(before > curve[k], True))]
            after = after[: np.argmax(np.append(after >= curve[k], True))]
            if min(np.ptp(np.append(side, curve[k])) for side in (before, after)) >= prominence:
                found.append(first[k])
    return found


@SETTINGS
@given(curves(), st.sampled_from([0.0, 0.0005, 0.002, 0.005, 0.05]), st.booleans(), st.booleans())
def test_every_promise_is_kept(curve, tolerance, limited, together):
    times, values = curve
    limits = (0.0, 1.0) if limited else (None, None)
    result = fit(times, values, tolerance, *limits, together=together)
    if limited:
        values = np.clip(values, 0, 1)
    values = values.astype(np.float32)
    assert len(result) == values.shape[1]
    for keys, samples in zip(result, values.T, strict=True):
        assert set(keys.times) <= set(np.asarray(times, np.float32))
        at_samples = np.abs(evaluate(keys, times).astype(float) - samples)
        assert at_samples.max() <= tolerance
        assert keys.error == pytest.approx(at_samples.max(), abs=1e-7)
        assert band_excess(keys, times, samples) <= tolerance + 1e-5
        # Handles never fold back and stay within the span, so Blender never corrects them.
        assert np.all(np.diff(keys.times) > 0)
        assert np.all(keys.left[:, 0] <= keys.times) and np.all(keys.right[:, 0] >= keys.times)
        assert np.all(keys.right[:-1, 0] <= keys.left[1:, 0])
        if limited:
            for part in (keys.values, keys.left[:, 1], keys.right[:, 1]):
                assert part.min() >= 0 and part.max() <= 1
        if len(keys) > 1:
            for k in extremes(samples, PROMINENCE * tolerance * 1.0001 + 1e-6):
                assert np.float32(times[k]) in keys.times
                assert evaluate(keys, times[k]) == samples[k]


@SETTINGS
@given(curves())
def test_a_channel_does_not_depend_on_the_others(curve):
    times, values = curve
    all_at_once = fit(times, values, 0.005)
    for channel, keys in enumerate(all_at_once):
        (alone,) = fit(times, values[:, [channel]], 0.005)
        assert np.array_equal(keys.points, alone.points)
        assert np.array_equal(keys.left, alone.left)
        assert np.array_equal(keys.right, alone.right)
