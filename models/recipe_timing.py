# SPDX-License-Identifier: GPL-3.0-or-later
"""When something in a take happens after a recipe: steps that trim and retime move it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .recipe import Step


@dataclass(frozen=True)
class Timing:
    """How seconds of a take become seconds of what a recipe made of it.

    start: the take's second that becomes second 0. speed: 2 is twice as fast.
    """

    start: float = 0.0
    speed: float = 1.0

    def after(self, seconds: float) -> float:
        """Where a second of the take lies after the recipe; below 0 is before its beginning."""
        return (seconds - self.start) / self.speed

    def before(self, seconds: float) -> float:
        """The second of the take that lies there after the recipe."""
        return seconds * self.speed + self.start


def timing_of(steps: Iterable[Step]) -> Timing:
    """What steps do to time, one after the other; muted ones do nothing."""
    start, speed = 0.0, 1.0
    for step in steps:
        if step.muted:
            continue
        if step.name == "trim":
            start += max(step.settings.get("start", 0.0), 0.0) * speed
        elif step.name == "retime":
            speed *= step.settings.get("speed", 1.0)
    return Timing(start, speed)


def used_part(steps: Iterable[Step], duration: float) -> tuple[float, float]:
    """The seconds (from, to) of a take of that duration that a recipe uses."""
    begun: list[Step] = []
    first, last = 0.0, duration
    for step in steps:
        if step.name == "trim" and not step.muted:
            timing = timing_of(begun)
            end = step.settings.get("end")
            if end is not None:
                # Counted back from the end of what the steps before leave.
                end = timing.after(last) + end if end < 0 else end
                last = min(last, timing.before(end))
            first = max(first, timing.before(max(step.settings.get("start", 0.0), 0.0)))
        begun.append(step)
    return first, last
