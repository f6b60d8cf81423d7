# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves and spectra as SVG, written by hand: a report needs no plotting library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

COLOURS = ("#888888", "#d1495b", "#00798c", "#edae49")
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 900, 180, 46, 22, 22
_MOST_POINTS = 1500


def lines(title: str, across: Floats, curves: Mapping[str, Floats], unit: str = "s") -> str:
    """Several curves over one axis, as an SVG element.

    across: (points,), its unit named by `unit`. curves: (points,) each, by name.
    """
    step = max(len(across) // _MOST_POINTS, 1)
    across = np.asarray(across, np.float64)[::step]
    values = {name: np.asarray(one, np.float64)[::step] for name, one in curves.items()}
    low = min(0.0, *(float(one.min()) for one in values.values()))
    high = max(low + 1e-6, *(float(one.max()) for one in values.values()))
    first, last = float(across[0]), float(max(across[-1], across[0] + 1e-9))
    x = _LEFT + (across - first) / (last - first) * (_WIDTH - _LEFT - 8)
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" xmlns="http://www.w3.org/2000/svg" '
        'font-family="sans-serif" font-size="11">',
        f'<text x="{_LEFT}" y="14" font-weight="bold">{escape(title)}</text>',
    ]
    for value in (low, (low + high) / 2, high):
        y = _y(value, low, high)
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - 8}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        )
        parts.append(f'<text x="4" y="{y + 4:.1f}">{value:.3g}</text>')
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        at = _LEFT + share * (_WIDTH - _LEFT - 8)
        text = f"{first + share * (last - first):.3g} {escape(unit)}"
        anchor = "end" if share == 1 else "middle" if share else "start"
        parts.append(f'<text x="{at:.0f}" y="{_HEIGHT - 6}" text-anchor="{anchor}">{text}</text>')
    for index, (name, one) in enumerate(values.items()):
        colour = COLOURS[index % len(COLOURS)]
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, _y(one, low, high), strict=True))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.3"/>'
        )
        parts.append(
            f'<text x="{_WIDTH - 8 - 110 * (len(values) - 1 - index)}" y="14" fill="{colour}" '
            f'text-anchor="end">{escape(name)}</text>'
        )
    return "".join([*parts, "</svg>"])


def _y(values: Any, low: float, high: float) -> Any:
    return _HEIGHT - _BOTTOM - (values - low) / (high - low) * (_HEIGHT - _BOTTOM - _TOP)
