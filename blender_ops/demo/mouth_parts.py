# SPDX-License-Identifier: GPL-3.0-or-later
"""Teeth and tongue."""

from __future__ import annotations

import numpy as np

from .keys_motion import jaw_turn
from .keys_mouth import TONGUE_OPENING
from .part import Part, Quads, tube
from .proportions import MOUTH, Floats, smoothstep
from .surface import front


def upper_teeth() -> Part:
    """The upper row: one smooth band, as on a toy."""
    points, faces = _row(MOUTH.height - 0.42, MOUTH.height + 1.1, 2.55, 0.95, rise=0.25)
    part = Part("Teeth Upper", points, faces, ("teeth",), {"head": np.ones(len(points))})
    part.keys = {"mouthFunnel": np.tile((0.0, 0.0, 0.45), (len(points), 1))}
    return part


def lower_teeth() -> Part:
    """The lower row, which follows the jaw."""
    points, faces = _row(MOUTH.height - 1.7, MOUTH.height - 0.45, 1.85, 1.3, rise=-0.35)
    part = Part("Teeth Lower", points, faces, ("teeth",), {"head": np.ones(len(points))})
    part.keys = _with_the_jaw(points, np.ones(len(points)))
    # Out of the way, so that the ring of the lips is dark inside.
    part.keys["mouthFunnel"] = np.tile((0.0, 0.0, -0.9), (len(points), 1))
    return part


def tongue() -> Part:
    """The tongue, which follows the jaw and can be put out."""
    size = 16
    around = -np.arange(size) * 2.0 * np.pi / size
    length = np.linspace(0.0, 1.0, 10)
    rings = []
    for share in length:
        half = np.sin(np.arccos(np.clip(2.0 * share - 1.0, -0.985, 0.985))) ** 0.6
        width, thickness = 1.55 * half, 0.55 * half
        groove = 0.18 * half * np.exp(-np.square(2.2 * np.cos(around))) * (np.sin(around) > 0)
        ring = np.column_stack(
            [
                width * np.cos(around),
                np.full(size, -2.9 - 4.0 * share),
                MOUTH.height - 1.35 + thickness * np.sin(around) + 0.35 * share - groove,
            ]
        )
        rings.append(ring)
    points, faces = tube([ring[::-1] for ring in rings])
    part = Part("Tongue", points, faces, ("tongue",), {"head": np.ones(len(points))})
    share = smoothstep(-2.4, -4.5, points[:, 1])
    part.keys = _with_the_jaw(points, np.ones(len(points))) | {"tongueOut": _put_out(points)}
    part.keys["jawOpen"] = jaw_turn(points, 0.55 + 0.4 * share)
    return part


# Across a tooth, from its upper edge over the front and back: centimetres inward, and
# height from -1 at the lower edge to 1 at the upper one.
_TOOTH = (
    (0.0, 1.0), (-0.12, 0.9), (-0.16, 0.0), (-0.12, -0.85),
    (0.0, -1.0), (0.2, -0.9), (0.3, 0.0), (0.3, 0.9),
)  # fmt: skip


def _row(
    bottom: float, top: float, half_width: float, behind: float, rise: float
) -> tuple[Floats, Quads]:
    """A band of teeth along an arch.

    behind: centimetres behind the face in the middle. rise: how much higher its ends are.
    """
    share = np.sin(np.linspace(-1.0, 1.0, 15) * np.pi / 2 * 0.98)
    middle = front(np.zeros(1), np.full(1, MOUTH.height))[0] + behind
    arch = middle + 1.9 * (1.0 - np.sqrt(1.0 - np.square(share) * 0.98))
    inward, height = np.transpose(_TOOTH)
    rings = []
    for at, depth in zip(share, arch, strict=True):
        normal = np.array([-1.3 * at, 1.0]) / np.hypot(1.3 * at, 1.0)
        ring = np.column_stack([inward * normal[0], inward * normal[1], height])
        ring[:, 2] = bottom + (top - bottom) * (1.0 + height) / 2.0 + rise * at * at
        rings.append(ring + np.array([half_width * at, depth, 0.0]))
    return tube(rings)


def _with_the_jaw(points: Floats, share: Floats) -> dict[str, Floats]:
    return {
        "jawOpen": jaw_turn(points, share),
        "jawForward": np.outer(share, (0.0, -1.0, -0.05)),
        "jawLeft": np.outer(share, (0.95, 0.0, 0.0)),
        "tongueOut": jaw_turn(points, TONGUE_OPENING * share),
        "jawRight": np.outer(share, (-0.95, 0.0, 0.0)),
    }


def _put_out(points: Floats) -> Floats:
    """The tongue out over the lower lip, its tip hanging down."""
    root, tip = -2.9, -6.9
    share = np.clip((points[:, 1] - root) / (tip - root), 0.0, 1.0)
    result = np.zeros_like(points)
    result[:, 1] = -4.5 * share + 1.1 * smoothstep(0.6, 1.1, share)
    result[:, 2] = 0.7 * np.sin(np.pi * share) - 2.0 * smoothstep(0.45, 1.1, share)
    return result
