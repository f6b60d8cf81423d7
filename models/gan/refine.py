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
from ..errors import PerformanceError, RecipeError
from ..performance import Performance
from .evidence import bridged, held
from .runtime import FOLDER, LiveNetwork, OfflineNetwork

Floats = NDArray[np.floating[Any]]

# Recordings called 60 fps run at 59.88 or 59.94; steps within this share count as even.
_SAME_RATE = 0.02
_UNEVEN = 0.25
# Frames that go through the network at a time, so that memory stays small.
_FRAMES = 2048


def refine(
    performance: Performance,
    strength: float = 1.0,
    regions: Mapping[str, float] | Collection[str] | None = None,
    live: bool = False,
    weights: Path | str | None = None,
    seed: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Performance:
    """The performance with its tremble, freezes and losses undone.

    strength: 0 gives the performance itself, 1 the network's motion; between, a blend.
    regions: names among `arkit.REGIONS` to refine, or a factor on the strength for each;
        None: all. live: with the causal network, as it would run during capture; a
        frame's result then depends on nothing later than 2 frames after it.
    weights: folder with `offline.onnx` and `live.onnx` and their cards; None: Mien's own.
    seed: of the detail that no evidence fixes; None: none of it.
    progress: called with the share done.

    Times, confidence, head, eyes and channels other than ARKit's stay. Frames of
    confidence 0 are filled; the lower a confidence, the less a frame is trusted.

    Raises RecipeError for a strength outside 0–1 or an unknown region, PerformanceError if
    no channel is ARKit's, WeightsError for weights that are missing or altered.
    """
    amount = _amounts(performance.channels, strength, regions)
    known = [name for name in CHANNELS if name in performance.channels]
    if not known:
        raise PerformanceError(
            "None of this performance's channels is one of ARKit's 52; there is nothing to refine."
        )
    if not amount.any() or len(performance) < 2:
        return performance
    columns = np.array([performance.index(name) for name in known])
    places = np.array([CHANNELS.index(name) for name in known])
    seen = np.zeros((len(performance), len(CHANNELS)), np.float32)
    seen[:, places] = performance.weights[:, columns]
    confidence = np.ones_like(seen)
    sure = performance.confidence
    confidence[:, places] = sure[:, None] if sure.ndim == 1 else sure[:, columns]
    filled = np.asarray((held if live else bridged)(seen, confidence), np.float32)
    folder = FOLDER if weights is None else Path(weights)
    network = LiveNetwork(folder) if live else OfflineNetwork(folder)
    change = _change(network, performance.times, filled, confidence, seed, progress)
    refined = np.clip(filled + change, 0, 1)[:, places]
    result = performance.weights.copy()
    share = amount[columns]
    blend = result[:, columns] + share * (refined - result[:, columns])
    # A channel left out stays bit for bit, also where adding 0 would turn −0 into 0.
    result[:, columns] = np.where(share > 0, blend, result[:, columns])
    return performance.replace(weights=result)


def _amounts(
    channels: tuple[str, ...], strength: float, regions: Mapping[str, float] | Collection[str] | None
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
            raise RecipeError(f"Refine: there is no region “{region}”; known: {', '.join(REGIONS)}.")
        if not 0 <= factor <= 1:
            raise RecipeError(f"Refine: the factor of “{region}” lies between 0 and 1.")
    of = {name: factor for region, factor in factors.items() for name in REGIONS[region]}
    return np.array([strength * of.get(name, 0.0) for name in channels], np.float32)


def _change(
    network: OfflineNetwork | LiveNetwork,
    times: Floats,
    seen: Floats,
    confidence: Floats,
    seed: int | None,
    progress: Callable[[float], None] | None,
) -> Floats:
    """(frames, 52) what to add, worked out at the network's own rate."""
    steps = np.diff(times)
    even = abs(np.median(steps) * network.rate - 1) < _SAME_RATE and np.all(
        np.abs(steps * network.rate - 1) < _UNEVEN
    )
    if even:
        return _run(network, seen, confidence, seed, progress)
    own = np.arange(int(np.ceil(times[-1] * network.rate - 1e-6)) + 1) / network.rate
    at_rate = _retimed(seen, times, own)
    sure = _retimed(confidence, times, own)
    return _retimed(_run(network, at_rate, sure, seed, progress), own, times)


def _retimed(values: Floats, times: Floats, wanted: Floats) -> Floats:
    """Linear between frames: what the network was trained to see of slower cameras."""
    result = np.empty((len(wanted), values.shape[1]), np.float32)
    for column in range(values.shape[1]):
        result[:, column] = np.interp(wanted, times, values[:, column])
    return result


def _run(
    network: OfflineNetwork | LiveNetwork,
    seen: Floats,
    confidence: Floats,
    seed: int | None,
    progress: Callable[[float], None] | None,
) -> Floats:
    """(frames, 52) refined − seen, chunk by chunk."""
    change = np.empty_like(seen)
    done = 0
    for refined in network.refined(seen, confidence, seed, _FRAMES):
        stop = done + len(refined)
        change[done:stop] = refined - seen[done:stop]
        done = stop
        if progress is not None:
            progress(done / len(seen))
    return change
