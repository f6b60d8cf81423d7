# SPDX-License-Identifier: GPL-3.0-or-later
"""A performance's channels as the networks' 52 columns, and changes of them written back.

A network never replaces a take: what it makes of the take as it is, is subtracted from what
it makes of the take as it should be, and the difference is added. So what the network cannot
say of a face stays in it, and a change of nothing gives the take exactly.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS, REGIONS
from ..errors import PerformanceError, RecipeError
from ..performance import Performance

Floats = NDArray[np.floating[Any]]

Regions = Mapping[str, float] | Collection[str]


def columns(names: Collection[str]) -> NDArray[np.intp]:
    """The columns of channels, in the order of `arkit.CHANNELS`."""
    return np.array([place for place, name in enumerate(CHANNELS) if name in names], np.intp)


JAW_OPEN, MOUTH_CLOSE = CHANNELS.index("jawOpen"), CHANNELS.index("mouthClose")
BLINK = columns(("eyeBlinkLeft", "eyeBlinkRight"))
GAZE = columns([name for name in CHANNELS if name.startswith("eyeLook")])


def frames_of(performance: Performance) -> Floats:
    """(frames, 52) weights in the order of `CHANNELS`, 0 for channels that are not there.

    Raises PerformanceError if none of the performance's channels is ARKit's.
    """
    known = [name for name in CHANNELS if name in performance.channels]
    if not known:
        raise PerformanceError(
            "None of this performance's channels is one of ARKit's 52; the model knows no others."
        )
    result = np.zeros((len(performance), len(CHANNELS)), np.float32)
    result[:, columns(known)] = performance.weights[:, [performance.index(n) for n in known]]
    return result


def changed(performance: Performance, change: Floats) -> Performance:
    """The performance with a change added to its channels.

    change: (frames, 52) in the order of `CHANNELS`; of channels that are not there it is left
    out. Results stay in [0, 1], or within what the performance itself shows where that is more.
    """
    weights = performance.weights.copy()
    places = {name: place for place, name in enumerate(CHANNELS)}
    for column, name in enumerate(performance.channels):
        if name in places and change[:, places[name]].any():
            before = performance.weights[:, column]
            after = before + change[:, places[name]]
            weights[:, column] = np.clip(after, np.minimum(before, 0), np.maximum(before, 1))
    return performance.replace(weights=weights)


def region_factors(regions: Regions | None) -> Floats:
    """(52,) how much each channel may change.

    regions: names among `arkit.REGIONS`, or a factor 0–1 for each; those not named stay as
    they are. None: all change.

    Raises RecipeError for an unknown region or a factor outside 0–1.
    """
    if regions is None:
        return np.ones(len(CHANNELS), np.float32)
    if isinstance(regions, str):
        regions = (regions,)
    factors = dict(regions) if isinstance(regions, Mapping) else dict.fromkeys(regions, 1.0)
    result = np.zeros(len(CHANNELS), np.float32)
    for region, factor in factors.items():
        if region not in REGIONS:
            raise RecipeError(f"There is no region “{region}”; known: {', '.join(REGIONS)}.")
        if not 0 <= factor <= 1:
            raise RecipeError(f"The factor of “{region}” lies between 0 and 1; it is {factor}.")
        result[columns(REGIONS[region])] = factor
    return result


def all_but(kept: Collection[str]) -> tuple[str, ...] | None:
    """The regions that may change where some are kept; None if all may.

    Raises RecipeError for an unknown region.
    """
    region_factors(kept)
    return tuple(region for region in REGIONS if region not in kept) if kept else None
