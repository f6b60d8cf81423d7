# SPDX-License-Identifier: GPL-3.0-or-later
"""The 52 shape keys as displacements of points on the face.

What each channel means is Apple's description of ARFaceAnchor.BlendShapeLocation
(https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation).
A key of the right side is the mirror image of the left one's.
"""

from __future__ import annotations

import numpy as np

from ...models.arkit import CHANNELS, mirrored
from .keys_eyes import BROW_KEYS, EYE_KEYS
from .keys_mouth import MOUTH_KEYS
from .proportions import MIRROR, Floats
from .skin import FacePoints

_KEYS = EYE_KEYS | BROW_KEYS | MOUTH_KEYS


def displacement(channel: str, face: FacePoints) -> Floats:
    """Displacement (n, 3) in centimetres of points of the face for a weight of 1.

    Raises KeyError if `channel` is not one of ARKit's.
    """
    if channel in _KEYS:
        return _KEYS[channel](face)
    return _KEYS[mirrored(channel)](face.mirrored()) * MIRROR


def displacements(face: FacePoints) -> dict[str, Floats]:
    """Every channel's displacement (n, 3), in ARKit's order."""
    return {channel: displacement(channel, face) for channel in CHANNELS}


def moved(keys: dict[str, Floats], tolerance: float = 1e-4) -> dict[str, Floats]:
    """Only those keys that move something."""
    return {name: delta for name, delta in keys.items() if np.abs(delta).max() > tolerance}
