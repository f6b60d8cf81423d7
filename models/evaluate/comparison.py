# SPDX-License-Identifier: GPL-3.0-or-later
"""One performance measured against another: the same channels at the same moments."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..curves.clean import clean
from ..errors import PerformanceError
from ..gan.damage import PROTOCOL
from ..performance import Performance
from . import metrics
from .moments import Moment, moments

Floats = NDArray[np.floating[Any]]
Restore = Callable[[Performance], Performance]

RATE = 60.0
# The damage of which a blink and a plosive are shown.
_SHOWN = "tracker"


@dataclass(frozen=True, eq=False)
class Comparison:
    """What `compare` found.

    channels: those that both have. times: (frames,) seconds. motion, reference: (frames,
    channels) at those times. figures: by name, see `metrics.compare`. by_channel: RMSE of
    each channel. robustness: the same figures for each damage. moments: a blink and a
    plosive, damaged, filtered and restored. cost: seconds and bytes of restoring.
    """

    channels: tuple[str, ...]
    times: Floats
    motion: Floats
    reference: Floats
    figures: Mapping[str, float]
    by_channel: Mapping[str, float]
    robustness: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    moments: Sequence[Moment] = ()
    cost: Mapping[str, float] = field(default_factory=dict)


def compare(
    performance: Performance,
    reference: Performance,
    restore: Restore | None = None,
    seed: int = 0,
) -> Comparison:
    """Measure a performance against the one it should be.

    Both are brought to 60 frames a second on straight lines, over the time they share,
    from their first frames on.

    restore: a way to restore motion, say the refiner. The reference is then damaged in
    each of the ways of `gan.damage.PROTOCOL`, restored, and measured as well; its time and
    memory are taken on the performance.

    Raises PerformanceError if they share no channel or less than 3 frames.
    """
    channels = tuple(name for name in reference.channels if name in performance.channels)
    duration = min(performance.duration, reference.duration)
    frames = int(np.floor(duration * RATE + 1e-6)) + 1
    if not channels:
        raise PerformanceError("The two performances have no channel in common.")
    if frames < 3:
        raise PerformanceError("The two performances share too little time to be compared.")
    times = np.arange(frames) / RATE
    motion = _at(performance, channels, times)
    true = _at(reference, channels, times)
    robustness: dict[str, dict[str, float]] = {}
    cost: dict[str, float] = {}
    shown: list[Moment] = []
    if restore is not None:
        robustness, shown = _robustness(true, times, channels, restore, seed)
        cost = _cost(performance, restore)
    return Comparison(
        channels,
        times,
        motion,
        true,
        metrics.compare(motion, true, RATE, channels),
        {
            name: metrics.rmse(motion[:, index], true[:, index])
            for index, name in enumerate(channels)
        },
        robustness,
        shown,
        cost,
    )


def _at(performance: Performance, channels: tuple[str, ...], times: Floats) -> Floats:
    return np.stack(
        [np.interp(times, performance.times, performance.channel(name)) for name in channels],
        axis=1,
    )


def _robustness(
    true: Floats, times: Floats, channels: tuple[str, ...], restore: Restore, seed: int
) -> tuple[dict[str, dict[str, float]], list[Moment]]:
    """The figures of each damage, and what the worst did to a blink and a plosive."""
    result = {}
    shown: list[Moment] = []
    for name, damage in PROTOCOL.items():
        weights, confidence = damage.apply(true, RATE, np.random.default_rng(seed))
        damaged = Performance(weights, times, channels, confidence=confidence)
        restored = restore(damaged).weights.astype(np.float64)
        result[f"{name}, damaged"] = metrics.compare(weights, true, RATE, channels)
        result[f"{name}, restored"] = metrics.compare(restored, true, RATE, channels)
        if name == _SHOWN:
            filtered = clean(damaged).weights.astype(np.float64)
            versions = {"damaged": weights, "filtered": filtered, "restored": restored}
            shown = moments(true, versions, channels, RATE)
    return result, shown


def _cost(performance: Performance, restore: Restore) -> dict[str, float]:
    began = time.perf_counter()
    restore(performance)
    seconds = time.perf_counter() - began
    tracemalloc.start()
    restore(performance)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "seconds": seconds,
        "seconds a minute of take": seconds * 60 / max(performance.duration, 1e-9),
        "array memory, megabytes": most / 1e6,
    }
