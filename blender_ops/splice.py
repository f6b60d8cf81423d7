# SPDX-License-Identifier: GPL-3.0-or-later
"""New keys in a range of frames, inside what was animated there before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

from .animation import evaluate, f_curves

Floats = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Before:
    """What a property did before the bake: an F-Curve, or a value that stood still."""

    curve: bpy.types.FCurve | None
    value: float

    def at(self, frames: Floats) -> Floats:
        """(frames,) the values that Blender played."""
        if self.curve is None or self.curve.is_empty:
            return np.full(len(frames), self.value)
        return evaluate(self.curve, frames)

    @property
    def has_modifiers(self) -> bool:
        """Whether F-Curve modifiers shape it: they cannot be spliced."""
        return self.curve is not None and len(self.curve.modifiers) > 0


def before_of(datablock: bpy.types.ID) -> Callable[[str, int | None], Before]:
    """Look-up of what a property of a data-block did before, by data path and index.

    The index is None for a property that is one number.
    """
    curves = f_curves(datablock)

    def find(data_path: str, index: int | None) -> Before:
        value = datablock.path_resolve(data_path)
        return Before(
            curves.get((data_path, index or 0)),
            float(value if index is None else value[index]),
        )

    return find


def blend_weights(frames: Floats, blend_in: float, blend_out: float) -> Floats:
    """(frames,) how much of the new values holds: 0 at the range's ends, eased to 1 within.

    The ease is 3w² − 2w³. A blend of 0 frames is a cut.
    """

    def ease(distance: Floats, length: float) -> Floats:
        share = np.clip(distance / length, 0, 1) if length > 0 else np.ones(len(distance))
        return share * share * (3 - 2 * share)

    return ease(frames - frames[0], blend_in) * ease(frames[-1] - frames, blend_out)
