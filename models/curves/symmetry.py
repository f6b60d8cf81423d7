# SPDX-License-Identifier: GPL-3.0-or-later
"""Both sides of the face alike, more or less."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..arkit import mirrored
from ..errors import RecipeError
from ..performance import Performance

Side = Literal["both", "left", "right"]

# Where the eyes look is no expression of one side: alike on both, they would squint.
_GAZE = "eyeLook"


def symmetry(performance: Performance, *, amount: float = 1.0, side: Side = "both") -> Performance:
    """The performance with what the two sides do made alike.

    amount: 0 leaves it as it is, 1 makes both sides the same.
    side: “both” meets in the middle; “left” or “right”, the subject's, leads the other.

    Channels that move the jaw or the mouth sideways fade with “both”, since alike they cancel;
    where one side leads they stay as they are. Gaze and the head's turn stay, too, and
    channels that have no counterpart. Raises RecipeError for an amount outside 0–1 or a side
    there is none of.
    """
    if not 0 <= amount <= 1:
        raise RecipeError(f"Symmetry: the amount must lie between 0 and 1; it is {amount}.")
    if side not in ("both", "left", "right"):
        raise RecipeError(f"Symmetry knows no side “{side}”; choose both, left or right.")
    weights = np.array(performance.weights, np.float64)
    for column, name in enumerate(performance.channels):
        other = mirrored(name)
        if other == name or other not in performance.channels or name.startswith(_GAZE):
            continue
        theirs = performance.channel(other)
        own = performance.weights[:, column]
        if side == "both":
            weights[:, column] = own + amount / 2 * (theirs - own)
        elif not _is_sideways(name) and not name.endswith(side.capitalize()):
            weights[:, column] = own + amount * (theirs - own)
    return performance.replace(weights=weights)


def _is_sideways(channel: str) -> bool:
    """Whether a channel moves something to a side, rather than one side of it."""
    return channel in ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
