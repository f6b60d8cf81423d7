import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.arkit import CHANNELS
from mien.models.curves import filters, wavelet
from mien.models.curves.clean import bridged, clean, without_spikes
from mien.models.errors import RecipeError
from mien.models.formats import read
from mien.models.performance import Performance

quick = settings(max_examples=25, deadline=None)
methods = pytest.mark.parametrize(
    "method", ["butterworth", "gaussian", "median", "wavelet", "none"]
)


def jitter(values):
    return np.abs(np.diff(values, 2, axis=0)).mean()


def slow(performance_of, seed, frames=600, uneven=False):
    """Curves of at most 0.75 Hz."""
    source = performance_of(seed, frames, 240, uneven=uneven)
    return source.replace(times=source.times * 4)


def noisy(performance, size=0.02, seed=0):
    random = np.random.default_rng(seed)
    weights = performance.weights + random.normal(0, size, performance.weights.shape)
    head = np.array(performance.head)
    head[:, :4] += random.normal(0, size / 4, (len(head), 4))
    return performance.replace(weights=weights, head=head)


@methods
@quick
@given(seed=st.integers(0, 10**6), frames=st.integers(1, 90), uneven=st.booleans())
def test_nothing_leaves_its_range_or_its_time(performance_of, method, seed, frames, uneven):
    source = noisy(performance_of(seed, frames, 30, uneven=uneven, confidence=True), seed=seed)
    result = clean(source, method=method)
    np.testing.assert_array_equal(result.times, source.times)
    np.testing.assert_array_equal(result.confidence, source.confidence)
    assert (result.weights >= source.weights.min(axis=0)).all()
    assert (result.weights <= source.weights.max(axis=0)).all()
    assert (result.eyes >= source.eyes.min(axis=0) - 1e-6).all()
    np.testing.assert_allclose(np.linalg.norm(result.head[:, :4], axis=1), 1, atol=1e-5)


@methods
@quick
@given(value=st.floats(-0.5, 1.5, width=32), frames=st.integers(1, 60), rate=st.floats(5, 240))
def test_what_stays_constant_stays_exactly_that(method, value, frames, rate):
    times = np.arange(frames) / rate
    head = np.tile([0.6, 0, 0.8, 0, 0.1, 0.2, 0.3], (frames, 1))
    source = Performance(weights=np.full((frames, 52), value), times=times, head=head)
    result = clean(source, method=method)
    np.testing.assert_array_equal(result.weights, source.weights)
    np.testing.assert_array_equal(result.head, source.head)


@methods
def test_noise_goes_and_the_movement_stays(performance_of, method):
    truth = slow(performance_of, 3)
    damaged = noisy(truth)
    result = clean(damaged, method=method)
    if method == "none":
        np.testing.assert_array_equal(result.weights, damaged.weights)
        return
    inside = slice(10, -10)
    error = np.sqrt(np.mean((result.weights - truth.weights)[inside] ** 2))
    assert error < 0.7 * 0.02
    assert jitter(result.weights) < 0.45 * jitter(damaged.weights)
    turned = 2 * np.arccos(
        np.clip(np.abs(np.sum(result.head[:, :4] * truth.head[:, :4], axis=1)), 0, 1)
    )
    before = 2 * np.arccos(
        np.clip(np.abs(np.sum(damaged.head[:, :4] * truth.head[:, :4], axis=1)), 0, 1)
    )
    assert turned[inside].mean() < 0.8 * before[inside].mean()


@methods
def test_uneven_times_are_cleaned_by_time(performance_of, method):
    truth = slow(performance_of, 4, uneven=True)
    damaged = noisy(truth)
    result = clean(damaged, method=method)
    if method == "none":
        return
    inside = slice(10, -10)
    error = np.sqrt(np.mean((result.weights - truth.weights)[inside] ** 2))
    assert error < 0.85 * 0.02


