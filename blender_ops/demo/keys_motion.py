# SPDX-License-Identifier: GPL-3.0-or-later
"""The few motions of which all shape keys are made: bumps, slides, turns of lids and jaw."""

from __future__ import annotations

import numpy as np

from .proportions import EYE, JAW, MOUTH, Floats, smoothstep
from .skin import LID_EDGE, LIP_BACK, LIP_BORDER, FacePoints, eye_frame, from_eye_frame, lid_edges
from .surface import front, mask


def bump(points: Floats, centre: tuple[float, float], radii: tuple[float, float]) -> Floats:
    """(n,) 1 at a place (x, z) of the face, smoothly 0 at the radii, 0 behind the ears."""
    across = (points[:, 0] - centre[0]) / radii[0]
    up = (points[:, 2] - centre[1]) / radii[1]
    near = np.clip(1.0 - across * across - up * up, 0.0, 1.0)
    return near * near * smoothstep(1.0, -3.0, points[:, 1])


def mouth_corner(face: FacePoints, above: float, below: float, aside: float) -> Floats:
    """(n,) 1 at the left corner of the mouth, falling as a parabola to the middle of the
    lips, so that both corners together bend the mouth to an even bow.

    above, below, aside: centimetres from the corner at which it has faded.
    """
    points = face.points
    along = np.clip(points[:, 0] / MOUTH.half_width, 0.0, 1.0)
    beyond = np.clip((points[:, 0] - MOUTH.half_width) / aside, 0.0, 1.0)
    offset = points[:, 2] - MOUTH.height - MOUTH.smile
    up = np.clip(offset / np.where(offset > 0.0, above, -below), 0.0, 1.0)
    fade: Floats = np.square(1.0 - np.square(up)) * np.square(1.0 - np.square(beyond))
    inside = smoothstep(LIP_BACK + 3.0, LIP_BACK, face.mouth_ring)
    return np.power(along, 1.7) * fade * inside * smoothstep(1.0, -3.0, points[:, 1])


def left_half(points: Floats, width: float = 1.3) -> Floats:
    """(n,) 0 on the subject's right, 1 on the left, smooth between."""
    return smoothstep(-width, width, points[:, 0])


def slide(points: Floats, across: Floats, up: Floats) -> Floats:
    """Displacement (n, 3) by (n,) centimetres along the face, its depth following the form."""
    result = np.column_stack([across, np.zeros(len(points)), up])
    moved = np.flatnonzero((across != 0.0) | (up != 0.0))
    if len(moved):
        start = points[moved]
        end = start + result[moved]
        deeper = front(end[:, 0], end[:, 2], mask) - front(start[:, 0], start[:, 2], mask)
        result[moved, 1] = np.clip(deeper, -1.2, 1.2)
    return result


def push(points: Floats, amount: Floats, direction: tuple[float, float, float]) -> Floats:
    """Displacement (n, 3) by (n,) centimetres in one direction."""
    unit: Floats = np.asarray(direction) / np.linalg.norm(direction)
    return amount[:, None] * unit


def lips(face: FacePoints) -> Floats:
    """(n,) 1 on the lips and just behind them, 0 on the face and deep in the mouth."""
    ring = face.mouth_ring
    return smoothstep(0.5, LIP_BORDER, ring) * smoothstep(LIP_BACK + 3.0, LIP_BACK + 1.0, ring)


def upper_lip(face: FacePoints) -> Floats:
    """(n,) 1 on and above the upper lip, 0 on and below the lower, even across the corners."""
    above = np.clip((face.points[:, 2] - MOUTH.height) / 1.5, -1.0, 1.0)
    return smoothstep(-0.35, 0.35, np.where(face.mouth_ring > 0, face.lip, above))


def jaw(face: FacePoints) -> Floats:
    """(n,) how much of the jaw's motion a point takes part in: 1 on lower lip and chin."""
    place = face.parted
    # Under the corner of the mouth the jaw begins; toward the ear the change is softer.
    aside = np.clip((np.abs(place[:, 0]) - MOUTH.half_width) / 4.0, 0.0, 1.0)
    top = MOUTH.height + 0.75 + 2.6 * aside
    bottom = MOUTH.height - 0.75 - 2.4 * aside
    below = smoothstep(top, bottom, place[:, 2])
    behind = smoothstep(2.5, -4.5, place[:, 1])
    throat = smoothstep(-13.2, -9.6, place[:, 2])
    inside = np.where(face.mouth_ring > LIP_BACK + 1, smoothstep(0.3, -0.3, face.lip), 1.0)
    # The lips open to an oval, their corners going a third of the way.
    bow = np.abs(face.lip)
    corner = 0.36
    oval = np.where(face.lip < 0, corner + (1 - corner) * bow, corner * np.square(1 - bow))
    on_lips = smoothstep(0.0, LIP_BORDER + 0.5, face.mouth_ring)
    outside = (below + (oval - below) * on_lips) * behind * throat
    return np.where(face.mouth_ring > LIP_BACK + 1, inside, outside)


