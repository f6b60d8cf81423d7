# SPDX-License-Identifier: GPL-3.0-or-later
"""How alike two rendered pictures are.

scikit-image and torchmetrics have these too, but Blender has neither; the tests compare.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FootageError

Floats = NDArray[np.floating[Any]]

# The constants of the paper: a window of standard deviation 1.5 cut off at 3.5 of them.
_DEVIATION, _REACH, _K1, _K2 = 1.5, 5, 0.01, 0.03


def psnr(picture: NDArray[Any], reference: NDArray[Any], largest: float = 255.0) -> float:
    """Peak signal-to-noise ratio in decibels; infinite for equal pictures.

    Raises FootageError if the sizes differ.
    """
    one, other = _pair(picture, reference)
    square = float(np.mean((one - other) ** 2))
    return float(10 * np.log10(largest**2 / square)) if square else float("inf")


def ssim(picture: NDArray[Any], reference: NDArray[Any], largest: float = 255.0) -> float:
    """Structural similarity, the mean over pixels and colours; 1 for equal pictures.

    Z. Wang, A. Bovik, H. Sheikh and E. Simoncelli, IEEE Transactions on Image Processing
    13, 2004, with its Gaussian window. Pictures are (height, width) or (height, width,
    colours), at least 11 pixels either way. Raises FootageError if sizes do not fit.
    """
    one, other = _pair(picture, reference)
    if min(one.shape[:2]) < 2 * _REACH + 1:
        raise FootageError("Pictures must have at least 11 pixels either way to be compared.")
    first, second = (_K1 * largest) ** 2, (_K2 * largest) ** 2
    mean, reference_mean = _blurred(one), _blurred(other)
    variance = _blurred(one * one) - mean**2
    reference_variance = _blurred(other * other) - reference_mean**2
    shared = _blurred(one * other) - mean * reference_mean
    result = ((2 * mean * reference_mean + first) * (2 * shared + second)) / (
        (mean**2 + reference_mean**2 + first) * (variance + reference_variance + second)
    )
    return float(result.mean())


def _pair(picture: NDArray[Any], reference: NDArray[Any]) -> tuple[Floats, Floats]:
    if np.shape(picture) != np.shape(reference):
        raise FootageError(
            f"The pictures have different sizes: {np.shape(picture)} and {np.shape(reference)}."
        )
    return np.asarray(picture, np.float64), np.asarray(reference, np.float64)


def _blurred(picture: Floats) -> Floats:
    """Only where the whole window lies inside the picture."""
    weights = np.exp(-0.5 * (np.arange(-_REACH, _REACH + 1) / _DEVIATION) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        length = picture.shape[axis] - 2 * _REACH
        picture = sum(
            weight * np.take(picture, range(offset, offset + length), axis=axis)
            for offset, weight in enumerate(weights)
        )
    return picture
