# SPDX-License-Identifier: GPL-3.0-or-later
"""A recipe: what is done to a take, as plain data, and its evaluation.

Panel, command line and batch evaluate the same recipe with the same code. The result of
every step is cached by the hash of the source and of all steps so far, so that changing a
later step starts from the result of the one before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from .cache import Cache
from .errors import RecipeError
from .performance import Performance
from .steps import checked, kind

FORMAT = 1


@dataclass(frozen=True)
class Step:
    """One step: its name in `steps.STEPS`, and the settings that differ from its defaults.

    muted: left out when the recipe is evaluated.

    Raises RecipeError for an unknown step or setting, or a value of the wrong type.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    muted: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", checked(self.name, self.settings))

    def apply(self, performance: Performance) -> Performance:
        """What the step makes of a performance."""
        return kind(self.name).apply(performance, **self.settings)


@dataclass(frozen=True)
class Recipe:
    """Steps in the order in which they are done. The same step may come more than once."""

    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))

    @property
    def active(self) -> tuple[Step, ...]:
        """The steps that are done: those that are not muted."""
        return tuple(step for step in self.steps if not step.muted)

    def to_json(self) -> str:
        """The recipe as JSON text; equal recipes give equal text."""
        steps = [
            {"step": step.name, "settings": dict(step.settings)}
            | ({"muted": True} if step.muted else {})
            for step in self.steps
        ]
        return json.dumps({"mien_recipe": FORMAT, "steps": steps}, indent=2, sort_keys=True)

    def where_unsaid(self, name: str, **settings: Any) -> Recipe:
        """The recipe with these settings in each step of that name that does not say them.

        Raises RecipeError as `Step` does.
        """
        return Recipe(
            tuple(
                replace(step, settings={**settings, **step.settings}) if step.name == name else step
                for step in self.steps
            )
        )

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """The recipe that `to_json` wrote.

        Raises RecipeError if the text is none, or names an unknown step or setting.
        """
        try:
            data = json.loads(text)
            version, rows = data["mien_recipe"], data["steps"]
            steps = [
                (str(row["step"]), dict(row.get("settings", {})), row.get("muted", False) is True)
                for row in rows
            ]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise RecipeError(
                "This text is not a recipe; it should be JSON with “mien_recipe” and “steps”."
            ) from None
        if version != FORMAT:
            raise RecipeError(
                f"This recipe has format {version}, this Mien reads {FORMAT}; update Mien."
            )
        return cls(tuple(Step(*step) for step in steps))


STANDARD = Recipe((Step("neutral"), Step("clean", {"smooth_weights": False}), Step("refine")))
"""What a raw take needs: its resting face found and taken out, its gaps and spikes mended, the
head steadied, and its weights refined, which keeps blinks and plosives that a filter flattens.
"""


def resting_at(recipe: Recipe, seconds: float | None) -> Recipe:
    """The recipe with its neutral taken at a time; None leaves the recipe as it is."""
    if seconds is None:
        return recipe
    steps = (
        replace(step, settings={**step.settings, "at": seconds}) if step.name == "neutral" else step
        for step in recipe.steps
    )
    return Recipe(tuple(steps))


def evaluate(
    recipe: Recipe,
    performance: Performance,
    cache: Cache | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> Performance:
    """What the recipe makes of a performance; muted steps are left out.

    cache: where results of steps are looked up and kept.
    progress: called before each step with the share done and the step's name, and with 1
        at the end; what it raises (`Cancelled`) ends the evaluation.
    Raises RecipeError or PerformanceError if a step cannot be done.
    """
    steps = recipe.active
    keys = _keys(steps, performance) if cache is not None else []
    done = 0
    for count in range(len(keys), 0, -1):
        known = cache.get(keys[count - 1]) if cache is not None else None
        if known is not None:
            done, performance = count, known
            break
    for index, step in enumerate(steps[done:], done):
        if progress is not None:
            progress(index / len(steps), step.name)
        performance = step.apply(performance)
        if cache is not None:
            cache.put(keys[index], performance)
    if progress is not None:
        progress(1.0, "")
    return performance


def _keys(steps: Iterable[Step], performance: Performance) -> list[str]:
    """For each step the hash of all that its result depends on."""
    keys: list[str] = []
    key = f"{_code()} {performance.digest()}"
    for step in steps:
        settings = json.dumps(dict(step.settings), sort_keys=True)
        text = "\n".join([key, step.name, settings, kind(step.name).fingerprint(step.settings)])
        key = hashlib.sha256(text.encode()).hexdigest()
        keys.append(key)
    return keys


@lru_cache(maxsize=1)
def _code() -> str:
    """A hash of the code that steps are made of: results of other code are not looked up."""
    result = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        result.update(file.read_bytes())
    return result.hexdigest()
