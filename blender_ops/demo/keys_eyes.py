# SPDX-License-Identifier: GPL-3.0-or-later
"""Shape keys of lids, brows, cheeks under the eyes and nose.

The keys that follow the gaze move the lids only: the eyeballs turn by their bones.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .keys_motion import bump, left_half, lid_close, lid_shift, lid_turn, push, slide
from .proportions import Floats
from .skin import FacePoints

Key = Callable[[FacePoints], Floats]


def _degrees(angle: float) -> float:
    return float(np.radians(angle))


def eye_blink(face: FacePoints) -> Floats:
    """The lids meet."""
    return lid_close(face)


def eye_look_down(face: FacePoints) -> Floats:
    """The upper lid sinks with the gaze, the lower one gives way."""
    return lid_turn(face, _degrees(-22.0), _degrees(-12.0))


def eye_look_up(face: FacePoints) -> Floats:
    """The lids rise with the gaze."""
    return lid_turn(face, _degrees(8.0), _degrees(7.0))


def eye_look_in(face: FacePoints) -> Floats:
    """The lids bulge over a cornea that turns to the nose."""
    return lid_shift(face, _degrees(-7.0))


def eye_look_out(face: FacePoints) -> Floats:
    """The lids bulge over a cornea that turns to the ear."""
    return lid_shift(face, _degrees(7.0))


def eye_squint(face: FacePoints) -> Floats:
    """The lower lid is drawn up, the upper one a little down."""
    cheek = bump(face.points, (4.3, -3.6), (3.2, 2.4))
    return lid_turn(face, _degrees(-6.0), _degrees(11.0), 0.22) + slide(
        face.points, 0.0 * cheek, 0.25 * cheek
    )


def eye_wide(face: FacePoints) -> Floats:
    """The lids draw back."""
    return lid_turn(face, _degrees(13.0), _degrees(-6.0))


def brow_down(face: FacePoints) -> Floats:
    """The brow sinks, its inner end most, and is drawn to the nose."""
    points = face.points
    inner = bump(points, (1.9, 3.6), (3.0, 2.6)) * left_half(points, 0.8)
    outer = bump(points, (4.6, 4.2), (3.8, 2.8))
    down = 1.15 * inner + 0.85 * outer
    lid = lid_turn(face, _degrees(-5.0), 0.0)
    return (
        slide(points, -0.5 * inner - 0.15 * outer, -down)
        + push(points, 0.3 * inner, (0, -1, 0))
        + lid
    )


def brow_inner_up(face: FacePoints) -> Floats:
    """The inner ends of both brows rise."""
    points = face.points
    left = bump(points, (1.9, 4.0), (3.1, 3.0))
    right = bump(points, (-1.9, 4.0), (3.1, 3.0))
    up = np.maximum(left, right) + 0.35 * np.minimum(left, right)
    return slide(points, 0.25 * (right - left), 1.15 * up)


def brow_outer_up(face: FacePoints) -> Floats:
    """The outer end of the brow rises."""
    outer = bump(face.points, (5.4, 4.2), (3.6, 3.0))
    return slide(face.points, 0.0 * outer, 1.15 * outer)


def cheek_squint(face: FacePoints) -> Floats:
    """The cheek is lifted against the lower lid."""
    cheek = bump(face.points, (4.7, -4.4), (3.4, 2.7))
    lid = lid_turn(face, 0.0, _degrees(9.0), 0.12)
    return (
        slide(face.points, 0.1 * cheek, 0.5 * cheek)
        + push(face.points, 0.75 * cheek, (0.5, -1.0, 0.1))
        + lid
    )


def nose_sneer(face: FacePoints) -> Floats:
    """The wing of the nose rises, the upper lip and the cheek beside it follow."""
    points = face.points
    wing = bump(points, (1.15, -2.9), (1.7, 1.7)) * left_half(points, 0.7)
    fold = bump(points, (2.0, -4.0), (2.2, 1.9)) * left_half(points, 0.7)
    lip = bump(face.parted, (1.4, -5.1), (1.9, 1.2)) * np.clip(face.lip + 0.2, 0.0, 1.0)
    bridge = bump(points, (0.9, 1.4), (1.6, 1.8)) * left_half(points, 0.7)
    return slide(points, 0.12 * wing, 0.55 * wing + 0.3 * fold + 0.1 * lip - 0.3 * bridge) + push(
        points, 0.25 * wing + 0.15 * bridge, (0.5, -1.0, 0.0)
    )


EYE_KEYS: dict[str, Key] = {
    "eyeBlinkLeft": eye_blink,
    "eyeLookDownLeft": eye_look_down,
    "eyeLookInLeft": eye_look_in,
    "eyeLookOutLeft": eye_look_out,
    "eyeLookUpLeft": eye_look_up,
    "eyeSquintLeft": eye_squint,
    "eyeWideLeft": eye_wide,
    "cheekSquintLeft": cheek_squint,
    "noseSneerLeft": nose_sneer,
}

BROW_KEYS: dict[str, Key] = {
    "browDownLeft": brow_down,
    "browInnerUp": brow_inner_up,
    "browOuterUpLeft": brow_outer_up,
}
