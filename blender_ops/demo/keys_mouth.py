# SPDX-License-Identifier: GPL-3.0-or-later
"""Shape keys of jaw, lips, cheeks and tongue, as they move the skin.

A key that keeps the mouth closed is a function of the place at rest, where the lips
touch: both lips move alike. A key that opens it uses the place with the lips parted.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .keys_motion import (
    bump,
    jaw,
    jaw_turn,
    left_half,
    lid_turn,
    lips,
    mouth_corner,
    push,
    slide,
    upper_lip,
)
from .proportions import MOUTH, Floats, smoothstep
from .skin import LIP_BACK, LIP_BORDER, FacePoints, lip_line

Key = Callable[[FacePoints], Floats]

TONGUE_OPENING = 0.42
"""How much of `jawOpen` the lips make way with when the tongue is put out."""

_CORNER = (MOUTH.half_width, MOUTH.height + MOUTH.smile)


def _along(face: FacePoints) -> Floats:
    """(n,) -1 and 1 at the corners of the mouth, 0 in its middle."""
    return np.clip(face.points[:, 0] / MOUTH.half_width, -1.0, 1.0)


def _bow(face: FacePoints) -> Floats:
    """(n,) 1 in the middle of the mouth, 0 at its corners."""
    along = _along(face)
    return np.clip(1.0 - along * along, 0.0, 1.0)


def _outer(face: FacePoints, centre: tuple[float, float], radii: tuple[float, float]) -> Floats:
    """A bump on the skin that leaves the inside of the mouth where it is."""
    inside = smoothstep(LIP_BACK + 3.0, LIP_BACK, face.mouth_ring)
    return bump(face.points, centre, radii) * inside


def _upper(face: FacePoints) -> Floats:
    """(n,) the upper lip and the skin between it and the nose, lips parted."""
    return lips(face) * upper_lip(face)


def _lower(face: FacePoints) -> Floats:
    return lips(face) * (1.0 - upper_lip(face))


def jaw_open(face: FacePoints) -> Floats:
    """The jaw turns down; the corners of the mouth are drawn in a little."""
    share = jaw(face)
    result = jaw_turn(face.points, share)
    corner = lips(face) * np.square(_along(face)) * np.sign(face.points[:, 0])
    result[:, 0] -= 0.35 * corner
    return result


def jaw_forward(face: FacePoints) -> Floats:
    """The jaw comes forward."""
    forward = push(face.points, 1.0 * jaw(face), (0.0, -1.0, 0.0))
    forward[:, 2] += 0.16 * _lower(face) * _bow(face)
    return forward


def jaw_left(face: FacePoints) -> Floats:
    """The jaw goes to the subject's left."""
    across = 0.95 * jaw(face)
    # The lower lip slides along the upper one.
    start = face.points[:, 0]
    up = lips(face) * (lip_line(start + across) - lip_line(start))
    return np.column_stack([across, np.zeros(len(up)), up])


def mouth_close(face: FacePoints) -> Floats:
    """Closes the lips over an open jaw: undoes at the lips what `jaw_open` did there.

    They meet at half the way that the lower lip has gone.
    """
    ring = face.mouth_ring
    seam = smoothstep(-1.0, LIP_BORDER, ring) * smoothstep(LIP_BACK + 4.0, LIP_BACK, ring)
    seam = np.where(ring > 0, seam, 0.0)
    corner, middle = 0.36, 0.42
    target = jaw_turn(face.points, corner + (middle - corner) * _bow(face))
    target[:, 0] = jaw_open(face)[:, 0]
    return seam[:, None] * (target - jaw_open(face))


def mouth_funnel(face: FacePoints) -> Floats:
    """The lips open to a ring and come forward."""
    along, weight = _along(face), lips(face)
    result = np.zeros_like(face.points)
    result[:, 0] = -1.2 * weight * along
    result[:, 1] = -0.9 * weight
    bow = _bow(face)
    result[:, 2] = 0.85 * _upper(face) * bow**0.6 - 0.9 * _lower(face) * bow**0.45
    result[:, 2] -= MOUTH.smile * weight * along * along
    return result


