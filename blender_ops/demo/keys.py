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
from .proportions import EYE, MIRROR, Floats
from .skin import LID_EDGE, FacePoints

_KEYS = EYE_KEYS | BROW_KEYS | MOUTH_KEYS


def displacement(channel: str, face: FacePoints) -> Floats:
    """Displacement (n, 3) in centimetres of points of the face for a weight of 1.

    Raises KeyError if `channel` is not one of ARKit's.
    """
    if channel not in _KEYS:
        left: Floats = displacement(mirrored(channel), face.mirrored()) * MIRROR
        return left
    return _off_the_eyeballs(face, _KEYS[channel](face))


def _off_the_eyeballs(face: FacePoints, motion: Floats) -> Floats:
    """The motion, changed so that no skin comes closer to an eyeball than the lids do."""
    result = motion.copy()
    for centre in (np.asarray(EYE.centre), EYE.centre * MIRROR):
        offset = face.points + motion - centre
        after = np.linalg.norm(offset, axis=1)
        before = np.linalg.norm(face.points - centre, axis=1)
        # Lids that press on the eyeball on purpose may come this much closer.
        least = np.minimum(before, EYE.lid_radius) - 0.29
        skin = (face.eye_ring < LID_EDGE) & (face.mouth_ring == 0) & (before < 6.0)
        lift = np.where(skin, np.maximum(least - after, 0.0), 0.0)
        result += offset * (lift / np.maximum(after, 1e-9))[:, None]
    return result


def displacements(face: FacePoints) -> dict[str, Floats]:
    """Every channel's displacement (n, 3), in ARKit's order."""
    return {channel: displacement(channel, face) for channel in CHANNELS}
