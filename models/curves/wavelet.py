# SPDX-License-Identifier: GPL-3.0-or-later
"""Wavelet shrinkage: what is smaller than noise, at every scale, goes; what is larger stays.

The discrete wavelet transform with Daubechies' least asymmetric wavelet of 8 vanishing
moments, “sym8” (I. Daubechies, "Ten Lectures on Wavelets", 1992, table 6.3), mirrored at
the ends, and the universal threshold of D. Donoho and I. Johnstone ("Ideal spatial
adaptation by wavelet shrinkage", Biometrika 81, 1994). Same coefficients as PyWavelets
gives; written here because Blender has no PyWavelets and a page of numpy does it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]

_SCALING = np.array(
    [
        0.0018899503327594609,
        -0.0003029205147213668,
        -0.01495225833704823,
        0.003808752013890615,
        0.049137179673607506,
        -0.027219029917056003,
        -0.05194583810770904,
        0.3644418948353314,
        0.7771857517005235,
        0.4813596512583722,
        -0.061273359067658524,
        -0.1432942383508097,
        0.007607487324917605,
        0.03169508781149298,
        -0.0005421323317911481,
        -0.0033824159510061256,
    ]
)
_WAVELET = _SCALING[::-1] * np.resize([1.0, -1.0], len(_SCALING))
_TAPS = len(_SCALING)


def decompose(values: ArrayLike, levels: int) -> list[Floats]:
    """(samples, …) → coarsest approximation, then details from coarse to fine."""
    approximation: Floats = np.asarray(values, np.float64)
    details: list[Floats] = []
    for _ in range(levels):
        padded = _mirrored(approximation)
        details.append(_correlated(padded, _WAVELET))
        approximation = _correlated(padded, _SCALING)
    return [approximation, *details[::-1]]


def recompose(coefficients: list[Floats], samples: int) -> Floats:
    """The way back from `decompose` to the first `samples` samples."""
    values = coefficients[0]
    for detail in coefficients[1:]:
        values = values[: len(detail)]
        length = 2 * len(detail) - _TAPS + 2
        result = np.zeros((2 * len(detail) + _TAPS - 2, *detail.shape[1:]))
        for tap in range(_TAPS):
            result[tap : tap + 2 * len(detail) : 2] += (
                _SCALING[tap] * values + _WAVELET[tap] * detail
            )
        values = result[_TAPS - 2 : _TAPS - 2 + length]
    return values[:samples]


def most_levels(samples: int) -> int:
    """How often a signal can be halved before the wavelet is longer than it."""
    return max(int(np.floor(np.log2(max(samples, 1) / (_TAPS - 1)))), 0)


def shrunk(values: ArrayLike, levels: int = 6, threshold: float = 0.7, hard: bool = True) -> Floats:
    """(samples, channels) without what is smaller than `threshold` · σ · √(2 ln samples).

    σ is each channel's own noise: the median of its finest details, over 0.6745.
    hard: larger details stay whole; else they lose the threshold too.
    """
    signal = np.asarray(values, np.float64)
    levels = min(levels, most_levels(len(signal)))
    if levels < 1:
        return signal.copy()
    coefficients = decompose(signal, levels)
    noise = np.median(np.abs(coefficients[-1]), axis=0) / 0.6745
    limit = threshold * noise * np.sqrt(2 * np.log(len(signal)))
    for index, detail in enumerate(coefficients[1:], 1):
        size = np.abs(detail)
        kept = size >= limit
        if hard:
            coefficients[index] = np.where(kept, detail, 0)
        else:
            coefficients[index] = np.where(kept, np.sign(detail) * (size - limit), 0)
    return recompose(coefficients, len(signal))


def _mirrored(values: Floats) -> Floats:
    width = [(_TAPS - 1, _TAPS - 1)] + [(0, 0)] * (values.ndim - 1)
    return np.pad(values, width, mode="symmetric")


def _correlated(padded: Floats, taps: Floats) -> Floats:
    """Every second place of the correlation with the taps, from the second on."""
    count = (len(padded) - _TAPS + 1) // 2
    result = np.zeros((count, *padded.shape[1:]))
    for tap in range(_TAPS):
        result += taps[tap] * padded[1 + tap : 1 + tap + 2 * count : 2]
    return result