def mouth_pucker(face: FacePoints) -> Floats:
    """The lips draw together and forward, as for a kiss."""
    along, weight = _along(face), lips(face)
    around = _outer(face, (0.0, MOUTH.height), (4.4, 3.2))
    result = np.zeros_like(face.points)
    result[:, 0] = -face.points[:, 0] * (0.40 * weight + 0.12 * around * (1.0 - weight))
    result[:, 1] = -0.5 * weight * (1.0 - 0.35 * along * along) - 0.95 * around
    thickness = face.points[:, 2] - lip_line(face.points[:, 0])
    result[:, 2] = 0.75 * weight * thickness - 0.35 * weight * along * along
    return result


def mouth_left(face: FacePoints) -> Floats:
    """The mouth goes to the subject's left."""
    around = _outer(face, (0.4, MOUTH.height), (5.4, 3.2))
    return slide(face.points, 1.5 * around, 0.18 * around * _along(face))


def mouth_smile(face: FacePoints) -> Floats:
    """The corner of the mouth goes up and out, the cheek is pushed up."""
    points = face.points
    corner = mouth_corner(face, 2.6, 2.8, 3.2)
    wide = corner * (0.75 + 0.45 * (1.0 - _along(face)))
    cheek = _outer(face, (4.8, -4.5), (3.3, 2.6))
    return (
        slide(points, 0.9 * wide, 1.5 * corner + 0.2 * cheek)
        + push(points, 0.55 * cheek, (0.55, -1.0, 0.1))
        + lid_turn(face, 0.0, float(np.radians(3.0)), 0.06)
    )


def mouth_frown(face: FacePoints) -> Floats:
    """The corner of the mouth goes down."""
    corner = mouth_corner(face, 2.6, 2.6, 2.4)
    return slide(face.points, -0.1 * corner, -1.35 * corner)


def mouth_dimple(face: FacePoints) -> Floats:
    """The corner of the mouth is drawn back into the cheek."""
    corner = _outer(face, (_CORNER[0] + 0.3, _CORNER[1]), (2.3, 1.9))
    return slide(face.points, 0.6 * corner, 0.2 * corner) + push(
        face.points, 0.65 * corner, (0.0, 1.0, 0.0)
    )


def mouth_stretch(face: FacePoints) -> Floats:
    """The corner of the mouth is drawn outward and a little down."""
    corner = _outer(face, (_CORNER[0] + 0.2, _CORNER[1] - 0.2), (3.3, 2.4))
    return slide(face.points, 1.15 * corner, -0.55 * corner)


def _rolled(face: FacePoints, lip: Floats) -> Floats:
    """A lip that rolls in over the teeth: its red goes to the seam and back."""
    height = face.points[:, 2] - lip_line(face.points[:, 0])
    result = np.zeros_like(face.points)
    result[:, 1] = 0.55 * lip * np.sqrt(_bow(face))
    result[:, 2] = -0.75 * lip * height
    return result


def mouth_roll_lower(face: FacePoints) -> Floats:
    """The lower lip rolls in."""
    return _rolled(face, _lower(face))


def mouth_roll_upper(face: FacePoints) -> Floats:
    """The upper lip rolls in."""
    return _rolled(face, _upper(face))


def mouth_shrug_lower(face: FacePoints) -> Floats:
    """The chin pushes the lower lip up and out; the upper one gives way."""
    chin = _outer(face, (0.0, -8.2), (2.8, 2.0))
    line = _outer(face, (0.0, MOUTH.height), (2.9, 2.2))
    return slide(face.points, 0.0 * chin, 0.6 * chin + 0.75 * line) + push(
        face.points, 0.3 * lips(face) * _bow(face) + 0.2 * chin, (0.0, -1.0, 0.0)
    )


