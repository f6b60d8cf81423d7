# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot's liveliest curves, as seen and as its recipe made them, drawn small."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

_WIDTH, _HEIGHT, _MARGIN = 400, 60, 4
# What moves by less is drawn as little.
_LEAST_RANGE = 0.1

Points = Sequence[Sequence[float]]


def curves(overview: Mapping[str, Any], lost: Iterable[Sequence[float]] = ()) -> str:
    """The curves of `overview.overview`, all to the same scale; "" if it holds none.

    lost: first and last second of each stretch where no face was seen.
    """
    by_channel: Mapping[str, Mapping[str, Points]] = overview["curves"]
    if not by_channel:
        return ""
    values = [point[1] for both in by_channel.values() for one in both.values() for point in one]
    low, high = min(0.0, *values), max(_LEAST_RANGE, *values)
    seconds = max(float(overview["seconds"]), 1e-9)
    gaps = "".join(_gap(first, last, seconds) for first, last in lost)
    figures = "".join(
        f"<figure><figcaption><b>{escape(name)}</b>{_range(both['made'])}</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none">{gaps}'
        + "".join(_line(kind, both[kind], seconds, low, high) for kind in ("seen", "made"))
        + "</svg></figure>"
        for name, both in by_channel.items()
    )
    return (
        f'<div class="curves">{figures}</div><p class="legend">'
        '<i style="background:var(--seen)"></i>as captured'
        '<i class="two" style="background:var(--made)"></i>after the recipe, '
        f"{seconds:.1f} s, all from {low:.2f} to {high:.2f}</p>"
    )


def _range(points: Points) -> str:
    values = [value for _, value in points]
    return f"{min(values):.2f} – {max(values):.2f}"


def _line(kind: str, points: Points, seconds: float, low: float, high: float) -> str:
    scale = (_HEIGHT - 2 * _MARGIN) / (high - low)
    places = (
        f"{second / seconds * _WIDTH:.1f},{_HEIGHT - _MARGIN - (value - low) * scale:.1f}"
        for second, value in points
    )
    return f'<polyline class="{kind}" points="{" ".join(places)}"/>'


def _gap(first: float, last: float, seconds: float) -> str:
    left, right = (min(max(each / seconds, 0), 1) * _WIDTH for each in (first, last))
    return f'<rect class="lost" x="{left:.1f}" width="{right - left:.1f}" height="{_HEIGHT}"/>'
