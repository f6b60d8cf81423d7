# SPDX-License-Identifier: GPL-3.0-or-later
"""Appearance, rest and weights by Mien's own solver, with no footage but for the appearance."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...arkit import CHANNELS
from ...errors import PerformanceError, WeightsError
from ...performance import Floats, Performance
from ...training.card import read_network
from ..gaps import eased_weights
from ..gaze import eyes_from_weights
from ..landmarks import Look
from ..weights import library
from .blinks import with_full_blinks

FOLDER = Path(__file__).resolve().parent.parent.parent / "weights" / "solver"
ENCODER, READER = "encoder.onnx", "reader.onnx"
APPEARANCE = 192
"""Numbers that a frame's appearance has."""

_TONGUE = CHANNELS.index("tongueOut")
_AT_ONCE = 512
MOMENT = 0.25
"""Seconds around a moment of rest whose frames are taken together."""
# Weights as faint as this are traces of other channels.
_TRACE = 0.04
# An expected error at which a weight is as doubtful as it is sure.
_DOUBTFUL = 0.5


class Solver:
    """The trained networks. Raises WeightsError if a file is missing or altered.

    threads: processor cores that one run may use. folder: another solver's files.
    """

    def __init__(self, threads: int = 1, folder: Path = FOLDER) -> None:
        self._encoder = _session(folder / ENCODER, threads)
        self._reader = _session(folder / READER, threads)

    def appearance(self, looks: Sequence[Look]) -> NDArray[np.float32]:
        """(frames, 192): what the landmark network's looks at a face show."""
        features = np.stack([look.features for look in looks])
        landmarks = np.stack([look.landmarks for look in looks])
        found = self._encoder.run(None, {"features": features, "landmarks": landmarks})[0]
        # As a take keeps it: what is solved now is what will be solved from the take.
        return np.asarray(found.astype(np.float16), np.float32)

    def solve(self, appearance: Floats, rest: Floats) -> tuple[Floats, Floats]:
        """(frames, 52) weights in 0–1 and as many confidences, of `arkit.CHANNELS`.

        appearance: (frames, 192); rest: (192,), of the same face.
        """
        weights, expected, _ = self._read(appearance, rest)
        at_rest, _, _ = self._read(rest[None], rest)
        return _without_traces(weights - at_rest), np.exp2(-expected / _DOUBTFUL)

    def unrest(self, appearance: Floats) -> Floats:
        """(frames,) how far each of (frames, 192) seems from rest by itself, with no rest
        known: about the sum of its weights."""
        return self._read(appearance, appearance[0])[2]

    def _read(self, appearance: Floats, rest: Floats) -> tuple[Floats, Floats, Floats]:
        parts = []
        for start in range(0, len(appearance), _AT_ONCE):
            now = appearance[start : start + _AT_ONCE].astype(np.float32)
            still = np.broadcast_to(rest.astype(np.float32), now.shape)
            parts.append(self._reader.run(None, {"appearance": now, "rest": still}))
        weights, expected, unrest = (np.concatenate(part) for part in zip(*parts, strict=True))
        return weights, expected, unrest


def solved(
    performance: Performance,
    appearance: NDArray[np.floating[Any]],
    solver: Solver,
    rest: float,
) -> Performance:
    """A captured performance with Mien's weights, relative to the face at rest.

    appearance: (frames, 192), zeros where no face was seen. rest: seconds at which the face
    rests. Head, times and source stay, and tongueOut: rendered mouths taught the solver to take
    a tongue that lies between the teeth for one that is out. Confidence becomes one a
    channel, 0 where no face was seen.

    Raises PerformanceError if frames or channels do not fit, or no face is seen at the rest.
    """
    shown, times = frames_seen(performance, appearance)
    near = np.abs(times - rest) <= MOMENT / 2
    if not near.any():
        raise PerformanceError(
            f"No face is seen at {rest:g} s, so no rest can be taken there; name another time."
        )
    seen = where_seen(performance, appearance)
    weights: Floats = np.zeros((len(performance), len(CHANNELS)), np.float32)
    confidence: Floats = np.zeros_like(weights)
    solved_weights, confidence[seen] = solver.solve(shown, shown[near].mean(axis=0))
    weights[seen] = with_full_blinks(solved_weights)
    weights = eased_weights(weights, seen, performance.times)
    weights[:, _TONGUE] = performance.weights[:, _TONGUE]
    return performance.replace(
        weights=weights, confidence=confidence, eyes=eyes_from_weights(weights)
    )


def where_seen(
    performance: Performance, appearance: NDArray[np.floating[Any]]
) -> NDArray[np.bool_]:
    """(frames,): which show a face. Raises PerformanceError if frames or channels do not fit."""
    if len(appearance) != len(performance) or performance.channels != CHANNELS:
        raise PerformanceError(
            f"{len(performance)} frames of {len(performance.channels)} channels cannot be solved "
            f"from the appearance of {len(appearance)} frames; capture the footage again."
        )
    seen: NDArray[np.bool_] = np.any(appearance != 0, axis=1)
    return seen


def frames_seen(
    performance: Performance, appearance: NDArray[np.floating[Any]]
) -> tuple[Floats, Floats]:
    """The appearance and the times of the frames that show a face.

    Raises PerformanceError as above, or if none does.
    """
    seen = where_seen(performance, appearance)
    if not seen.any():
        raise PerformanceError("No face is seen in this take; capture other footage.")
    return np.asarray(appearance[seen], np.float32), performance.times[seen]


def _without_traces(weights: Floats) -> Floats:
    """Weights in 0–1, faint ones shrunk to nothing and strong ones left as they are.

    The non-negative garrote (L. Breiman, Better Subset Regression Using the Nonnegative
    Garrote, Technometrics 37, 1995): w · (1 − (t / w)²) where w exceeds t.
    """
    kept = np.clip(1 - (_TRACE / np.maximum(weights, _TRACE)) ** 2, 0, 1)
    return np.clip(np.maximum(weights, 0) * kept, 0, 1)


def fingerprint(folder: Path = FOLDER) -> str:
    """A hash of the networks. Raises WeightsError as `Solver` does."""
    digest = hashlib.sha256()
    for name in (ENCODER, READER):
        digest.update(read_network(folder / name))
    return digest.hexdigest()


def _session(path: Path, threads: int) -> Any:
    runtime = library("onnxruntime")
    runtime.disable_telemetry_events()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    content = read_network(path)
    try:
        return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as problem:
        raise WeightsError(
            f"ONNX Runtime {runtime.__version__} cannot load “{path}” ({problem}); install the "
            f"extension's zip again."
        ) from None