def mouth_shrug_upper(face: FacePoints) -> Floats:
    """The upper lip rises and comes out, the lower one with it."""
    line = _outer(face, (0.0, MOUTH.height + 0.4), (2.9, 1.9))
    return slide(face.points, 0.0 * line, 0.75 * line) + push(
        face.points, 0.35 * lips(face) * _bow(face), (0.0, -1.0, 0.0)
    )


def mouth_press(face: FacePoints) -> Floats:
    """One half of the lips is pressed flat."""
    half = left_half(face.points)
    height = face.points[:, 2] - lip_line(face.points[:, 0])
    weight = lips(face) * half
    corner = _outer(face, _CORNER, (1.8, 1.6))
    result = slide(face.points, 0.2 * corner, 0.12 * corner)
    result[:, 1] += 0.22 * weight
    result[:, 2] -= 0.6 * weight * height
    return result


def mouth_lower_down(face: FacePoints) -> Floats:
    """One half of the lower lip is drawn down and shows the teeth."""
    middle = bump(face.parted, (1.25, MOUTH.height - 0.9), (2.5, 2.4))
    down = 0.95 * middle * (1.0 - upper_lip(face)) * smoothstep(-3.0, 3.0, face.mouth_ring)
    down = down * smoothstep(LIP_BACK + 3.0, LIP_BACK, face.mouth_ring)
    return slide(face.points, 0.12 * down, -down)


def mouth_upper_up(face: FacePoints) -> Floats:
    """One half of the upper lip is drawn up and shows the teeth."""
    middle = bump(face.parted, (1.25, MOUTH.height + 0.9), (2.5, 2.2))
    up = 0.85 * middle * upper_lip(face) * smoothstep(-3.0, 3.0, face.mouth_ring)
    up = up * smoothstep(LIP_BACK + 3.0, LIP_BACK, face.mouth_ring)
    return slide(face.points, 0.1 * up, up)


def cheek_puff(face: FacePoints) -> Floats:
    """Both cheeks and the lips are blown up."""
    points = face.points
    result = np.zeros_like(points)
    for side in (1.0, -1.0):
        middle = np.array([side * 5.4, -4.6, -5.3])
        near = np.linalg.norm((points - middle) / (4.4, 5.6, 4.2), axis=1)
        cheek = np.square(np.clip(1.0 - near * near, 0.0, 1.0))
        cheek *= smoothstep(LIP_BACK + 3.0, LIP_BACK, face.mouth_ring)
        result += push(points, 2.3 * cheek, (side * 1.0, -0.55, 0.0))
    pout = _outer(face, (0.0, MOUTH.height), (3.6, 2.2))
    result += push(points, 0.5 * pout, (0.0, -1.0, 0.0))
    result[:, 0] -= 0.25 * points[:, 0] * lips(face)
    return result


def tongue_out(face: FacePoints) -> Floats:
    """The lips part to let the tongue through."""
    result = jaw_turn(face.points, TONGUE_OPENING * jaw(face))
    result[:, 0] -= 0.75 * lips(face) * _along(face)
    result[:, 2] += 0.3 * _upper(face) * _bow(face)
    return result


MOUTH_KEYS: dict[str, Key] = {
    "jawForward": jaw_forward,
    "jawLeft": jaw_left,
    "jawOpen": jaw_open,
    "mouthClose": mouth_close,
    "mouthFunnel": mouth_funnel,
    "mouthPucker": mouth_pucker,
    "mouthLeft": mouth_left,
    "mouthSmileLeft": mouth_smile,
    "mouthFrownLeft": mouth_frown,
    "mouthDimpleLeft": mouth_dimple,
    "mouthStretchLeft": mouth_stretch,
    "mouthRollLower": mouth_roll_lower,
    "mouthRollUpper": mouth_roll_upper,
    "mouthShrugLower": mouth_shrug_lower,
    "mouthShrugUpper": mouth_shrug_upper,
    "mouthPressLeft": mouth_press,
    "mouthLowerDownLeft": mouth_lower_down,
    "mouthUpperUpLeft": mouth_upper_up,
    "cheekPuff": cheek_puff,
    "tongueOut": tongue_out,
}
