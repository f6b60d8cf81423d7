# SPDX-License-Identifier: GPL-3.0-or-later
"""The machinery of refining, with weights that train in seconds and refine little."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from mien.models.arkit import CHANNELS, REGIONS
from mien.models.errors import PerformanceError, RecipeError, WeightsError
from mien.models.gan import refine as module
from mien.models.gan.evidence import Evidence
from mien.models.gan.refine import refine
from mien.models.gan.runtime import LiveNetwork, OfflineNetwork
from mien.models.performance import Performance

TINY = Path(__file__).parent / "tiny"


def performance(frames=300, rate=60.0, channels=CHANNELS, **more):
    random = np.random.default_rng(0)
    times = np.arange(frames) / rate
    waves = 0.5 + 0.4 * np.sin(2 * np.pi * times[:, None] * random.uniform(0.2, 1.5, len(channels)))
    return Performance(waves + random.normal(0, 0.02, waves.shape), times, channels, **more)


@pytest.fixture(params=[False, True], ids=["offline", "live"])
def live(request):
    return request.param


def run(one, **settings):
    return refine(one, weights=TINY, **settings)


def test_strength_zero_is_the_performance_itself(live):
    one = performance()
    assert run(one, strength=0, live=live) == one


def test_strength_blends_between_take_and_network(live):
    one = performance()
    whole, half = run(one, live=live), run(one, strength=0.5, live=live)
    assert not np.array_equal(whole.weights, one.weights)
    np.testing.assert_allclose(half.weights, (one.weights + whole.weights) / 2, atol=1e-6)


def test_everything_but_weights_stays(live):
    random = np.random.default_rng(1)
    one = performance(
        head=np.concatenate([np.eye(4)[[0] * 300], random.random((300, 3))], axis=1),
        eyes=random.random((300, 4)),
        confidence=random.random(300),
    )
    result = run(one, live=live)
    for name in ("times", "head", "eyes", "confidence"):
        np.testing.assert_array_equal(getattr(result, name), getattr(one, name))
    assert (result.channels, result.source) == (one.channels, one.source)


def test_a_region_leaves_the_others_bit_for_bit(live):
    one = performance()
    result = run(one, regions=["brows"], live=live)
    for index, name in enumerate(CHANNELS):
        same = np.array_equal(result.weights[:, index], one.weights[:, index])
        assert same == (name not in REGIONS["brows"])


def test_regions_can_have_strengths_of_their_own():
    one = performance()
    whole = run(one)
    mixed = run(one, strength=0.8, regions={"eyes": 0.5, "jaw": 1.0})
    jaw, eye, brow = (CHANNELS.index(name) for name in ("jawOpen", "eyeBlinkLeft", "browInnerUp"))
    change = whole.weights - one.weights
    np.testing.assert_allclose(
        (mixed.weights - one.weights)[:, jaw], 0.8 * change[:, jaw], atol=1e-6
    )
    np.testing.assert_allclose(
        (mixed.weights - one.weights)[:, eye], 0.4 * change[:, eye], atol=1e-6
    )
    assert np.array_equal(mixed.weights[:, brow], one.weights[:, brow])


def test_weights_end_between_zero_and_one(live):
    one = performance()
    wild = one.replace(weights=one.weights * 3 - 1)
    result = run(wild, live=live).weights
    assert result.min() >= 0
    assert result.max() <= 1


@pytest.mark.parametrize(
    "settings",
    [
        {"strength": -0.1},
        {"strength": 1.1},
        {"strength": float("nan")},
        {"regions": ["chin"]},
        {"regions": {"mouth": 2.0}},
        {"regions": {"mouth": float("nan")}},
        {"rate": 0.0},
        {"rate": -60.0},
        {"rate": float("inf")},
    ],
)
def test_impossible_settings_are_refused(settings):
    with pytest.raises(RecipeError, match="Refine"):
        run(performance(10), **settings)


def test_channels_that_are_not_arkits_stay():
    names = (*CHANNELS[:10], "hairOnEnd")
    one = performance(channels=names)
    result = run(one)
    np.testing.assert_array_equal(result.channel("hairOnEnd"), one.channel("hairOnEnd"))
    assert not np.array_equal(result.channel(names[0]), one.channel(names[0]))


def test_a_performance_without_arkits_channels_is_refused():
    with pytest.raises(PerformanceError, match="there is nothing to refine"):
        run(performance(channels=("a", "b")))


def test_channels_may_come_in_any_order():
    one = performance()
    turned = one.replace(weights=one.weights[:, ::-1], channels=CHANNELS[::-1])
    np.testing.assert_array_equal(run(turned).weights[:, ::-1], run(one).weights)


def test_what_an_unseen_frame_holds_does_not_matter(live):
    one = performance()
    confidence = np.ones(300)
    confidence[100:110] = 0
    garbage = one.weights.copy()
    garbage[100:110] = 0.77
    seen = run(one.replace(confidence=confidence), live=live)
    other = run(one.replace(confidence=confidence, weights=garbage), live=live)
    np.testing.assert_array_equal(seen.weights, other.weights)


@pytest.mark.parametrize("gap", [slice(100, 160), slice(0, 20), slice(280, 300)])
def test_a_long_loss_and_one_at_an_end_are_followed(gap):
    one = performance()
    confidence = np.ones(300)
    confidence[gap] = 0
    eased = one.weights.copy()
    eased[gap] = 0.77
    result = run(one.replace(confidence=confidence, weights=eased))
    middle = slice(gap.start + 8, gap.stop - 8)
    assert np.abs(result.weights[middle] - 0.77).max() < 0.1


def test_confidence_may_be_of_each_channel(live):
    one = performance()
    whole = one.replace(confidence=np.full(300, 0.5))
    each = one.replace(confidence=np.full((300, 52), 0.5))
    np.testing.assert_array_equal(run(whole, live=live).weights, run(each, live=live).weights)
    gap = np.ones((300, 52))
    gap[50:60, :5] = 0
    gap[:, 7] = 0
    assert np.isfinite(run(one.replace(confidence=gap), live=live).weights).all()


def test_chunks_equal_one_pass(live, monkeypatch):
    one = performance(700)
    whole = run(one, live=live, seed=3).weights
    monkeypatch.setattr(module, "_FRAMES", 128)
    np.testing.assert_allclose(run(one, live=live, seed=3).weights, whole, atol=1e-5)


def test_pushing_frame_by_frame_equals_the_whole_take():
    one = performance(80)
    network = LiveNetwork(TINY)
    pushed = np.array([network.push(row) for row in one.weights])
    delay = network.delay
    assert delay == 2
    np.testing.assert_allclose(pushed[delay:], run(one, live=True).weights[:-delay], atol=1e-5)
    network.reset()
    again = np.array([network.push(row) for row in one.weights])
    np.testing.assert_array_equal(again, pushed)


def test_live_looks_two_frames_ahead_and_no_farther():
    one = performance(100)
    changed = one.weights.copy()
    changed[60:] = 0.9
    before = run(one, live=True).weights
    after = run(one.replace(weights=changed), live=True).weights
    np.testing.assert_array_equal(before[:58], after[:58])
    assert not np.array_equal(before[58], after[58])


@pytest.mark.parametrize("rate", [12.0, 23.976, 29.97, 50.0, 59.94, 120.0])
def test_a_take_of_any_rate_keeps_its_times(rate, live):
    one = performance(100, rate)
    result = run(one, live=live)
    np.testing.assert_array_equal(result.times, one.times)
    assert np.abs(result.weights - one.weights).max() < 0.4


def test_uneven_times_are_worked_out():
    random = np.random.default_rng(0)
    one = performance(200)
    shaken = one.replace(times=np.cumsum(random.uniform(0.005, 0.05, 200)))
    assert len(run(shaken)) == 200


def test_a_slow_take_can_come_back_at_sixty_frames():
    one = performance(100, 24.0)
    result = run(one, rate=60.0)
    assert result.rate == pytest.approx(60)
    assert result.duration == pytest.approx(one.duration, abs=1 / 60)
    assert len(run(one, rate=60.0, strength=0)) == len(result)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_few_frames_are_enough(frames, live):
    one = performance(frames)
    result = run(one, live=live)
    assert len(result) == frames
    if frames == 1:
        assert result == one


def test_detail_depends_on_its_seed(live):
    one = performance()
    assert run(one, seed=1, live=live) == run(one, seed=1, live=live)
    assert run(one, seed=1, live=live) != run(one, seed=2, live=live)
    assert run(one, live=live) == run(one, live=live)


def test_progress_is_told_up_to_the_end():
    told = []
    run(performance(5000), progress=told.append)
    assert told[-1] == 1
    assert told == sorted(told)
    assert len(told) > 1


def test_a_million_frames_go_through_in_pieces_of_bounded_size():
    frames = 1_000_000
    nothing = np.broadcast_to(np.float32(0), (frames, 52))
    shown = Evidence(nothing, nothing, np.broadcast_to(np.float32(1), (frames, 52)), nothing)
    parts = OfflineNetwork(TINY).refined(shown, None, 2048)
    assert all(next(parts).shape == (2048, 52) for _ in range(20))


def test_half_an_hour_is_refined_whole():
    frames = 108_000
    random = np.random.default_rng(0)
    one = Performance(
        random.random((frames, 2), dtype=np.float32), np.arange(frames) / 60, CHANNELS[:2]
    )
    result = run(one)
    assert len(result) == frames
    assert np.isfinite(result.weights).all()


def test_altered_weights_are_refused(tmp_path, live):
    folder = tmp_path / "weights"
    shutil.copytree(TINY, folder)
    path = folder / ("live.onnx" if live else "offline.onnx")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(WeightsError, match="altered"):
        refine(performance(10), weights=folder, live=live)


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(WeightsError, match="is missing: copy a network"):
        refine(performance(10), weights=tmp_path)