def jaw_turn(points: Floats, share: Floats, angle: float = JAW.opening) -> Floats:
    """Displacement (n, 3) of points that turn with the jaw by a share (n,) of the angle."""
    hinge = np.array(JAW.hinge)
    offset = points[:, 1:] - hinge
    turn = share * angle
    cosine, sine = np.cos(turn), np.sin(turn)
    result = np.zeros_like(points)
    result[:, 1] = offset[:, 0] * cosine - offset[:, 1] * sine - offset[:, 0]
    result[:, 2] = offset[:, 0] * sine + offset[:, 1] * cosine - offset[:, 1]
    return result


def lid_turn(face: FacePoints, upper: float, lower: float, press: float = 0.0) -> Floats:
    """Displacement (n, 3) of the left lids that turn about the eye's centre.

    upper, lower: radians by which the middles of the lids' edges rise.
    press: centimetres by which the lower lid comes closer to the eyeball, so that an
        upper lid that comes down lies over it.
    """
    side, _, _, _ = eye_frame(face.points)
    bow = np.power(_between_corners(side), 0.75)
    return _turned(face, upper * bow, lower * bow, (0.0, -press))


def lid_close(face: FacePoints) -> Floats:
    """Displacement (n, 3) that brings the left lids' edges together, the upper one on top."""
    side, _, _, _ = eye_frame(face.points)
    top, bottom, closed = lid_edges(side / EYE.half_width)
    return _turned(face, closed - top, closed - bottom, (0.24, -0.26))


def lid_shift(face: FacePoints, angle: float) -> Floats:
    """Displacement (n, 3) of the left lids along with a cornea that turns outward.

    Both lids move alike, so that shut lids stay shut.
    """
    side, rise, _, distance = eye_frame(face.points)
    weight = _lid_share(face, side, rise, distance) * _between_corners(side)
    straight = np.zeros(len(side))
    radius = np.full(len(side), EYE.lid_radius)
    level = from_eye_frame(side, straight, radius)
    return weight[:, None] * (from_eye_frame(side + angle, straight, radius) - level)


def _between_corners(side: Floats) -> Floats:
    """(n,) 1 in the middle of the eye, 0 at and beyond its corners."""
    inside: Floats = np.clip(1.0 - np.square(side / EYE.half_width), 0.0, 1.0)
    return inside


def _lid_share(face: FacePoints, side: Floats, rise: Floats, distance: Floats) -> Floats:
    """(n,) how much of the motion of the lid's edge a point takes part in."""
    top, bottom, _ = lid_edges(side / EYE.half_width)
    reach = np.radians(48.0)
    beyond = np.clip(np.maximum(rise - top, bottom - rise) / reach, 0.0, 1.0)
    # Away from the edge the motion fades toward the corners more gently.
    gentle = np.power(_between_corners(side), 1.2 * np.minimum(beyond * 2.0, 1.0))
    weight = smoothstep(1.0, 0.0, beyond) * gentle
    weight = np.where(face.eye_ring >= LID_EDGE, 1.0, weight)
    near = smoothstep(EYE.lid_radius + 2.2, EYE.lid_radius + 0.4, distance)
    in_front = (face.points[:, 0] > 0.0) & (np.abs(rise) < np.radians(115.0))
    return np.where(in_front, weight * near, 0.0)


def _turned(face: FacePoints, upper: Floats, lower: Floats, lift: tuple[float, float]) -> Floats:
    """Lids turned by angles (n,); their edges lifted off the eyeball by centimetres."""
    side, rise, _, distance = eye_frame(face.points)
    top, bottom, _ = lid_edges(side / EYE.half_width)
    is_upper = rise >= (top + bottom) / 2.0
    weight = _lid_share(face, side, rise, distance)
    lifted = (
        np.where(is_upper, *lift)
        * np.power(weight, np.where(is_upper, 4.0, 1.5))
        * _between_corners(side)
    )
    turn = np.where(is_upper, upper, lower) * weight
    result = from_eye_frame(side, rise + turn, distance + lifted) - face.points
    result[weight <= 0.0] = 0.0
    return result
