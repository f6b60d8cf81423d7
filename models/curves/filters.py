# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for evenly sampled curves, all without delay.

Every function takes (samples, channels) and a rate in samples a second, and gives the
same shape in float64. Ends are continued by point reflection (2 · end − mirror image), so
that a slope goes on as a slope; a constant stays what it is.

SciPy has these too, but its wheel weighs 35 to 40 MB for each platform and each Python,
more than everything else in the package, for what is a page of numpy here. The tests
compare the two.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]


def butterworth(values: ArrayLike, rate: float, cutoff: float, order: int = 2) -> Floats:
    """Zero-phase low-pass: a Butterworth filter run forward and backward.

    Both ways together scale a sine of f Hz by the filter's squared magnitude, with the
    bilinear transform's warping: 1 / (1 + (tan(πf/rate) / tan(πc/rate))^(2·order))
    (S. Butterworth, 1930; A. Oppenheim and R. Schafer, "Discrete-Time Signal Processing",
    7.1). It is applied to the spectrum: the same result as `scipy.signal.filtfilt` away
    from the ends, without a loop over samples.

    cutoff: Hz, where a sine keeps half of its size. At or above half the rate there is
        nothing to remove and the values come back as they are.
    """
    signal = np.asarray(values, np.float64)
    if len(signal) < 3 or cutoff >= rate / 2:
        return signal.copy()
    # As long as the filter remembers, so that the spectrum's wrap-around is never felt.
    margin = max(int(np.ceil(2 * order * rate / cutoff)), 16)
    padded = _continued(signal, margin)
    cycles = np.minimum(np.fft.rfftfreq(len(padded)), 0.5 - 1e-9)
    ratio = np.tan(np.pi * cycles) / np.tan(np.pi * cutoff / rate)
    gain = 1 / (1 + ratio ** (2 * order))
    spectrum = np.fft.rfft(padded, axis=0) * gain[:, None]
    return np.fft.irfft(spectrum, len(padded), axis=0)[margin : margin + len(signal)]


def gaussian(values: ArrayLike, rate: float, width: float) -> Floats:
    """A weighted mean over neighbours; `width` is the standard deviation in seconds."""
    signal = np.asarray(values, np.float64)
    deviation = width * rate
    reach = int(np.ceil(4 * deviation))
    if len(signal) < 2 or deviation < 0.1:
        return signal.copy()
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    return _weighted(signal, weights / weights.sum())


def savitzky_golay(values: ArrayLike, window: int = 11, degree: int = 3) -> Floats:
    """The middle of a polynomial fitted to `window` samples, an odd number.

    A. Savitzky and M. Golay, Analytical Chemistry 36, 1964.
    """
    signal = np.asarray(values, np.float64)
    if len(signal) < 2 or window <= degree:
        return signal.copy()
    reach = window // 2
    powers = np.arange(-reach, reach + 1)[:, None] ** np.arange(degree + 1)
    return _weighted(signal, np.linalg.pinv(powers.astype(np.float64))[0])


def median(values: ArrayLike, window: int = 5) -> Floats:
    """The middle one of `window` neighbours by size, an odd number."""
    signal = np.asarray(values, np.float64)
    reach = window // 2
    padded = np.pad(signal, ((reach, reach), (0, 0)), mode="edge")
    result = np.empty_like(signal)
    for start in range(0, len(signal), 8192):
        stop = min(start + 8192, len(signal))
        views = np.lib.stride_tricks.sliding_window_view(
            padded[start : stop + 2 * reach], window, axis=0
        )
        result[start:stop] = np.median(views, axis=-1)
    return result


def _weighted(signal: Floats, weights: Floats) -> Floats:
    """Each sample's neighbours, weighted by an odd number of weights."""
    reach = len(weights) // 2
    padded = _continued(signal, reach)
    result = np.zeros_like(signal)
    for offset, weight in enumerate(weights):
        result += weight * padded[offset : offset + len(signal)]
    return result


def _continued(signal: Floats, margin: int) -> Floats:
    """The signal with `margin` more samples at both ends, reflected in the end points."""
    return np.pad(signal, ((margin, margin), (0, 0)), mode="reflect", reflect_type="odd")
