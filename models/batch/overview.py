# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report tells of a shot's performance: its figures, and the curves that move most.

The step that evaluates the recipe makes it, so that the report needs neither takes nor
networks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..evaluate.no_reference import figures
from ..performance import Performance
from ..recipe import Recipe, evaluate

Floats = NDArray[np.floating[Any]]

_CURVES = 4
_SPANS = 120
_DIGITS = 4


def overview(captured: Performance, recipe: Recipe, made: Performance) -> dict[str, Any]:
    """Figures and curves of what a recipe made, as plain data.

    "figures": see `no_reference.figures`, against what was seen, relative to the resting face.
    "seconds": how long it lasts. "curves": by channel, "seen" and "made": points of seconds and
    weight.
    """
    rest = Recipe(tuple(step for step in recipe.steps if step.name == "neutral"))
    seen = evaluate(rest, captured)
    return {
        "figures": figures(seen, made),
        "seconds": round(made.duration, _DIGITS),
        "curves": {
            name: {"seen": _points(seen, name), "made": _points(made, name)}
            for name in _liveliest(seen, made)
        },
    }


def figures_of(facts: Mapping[str, Any]) -> Mapping[str, float] | None:
    """The figures of a shot, by the facts of its steps; None if no step tells any."""
    told = overview_of(facts)
    return told["figures"] if told is not None else None


def overview_of(facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the steps of a shot tell of its performance; None if they tell nothing."""
    for kind in ("bake", "live_link"):
        told: Mapping[str, Any] | None = facts.get(kind, {}).get("performance")
        if told is not None:
            return told
    return None


def _liveliest(seen: Performance, made: Performance) -> list[str]:
    """The channels that move most; of a pair one side says it all."""
    spread = made.weights.std(axis=0)
    most = [made.channels[index] for index in np.argsort(-spread, kind="stable")]
    return [name for name in most if not name.endswith("Right") and name in seen.channels][:_CURVES]


def _points(performance: Performance, name: str) -> list[list[float]]:
    """Seconds and weights, few enough to draw: of many samples the lowest and the highest of
    each span, so that no blink is lost."""
    times, values = performance.times, performance.channel(name)
    if len(times) > 2 * _SPANS:
        chosen: set[int] = {0, len(times) - 1}
        for span in np.array_split(np.arange(len(times)), _SPANS):
            chosen |= {int(span[values[span].argmin()]), int(span[values[span].argmax()])}
        kept = sorted(chosen)
        times, values = times[kept], values[kept]
    return [
        [round(float(second), _DIGITS), round(float(weight), _DIGITS)]
        for second, weight in zip(times, values, strict=True)
    ]
