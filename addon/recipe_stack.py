# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe in use as a stack of steps that lists and widgets of Blender can show.

The scene's text `recipe` is what counts; the stack mirrors it. A change of the text, or of the
take where the scene has no recipe of its own, is read into the stack; a change in the stack is
written to the text. Both are data of the scene, so that Ctrl-Z takes both back together.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, PointerProperty, StringProperty
from bpy.types import Context, PropertyGroup

from .step_groups import GROUPS
from .step_settings import read_settings, settings_shown

if TYPE_CHECKING:
    from ..models.recipe import Recipe, Step

# What the list and the menu call each kind of step, and show of it, in the menu's order.
KINDS: tuple[tuple[str, str, str, Any], ...] = (
    ("neutral", "Neutral", "Take the face at rest out of the take", "USER"),
    ("trim", "Trim", "Use only a part of the take", "PREVIEW_RANGE"),
    ("clean", "Clean", "Mend gaps and spikes, smooth jitter", "BRUSH_DATA"),
    ("refine", "Refine", "Undo tremble, freezes and losses with a network", "MOD_SMOOTH"),
    ("gain", "Gain", "More or less of a region, of all, or of the head's turn", "MODIFIER"),
    ("symmetry", "Symmetry", "Move both sides of the face alike", "ARROW_LEFTRIGHT"),
    ("mirror", "Mirror", "Left becomes right: face, head and eyes", "MOD_MIRROR"),
    ("retime", "Retime", "Another rate and speed", "TIME"),
    ("vary", "Vary", "The same take given otherwise", "RNDCURVE"),
    ("direct", "Direct", "Give the take an emotion", "HEART"),
)
LABELS = {name: label for name, label, _, _ in KINDS}
ICONS = {name: icon for name, _, _, icon in KINDS}


def _changed(step: Any, _context: Context) -> None:
    """A step was muted or switched on by hand."""
    write_recipe(step.id_data.mien)


class MienRecipeStep(PropertyGroup):
    """One step of the stack; its `name` is the kind of step. Each kind's settings lie beside."""

    active: BoolProperty(
        name="Use Step",
        description="Switched off, the step is left out and keeps its settings",
        default=True,
        update=_changed,
    )
    said: StringProperty(
        name="Settings", description="What the recipe says of this step, as JSON", default="{}"
    )


_pointer: Any = PointerProperty  # The stubs say that it returns nothing.
for _name, _group in GROUPS.items():
    MienRecipeStep.__annotations__[_name] = _pointer(type=_group)


def follow_recipe(settings: Any, _context: Context | None = None) -> None:
    """Read the recipe in use into the stack; without one, or if it cannot be read, it is empty."""
    if settings.stack_is_busy:
        return
    with _busy(settings):
        steps = _steps_in_use(settings)
        stack = settings.recipe_stack
        # The step whose slider is being dragged must stay where it is.
        if [item.name for item in stack] != [step.name for step in steps]:
            stack.clear()
            for step in steps:
                stack.add().name = step.name
        for item, step in zip(stack, steps, strict=True):
            _read_step(item, step)
        settings.recipe_index = max(0, min(settings.recipe_index, len(stack) - 1))
        _show_refining(settings)


def write_recipe(settings: Any) -> None:
    """Make the stack the scene's recipe."""
    if settings.stack_is_busy:
        return
    with _busy(settings):
        recipe = recipe_shown(settings)
        settings.recipe = recipe.to_json()
        for item, step in zip(settings.recipe_stack, recipe.steps, strict=True):
            item.said = json.dumps(dict(step.settings), sort_keys=True)
        _show_refining(settings)


def recipe_shown(settings: Any) -> Recipe:
    """The recipe that the stack shows."""
    from ..models.recipe import Recipe, Step

    return Recipe(
        tuple(
            Step(
                item.name,
                settings_shown(getattr(item, item.name), item.name, json.loads(item.said)),
                not item.active,
            )
            for item in settings.recipe_stack
        )
    )


def selected_step(settings: Any) -> Any:
    """The stack's step that is selected in the list, None if there is none."""
    stack = settings.recipe_stack
    return stack[settings.recipe_index] if 0 <= settings.recipe_index < len(stack) else None


def refining_step(settings: Any) -> Any:
    """The last step of the stack that refines, muted or not; None if none does."""
    found = [item for item in settings.recipe_stack if item.name == "refine"]
    return found[-1] if found else None


def fill_stacks(*_: object) -> None:
    """Read every scene's recipe: a file that was saved by an older Mien has no stack."""
    for scene in bpy.data.scenes:
        if scene.library is None:
            follow_recipe(scene.mien)  # type: ignore[attr-defined]


@contextmanager
def _busy(settings: Any) -> Iterator[None]:
    """While one of both is made from the other, its changes do not call back."""
    settings.stack_is_busy = True
    try:
        yield
    finally:
        settings.stack_is_busy = False


def _steps_in_use(settings: Any) -> tuple[Step, ...]:
    if not settings.recipe and not settings.take:
        return ()
    from ..models.errors import MienError
    from .scene_recipe import recipe_in_use

    try:
        return recipe_in_use(settings).steps
    except MienError:
        return ()  # The bake says what is wrong with it.


def _show_refining(settings: Any) -> None:
    """The panel's Refine says what the last such step says."""
    for item in settings.recipe_stack:
        if item.name == "refine":
            settings.refine_strength, settings.refined = item.refine.strength, item.active


def _read_step(item: Any, step: Step) -> None:
    item.active = not step.muted
    item.said = json.dumps(dict(step.settings), sort_keys=True)
    read_settings(getattr(item, step.name), step.name, step.settings)


CLASSES: tuple[type, ...] = (MienRecipeStep,)
