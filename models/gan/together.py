# SPDX-License-Identifier: GPL-3.0-or-later
"""What the channels of a take say of each other.

A tracker's tremble differs from channel to channel; a face does not: lids go down together,
lips move with the jaw. So a channel's motion shows in the others as well. How, is the
performer's own, and learned from the take itself, in bands of time from fine to coarse:

    C = Ψ + S,   estimate = S C⁻¹ (seen − mean) + mean

C is the covariance of what was seen, Ψ what no other channel explains (diagonal, the partial
variances 1 / (C⁻¹)ⱼⱼ: L. Guttman, "Image theory for the structure of quantitative variates",
1953) but no more than noise can be, S the rest; the estimate is N. Wiener's filter across
channels. What is a channel's own is taken for noise here: the network decides where to
believe it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

_LEVELS = 5
# Covariances are known no better than this share of them, and variances than this, weights².
_DOUBT = 1e-5
_LEAST = 1e-10
# Noise is alike in all channels but for this factor; what is more is the channel's own motion.
_MOST_TREMBLE = 2.0
# Of bands, in frames: what one piece of a long take needs of its neighbours.
_CONTEXT = 2 ** (_LEVELS + 1)
_PIECE = 16384


def together(parts: Sequence[Floats], sure: Sequence[Floats]) -> list[Floats]:
    """Parts of one take, each (frames, channels), as all channels together tell them.

    sure: (frames, channels) confidence of each; frames of which less than half was seen
    teach nothing. Too few frames teach nothing either: the parts come back as they are.
    """
    means, filters = _learned(parts, sure)
    result = []
    for part in parts:
        estimate = np.empty(part.shape, np.float32)
        for start, stop, bands in _bands(part):
            estimate[start:stop] = sum(
                mean + (band - mean) @ share
                for band, mean, share in zip(bands, means, filters, strict=True)
            )
        result.append(estimate)
    return result


def _learned(parts: Sequence[Floats], sure: Sequence[Floats]) -> tuple[list[Floats], list[Floats]]:
    """Each band's (channels,) mean and (channels, channels) filter, applied from the right."""
    channels = parts[0].shape[1]
    count = 0
    sums = np.zeros((_LEVELS + 1, channels))
    products = np.zeros((_LEVELS + 1, channels, channels))
    for part, certain in zip(parts, sure, strict=True):
        for start, stop, bands in _bands(part):
            known = (certain[start:stop] > 0).mean(axis=1) > 0.5
            count += int(known.sum())
            for level, band in enumerate(bands):
                kept = band[known]
                sums[level] += kept.sum(axis=0)
                products[level] += kept.T @ kept
    if count < 2:
        return [np.zeros(channels, np.float32)] * (_LEVELS + 1), [
            np.eye(channels, dtype=np.float32)
        ] * (_LEVELS + 1)
    means = sums / count
    filters = []
    for mean, product in zip(means, products, strict=True):
        filters.append(_shared(product / count - np.outer(mean, mean)).astype(np.float32))
    return list(means.astype(np.float32)), filters


def _shared(covariance: Floats) -> Floats:
    """(channels, channels): C⁻¹ S of one band's covariance C."""
    channels = len(covariance)
    doubt = _DOUBT * np.trace(covariance) / channels + _LEAST
    certain = covariance + doubt * np.eye(channels)
    own = 1 / np.diag(np.linalg.inv(certain))
    own = np.minimum(own, _MOST_TREMBLE * np.median(own))
    values, vectors = np.linalg.eigh(certain - np.diag(own))
    common = (vectors * np.maximum(values, 0)) @ vectors.T
    return np.asarray(np.linalg.solve(common + np.diag(own), common))


def _bands(part: Floats) -> Iterator[tuple[int, int, list[Floats]]]:
    """Pieces of a part: first frame, frame after the last, and their bands, fine to coarse.

    Bands are differences of smoothings by the à trous algorithm (M. Holschneider et al.,
    1989) and the last smoothing; they add up to the part.
    """
    total = len(part)
    for start in range(0, total, _PIECE):
        stop = min(start + _PIECE, total)
        first, last = max(start - _CONTEXT, 0), min(stop + _CONTEXT, total)
        values = np.asarray(part[first:last], np.float32)
        bands = []
        for level in range(_LEVELS):
            smooth = _smoothed(values, level)
            bands.append((values - smooth)[start - first : stop - first])
            values = smooth
        yield start, stop, [*bands, values[start - first : stop - first]]


def _smoothed(values: Floats, level: int) -> Floats:
    """The filter bank's smoothing of a level; the ends are held."""
    taps = (1, 2, 1) if level == 0 else (1, 4, 6, 4, 1)
    step = 1 if level == 0 else 2 ** (level - 1)
    reach = len(taps) // 2 * step
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    result = np.zeros_like(values)
    for index, tap in enumerate(taps):
        result += np.float32(tap / sum(taps)) * padded[index * step : index * step + len(values)]
    return result