def test_a_pause_parts_what_lies_before_from_what_lies_behind(performance_of):
    source = noisy(performance_of(5, 100, 60))
    times = np.array(source.times)
    times[50:] += 3600
    apart = clean(source.replace(times=times))
    for part in (slice(0, 50), slice(50, 100)):
        alone = clean(
            source.replace(
                weights=source.weights[part],
                times=source.times[part],
                head=source.head[part],
                eyes=source.eyes[part],
                confidence=source.confidence[part],
            )
        )
        np.testing.assert_allclose(apart.weights[part], alone.weights, atol=0.02)


def test_the_head_does_not_mind_the_sign_of_its_quaternions(performance_of):
    source = performance_of(6, 200)
    flipped = np.array(source.head)
    flipped[::3, :4] *= -1
    expected = clean(source).head[:, :4]
    result = clean(source.replace(head=flipped)).head[:, :4]
    assert (np.abs(np.sum(result * expected, axis=1)) > 1 - 1e-6).all()
    assert (np.sum(result[1:] * result[:-1], axis=1) > 0).all()


def blinks(rate, length, channel="eyeBlinkLeft"):
    """A flat second, a blink of so many frames, a flat second."""
    weights = np.zeros((2 * rate + length, 52))
    weights[rate : rate + length, CHANNELS.index(channel)] = 1
    return Performance(weights=weights, times=np.arange(len(weights)) / rate)


@pytest.mark.parametrize(("rate", "length"), [(60, 6), (60, 4), (30, 3), (30, 2), (25, 3)])
def test_a_blink_stays_a_blink(rate, length):
    result = clean(blinks(rate, length))
    assert result.channel("eyeBlinkLeft").max() > 0.7
    assert clean(blinks(rate, length), method="wavelet").channel("eyeBlinkLeft").max() > 0.99


def test_a_spike_goes_but_not_from_a_lid():
    for channel, left in (("jawOpen", 0.01), ("eyeBlinkLeft", None)):
        result = clean(blinks(60, 1, channel), method="none").channel(channel)
        assert result.max() == (1 if left is None else 0)


def test_spikes_are_told_from_movement(performance_of):
    smooth = slow(performance_of, 7, 300).weights.astype(np.float64)
    np.testing.assert_array_equal(without_spikes(smooth, 4, 0.1), smooth)
    spiked = smooth.copy()
    spiked[50, 3] += 0.6
    spiked[200] -= 0.6
    result = without_spikes(spiked, 4, 0.1)
    assert np.abs(result - smooth).max() < 0.1


def gap(frames=60, first=20, count=10, rate=60):
    time = np.arange(frames) / rate
    truth = (0.5 + 0.4 * np.sin(2 * np.pi * 1.3 * time))[:, None] * np.ones(52)
    unseen = np.zeros(frames, bool)
    unseen[first : first + count] = True
    held = truth.copy()
    held[unseen] = truth[first - 1] if first else truth[first + count]
    return Performance(weights=held, times=time, confidence=~unseen), truth, unseen


def test_a_short_gap_is_bridged_smoothly():
    source, truth, unseen = gap()
    result = clean(source, method="none")
    assert np.abs(result.weights - truth).max() < 0.02 < np.abs(source.weights - truth).max()
    np.testing.assert_array_equal(result.weights[~unseen], source.weights[~unseen])
    np.testing.assert_array_equal(result.confidence, source.confidence)


def test_long_gaps_and_gaps_at_the_ends_stay_as_they_are():
    for first, count in ((20, 31), (0, 10), (50, 10)):
        source = gap(first=first, count=count)[0]
        assert clean(source, method="none") == source
    assert clean(gap()[0], method="none", longest_gap=0.0) == gap()[0]
    assert clean(gap(count=31)[0], method="none", longest_gap=1.0) != gap(count=31)[0]


@quick
@given(st.integers(0, 10**6), st.integers(1, 10), st.integers(0, 9))
def test_a_bridge_stays_between_its_ends(seed, count, first):
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.01, 0.03, 20))
    values = random.uniform(0, 1, (20, 3))
    unseen = np.zeros(20, bool)
    unseen[first + 1 : first + 1 + count] = True
    result = bridged(values, times, unseen, 1.0)
    last, following = first, first + 1 + count
    if following < 20:
        low = np.minimum(values[last], values[following])
        high = np.maximum(values[last], values[following])
        inside = result[last + 1 : following]
        assert (inside >= low - 1e-12).all()
        assert (inside <= high + 1e-12).all()
    np.testing.assert_array_equal(result[~unseen], values[~unseen])


