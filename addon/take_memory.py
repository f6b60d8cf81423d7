# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scene remembers of each take that it used: a take that is chosen again is as it was left.

A take that is new to the scene gets the recipe in use, but with its own rest and all of it used.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import FloatProperty, IntProperty, StringProperty
from bpy.types import PropertyGroup

from ..models.errors import MienError
from .preferences import relative_path_option
from .take_paths import as_absolute

if TYPE_CHECKING:
    from ..models.recipe import Step
    from ..models.recipe_timing import Timing

# What is remembered, and what the panel shows of a take, by their names in `scene.mien`.
SETTINGS = ("recipe", "start_frame", "footage")
FIGURES = ("take_frames", "take_duration", "take_rate", "take_seen", "take_report")


class MienUsedTake(PropertyGroup):
    """A take that the scene used; its `name` is where it lies, as the scene keeps it."""

    recipe: StringProperty(name="Recipe", description="What was done to it, as JSON")
    start_frame: IntProperty(name="Start Frame", description="Where it began", default=1)
    footage: StringProperty(
        name="Footage",
        description="What was chosen as footage with it",
        subtype="FILE_PATH",
        options=relative_path_option(),
    )
    take_frames: IntProperty(name="Frames", description="Samples in the take")
    take_duration: FloatProperty(
        name="Length",
        description="From first to last sample",
        subtype="TIME_ABSOLUTE",
        unit="TIME_ABSOLUTE",
    )
    take_rate: FloatProperty(name="Rate", description="Samples a second")
    take_seen: FloatProperty(name="Face Seen", description="Share in which a face was seen")
    take_report: StringProperty(name="Report", description="What the capture had to say")


def remember(settings: Any) -> None:
    """Keep how the take in use is set."""
    if not settings.take:
        return
    used = settings.takes_used.get(settings.take)
    if used is None:
        used = settings.takes_used.add()
        used.name = settings.take
    for name in (*SETTINGS, *FIGURES):
        setattr(used, name, getattr(settings, name))


def change_take(settings: Any, stored_path: str) -> None:
    """Make another take the one in use, set as it was left, or anew if it was never used."""
    if stored_path == settings.take:
        return
    remember(settings)
    used = settings.takes_used.get(stored_path)
    if used is not None:
        chosen = {name: getattr(used, name) for name in SETTINGS}
        chosen["footage"] = chosen["footage"] or settings.footage
    else:
        chosen = {
            "recipe": _begun_anew(settings, stored_path),
            "start_frame": round(first_frame(settings)),
        }
    settings.take = stored_path
    for name, value in chosen.items():
        if getattr(settings, name) != value:
            setattr(settings, name, value)


def place_others(settings: Any, frames: Mapping[str, float]) -> None:
    """Say for takes not in use on which frame their second 0 lies, for when they are chosen.

    frames: by where they lie, as the scene keeps it. One that is new to the scene is set anew.
    """
    from ..models.recipe import Recipe
    from ..models.recipe_timing import timing_of

    for path, frame in frames.items():
        if path == settings.take:
            continue
        used = settings.takes_used.get(path)
        if used is None:
            used = settings.takes_used.add()
            used.name, used.recipe = path, _begun_anew(settings, path)
        steps = Recipe.from_json(used.recipe).steps if used.recipe else ()
        used.start_frame = round(frame - timing_of(steps).after(0.0) * _rate(settings))


def first_frame(settings: Any) -> float:
    """The scene frame of the take's second 0, whether or not the recipe uses that."""
    return frame_of(settings, 0.0)


@contextmanager
def kept_in_place(settings: Any) -> Iterator[None]:
    """While the recipe is changed: what the take shows stays on its frames, to whole ones."""
    before = first_frame(settings)
    yield
    moved = round(before - first_frame(settings))
    if moved:
        settings.start_frame += moved


def frame_of(settings: Any, seconds: float) -> float:
    """The scene frame on which a second of the take lies. Quick enough for drawing."""
    return float(settings.start_frame + timing(settings).after(seconds) * _rate(settings))


def seconds_at(settings: Any, frame: float) -> float:
    """The second of the take that lies on a scene frame."""
    return timing(settings).before((frame - settings.start_frame) / _rate(settings))


def timing(settings: Any) -> Timing:
    """What the scene's recipe does to time."""
    from ..models.recipe_timing import timing_of

    return timing_of(steps_in_use(settings))


def steps_in_use(settings: Any) -> tuple[Step, ...]:
    """The steps that the stack shows. Quick enough for drawing: made anew when they change."""
    return _steps(tuple((item.name, item.said, item.active) for item in settings.recipe_stack))


@functools.lru_cache(maxsize=8)
def _steps(said: tuple[tuple[str, str, bool], ...]) -> tuple[Step, ...]:
    from ..models.recipe import Step

    return tuple(Step(name, json.loads(settings), not active) for name, settings, active in said)


def _rate(settings: Any) -> float:
    from ..blender_ops.sampling import scene_rate

    scene: bpy.types.Scene = settings.id_data
    return scene_rate(scene)


def _begun_anew(settings: Any, stored_path: str) -> str:
    """The recipe in use for another take: with that one's rest, and nothing trimmed."""
    from ..models.recipe import Recipe
    from ..models.recipe_of_a_shot import for_the_shot
    from ..models.take import read_recipe

    if not settings.recipe:
        return ""
    try:
        now = Recipe.from_json(settings.recipe)
        own = read_recipe(as_absolute(stored_path))
    except MienError:
        return ""  # The take's own, of which the bake says what is wrong.
    return for_the_shot(now, own).to_json()


CLASSES = (MienUsedTake,)
