# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping a take readable while its face changes: lips that close, lids that close.

A viewer reads speech from when the mouth opens and from where the lips meet. So where the
lips are closed, nothing may part them; and the mouth's opening, jawOpen − mouthClose, may be
made wider or narrower as a whole, but keeps its course.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frames import BLINK, JAW_OPEN, MOUTH_CLOSE, columns

Floats = NDArray[np.floating[Any]]

PARTING = columns(
    (
        "mouthLowerDownLeft",
        "mouthLowerDownRight",
        "mouthUpperUpLeft",
        "mouthUpperUpRight",
        "mouthFunnel",
    )
)
"""Channels besides the opening that part the lips."""

# The lips count as closed up to the first opening, and as open from the second on.
CLOSED, OPEN = 0.03, 0.12
# A lid counts as open up to the first weight of eyeBlink, and as shut from the second on.
_LID_OPEN, _LID_SHUT = 0.3, 0.7
_SECONDS_OF_CLOSING = 0.08
# A mouth that opens and shuts by less than this says nothing.
SILENT = 0.05
# An emotion may make what the mouth says this much narrower or wider.
_NARROWER, _WIDER = -0.3, 0.4


def opening(frames: Floats) -> Floats:
    """(frames,) how far the mouth is open: jawOpen − mouthClose of (frames, 52) weights."""
    return np.asarray(frames[:, JAW_OPEN] - frames[:, MOUTH_CLOSE])


def closedness(frames: Floats, times: Floats) -> Floats:
    """(frames,) 1 where the lips meet, 0 where they are clearly apart, smooth in between.

    It begins to rise before they meet and falls after, so that what it hides does not jump.
    """
    closed = 1 - _step(opening(frames), CLOSED, OPEN)
    if len(times) < 3:
        return closed
    step = float(np.median(np.diff(times)))
    reach = max(round(_SECONDS_OF_CLOSING / step), 1)
    # The most within reach, then a mean over as much: still 1 wherever the lips meet.
    around = np.lib.stride_tricks.sliding_window_view
    padded = np.pad(closed, 2 * reach, mode="edge")
    most = around(padded, 2 * reach + 1).max(axis=1)
    bell = np.hanning(2 * reach + 3)[1:-1]
    return np.asarray(around(most, 2 * reach + 1) @ (bell / bell.sum()))


def speaks(frames: Floats) -> bool:
    """Whether the mouth opens and closes at all, so that there is something to read."""
    return len(frames) > 1 and float(np.ptp(opening(frames))) > SILENT


def with_closed_lids(frames: Floats, change: Floats) -> Floats:
    """The change without what would open a shut eye."""
    result = change.copy()
    result[:, BLINK] *= 1 - _step(frames[:, BLINK], _LID_OPEN, _LID_SHUT)
    return result


def widening(frames: Floats, change: Floats) -> float:
    """The factor by which a change makes what the mouth says wider (above 0) or narrower.

    frames: (frames, 52) of the take. change: what is to be added to them.
    """
    open_by = np.maximum(opening(frames), 0)
    power = float(open_by @ open_by)
    factor = float(opening(change) @ open_by) / power if power else 0.0
    return float(np.clip(factor, _NARROWER, _WIDER))


def readable(frames: Floats, change: Floats, wider: float, times: Floats) -> Floats:
    """The change with the opening's course and every closure kept.

    frames: (frames, 52) of the take, at `times`. change: what is to be added to them. wider:
    by which factor the opening becomes wider, see `widening`; what parts the lips otherwise
    fades out where they meet.
    """
    result = change.copy()
    result[:, JAW_OPEN] = wider * np.maximum(opening(frames), 0)
    result[:, MOUTH_CLOSE] = 0
    return without_parting(frames, result, times)


def without_parting(frames: Floats, change: Floats, times: Floats) -> Floats:
    """The change without what would part lips that meet, the jaw left to itself."""
    apart = (1 - closedness(frames, times))[:, None]
    result = change.copy()
    parting = change[:, PARTING]
    result[:, PARTING] = np.where(parting > 0, parting * apart, parting)
    return result


def _step(values: Floats, low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high`, a smooth step between."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share))
