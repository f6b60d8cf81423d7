# SPDX-License-Identifier: GPL-3.0-or-later
"""What Mien's own tracker and solver do to faces whose weights are known.

    .venv/bin/python -m mien.benchmarks.refinement.own_tracker --clips DIR

Tracks the rendered clips of table 2 and takes the error apart: what each channel's gain
explains, what crosstalk between channels explains, and what is left, over time. The last is
what `models/gan/damage.py` imitates as OWN_TRACKER.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mien.models.arkit import CHANNELS
from mien.models.capture.calibration import neutral_at, remove_neutral
from mien.models.capture.capture import CaptureOptions, capture
from mien.models.performance import Performance

# Every clip begins at rest, and its neutral is taken there.
_REST = 0.15
# A channel of which the truth moves less than this, in summed squared weights, has no gain.
_LEAST_MOTION = 0.05
# Of crosstalk: a clip has few frames for 52 × 52 numbers.
_RIDGE = 0.5
_SPEEDS = (0.0, 0.01, 0.1, 0.5, 1.0, 2.0, 5.0, np.inf)


@dataclass(frozen=True, eq=False)
class Tracked:
    """A clip: its truth, (frames, 52), and what capture saw after its neutral was taken out."""

    name: str
    head: str
    truth: np.ndarray
    seen: Performance


def track(path: Path, smooth: bool = True) -> Tracked:
    """Capture a clip of known weights. smooth: with the landmark filter."""
    with np.load(path) as stored:
        truth, head = np.asarray(stored["weights"], np.float64), str(stored["head"])
    options = CaptureOptions(threads=1, smooth=smooth)
    raw = capture(path.with_suffix(".avi"), options).performance
    if len(raw) != len(truth):
        raise SystemExit(f"{path}: {len(truth)} frames were rendered, {len(raw)} were tracked.")
    return Tracked(path.stem, head, truth, remove_neutral(raw, neutral_at(raw, _REST)))


def track_all(clips: Path, smooth: bool = True) -> list[Tracked]:
    """Every clip of a folder."""
    paths = sorted(clips.glob("*.npz"))
    if not paths:
        raise SystemExit(
            f"There are no clips in {clips}: run `python -m mien.benchmarks.known_truth.clips`."
        )
    return [track(path, smooth) for path in paths]


def gains(one: Tracked) -> np.ndarray:
    """(52,) the size at which a channel's motion shows; NaN where the truth hardly moves."""
    truth = one.truth - one.truth.mean(axis=0)
    seen = _weights(one) - _weights(one).mean(axis=0)
    power = (truth**2).sum(axis=0)
    return np.where(
        power > _LEAST_MOTION, (truth * seen).sum(axis=0) / np.maximum(power, 1e-9), np.nan
    )


def parts(one: Tracked) -> tuple[np.ndarray, np.ndarray]:
    """(frames, 52) each: the error that crosstalk explains, and what is left. Means are out."""
    truth = one.truth - one.truth.mean(axis=0)
    error = _weights(one) - _weights(one).mean(axis=0) - np.nan_to_num(gains(one)) * truth
    mixing = np.linalg.solve(truth.T @ truth + _RIDGE * np.eye(len(CHANNELS)), truth.T @ error)
    return truth @ mixing, error - truth @ mixing


def figures(tracked: Sequence[Tracked]) -> dict[str, object]:
    """What the docstring of this file says, over all clips."""
    rate = 1 / float(np.median(np.diff(tracked[0].seen.times)))
    crossed, left = zip(*[parts(one) for one in tracked], strict=True)
    whole = np.concatenate(left)
    speed = np.concatenate([np.abs(np.gradient(one.truth, axis=0)) * rate for one in tracked])
    lags = (1, 2, 3, 6, 12)
    together = np.concatenate([one + other for one, other in zip(crossed, left, strict=True)])
    known = np.concatenate([gains(one) for one in tracked])
    bias = np.concatenate([(_weights(one) - one.truth).mean(axis=0) for one in tracked])
    power = np.mean([_spectrum(one) for one in left], axis=0)
    hertz = np.fft.rfftfreq(64, 1 / rate)
    return {
        "clips": len(tracked),
        "frames a second": rate,
        "rmse": float(
            np.sqrt(np.mean(np.concatenate([(_weights(o) - o.truth) ** 2 for o in tracked])))
        ),
        "gain, 10th, 25th, 50th, 75th, 90th percentile": [
            float(value) for value in np.nanpercentile(known, [10, 25, 50, 75, 90])
        ],
        "constant bias, root mean square over channels": float(np.sqrt(np.mean(bias**2))),
        "rest of the error without gain and bias": float(together.std()),
        "share of it that other channels' truth explains": float(
            1 - (whole**2).sum() / (together**2).sum()
        ),
        "what is left": float(whole.std()),
        "its correlation by frames": {lag: _correlation(left, lag) for lag in lags},
        "share of its power below 1, 2, 4, 8 Hz": [
            float(power[hertz <= most].sum() / power.sum()) for most in (1, 2, 4, 8)
        ],
        "what is left by the channel's speed, weights a second": {
            f"{low:g} to {high:g}": float(whole[(speed >= low) & (speed < high)].std())
            for low, high in itertools.pairwise(_SPEEDS)
            if ((speed >= low) & (speed < high)).any()
        },
    }


def _weights(one: Tracked) -> np.ndarray:
    return np.asarray(one.seen.weights, np.float64)


def _correlation(left: Sequence[np.ndarray], lag: int) -> float:
    return float(np.mean([(one[lag:] * one[:-lag]).sum() / (one**2).sum() for one in left]))


def _spectrum(motion: np.ndarray) -> np.ndarray:
    piece = motion[:64] - motion[:64].mean(axis=0)
    return np.mean(np.abs(np.fft.rfft(piece * np.hanning(64)[:, None], axis=0)) ** 2, axis=1)


def main() -> None:
    """Measure and print, with and without the landmark filter."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, default=Path("out/known_truth/clips"))
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    result = {
        name: figures(track_all(options.clips, smooth))
        for name, smooth in (("landmarks filtered", True), ("landmarks as they come", False))
    }
    print(json.dumps(result, indent=2))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
