# SPDX-License-Identifier: GPL-3.0-or-later
"""The hair: one piece with carved strands and a quiff, as it is cast for a toy."""

from __future__ import annotations

import numpy as np

from .part import Part, tube
from .proportions import Floats, smoothstep
from .surface import gradient, mask, project

_CROWN = np.array([0.0, 1.6, 2.4])
_TURNS, _STEPS = 96, 22

# The hairline: degrees round from the front, degrees down from the crown.
_HAIRLINE = (
    (0, 55), (30, 52), (48, 58), (62, 78), (72, 97), (82, 99), (96, 90), (120, 104), (150, 116),
    (180, 118),
)  # fmt: skip


def hair() -> Part:
    """A cap of hair, carved into strands that are combed to one side."""
    azimuth = np.arange(_TURNS) * 2.0 * np.pi / _TURNS
    line = _hairline(azimuth)
    rings = []
    for step in range(_STEPS + 1):
        share = step / _STEPS
        rings.append(_ring(azimuth, line * (0.015 + 0.985 * share), share))
    # The edge turns in under the hair and ends inside the head.
    edge = project(mask, rings[-1], 6)
    rings.append(edge + 0.25 * gradient(mask, edge))
    rings.append(edge - 0.4 * gradient(mask, edge))
    points, faces = tube(rings, end=False)
    return Part("Hair", points, faces, ("hair",), {"head": np.ones(len(points))}, smooth=1)


def _hairline(azimuth: Floats) -> Floats:
    """(n,) radians from the crown down to the hairline, its corners rounded."""
    around = np.degrees(np.abs((azimuth + np.pi) % (2.0 * np.pi) - np.pi))
    line: Floats = np.radians(np.interp(around, *np.transpose(_HAIRLINE)))
    # Combed over: lower on the forehead's right.
    line += np.radians(9.0) * np.exp(-np.square((azimuth - 2.0 * np.pi + 0.55) / 0.42))
    for _ in range(3):
        line = (np.roll(line, 1) + 2.0 * line + np.roll(line, -1)) / 4.0
    return line


def _ring(azimuth: Floats, angle: Floats, share: float) -> Floats:
    """One ring of the cap, `share` of the way from the crown to the hairline."""
    direction = np.column_stack(
        [np.sin(angle) * np.sin(azimuth), -np.sin(angle) * np.cos(azimuth), np.cos(angle)]
    )
    base = project(mask, _CROWN + 11.0 * direction, 6)
    normal = gradient(mask, base)
    # Strands run from the parting on the subject's left over to the right.
    combed = azimuth * 8.0 + 2.6 * share
    strand = np.abs(np.sin(combed / 2.0)) ** 0.6 - 0.75
    carving = 0.75 * smoothstep(0.15, 0.6, np.full(len(azimuth), share))
    thickness = 1.0 - 0.2 * share + carving * strand
    return _quiff(base + normal * thickness[:, None])


def _quiff(points: Floats) -> Floats:
    """Hair drawn up over the forehead, more on the subject's left."""
    place = points - (1.5, -6.5, 10.0)
    near = np.clip(1.0 - np.sum(np.square(place / (6.5, 5.5, 5.0)), axis=1), 0.0, 1.0)
    return points + np.outer(near**1.3, (0.6, -1.7, 2.3))
