# SPDX-License-Identifier: GPL-3.0-or-later
"""The autoencoders as they are used: shapes, seeds, joins, and what they refuse."""

import itertools
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.errors import PerformanceError, SamplingError, WeightsError
from mien.models.vae.runtime import ExpressionModel, MotionModel, faded, fingerprint

TINY = Path(__file__).parent / "tiny"


def random(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def expressions():
    return ExpressionModel(TINY)


@pytest.fixture(scope="module")
def motions():
    return MotionModel(TINY)


def faces(count, seed=0):
    return random(seed).random((count, 52))


def moving(frames, seed=0):
    course = np.concatenate([faces(frames, seed), random(seed).normal(0, 0.1, (frames, 3))], axis=1)
    return course.astype(np.float32)


@pytest.mark.parametrize("count", [1, 2, 700])
def test_expressions_go_there_and_back(count, expressions):
    mean, log_variance = expressions.encode(faces(count))
    assert mean.shape == log_variance.shape == (count, expressions.size)
    decoded = expressions.decode(mean)
    assert decoded.shape == (count, 52)
    assert decoded.dtype == np.float32


@pytest.mark.parametrize("count", [1, 5])
def test_windows_go_there_and_back(count, motions):
    windows = np.stack([moving(motions.window, seed) for seed in range(count)])
    mean, log_variance = motions.encode(windows)
    assert mean.shape == log_variance.shape == (count, motions.size)
    assert motions.decode(mean).shape == windows.shape


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0, 50))
def test_what_is_decoded_are_weights(seed, size):
    for model in (ExpressionModel(TINY), MotionModel(TINY)):
        decoded = model.decode(size * random(seed).standard_normal((8, model.size)))
        assert decoded[..., :52].min() >= 0
        assert decoded[..., :52].max() <= 1
        assert np.isfinite(decoded).all()


def test_one_by_one_or_all_at_once_is_the_same(expressions):
    values = faces(6)
    together = expressions.encode(values)[0]
    alone = np.concatenate([expressions.encode(one[None])[0] for one in values])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_values_outside_of_the_range_are_clipped(expressions):
    values = faces(3)
    values[0, 0], values[1, 1] = 1.05, -0.1
    inside = expressions.encode(np.clip(values, 0, 1))[0]
    np.testing.assert_array_equal(expressions.encode(values)[0], inside)


@pytest.mark.parametrize("kind", [ExpressionModel, MotionModel])
def test_samples_depend_on_their_seed_alone(kind):
    model = kind(TINY)
    one, again, other = (model.sample(9, random(seed)) for seed in (1, 1, 2))
    assert one.shape == (9, model.size)
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0.1


def test_a_higher_temperature_spreads_farther(expressions):
    cold, warm, hot = (
        np.linalg.norm(
            expressions.sample(500, random(), t) - expressions.sample(500, random(), 0), axis=1
        ).mean()
        for t in (0.0, 1.0, 2.0)
    )
    assert cold == 0
    assert hot == pytest.approx(2 * warm)


def test_what_is_likely_has_a_higher_density(expressions):
    likely = expressions.sample(50, random(), 0.1)
    assert expressions.log_density(likely).min() > expressions.log_density(likely + 30).max()


@pytest.mark.parametrize("kind", [ExpressionModel, MotionModel])
@pytest.mark.parametrize("count", [0, -3])
def test_no_samples_cannot_be_asked_for(kind, count):
    with pytest.raises(SamplingError, match="at least 1"):
        kind(TINY).sample(count, random())


@pytest.mark.parametrize("temperature", [-0.1, float("nan"), float("inf")])
def test_a_temperature_below_zero_is_refused(temperature, expressions, motions):
    with pytest.raises(SamplingError, match="temperature must be 0 or more"):
        expressions.sample(1, random(), temperature)
    with pytest.raises(SamplingError, match="temperature must be 0 or more"):
        motions.sample_long(2, random(), temperature)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((3, 51)), r"shape \(count, 52\), not \(3, 51\)"),
        (np.zeros(52), "shape"),
        (np.zeros((0, 52)), "at least one"),
        (np.full((2, 52), np.nan), "not finite"),
        (np.full((2, 52), np.inf), "not finite"),
    ],
)
def test_frames_that_are_none_are_refused(values, message, expressions):
    with pytest.raises(PerformanceError, match=message):
        expressions.encode(values)


