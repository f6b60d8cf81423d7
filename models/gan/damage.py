# SPDX-License-Identifier: GPL-3.0-or-later
"""What trackers do to motion: tremble, freeze, lose the face, run slowly.

Functions take (frames, channels) weights and a generator of random numbers, and give the
damaged weights, never clipped: a tracker's noise does not stop at 0 either.
`Damage` is a mixture of them as data; `PROTOCOL` holds those that refinement is measured
on.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

_SOLVED_TOGETHER = 24


def white(weights: Floats, deviation: float, random: np.random.Generator) -> Floats:
    """Independent Gaussian noise on every frame and channel."""
    return weights + random.normal(0, deviation, weights.shape)


def tracker(
    weights: Floats,
    rate: float,
    deviation: float,
    random: np.random.Generator,
    correlation: float = 0.7,
) -> Floats:
    """Noise that lingers from frame to frame and grows where the face moves.

    First-order autoregressive noise of standard deviation `deviation` and the given
    correlation between neighbouring frames, scaled by 0.3 + local speed: the channel's
    |velocity| in weights a second, averaged over 0.1 s and taken as 1 where it is more.
    """
    return weights + lingering(weights.shape, deviation, correlation, random) * (
        0.3 + local_speed(weights, rate)
    )


def lingering(
    shape: tuple[int, ...], deviation: float, correlation: float, random: np.random.Generator
) -> Floats:
    """First-order autoregressive noise of the given standard deviation from the first frame."""
    noise = random.normal(0, deviation, shape)
    noise[1:] *= np.sqrt(1 - correlation**2)
    # n[t] = ρ n[t−1] + e[t], solved a few frames at a time: ρ^−t must not grow without end.
    powers = correlation ** np.arange(_SOLVED_TOGETHER, dtype=np.float64)[:, None]
    before = np.zeros(shape[1:])
    for start in range(0, shape[0], _SOLVED_TOGETHER):
        part = noise[start : start + _SOLVED_TOGETHER]
        grown = powers[: len(part)]
        part[:] = grown * (correlation * before + np.cumsum(part / grown, axis=0))
        before = part[-1]
    return noise


def local_speed(weights: Floats, rate: float) -> Floats:
    """(frames, channels) weights a second around each frame, at most 1."""
    if len(weights) < 2:
        return np.zeros_like(weights)
    speed = np.abs(np.gradient(weights, axis=0)) * rate
    reach = max(round(0.05 * rate), 1)
    padded = np.pad(speed, ((reach + 1, reach), (0, 0)), mode="edge")
    total = np.cumsum(padded, axis=0)
    mean = (total[2 * reach + 1 :] - total[: -2 * reach - 1]) / (2 * reach + 1)
    return np.asarray(np.clip(mean, 0, 1))


def dropout(
    weights: Floats,
    share: float,
    random: np.random.Generator,
    shortest: int = 3,
    longest: int = 15,
) -> tuple[Floats, Floats]:
    """Spans in which the face is lost: frozen at the last value, confidence 0.

    share: of all frames. shortest, longest: frames of a span.
    Returns the weights and (frames,) confidence. The first frame is always seen.
    """
    frames = len(weights)
    confidence = np.ones(frames, np.float32)
    wanted = round(share * frames)
    for _ in range(8 * max(wanted, 1)):
        left = wanted - int((confidence == 0).sum())
        if left < shortest or frames <= shortest + 1:
            break
        length = min(int(random.integers(shortest, longest + 1)), left, frames - 2)
        start = int(random.integers(1, frames - length))
        # A seen frame stays between two spans, or they would be one longer span.
        if confidence[max(start - 1, 0) : start + length + 1].all():
            confidence[start : start + length] = 0
    latest = np.maximum.accumulate(np.where(confidence > 0, np.arange(frames), 0))
    return weights[latest], confidence


def low_rate(weights: Floats, rate: float, lower: float, phase: float = 0.0) -> Floats:
    """Seen by a slower camera: decimated to `lower` frames a second and brought back.

    Both ways by linear interpolation; phase: where in its interval the first sample lies,
    0 to 1.
    """
    samples, places = decimated(weights, rate, lower, phase)
    return between(samples, (np.arange(len(weights)) - places[0]) * lower / rate)


def decimated(
    weights: Floats, rate: float, lower: float, phase: float = 0.0
) -> tuple[Floats, Floats]:
    """The slower camera's (samples, channels) and where they lie, in frames of the faster."""
    places = np.arange(phase * rate / lower, len(weights) - 1 + 1e-6, rate / lower)
    return between(weights, places), places


def between(values: Floats, positions: Floats) -> Floats:
    """(positions, channels): rows at fractional positions, on straight lines, ends held."""
    positions = np.clip(positions, 0, len(values) - 1)
    base = np.minimum(positions.astype(int), max(len(values) - 2, 0))
    share = (positions - base)[:, None]
    after = values[np.minimum(base + 1, len(values) - 1)]
    return np.asarray((1 - share) * values[base] + share * after)


def frozen(weights: Floats, share: float, random: np.random.Generator) -> Floats:
    """Single frames that repeat the one before, as a camera that stutters shows them."""
    repeats = random.random(len(weights)) < share
    repeats[0] = False
    latest = np.maximum.accumulate(np.where(repeats, 0, np.arange(len(weights))))
    return np.asarray(weights[latest])


def saturated(weights: Floats, share: float, random: np.random.Generator) -> Floats:
    """Some channels that stop short of their full height, as solvers' do."""
    limits = np.where(
        random.random(weights.shape[1]) < share, random.uniform(0.5, 0.95, weights.shape[1]), np.inf
    )
    short: Floats = np.minimum(weights, limits * np.maximum(weights.max(axis=0), 1e-6))
    return short


