# SPDX-License-Identifier: GPL-3.0-or-later
"""Left becomes right: face, head and eyes."""

from __future__ import annotations

import numpy as np

from ..arkit import mirrored
from ..performance import Performance

# Reflection in the plane between left and right turns about +X as before, about +Y and +Z
# the other way, and moves along +X the other way.
_HEAD_SIGNS = np.array([1, 1, -1, -1, -1, 1, 1], np.float32)
_EYE_SIGNS = np.array([1, -1, 1, -1], np.float32)
_OTHER_EYE = [2, 3, 0, 1]


def mirror(performance: Performance) -> Performance:
    """The performance as a mirror shows it; mirrored twice, it is the same again.

    A channel without a counterpart takes its counterpart's name.
    """
    names = [mirrored(name) for name in performance.channels]
    weights, confidence = performance.weights, performance.confidence
    if set(names) == set(performance.channels):
        order = [names.index(name) for name in performance.channels]
        names = list(performance.channels)
        weights = weights[:, order]
        confidence = confidence if confidence.ndim == 1 else confidence[:, order]
    head, eyes = performance.head, performance.eyes
    return performance.replace(
        weights=weights,
        channels=tuple(names),
        confidence=confidence,
        head=None if head is None else head * _HEAD_SIGNS,
        eyes=None if eyes is None else eyes[:, _OTHER_EYE] * _EYE_SIGNS,
    )