def test_one_channel_that_was_not_seen_is_bridged_alone():
    source, truth, unseen = gap()
    confidence = np.ones((60, 52))
    confidence[unseen, 3] = 0
    result = clean(source.replace(confidence=confidence), method="none")
    assert np.abs(result.weights[:, 3] - truth[:, 3]).max() < 0.02
    np.testing.assert_array_equal(result.weights[:, 4], source.weights[:, 4])


def test_a_lost_head_turns_on_from_where_it_was_to_where_it_is(performance_of):
    truth = performance_of(8, 60)
    unseen = np.zeros(60, bool)
    unseen[20:30] = True
    head = np.array(truth.head)
    head[unseen] = head[19]
    result = clean(truth.replace(head=head, confidence=~unseen), method="none")
    cosine = np.abs(np.sum(result.head[:, :4] * truth.head[:, :4], axis=1))
    assert (2 * np.arccos(np.clip(cosine, 0, 1))).max() < 0.05
    untouched = clean(truth.replace(head=head, confidence=~unseen), method="none", rotations=False)
    np.testing.assert_array_equal(untouched.head, np.float32(head))


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "magic"},
        {"cutoff": 0.0},
        {"cutoff": float("nan")},
        {"longest_gap": -1.0},
        {"spikes": -1.0},
        {"threshold": -0.5},
        {"window": -0.1},
    ],
)
def test_impossible_settings_are_refused(performance_of, wrong):
    with pytest.raises(RecipeError, match="Clean"):
        clean(performance_of(), **wrong)


@pytest.fixture(scope="module")
def eval_takes(shared):
    """The four takes, clipped, at 60 frames a second, and what white noise makes of them."""
    random = np.random.default_rng(0)
    takes = []
    for path in sorted((shared / "performances" / "eval").glob("*.csv")):
        source = read(path)
        times = np.arange(int(source.duration * 60) + 1) / 60
        weights = np.clip(source.weights, 0, 1)
        takes.append(np.stack([np.interp(times, source.times, each) for each in weights.T], axis=1))
    return [(take, take + random.normal(0, 0.02, take.shape)) for take in takes]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("smooth", "clipped", "error", "shake"),
    [
        (filters.savitzky_golay, False, 0.0101, 0.0050),
        (lambda values: filters.butterworth(values, 60, 8), True, 0.0087, 0.0023),
        (lambda values: wavelet.shrunk(values, threshold=0.7), True, 0.0077, 0.0021),
    ],
    ids=["savitzky_golay", "butterworth", "wavelet"],
)
def test_filters_reach_the_known_figures_on_real_takes(eval_takes, smooth, clipped, error, shake):
    """RMSE and jitter of published baselines for white noise of 0.02, within 5 %."""
    errors, seconds = [], []
    for truth, damaged in eval_takes:
        result = smooth(damaged)
        if clipped:
            result = np.clip(result, 0, 1)
        errors.append(((result - truth) ** 2).ravel())
        seconds.append(np.abs(np.diff(result, 2, axis=0)).ravel())
    assert np.sqrt(np.concatenate(errors).mean()) == pytest.approx(error, rel=0.05)
    # Half a unit of the last place that the figure is given to, on top.
    assert np.concatenate(seconds).mean() == pytest.approx(shake, rel=0.05, abs=0.05 * shake + 5e-5)


@pytest.mark.shared
def test_cleaning_a_clean_take_changes_little(shared):
    for path in sorted((shared / "performances" / "eval").glob("*.csv")):
        source = read(path)
        result = clean(source)
        assert np.sqrt(np.mean((result.weights - source.weights) ** 2)) < 0.005
        peak = source.channel("eyeBlinkLeft").max()
        assert result.channel("eyeBlinkLeft").max() > 0.93 * peak
