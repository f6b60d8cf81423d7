# SPDX-License-Identifier: GPL-3.0-or-later
"""What refinement is measured against: the filters of the trade, each at its best.

Every baseline takes (frames, channels) weights and gives the same shape in [0, 1].
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pywt
from scipy.interpolate import CubicSpline, PchipInterpolator
from scipy.signal import butter, filtfilt, savgol_filter

Filter = Callable[[np.ndarray], np.ndarray]


def unchanged(weights: np.ndarray) -> np.ndarray:
    """Nothing but the clip."""
    return np.clip(weights, 0, 1)


def savitzky_golay(weights: np.ndarray, window: int, degree: int) -> np.ndarray:
    """SciPy's, over all frames."""
    return np.clip(savgol_filter(weights, window, degree, axis=0), 0, 1)


def butterworth(weights: np.ndarray, cutoff: float, rate: float = 60.0) -> np.ndarray:
    """Second order, forward and backward."""
    return np.clip(filtfilt(*butter(2, cutoff / (rate / 2)), weights, axis=0), 0, 1)


def wavelet(weights: np.ndarray, threshold: float, mode: str, levels: int = 6) -> np.ndarray:
    """sym8; threshold as a share of the universal one, noise from the finest details."""
    levels = min(levels, pywt.dwt_max_level(len(weights), "sym8"))
    coefficients = pywt.wavedec(weights, "sym8", level=levels, axis=0)
    noise = np.median(np.abs(coefficients[-1]), axis=0) / 0.6745
    limit = np.maximum(threshold * noise * np.sqrt(2 * np.log(len(weights))), 1e-12)
    coefficients[1:] = [pywt.threshold(one, limit, mode) for one in coefficients[1:]]
    return np.clip(pywt.waverec(coefficients, "sym8", axis=0)[: len(weights)], 0, 1)


def one_euro(
    weights: np.ndarray, least_cutoff: float, speed_gain: float, rate: float = 60.0
) -> np.ndarray:
    """Casiez, Roussel and Vogel's filter, causal: the baseline of the live refiner."""

    def blend(cutoff: np.ndarray | float) -> np.ndarray | float:
        return 1 / (1 + rate / (2 * np.pi * cutoff))

    result = np.empty_like(weights)
    smooth, before = weights[0], weights[0]
    speed = np.zeros_like(smooth)
    for frame, value in enumerate(weights):
        share = blend(1.0)
        speed = share * (value - before) * rate + (1 - share) * speed
        share = blend(least_cutoff + speed_gain * np.abs(speed))
        smooth = share * value + (1 - share) * smooth
        before = value
        result[frame] = smooth
    return np.clip(result, 0, 1)


def _bridge(weights: np.ndarray, confidence: np.ndarray, kind: Callable) -> np.ndarray:
    seen = np.flatnonzero(confidence > 0)
    if len(seen) == len(weights) or len(seen) < 2:
        return weights
    frames = np.clip(np.arange(len(weights)), seen[0], seen[-1])
    # Seen frames stay exactly as they are.
    result = kind(seen, weights[seen], axis=0)(frames)
    result[seen] = weights[seen]
    return result


def _linear(places: np.ndarray, values: np.ndarray, axis: int = 0) -> Callable:
    return lambda at: np.stack([np.interp(at, places, column) for column in values.T], axis=1)


BRIDGES = {
    "linear": partial(_bridge, kind=_linear),
    "monotone cubic": partial(_bridge, kind=PchipInterpolator),
    "cubic": partial(_bridge, kind=CubicSpline),
}


def cubic_through(samples: np.ndarray, places: np.ndarray, frames: int) -> np.ndarray:
    """A cubic spline through a slower camera's samples, ends held."""
    at = np.clip(np.arange(frames), places[0], places[-1])
    return np.clip(CubicSpline(places, samples, axis=0)(at), 0, 1)


