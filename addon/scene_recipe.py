# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe of the take in use, as the scene keeps it, and single steps of it.

A step that is put in or taken out changes one text property of the scene, so that Ctrl-Z
undoes it; nothing is evaluated before the next bake.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .properties import MienSceneSettings, recipe_of
from .take_paths import as_absolute

if TYPE_CHECKING:
    from ..models.recipe import Recipe


def recipe_in_use(settings: MienSceneSettings) -> Recipe:
    """The scene's recipe, or that of the take where the scene has none of its own.

    Raises TakeError if the take cannot be read, RecipeError if the scene's text is no recipe.
    """
    from ..models.take import read_recipe

    return recipe_of(settings) or read_recipe(as_absolute(settings.take))


def put_step(
    settings: MienSceneSettings,
    name: str,
    values: Mapping[str, Any],
    muted: bool = False,
    first: bool = False,
) -> None:
    """Give the recipe this step, in place of the last of that name, otherwise at its end.

    first: otherwise at its beginning.

    Raises as `recipe_in_use` does, and RecipeError for values that the step does not take.
    """
    from ..models.recipe import Recipe, Step

    step = Step(name, values, muted)
    steps = list(recipe_in_use(settings).steps)
    places = [place for place, each in enumerate(steps) if each.name == name]
    if places:
        steps[places[-1]] = step
    else:
        steps.insert(0 if first else len(steps), step)
    settings.recipe = Recipe(tuple(steps)).to_json()


def settings_of(settings: MienSceneSettings, name: str) -> dict[str, Any]:
    """What the recipe's last step of a name says, {} if there is none.

    Raises as `recipe_in_use` does.
    """
    found = [step for step in recipe_in_use(settings).steps if step.name == name]
    return dict(found[-1].settings) if found else {}


def remove_step(settings: MienSceneSettings, name: str) -> bool:
    """Take every step of that name out of the recipe; whether there was one.

    Raises as `recipe_in_use` does.
    """
    from ..models.recipe import Recipe

    steps = recipe_in_use(settings).steps
    kept = tuple(step for step in steps if step.name != name)
    if len(kept) < len(steps):
        settings.recipe = Recipe(kept).to_json()
    return len(kept) < len(steps)


def has_step(settings: MienSceneSettings, name: str) -> bool:
    """Whether the scene's own recipe has a step of that name; quick enough for drawing."""
    return f'"step": "{name}"' in settings.recipe
