# SPDX-License-Identifier: GPL-3.0-or-later
"""A take's weights by another solver or for another rest, without its footage."""

from __future__ import annotations

import numpy as np

from ..arkit import CHANNELS
from ..errors import TakeError
from ..performance import Floats, Performance
from ..take import Take
from .blendshapes import BlendshapeSolver
from .calibration import find_neutral
from .gaps import eased_weights
from .gaze import eyes_from_weights
from .solver.rest import found_rest
from .solver.solve import Solver, solved

_TONGUE = CHANNELS.index("tongueOut")


def solved_again(
    take: Take, solver: str, rest: float | None = None, threads: int = 1
) -> tuple[Performance, float]:
    """The performance of a captured take by "mien" or "blendshapes", and its seconds of rest.

    rest: when the face rests; None finds it. Raises TakeError if the take was not captured
    with what the solver reads, PerformanceError if no face is seen at the rest.
    """
    if solver == "mien":
        appearance = take.appearance
        if appearance is None:
            raise TakeError(
                f"“{take.folder}” lacks what Mien's solver reads; capture its footage again."
            )
        networks = Solver(threads)
        at = rest
        if at is None:
            landmarks = take.landmarks
            if landmarks is None:
                raise TakeError(f"“{take.folder}” holds no landmarks: say when the face rests.")
            at = found_rest(take.performance, appearance, landmarks, networks)
        return solved(take.performance, appearance, networks, at), at
    landmarks = take.landmarks
    if landmarks is None:
        raise TakeError(f"“{take.folder}” holds no landmarks; capture its footage again.")
    network = BlendshapeSolver(threads)
    seen = np.any(landmarks != 0, axis=(1, 2))
    weights: Floats = np.zeros((len(seen), len(take.performance.channels)), np.float32)
    for frame in np.flatnonzero(seen):
        weights[frame] = network.solve(landmarks[frame])
    weights[:, _TONGUE] = take.performance.weights[:, _TONGUE]
    weights = eased_weights(np.clip(weights, 0, 1), seen, take.performance.times)
    performance = take.performance.replace(
        weights=weights, eyes=eyes_from_weights(weights), confidence=seen.astype(np.float32)
    )
    return performance, find_neutral(performance).time if rest is None else rest
