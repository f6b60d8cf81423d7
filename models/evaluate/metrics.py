# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures that say how near one motion is to another.

Motions are (frames, channels) arrays of weights at one rate, frame for frame the same
moments. Every figure is a plain number; smaller is nearer unless said otherwise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]

_LEAST_PEAK = 0.3
_STILL = 0.02
_SPECTRUM_FRAMES = 64


def rmse(motion: Floats, reference: Floats) -> float:
    """Root mean square error, in weights."""
    return float(np.sqrt(np.mean(np.square(motion - reference))))


def jitter(motion: Floats, where: Flags | None = None) -> float:
    """Mean |second difference|, in weights a frame².

    where: (frames, channels) of the middle frames that count; None: all.
    """
    bends = np.abs(np.diff(motion, 2, axis=0))
    if where is not None:
        bends = bends[where[1:-1]]
    return float(bends.mean()) if bends.size else 0.0


def still(reference: Floats, rate: float, seconds: float = 0.25) -> Flags:
    """(frames, channels): True where a channel moves by less than 0.02 a second around."""
    speed = np.abs(np.gradient(np.asarray(reference, np.float64), axis=0)) * rate
    reach = max(round(seconds * rate), 1)
    padded = np.pad(speed, ((reach + 1, reach), (0, 0)), mode="edge")
    total = np.cumsum(padded, axis=0)
    mean = (total[2 * reach + 1 :] - total[: -2 * reach - 1]) / (2 * reach + 1)
    return np.asarray(mean < _STILL)


def peaks(reference: Floats) -> Flags:
    """(frames, channels): True at every local maximum above 0.3."""
    result = np.zeros(reference.shape, bool)
    middle = reference[1:-1]
    result[1:-1] = (middle > reference[:-2]) & (middle >= reference[2:]) & (middle > _LEAST_PEAK)
    return result


def peak_error(motion: Floats, reference: Floats, share: float = 0.95) -> float:
    """95th percentile of |error| at the reference's local maxima above 0.3; 0 without any."""
    at = peaks(reference)
    return float(np.quantile(np.abs(motion - reference)[at], share)) if at.any() else 0.0


