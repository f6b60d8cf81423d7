# SPDX-License-Identifier: GPL-3.0-or-later
"""Refine a performance: what a good capture would have shown.

Needs onnxruntime and numpy only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS, REGIONS
from ..curves.retime import sampled
from ..errors import PerformanceError, RecipeError
from ..performance import Performance
from .evidence import Evidence, gathered, held, on_lines, together_with
from .runtime import FOLDER, LiveNetwork, OfflineNetwork

Floats = NDArray[np.floating[Any]]
Progress = Callable[[float], None]

LONGEST_GAP = 0.5
"""Seconds without a face that are filled."""

# Recordings called 60 fps run at 59.88 or 59.94; steps within this share count as even.
_SAME_RATE = 0.02
_UNEVEN = 0.25
# Confidence of what stands where nothing was seen: as little as the network knows.
_HARDLY = 0.15
# Frames that go through the network at a time, so that memory stays small.
_FRAMES = 2048


def refine(
    performance: Performance,
    strength: float = 1.0,
    regions: Mapping[str, float] | Collection[str] | None = None,
    live: bool = False,
    weights: Path | str | None = None,
    rate: float | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
) -> Performance:
    """The performance with its tremble, freezes and losses undone.

    strength: 0 gives the performance itself, 1 the network's motion; between, a blend.
    regions: names among `arkit.REGIONS` to refine, or a factor on the strength for each;
        None: all.
    live: with the causal network, as it would run during capture; a frame's result then
        depends on nothing later than 2 frames after it.
    weights: folder with `offline.onnx` and `live.onnx` and their cards; None: Mien's own.
    rate: frames a second of the result; the network knows better than a spline what lies
        between the frames of a slow camera. None keeps the performance's times.
    seed: of the detail that no evidence fixes; None: none of it.
    progress: called with the share done.

    Confidence, head, eyes and channels other than ARKit's stay. Frames of confidence 0 are
    filled where a face was seen again within half a second; elsewhere what stands there is
    followed. The lower a confidence, the less a frame is trusted.

    Raises RecipeError for a strength outside 0–1, a rate not above 0 or an unknown region,
    PerformanceError if no channel is ARKit's, WeightsError for weights that are missing or
    altered.
    """
    amount = _amounts(performance.channels, strength, regions)
    known = [name for name in CHANNELS if name in performance.channels]
    if not known:
        raise PerformanceError(
            "None of this performance's channels is one of ARKit's 52; there is nothing to refine."
        )
    base = performance
    if rate is not None:
        if not (np.isfinite(rate) and rate > 0):
            raise RecipeError(f"Refine: the rate must be above 0 frames a second; it is {rate}.")
        frames = int(np.floor(performance.duration * rate + 1e-6)) + 1
        base = sampled(performance, np.arange(frames) / rate)
    if not amount.any() or len(performance) < 2:
        return base
    columns = np.array([performance.index(name) for name in known])
    places = np.array([CHANNELS.index(name) for name in known])
    seen = np.zeros((len(performance), len(CHANNELS)), np.float32)
    seen[:, places] = performance.weights[:, columns]
    confidence = np.ones_like(seen)
    sure = performance.confidence
    sure = _with_long_gaps(sure.reshape(len(sure), -1), performance.times)
    confidence[:, places] = sure if sure.shape[1] == 1 else sure[:, columns]
    folder = FOLDER if weights is None else Path(weights)
    network = LiveNetwork(folder) if live else OfflineNetwork(folder)
    refined = _refined(network, performance.times, base.times, seen, confidence, seed, progress)
    result = base.weights.copy()
    share = amount[columns]
    blend = (1 - share) * result[:, columns] + share * refined[:, places]
    # A channel left out stays bit for bit, also where adding 0 would turn −0 into 0.
    result[:, columns] = np.where(share > 0, blend, result[:, columns])
    return base.replace(weights=result)


def _with_long_gaps(confidence: Floats, times: Floats) -> Floats:
    """(frames, columns) confidence, a little where nothing was seen for long.

    What stands there, say a face that eases to rest, is then followed; a line to where the
    face is found again would be a grimace that lasts.
    """
    result = np.array(confidence)
    for column in result.T:
        seen = np.flatnonzero(column > 0)
        edges = np.concatenate([[-1], seen, [len(column)]])
        for gap in np.flatnonzero(np.diff(edges) > 1):
            before, after = edges[gap], edges[gap + 1]
            at_an_end = before < 0 or after == len(column)
            if at_an_end or times[after] - times[before] > LONGEST_GAP:
                column[before + 1 : after] = _HARDLY
    return result


def _amounts(
    channels: tuple[str, ...],
    strength: float,
    regions: Mapping[str, float] | Collection[str] | None,
) -> Floats:
    """(channels,) how strongly each channel is refined."""
    if not 0 <= strength <= 1:
        raise RecipeError(f"Refine: the strength lies between 0 and 1; it is {strength}.")
    if regions is None:
        regions = REGIONS.keys()
    if isinstance(regions, str):
        regions = (regions,)
    factors = dict(regions) if isinstance(regions, Mapping) else dict.fromkeys(regions, 1.0)
    for region, factor in factors.items():
        if region not in REGIONS:
            raise RecipeError(
                f"Refine: there is no region “{region}”; known: {', '.join(REGIONS)}."
            )
        if not 0 <= factor <= 1:
            raise RecipeError(f"Refine: the factor of “{region}” lies between 0 and 1.")
    of = {name: factor for region, factor in factors.items() for name in REGIONS[region]}
    return np.array([strength * of.get(name, 0.0) for name in channels], np.float32)


def _refined(
    network: OfflineNetwork | LiveNetwork,
    times: Floats,
    wanted: Floats,
    seen: Floats,
    confidence: Floats,
    seed: int | None,
    progress: Progress | None,
) -> Floats:
    """(wanted, 52) in [0, 1], worked out at the network's own rate."""
    places, at = times * network.rate, wanted * network.rate
    if _even(np.diff(places)):
        # A frame a step, though the camera's clock may run a little fast or slow.
        at = at if len(wanted) != len(times) else np.arange(len(times), dtype=np.float64)
        places = np.arange(len(times), dtype=np.float64)
    frames = np.arange(max(int(np.ceil(places[-1] - 1e-6)), 0) + 1, dtype=np.float64)

    def shown(moments: Floats) -> Evidence:
        if not isinstance(network, LiveNetwork):
            return gathered(seen, confidence, places, moments)
        motion = on_lines(held(seen, confidence), places, moments)
        nothing = np.zeros_like(motion)
        return Evidence(motion, nothing, on_lines(confidence, places, moments), nothing)

    evidence = shown(frames)
    if not isinstance(network, LiveNetwork):
        (evidence,) = together_with([evidence])
    refined = np.empty((len(frames), seen.shape[1]), np.float32)
    done = 0
    for part in network.refined(evidence, seed, _FRAMES):
        refined[done : done + len(part)] = part
        done += len(part)
        if progress is not None:
            progress(done / len(frames))
    if np.array_equal(at, frames):
        return np.clip(refined, 0, 1, out=refined)
    # Between the network's frames what it changes is smoother than the motion itself.
    change = refined - evidence.motion - evidence.curve
    there = shown(at)
    return np.clip(there.motion + there.curve + on_lines(change, frames, at), 0, 1)


def _even(steps: Floats) -> bool:
    return bool(abs(np.median(steps) - 1) < _SAME_RATE and np.all(np.abs(steps - 1) < _UNEVEN))
