# SPDX-License-Identifier: GPL-3.0-or-later
"""The moments at which a filter is found out: a blink, lips that shut for a plosive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

BLINK = ("eyeBlinkLeft", "eyeBlinkRight")
PLOSIVE = ("mouthClose", "mouthPressLeft", "mouthPressRight", "mouthRollLower")
# Frames at 60 a second: how far a rise and its fall may lie apart, and what is shown around.
_SIDE = 8
_AROUND = 24


@dataclass(frozen=True, eq=False)
class Moment:
    """One channel for a short while, in several versions.

    title: what happens, and in which channel. times: (frames,) seconds. curves: (frames,) each,
    by name.
    """

    title: str
    times: Floats
    curves: Mapping[str, Floats]


def sharpest(
    motion: Floats, names: Sequence[str], wanted: Sequence[str]
) -> tuple[str, int, float] | None:
    """The channel, frame and height of the quickest rise and fall among the channels wanted.

    Height: above what the channel had 8 frames before and after, the higher of the two.
    motion: (frames, channels), its columns called `names`. None where there is none.
    """
    best: tuple[str, int, float] | None = None
    if len(motion) <= 2 * _AROUND:
        return None
    for name in wanted:
        if name not in names:
            continue
        curve = motion[:, list(names).index(name)]
        inner = curve[_AROUND:-_AROUND]
        before = curve[_AROUND - _SIDE : -_AROUND - _SIDE]
        after = curve[_AROUND + _SIDE : len(curve) - _AROUND + _SIDE]
        height = inner - np.maximum(before, after)
        frame = int(np.argmax(height))
        if height[frame] > 0 and (best is None or height[frame] > best[2]):
            best = (name, frame + _AROUND, float(height[frame]))
    return best


def moments(
    true: Floats, versions: Mapping[str, Floats], names: Sequence[str], rate: float
) -> list[Moment]:
    """The sharpest blink and plosive of a motion, as it truly was and in other versions.

    true and each version: (frames, channels), their columns called `names`.
    """
    result = []
    for words, wanted in (("A blink", BLINK), ("A plosive: the lips shut", PLOSIVE)):
        found = sharpest(true, names, wanted)
        if found is None:
            continue
        name, frame, _ = found
        part, column = slice(frame - _AROUND, frame + _AROUND), list(names).index(name)
        curves = {version: motion[part, column] for version, motion in versions.items()}
        curves["true"] = true[part, column]
        times = np.arange(frame - _AROUND, frame + _AROUND) / rate
        result.append(Moment(f"{words} ({name})", times, curves))
    return result