def delay(motion: Floats, reference: Floats, most: int = 12) -> float:
    """Frames by which a motion lags: the shift of the best cross-correlation.

    Between frames by a parabola through the three best. Negative: it is ahead.
    """
    most = min(most, (len(motion) - 2) // 2)
    if most < 1:
        return 0.0
    one = np.asarray(motion, np.float64) - motion.mean(axis=0)
    other = np.asarray(reference, np.float64) - reference.mean(axis=0)
    inner = slice(most, len(one) - most)
    shifts = range(-most, most + 1)
    score = np.array(
        [
            np.sum(one[inner] * other[most - shift : len(one) - most - shift])
            / max(np.linalg.norm(other[most - shift : len(one) - most - shift]), 1e-12)
            for shift in shifts
        ]
    )
    best = int(np.argmax(score))
    if best in (0, len(score) - 1):
        return float(best - most)
    before, here, after = score[best - 1 : best + 2]
    bend = before - 2 * here + after
    return best - most + (0.5 * float(before - after) / float(bend) if bend else 0.0)


def velocity_spectrum(motion: Floats) -> Floats:
    """(frequencies, channels): root mean square amplitude of frame differences.

    Over Hann windows of 64 frames that overlap by half (P. Welch, 1967); frequencies from
    one cycle a window up to half the rate.
    """
    velocity = np.diff(np.asarray(motion, np.float64), axis=0)
    length = min(_SPECTRUM_FRAMES, len(velocity))
    window = np.hanning(length + 2)[1:-1, None]
    starts = range(0, max(len(velocity) - length, 0) + 1, max(length // 2, 1))
    power = [
        np.abs(np.fft.rfft(velocity[start : start + length] * window, axis=0)) ** 2
        for start in starts
    ]
    return np.asarray(np.sqrt(np.mean(power, axis=0))[1:])


def velocity_spectrum_distance(motion: Floats, reference: Floats) -> float:
    """Mean |difference| of the two spectra, over the reference's mean.

    0: as lively at every frequency; 1: as far off as if nothing moved.
    """
    one, other = velocity_spectrum(motion), velocity_spectrum(reference)
    return float(np.abs(one - other).sum() / max(other.sum(), 1e-12))


def motion_features(motion: Floats, rate: float, seconds: float = 0.5) -> Floats:
    """(windows, features): how each half second moves, and how it stands.

    For each channel: mean weight, and the logarithm of the mean |velocity| and
    |acceleration| in it. Windows overlap by half.
    """
    motion = np.asarray(motion, np.float64)
    length = max(round(seconds * rate), 3)
    features = []
    for start in range(0, max(len(motion) - length, 0) + 1, max(length // 2, 1)):
        part = motion[start : start + length]
        speed = np.abs(np.diff(part, axis=0)).mean(axis=0) * rate
        bend = np.abs(np.diff(part, 2, axis=0)).mean(axis=0) * rate
        features.append(np.concatenate([part.mean(axis=0), np.log1p(speed), np.log1p(bend)]))
    return np.array(features)


def frechet_distance(one: Floats, other: Floats) -> float:
    """Fréchet distance of two sets of features taken as Gaussians.

    |μ₁ − μ₂|² + tr(C₁ + C₂ − 2(C₁C₂)^½) (D. Dowson and B. Landau, 1982).
    """
    mean = one.mean(axis=0) - other.mean(axis=0)
    first = np.atleast_2d(np.cov(one, rowvar=False))
    second = np.atleast_2d(np.cov(other, rowvar=False))
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root @ second @ root), 0, None)).sum()
    return float(max(mean @ mean + np.trace(first) + np.trace(second) - 2 * cross, 0.0))


def diversity(motion: Floats, rate: float, seed: int = 0, pairs: int = 300) -> float:
    """Mean distance of the features of random pairs of half seconds; larger: more varied."""
    features = motion_features(motion, rate)
    if len(features) < 2:
        return 0.0
    random = np.random.default_rng(seed)
    first = random.integers(0, len(features), pairs)
    second = (first + random.integers(1, len(features), pairs)) % len(features)
    return float(np.linalg.norm(features[first] - features[second], axis=1).mean())


# FACS action units and the ARKit channels that show them: P. Ekman and W. Friesen, "Facial
# action coding system", 1978, read against Apple's description of each location.
ACTION_UNITS: dict[str, tuple[str, ...]] = {
    "AU1": ("browInnerUp",),
    "AU2": ("browOuterUpLeft", "browOuterUpRight"),
    "AU4": ("browDownLeft", "browDownRight"),
    "AU5": ("eyeWideLeft", "eyeWideRight"),
    "AU6": ("cheekSquintLeft", "cheekSquintRight"),
    "AU7": ("eyeSquintLeft", "eyeSquintRight"),
    "AU9": ("noseSneerLeft", "noseSneerRight"),
    "AU10": ("mouthUpperUpLeft", "mouthUpperUpRight"),
    "AU12": ("mouthSmileLeft", "mouthSmileRight"),
    "AU14": ("mouthDimpleLeft", "mouthDimpleRight"),
    "AU15": ("mouthFrownLeft", "mouthFrownRight"),
    "AU17": ("mouthShrugLower",),
    "AU20": ("mouthStretchLeft", "mouthStretchRight"),
    "AU23": ("mouthPressLeft", "mouthPressRight"),
    "AU26": ("jawOpen",),
    "AU45": ("eyeBlinkLeft", "eyeBlinkRight"),
}
_ACTIVE = 0.2


def action_units(weights: Floats, channels: tuple[str, ...] = CHANNELS) -> Floats:
    """(frames, units): how strongly each action unit of `ACTION_UNITS` shows."""
    columns = [
        [channels.index(name) for name in names if name in channels]
        for names in ACTION_UNITS.values()
    ]
    return np.stack(
        [weights[:, which].mean(axis=1) if which else np.zeros(len(weights)) for which in columns],
        axis=1,
    )


def action_unit_agreement(
    motion: Floats, reference: Floats, channels: tuple[str, ...] = CHANNELS
) -> float:
    """F1 of active (above 0.2) action units, frame by frame; 1: the same everywhere."""
    shown = action_units(motion, channels) > _ACTIVE
    meant = action_units(reference, channels) > _ACTIVE
    total = int(shown.sum() + meant.sum())
    return 2 * int((shown & meant).sum()) / total if total else 1.0


def compare(
    motion: Floats, reference: Floats, rate: float, channels: tuple[str, ...] = CHANNELS
) -> dict[str, float]:
    """Every figure of one motion against its reference, by name."""
    motion, reference = np.asarray(motion, np.float64), np.asarray(reference, np.float64)
    quiet = still(reference, rate)
    whole, calm = jitter(reference), jitter(reference, quiet)
    return {
        "rmse": rmse(motion, reference),
        "jitter": jitter(motion) / max(whole, 1e-9),
        "jitter_still": jitter(motion, quiet) / max(calm, 1e-9),
        "peak_error": peak_error(motion, reference),
        "delay": delay(motion, reference),
        "velocity_spectrum": velocity_spectrum_distance(motion, reference),
        "frechet": frechet_distance(
            motion_features(motion, rate), motion_features(reference, rate)
        ),
        "diversity": diversity(motion, rate) / max(diversity(reference, rate), 1e-9),
        "action_units": action_unit_agreement(motion, reference, channels),
    }
