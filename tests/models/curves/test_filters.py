import numpy as np
import pytest
import pywt
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.curves import filters, wavelet
from scipy import signal

quick = settings(max_examples=40, deadline=None)

every_filter = {
    "butterworth": lambda values: filters.butterworth(values, 60, 8),
    "gaussian": lambda values: filters.gaussian(values, 60, 0.03),
    "savitzky_golay": filters.savitzky_golay,
    "median": filters.median,
    "wavelet": wavelet.shrunk,
}


def noise(samples, columns=3, seed=0):
    return np.cumsum(np.random.default_rng(seed).normal(size=(samples, columns)), axis=0)


@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize("cutoff", [2, 8, 20])
def test_butterworth_is_scipys_forward_and_backward(order, cutoff):
    values = noise(1000)
    ours = filters.butterworth(values, 60, cutoff, order)
    theirs = signal.filtfilt(
        *signal.butter(order, cutoff / 30), values, axis=0, padtype="odd", padlen=300
    )
    np.testing.assert_allclose(ours[90:-90], theirs[90:-90], atol=1e-8)
    # How each starts at the ends differs a little.
    np.testing.assert_allclose(ours, theirs, atol=0.005)


def test_butterworth_halves_a_sine_at_its_cutoff_without_delay():
    time = np.arange(600) / 60
    for frequency, size in ((0.5, 1.0), (8, 0.5), (25, 0.0)):
        wave = np.sin(2 * np.pi * frequency * time)[:, None]
        result = filters.butterworth(wave, 60, 8)[60:-60]
        np.testing.assert_allclose(result, size * wave[60:-60], atol=0.01)


def test_butterworth_leaves_alone_what_it_cannot_see():
    values = noise(50)
    np.testing.assert_array_equal(filters.butterworth(values, 15, 8), values)


def test_savitzky_golay_is_scipys():
    values = noise(300)
    theirs = signal.savgol_filter(values, 11, 3, axis=0)
    np.testing.assert_allclose(filters.savitzky_golay(values)[5:-5], theirs[5:-5], atol=1e-10)


def test_median_is_scipys():
    values = noise(300)
    for column in range(3):
        np.testing.assert_array_equal(
            filters.median(values, 7)[3:-3, column], signal.medfilt(values[:, column], 7)[3:-3]
        )


def test_gaussian_scales_a_sine_by_its_own_gaussian():
    time = np.arange(600) / 60
    wave = np.sin(2 * np.pi * 5 * time)[:, None]
    result = filters.gaussian(wave, 60, 0.03)[60:-60]
    size = np.exp(-2 * (np.pi * 0.03 * 5) ** 2)
    np.testing.assert_allclose(result, size * wave[60:-60], atol=0.002)


@quick
@given(st.integers(16, 400), st.integers(0, 1000))
def test_the_wavelet_transform_is_pywavelets_and_comes_back(samples, seed):
    values = noise(samples, 2, seed)
    levels = wavelet.most_levels(samples)
    assert levels == pywt.dwt_max_level(samples, "sym8")
    ours = wavelet.decompose(values, levels)
    theirs = pywt.wavedec(values, "sym8", level=levels, axis=0)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)
    np.testing.assert_allclose(wavelet.recompose(ours, samples), values, atol=1e-9)


@pytest.mark.parametrize("hard", [True, False])
def test_shrinkage_is_pywavelets(hard):
    values = noise(500, 1)[:, 0]
    coefficients = pywt.wavedec(values, "sym8", level=5)
    limit = 0.7 * np.median(np.abs(coefficients[-1])) / 0.6745 * np.sqrt(2 * np.log(500))
    mode = "hard" if hard else "soft"
    shrunk = [coefficients[0], *(pywt.threshold(d, limit, mode) for d in coefficients[1:])]
    np.testing.assert_allclose(
        wavelet.shrunk(values[:, None], levels=5, hard=hard)[:, 0],
        pywt.waverec(shrunk, "sym8"),
        atol=1e-9,
    )


@pytest.mark.parametrize("name", every_filter)
@quick
@given(value=st.floats(-2, 2), samples=st.integers(1, 200))
def test_a_constant_stays_what_it_is(name, value, samples):
    values = np.full((samples, 2), value)
    np.testing.assert_allclose(every_filter[name](values), values, atol=1e-9)


@pytest.mark.parametrize("name", every_filter)
@quick
@given(samples=st.integers(1, 120), seed=st.integers(0, 1000))
def test_no_filter_knows_which_way_time_runs(name, samples, seed):
    """Zero phase: filtered backward is the same, backward."""
    values = noise(samples, 2, seed)
    if name == "wavelet":
        # Decimation keeps every second sample, so only lengths that mirror onto themselves.
        return
    forward = every_filter[name](values)
    backward = every_filter[name](values[::-1])[::-1]
    np.testing.assert_allclose(forward, backward, atol=1e-8)


@pytest.mark.parametrize("name", every_filter)
def test_a_pulse_stays_where_it_is(name):
    time = np.arange(241) / 60
    pulse = np.exp(-0.5 * ((time - 2) / 0.08) ** 2)[:, None]
    result = every_filter[name](pulse + 1e-4 * np.random.default_rng(0).normal(size=pulse.shape))
    assert abs(int(np.argmax(result)) - 120) <= 1
    centre = float((result * time[:, None]).sum() / result.sum())
    assert abs(centre - 2) < 0.01
