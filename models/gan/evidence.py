# SPDX-License-Identifier: GPL-3.0-or-later
"""What the refiner is shown of a capture: evenly spaced, without gaps, and how sure.

Frames of confidence 0 may hold anything, so they are not shown. Offline, what was seen is
joined by straight lines, and beside them lies how far a spline would stray from them and
what all channels of the take say together: the network chooses. Live, the last frame seen
is held.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .together import together

Floats = NDArray[np.floating[Any]]

# A spline across a longer gap says more about noise than about the face.
_LONGEST_CURVE = 20.0
# Evidence counts fully at a sample and not at all this many frames from one.
_REACH = 2.0


SHOWN = ("motion", "curve", "confidence", "shared")
"""The fields of `Evidence`: the networks' inputs besides noise."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is shown, (frames, channels) each.

    motion: on straight lines. curve: a spline minus that. confidence: 0 to 1.
    shared: what all channels of the take say together minus motion and curve.
    """

    motion: Floats
    curve: Floats
    confidence: Floats
    shared: Floats


def together_with(parts: Sequence[Evidence]) -> list[Evidence]:
    """Parts of one take, with what all its channels say together."""
    motions = [part.motion + part.curve for part in parts]
    estimates = together(motions, [part.confidence for part in parts])
    return [
        dataclasses.replace(part, shared=estimate - motion)
        for part, motion, estimate in zip(parts, motions, estimates, strict=True)
    ]


def gathered(weights: Floats, confidence: Floats, places: Floats, at: Floats) -> Evidence:
    """What samples say of other moments, seen from both sides, each channel by itself.

    weights, confidence: (samples, channels). places: (samples,) where they lie, in frames,
    increasing. at: the places wanted. Before the first and after the last sample of a
    channel its value is held; one that was never seen stays as it is, at confidence 0.
    """
    lost = confidence <= 0
    if not lost.any() and np.array_equal(places, at):
        nothing = np.broadcast_to(np.float32(0), weights.shape)
        return Evidence(weights, nothing, confidence, nothing)
    if np.array_equal(lost.all(axis=1), lost.any(axis=1)):
        return _joined(weights, confidence, places, ~lost[:, 0], at)
    columns = [
        _joined(weights[:, [column]], confidence[:, [column]], places, ~lost[:, column], at)
        for column in range(weights.shape[1])
    ]
    return Evidence(
        *(
            np.concatenate([getattr(one, name) for one in columns], axis=1)
            for name in ("motion", "curve", "confidence", "shared")
        )
    )


def _joined(
    weights: Floats, confidence: Floats, places: Floats, seen: NDArray[np.bool_], at: Floats
) -> Evidence:
    """Channels that were seen in the same samples."""
    if not seen.any():
        motion = on_lines(weights, places, at)
        nothing = np.zeros_like(motion)
        return Evidence(motion, nothing, nothing, nothing)
    knots = places[seen]
    motion = on_lines(weights[seen], knots, at)
    nearest = np.minimum(
        np.abs(at - knots[np.clip(np.searchsorted(knots, at), 0, len(knots) - 1)]),
        np.abs(at - knots[np.clip(np.searchsorted(knots, at) - 1, 0, len(knots) - 1)]),
    )
    near = np.clip(1 - nearest / _REACH, 0, 1)[:, None]
    sure = near * on_lines(confidence[seen], knots, at)
    nothing = np.zeros_like(motion)
    curve = _stray_of_spline(weights[seen], knots, at) if nearest.any() else nothing
    return Evidence(motion, curve, sure, nothing)


def on_lines(values: Floats, knots: Floats, at: Floats) -> Floats:
    """(places, channels) on straight lines between knots, ends held."""
    index = np.interp(at, knots, np.arange(len(knots)))
    base = np.minimum(index.astype(int), max(len(knots) - 2, 0))
    after = np.minimum(base + 1, len(knots) - 1)
    share = (index - base)[:, None]
    if not share.any():
        return np.asarray(values[base])
    return np.asarray((1 - share) * values[base] + share * values[after], values.dtype)


def _stray_of_spline(values: Floats, knots: Floats, at: Floats) -> Floats:
    """(places, channels): the natural cubic spline through the knots minus straight lines.

    C. de Boor, "A practical guide to splines", 1978; 0 at the knots, outside them, and in
    gaps that are too long.
    """
    if len(knots) < 3:
        return np.zeros((len(at), values.shape[1]))
    step = np.diff(knots)
    bends = _bends(values, step)
    base = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    width = step[base]
    right = np.clip((at - knots[base]) / width, 0, 1)
    left = 1 - right
    scale = np.where(width <= _LONGEST_CURVE, width**2 / 6, 0)
    return np.asarray(
        scale[:, None]
        * ((left**3 - left)[:, None] * bends[base] + (right**3 - right)[:, None] * bends[base + 1])
    )


def _bends(values: Floats, step: Floats) -> Floats:
    """(knots, channels) second derivatives of the natural spline (a tridiagonal system)."""
    slope = np.diff(values, axis=0) / step[:, None]
    right = 6 * np.diff(slope, axis=0)
    inner = len(right)
    above = np.empty(inner)
    for row in range(inner):
        pivot = 2 * (step[row] + step[row + 1]) - (step[row] * above[row - 1] if row else 0)
        above[row] = step[row + 1] / pivot
        if row:
            right[row] -= step[row] * right[row - 1]
        right[row] /= pivot
    for row in range(inner - 2, -1, -1):
        right[row] -= above[row] * right[row + 1]
    return np.concatenate([np.zeros_like(values[:1]), right, np.zeros_like(values[:1])])


def held(weights: Floats, confidence: Floats) -> Floats:
    """(frames, channels) with the last frame seen kept through every gap.

    A gap at the start takes what stands there, since nothing is known before it.
    """
    frames = np.arange(len(weights))[:, None]
    latest = np.maximum.accumulate(np.where(confidence > 0, frames, -1), axis=0)
    return np.take_along_axis(weights, np.where(latest < 0, frames, latest), axis=0)
