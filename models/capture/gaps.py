# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames without a face: where they are, and what stands in for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..performance import Floats

Flags = NDArray[np.bool_]

# Seconds for which a lost face keeps its expression, and in which it then relaxes.
HOLD = 0.25
EASE = 0.5


def lost_spans(seen: Flags, times: Floats) -> tuple[tuple[float, float], ...]:
    """(start, end) seconds of each run of frames without a face, the end excluded.

    A run ends where the face is seen again; at the end of the footage, at its last frame.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[True], seen, [True]]).astype(np.int8)))
    ends = np.append(times, times[-1])
    return tuple(
        (float(times[start]), float(ends[end]))
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    )


def eased_weights(weights: Floats, seen: Flags, times: Floats) -> Floats:
    """Weights in which a lost face holds its expression, then eases to neutral.

    After `HOLD` seconds it falls to 0 within `EASE` more, along 3x² − 2x³. Before the
    face is seen for the first time it is neutral.
    """
    before = _last_seen(seen)
    known = before >= 0
    since = times - times[np.maximum(before, 0)]
    part = np.clip((since - HOLD) / EASE, 0, 1)
    kept = np.where(known, 1 - part * part * (3 - 2 * part), 0)
    held = weights[np.maximum(before, 0)] * kept[:, None]
    return np.where(seen[:, None], weights, held).astype(np.float32)


def held(values: Floats, seen: Flags) -> Floats:
    """Values in which unseen frames repeat the last seen one, leading ones the first."""
    before = _last_seen(seen)
    first = int(np.argmax(seen))
    result: Floats = values[np.where(before < 0, first, before)]
    return result


def _last_seen(seen: Flags) -> NDArray[np.intp]:
    """(frames,): the last frame seen up to each; −1 before the first."""
    return np.maximum.accumulate(np.where(seen, np.arange(len(seen)), -1))
