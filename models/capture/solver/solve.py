# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights from stored landmarks by Mien's own solver: no footage is looked at again."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...arkit import CHANNELS
from ...errors import PerformanceError, WeightsError
from ...performance import Performance
from ..blendshapes import BlendshapeSolver
from ..calibration import find_neutral
from ..gaps import eased_weights
from ..gaze import eyes_from_weights
from ..weights import library, read_weights
from .features import Floats, Reference, Rest, angles, displaced, impressions, rest_of

FOLDER = Path(__file__).resolve().parent.parent.parent / "weights" / "solver"

# Frames solved at one go: memory stays flat however long a take is.
_BATCH = 256
# Seconds around the neutral's time whose median is taken for the rest.
_MOMENT = 0.25
_TONGUE = CHANNELS.index("tongueOut")


@dataclass(frozen=True, eq=False)
class Resting:
    """A person at rest: the face, and the (52,) weights that the public network gives it."""

    face: Rest
    weights: Floats


class LandmarkSolver:
    """The trained network. Raises WeightsError if its files are missing or altered.

    threads: processor cores that one run may use.
    """

    def __init__(self, threads: int = 1, folder: Path = FOLDER) -> None:
        runtime = library("onnxruntime")
        self._public = BlendshapeSolver(threads)
        with np.load(io.BytesIO(read_weights("reference.npz", folder))) as stored:
            points, steadiness = stored["points"], stored["steadiness"].astype(np.float64)
            self._reference = Reference(points.astype(np.float64), steadiness / steadiness.sum())
            self._past = stored["past"].astype(np.float64)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = runtime.InferenceSession(
                read_weights("solver.onnx", folder), options, providers=["CPUExecutionProvider"]
            )
        except WeightsError:
            raise
        except Exception as problem:
            raise WeightsError(
                f"ONNX Runtime {runtime.__version__} cannot load {folder / 'solver.onnx'}: "
                f"{problem}; install the extension's zip again."
            ) from None

    def rest(self, landmarks: Floats) -> Resting:
        """The person at rest, from (frames, 478, 3) landmarks in pixels that show the rest."""
        face = rest_of(landmarks, self._reference)
        return Resting(face, np.median(self._public_weights(landmarks), axis=0))

    def _public_weights(self, landmarks: Floats) -> Floats:
        return np.stack([self._public.solve(points) for points in landmarks])

    def solve(self, landmarks: Floats, times: Floats, rest: Resting) -> tuple[Floats, Floats]:
        """(frames, 52) weights in 0–1 and as many confidences, of `arkit.CHANNELS`.

        landmarks: (frames, 478, 3) pixels, a face in each; times: (frames,) seconds,
        increasing. Causal: a frame's weights need only the frames before.
        """
        weights = np.zeros((len(times), len(CHANNELS)), np.float32)
        confidence = np.zeros_like(weights)
        longest = float(self._past.max())
        for start in range(0, len(times), _BATCH):
            stop = min(start + _BATCH, len(times))
            first = int(np.searchsorted(times, times[start] - longest, "right")) - 1
            first = max(first, 0)
            moves, turns = displaced(landmarks[first:stop], rest.face, self._reference)
            now = slice(start - first, stop - first)
            weights[start:stop], confidence[start:stop] = self._run(
                self._windows(moves.reshape(len(moves), -1), times[first:stop], now),
                angles(turns)[now],
                impressions(self._public_weights(landmarks[start:stop]), rest.weights),
                rest.face,
            )
        return weights, confidence

    def _windows(self, moves: Floats, times: Floats, now: slice) -> NDArray[np.float32]:
        """(frames, past, 1434): moves at the times that the network looks back to."""
        wanted = np.maximum(times[now, None] - self._past, times[0])
        upper = np.clip(np.searchsorted(times, wanted, "left"), 1, max(len(times) - 1, 1))
        if len(times) == 1:
            return np.asarray(moves[np.zeros(wanted.shape, int)], np.float32)
        step = times[upper] - times[upper - 1]
        share = np.clip((wanted - times[upper - 1]) / step, 0, 1)[..., None]
        windows = (1 - share) * moves[upper - 1] + share * moves[upper]
        return np.asarray(windows, np.float32)

    def _run(
        self, windows: NDArray[np.float32], poses: Floats, impression: Floats, rest: Rest
    ) -> tuple[Floats, Floats]:
        count = len(windows)
        shape = (rest.points - self._reference.points).reshape(1, -1)
        at_rest = angles(rest.turn)[None].repeat(count, axis=0)
        given = {
            "moves": windows,
            "shapes": shape.repeat(count, axis=0).astype(np.float32),
            "poses": np.concatenate([poses, at_rest], axis=1).astype(np.float32),
            "impressions": impression.astype(np.float32),
        }
        weights, confidence = self._session.run(["weights", "confidence"], given)
        return weights, confidence


def solved_again(
    performance: Performance,
    landmarks: Floats,
    solver: LandmarkSolver,
    neutral_time: float | None = None,
) -> Performance:
    """A captured performance with its weights solved from its landmarks by Mien's solver.

    performance: as captured, of all 52 channels. landmarks: (frames, 478, 3) pixels, zeros
    where no face was seen. neutral_time: seconds at which the person is at rest; None to find
    it. Weights are relative to that rest: it needs no further neutral.

    tongueOut is kept, which landmarks do not show. Confidence becomes one a channel. Raises
    PerformanceError if frames or channels do not fit, or no face is seen at the neutral.
    """
    if len(landmarks) != len(performance) or performance.channels != CHANNELS:
        raise PerformanceError(
            f"{len(performance)} frames of {len(performance.channels)} channels cannot be solved "
            f"from landmarks of {len(landmarks)} frames; capture the footage again."
        )
    seen = performance.seen & np.any(landmarks != 0, axis=(1, 2))
    time = find_neutral(performance).time if neutral_time is None else neutral_time
    resting = seen & (np.abs(performance.times - time) <= _MOMENT / 2)
    if not resting.any():
        raise PerformanceError(
            f"No face is seen at {time:g} s, so no neutral can be taken there; name another time."
        )
    frames = np.flatnonzero(seen)
    rest = solver.rest(landmarks[resting])
    weights: Floats = np.zeros((len(performance), len(CHANNELS)), np.float32)
    confidence: Floats = np.zeros_like(weights)
    weights[frames], confidence[frames] = solver.solve(
        landmarks[frames], performance.times[frames], rest
    )
    presence = performance.confidence
    presence = presence[:, None] if presence.ndim == 1 else presence
    weights = eased_weights(weights, seen, performance.times)
    weights[:, _TONGUE] = performance.weights[:, _TONGUE]
    confidence = confidence * presence
    confidence[:, _TONGUE] = presence[:, _TONGUE if presence.shape[1] > 1 else 0]
    return performance.replace(
        weights=weights, confidence=confidence, eyes=eyes_from_weights(weights)
    )