@dataclass(frozen=True)
class Damage:
    """A mixture of damages; 0 leaves one out. They happen in the order of the fields.

    saturated: share of channels that stop short of their height.
    white: standard deviation of white noise, in weights.
    tracker: standard deviation of lingering noise, in weights.
    correlation: of lingering noise between neighbouring frames.
    frozen: share of frames that repeat the one before.
    dropout: share of frames in which the face is lost.
    low_rate: frames a second of the slower camera.
    phase: where in its interval the slower camera's first sample lies, 0 to 1.
    """

    saturated: float = 0.0
    white: float = 0.0
    tracker: float = 0.0
    correlation: float = 0.7
    frozen: float = 0.0
    dropout: float = 0.0
    low_rate: float = 0.0
    phase: float = 0.0

    def observe(
        self, weights: Floats, rate: float, random: np.random.Generator
    ) -> tuple[Floats, Floats, Floats]:
        """What the camera gave: (samples, channels), (samples,) confidence, and places.

        places: (samples,) where each lies, in frames of `rate`.
        """
        damaged: Floats = np.asarray(weights, np.float64)
        confidence: Floats = np.ones(len(damaged), np.float32)
        if self.saturated:
            damaged = saturated(damaged, self.saturated, random)
        if self.tracker:
            lingers = tracker(damaged, rate, self.tracker, random, self.correlation)
            damaged = white(lingers, self.white, random) if self.white else lingers
        elif self.white:
            damaged = white(damaged, self.white, random)
        if self.frozen:
            damaged = frozen(damaged, self.frozen, random)
        if self.dropout:
            damaged, confidence = dropout(damaged, self.dropout, random)
        if not self.low_rate:
            return damaged, confidence, np.arange(len(damaged), dtype=np.float64)
        samples, places = decimated(damaged, rate, self.low_rate, self.phase)
        return samples, _seen_only(between(confidence[:, None], places)), places

    def apply(
        self, weights: Floats, rate: float, random: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """The same, frame for frame: (frames, channels) and their (frames,) confidence.

        A slower camera's samples are brought back on straight lines; between a lost and a
        seen sample lies nothing that was seen.
        """
        samples, confidence, places = self.observe(weights, rate, random)
        if not self.low_rate:
            return samples, confidence
        positions = (np.arange(len(weights)) - places[0]) * self.low_rate / rate
        return between(samples, positions), _seen_only(between(confidence[:, None], positions))


def _seen_only(confidence: Floats) -> Floats:
    """1 where everything that a value was made of was seen, else 0."""
    return (confidence[:, 0] > 1 - 1e-6).astype(np.float32)


PROTOCOL: dict[str, Damage] = {
    "none": Damage(),
    "white": Damage(white=0.02),
    "tracker": Damage(tracker=0.03),
    "dropout": Damage(dropout=0.05),
    "low-rate": Damage(low_rate=24),
    "all": Damage(white=0.02, tracker=0.03, dropout=0.05, low_rate=24),
}
"""The damages that table 3 measures, each with its published setting."""


OWN_TRACKER = Damage(tracker=0.07, correlation=0.9, low_rate=24)
"""Mien's own tracker on rendered faces of known weights, filmed at 24 frames a second.

As `benchmarks/refinement/own_tracker.py` measures it: what is left of the error when each
channel's gain and the crosstalk between channels are taken out. Those two are the solver's
to mend; a refiner that guessed at them would change good takes as well.
"""


def draw_damage(random: np.random.Generator, protocol: float = 0.0) -> Damage:
    """A damage to train on: none, one, or several, of random strength.

    The protocol's kinds and the own tracker's at strengths around and beyond those measured.
    protocol: share of damages that are exactly the protocol's.
    """
    if protocol and random.random() < protocol:
        chosen = list(PROTOCOL.values())[int(random.integers(len(PROTOCOL)))]
        return dataclasses.replace(chosen, phase=float(random.random()))
    kind = random.random()
    deviation = float(np.exp(random.uniform(np.log(0.004), np.log(0.05))))
    near = float(random.uniform(0.01, 0.03))
    lingering_deviation = float(np.exp(random.uniform(np.log(0.01), np.log(0.06))))
    rho = float(random.uniform(0.5, 0.85))
    lower = float(random.choice([24, 24, 24, 25, 30, 30, 20]))
    phase = float(random.choice([0, 0, random.random()]))
    lost = float(random.uniform(0.03, 0.12))
    if kind < 0.08:
        return Damage()
    if kind < 0.26:
        return Damage(white=near if random.random() < 0.5 else deviation)
    if kind < 0.44:
        return Damage(tracker=lingering_deviation, correlation=rho)
    if kind < 0.58:
        return Damage(dropout=lost)
    if kind < 0.70:
        return Damage(low_rate=lower, phase=phase)
    if kind < 0.76:
        strength = float(random.uniform(0.3, 1.1))
        return dataclasses.replace(
            OWN_TRACKER, tracker=strength * OWN_TRACKER.tracker, low_rate=lower, phase=phase
        )
    if kind < 0.90:
        return Damage(
            white=near,
            tracker=lingering_deviation,
            correlation=rho,
            dropout=lost,
            low_rate=lower,
            phase=phase,
        )
    return Damage(
        white=near if random.random() < 0.5 else 0.0,
        tracker=lingering_deviation if random.random() < 0.5 else 0.0,
        correlation=rho,
        dropout=lost if random.random() < 0.5 else 0.0,
        low_rate=lower if random.random() < 0.3 else 0.0,
        phase=phase,
        frozen=0.05 if random.random() < 0.3 else 0.0,
        saturated=0.1 if random.random() < 0.3 else 0.0,
    )
