# SPDX-License-Identifier: GPL-3.0-or-later
"""What a recipe says of one take alone: when its face rests, and which part of it is used.

A preset, or a recipe that goes on to another take, leaves that behind.
"""

from __future__ import annotations

from dataclasses import replace

from .recipe import Recipe, Step, resting_at


def without_the_shot(recipe: Recipe) -> Recipe:
    """The recipe for any take: without a time of rest, and nothing trimmed."""
    steps = (
        replace(step, settings={k: each for k, each in step.settings.items() if k != "at"})
        if step.name == "neutral"
        else step
        for step in recipe.steps
        if step.name != "trim"
    )
    return Recipe(tuple(steps))


def for_the_shot(recipe: Recipe, other: Recipe) -> Recipe:
    """The recipe with the rest and the trim that another one says for its take."""
    plain = without_the_shot(recipe)
    rests = [step.settings.get("at") for step in other.steps if step.name == "neutral"]
    steps = list(resting_at(plain, rests[-1] if rests else None).steps)
    trims = [step for step in other.steps if step.name == "trim"]
    place = place_of_trim(steps)
    steps[place:place] = trims
    return Recipe(tuple(steps))


def place_of_trim(steps: list[Step]) -> int:
    """Where a trim belongs: behind the neutral, which is found in all of the take, and before
    what costs time."""
    return max((place + 1 for place, step in enumerate(steps) if step.name == "neutral"), default=0)