def test_windows_that_are_none_are_refused(motions):
    whole = np.zeros((2, motions.window, 55))
    broken = whole.copy()
    broken[1, 3, 54] = np.nan
    for values in (whole[:, :-1], whole[..., :52], whole[:0], broken):
        with pytest.raises(PerformanceError):
            motions.encode(values)
    for values in (np.zeros((0, 55)), np.zeros((4, 52)), broken[1]):
        with pytest.raises(PerformanceError):
            motions.encode_long(values)


def test_latents_of_another_model_are_refused(expressions, motions):
    with pytest.raises(SamplingError, match="another model"):
        expressions.decode(np.zeros((2, expressions.size + 1)))
    with pytest.raises(SamplingError, match="another model"):
        motions.decode_long(np.zeros((2, motions.size - 1)))
    with pytest.raises(SamplingError, match="not finite"):
        expressions.decode(np.full((1, expressions.size), np.nan))


@pytest.mark.parametrize("extra", [-11, -1, 0, 1, 5, 6, 7, 100])
def test_a_motion_of_any_length_goes_there_and_back(extra, motions):
    frames = motions.window + extra
    latents = motions.encode_long(moving(frames))
    decoded = motions.decode_long(latents)
    assert len(latents) == motions.windows_for(frames)
    assert frames <= len(decoded) < frames + motions.window + motions.hop
    assert len(decoded) == (len(latents) - 1) * motions.hop + motions.window


def test_a_long_motions_windows_continue_each_other(motions):
    latents = motions.sample_long(6, random())
    half = motions.size // 2
    for one, following in itertools.pairwise(latents):
        np.testing.assert_array_equal(one[half:], following[:half])
    assert not np.array_equal(latents[0, :half], latents[0, half:])
    np.testing.assert_array_equal(latents, motions.sample_long(6, random()))


def test_windows_that_agree_are_joined_without_a_trace():
    course = random().normal(0, 1, (40, 4)).cumsum(axis=0)
    windows = np.stack([course[start : start + 16] for start in range(0, 25, 8)])
    np.testing.assert_allclose(faded(windows, 8), course, atol=1e-5)


def test_windows_that_differ_fade_into_each_other():
    joined = faded(np.stack([np.zeros((60, 1)), np.ones((60, 1))]), 30)[:, 0]
    assert (joined[:40] == 0).all()
    assert (joined[50:] == 1).all()
    assert (np.diff(joined) >= 0).all()
    assert np.abs(np.diff(joined, 2)).max() < 0.06


@pytest.mark.parametrize("name", ["expression", "motion"])
def test_altered_weights_are_refused(name, tmp_path):
    folder = tmp_path / "weights"
    shutil.copytree(TINY, folder)
    content = bytearray((folder / f"{name}.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / f"{name}.onnx").write_bytes(bytes(content))
    with pytest.raises(WeightsError, match="altered"):
        {"expression": ExpressionModel, "motion": MotionModel}[name](folder)


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(WeightsError, match="missing"):
        ExpressionModel(tmp_path)


def test_the_other_models_weights_are_refused(tmp_path):
    for suffix in (".onnx", ".json"):
        shutil.copy(TINY / f"motion{suffix}", tmp_path / f"expression{suffix}")
    with pytest.raises(WeightsError, match="motions, not expressions"):
        ExpressionModel(tmp_path)


def test_the_fingerprint_is_that_of_the_weights(tmp_path):
    assert len(fingerprint(TINY)) == 128
    assert fingerprint(tmp_path) == ""