@dataclass(frozen=True)
class Family:
    """A kind of filter and the settings among which it is tuned."""

    name: str
    make: Callable[..., np.ndarray]
    grid: Sequence[dict]

    def candidates(self) -> Iterable[tuple[str, Filter]]:
        """Each setting's name and filter."""
        for settings in self.grid:
            text = ", ".join(f"{value:g}" if isinstance(value, float) else str(value)
                             for value in settings.values())  # fmt: skip
            yield f"{self.name} {text}".strip(), partial(self.make, **settings)


def _product(**values: Iterable) -> list[dict]:
    return [dict(zip(values, one, strict=True)) for one in itertools.product(*values.values())]


FAMILIES = (
    Family("Unfiltered", unchanged, [{}]),
    Family(
        "Savitzky–Golay",
        savitzky_golay,
        [s for s in _product(window=range(5, 26, 2), degree=(2, 3)) if s["window"] > s["degree"]],
    ),
    Family("Butterworth", butterworth, _product(cutoff=[2.0, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20])),
    Family(
        "Wavelet",
        wavelet,
        _product(
            threshold=[0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0],
            mode=("hard", "soft"),
        ),
    ),
)
LIVE = Family(
    "One-Euro",
    one_euro,
    _product(
        least_cutoff=[0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0],
        speed_gain=[0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0],
    ),
)


def methods(damage: str) -> Iterable[tuple[str, str, Callable]]:
    """Family, setting and function of `Seen` for everything that is tuned for a damage."""
    if damage == "none":
        yield "Unfiltered", "Unfiltered", lambda seen: unchanged(seen.damaged)
        return
    if damage in ("low-rate", "own tracker"):
        yield (
            "Cubic",
            "Cubic",
            lambda seen: cubic_through(seen.samples, seen.places, len(seen.damaged)),
        )
    bridges = BRIDGES if damage in ("dropout", "all") else {"": lambda values, confidence: values}
    for bridge_name, bridge in bridges.items():
        for family in FAMILIES:
            for name, run in family.candidates():
                text = ", ".join(part for part in (bridge_name, name) if part)
                yield family.name, text, partial(_bridged_then, bridge, run)
                if damage in ("low-rate", "all", "own tracker") and family.name != "Unfiltered":
                    yield family.name, f"{text}, cubic", partial(_cubic_then, bridge, run)


def live_methods() -> Iterable[tuple[str, Callable]]:
    """Setting and function of `Seen` for the causal baseline: the last seen frame is held."""
    for name, run in LIVE.candidates():
        yield name, lambda seen, run=run: run(_held(seen))


def _bridged_then(bridge: Callable, run: Filter, seen: object) -> np.ndarray:
    return run(bridge(seen.damaged, seen.confidence))


def _cubic_then(bridge: Callable, run: Filter, seen: object) -> np.ndarray:
    samples = bridge(seen.samples, seen.sample_confidence)
    at = np.clip(np.arange(len(seen.damaged)), seen.places[0], seen.places[-1])
    return run(CubicSpline(seen.places, samples, axis=0)(at))


def _held(seen: object) -> np.ndarray:
    frames = np.arange(len(seen.damaged))
    return seen.damaged[np.maximum.accumulate(np.where(seen.confidence > 0, frames, 0))]


def tune(damage: str, takes: Sequence) -> dict[str, tuple[str, Callable, float]]:
    """Each family's best setting on these takes by RMSE: name, function, RMSE."""
    best: dict[str, tuple[str, Callable, float]] = {}
    for family, name, run in methods(damage):
        error = pooled_rmse([run(seen) for seen in takes], takes)
        if family not in best or error < best[family][2]:
            best[family] = (name, run, error)
    return best


def tune_live(takes: Sequence) -> tuple[str, Callable, float]:
    """The best One-Euro on these takes by RMSE: name, function, RMSE."""
    tried = [
        (name, run, pooled_rmse([run(seen) for seen in takes], takes))
        for name, run in live_methods()
    ]
    return min(tried, key=lambda one: one[2])


def pooled_rmse(results: Sequence[np.ndarray], takes: Sequence) -> float:
    """Over all frames and channels of all takes."""
    total = sum(
        float(np.square(result - seen.true).sum())
        for result, seen in zip(results, takes, strict=True)
    )
    return float(np.sqrt(total / sum(seen.true.size for seen in takes)))
