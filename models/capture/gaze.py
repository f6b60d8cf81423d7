# SPDX-License-Identifier: GPL-3.0-or-later
"""The eyes' angles from the eyeLook channels."""

from __future__ import annotations

import numpy as np

from ..arkit import CHANNELS, EYE_LOOK_DOWN, EYE_LOOK_SIDEWAYS, EYE_LOOK_UP
from ..performance import Floats


def eyes_from_weights(weights: Floats, channels: tuple[str, ...] = CHANNELS) -> Floats:
    """(frames, 4) float32 radians: left pitch, left yaw, right pitch, right yaw.

    weights: (frames, channels) of at least the eight eyeLook channels. Axes and signs are
    those of a Performance: down and the subject's left are positive. To be evaluated anew
    when a step changes the channels, as when a resting look is taken out.
    """

    def look(name: str) -> Floats:
        column: Floats = weights[:, channels.index(f"eyeLook{name}")]
        return column

    columns = []
    for side, to_left, to_right in (("Left", "Out", "In"), ("Right", "In", "Out")):
        pitch = EYE_LOOK_DOWN * look(f"Down{side}") - EYE_LOOK_UP * look(f"Up{side}")
        yaw = EYE_LOOK_SIDEWAYS * (look(to_left + side) - look(to_right + side))
        columns += [pitch, yaw]
    return np.asarray(np.stack(columns, axis=1), np.float32)
