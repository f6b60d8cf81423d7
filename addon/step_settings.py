# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of each kind of step as Blender's properties: a group a kind.

A group has a property for each keyword argument of the step's function in `models/steps.py`,
of the kind that its annotation asks for: a vector with a place for each region where it is a
mapping, and beside one that may be None a switch `use_…`, off for None. They are written here
because registering must not load the models; a test holds them to the functions.
"""

from __future__ import annotations

import functools
import inspect
import math
import typing
from collections.abc import Mapping
from typing import Any

from bpy.props import (
    BoolProperty,
    EnumProperty,
    FloatProperty,
    FloatVectorProperty,
    IntProperty,
    StringProperty,
)
from bpy.types import Context, PropertyGroup

from ..models.arkit import REGIONS
from .expression_settings import AMOUNT, INTENSITY, SEED, SPEECH

_REGIONS = tuple(REGIONS)
DIGITS = 6


def _changed(group: Any, _context: Context) -> None:
    """A setting was changed by hand: the scene's recipe says so from now on."""
    from .recipe_stack import write_recipe

    write_recipe(group.id_data.mien)


def _emotions(_group: Any, _context: Context, text: str) -> list[str]:
    from ..models.vae.emotions import emotions

    return [name for name in emotions() if text.casefold() in name]


def _factors(
    description: str,
    soft_max: float,
    default: float = 1.0,
    lowest: float = 0.0,
    highest: float = 100.0,
) -> Any:
    """A number a region."""
    return FloatVectorProperty(
        name="Regions" if default else "Offsets",
        description=description,
        size=len(_REGIONS),
        default=(default,) * len(_REGIONS),
        min=lowest,
        soft_max=soft_max,
        max=highest,
        step=5,
        precision=2,
        update=_changed,
    )


_USE_REGIONS = {
    "name": "By Region",
    "description": "Say for each region how much of this it gets",
    "default": False,
}


class MienNeutralSettings(PropertyGroup):
    """What is taken for the face at rest."""

    use_at: BoolProperty(
        name="Rest at a Time",
        description="Say when the face rests; otherwise it is found",
        update=_changed,
    )
    at: FloatProperty(
        name="Rest",
        description="When the face rests, from the take's beginning",
        subtype="TIME_ABSOLUTE",
        unit="TIME_ABSOLUTE",
        min=0.0,
        update=_changed,
    )
    head: BoolProperty(
        name="Head, Too",
        description="Count the head's turn from the face at rest as well",
        default=True,
        update=_changed,
    )


class MienCleanSettings(PropertyGroup):
    """How gaps, spikes and jitter are taken out."""

    method: EnumProperty(
        name="Method",
        description="How jitter is smoothed",
        items=(
            ("butterworth", "Butterworth", "A low-pass without delay"),
            ("gaussian", "Gaussian", "Softer, never overshoots"),
            ("median", "Median", "Keeps steps"),
            ("wavelet", "Wavelet", "Keeps what stands out of the noise, at any speed"),
            ("none", "None", "Only gaps and spikes are mended"),
        ),
        default="butterworth",
        update=_changed,
    )
    cutoff: FloatProperty(
        name="Cutoff",
        description="Movements a second that are halved; faster ones go, slower ones stay",
        default=8.0,
        min=0.01,
        soft_max=30.0,
        precision=1,
        step=50,
        update=_changed,
    )
    window: FloatProperty(
        name="Window",
        description="How long a piece the median is taken of",
        default=0.1,
        min=0.0,
        soft_max=1.0,
        subtype="TIME_ABSOLUTE",
        unit="TIME_ABSOLUTE",
        update=_changed,
    )
    threshold: FloatProperty(
        name="Threshold",
        description="How much of what may be noise goes",
        default=0.7,
        min=0.0,
        soft_max=2.0,
        precision=2,
        update=_changed,
    )
    longest_gap: FloatProperty(
        name="Longest Gap",
        description="Where the face was lost for no longer than this, its course is bridged",
        default=0.5,
        min=0.0,
        soft_max=2.0,
        subtype="TIME_ABSOLUTE",
        unit="TIME_ABSOLUTE",
        update=_changed,
    )
    spikes: FloatProperty(
        name="Spikes",
        description=(
            "Single frames that stand out by so many deviations of their neighbours are "
            "mended; 0 mends none"
        ),
        default=4.0,
        min=0.0,
        soft_max=10.0,
        precision=1,
        update=_changed,
    )
    smooth_weights: BoolProperty(
        name="Smooth Face",
        description="Smooth the face as well; refining does without",
        default=True,
        update=_changed,
    )
    rotations: BoolProperty(
        name="Head and Eyes",
        description="Clean how head and eyes turn, too",
        default=True,
        update=_changed,
    )


class MienGainSettings(PropertyGroup):
    """More or less of what the face does."""

    overall: FloatProperty(
        name="Overall",
        description="Factor on all that the face does",
        default=1.0,
        min=0.0,
        soft_max=2.0,
        precision=2,
        step=5,
        update=_changed,
    )
    regions: _factors("Factor on all that a region does", 2.0)
    offsets: _factors(
        "What is added to each weight of a region; below 0 takes away what rest shows",
        0.5,
        default=0.0,
        lowest=-1.0,
        highest=1.0,
    )
    head: FloatProperty(
        name="Head",
        description="Factor on how far the head turns",
        default=1.0,
        min=0.0,
        soft_max=2.0,
        precision=2,
        step=5,
        update=_changed,
    )
    limit: BoolProperty(
        name="Limit",
        description="Let no key go beyond 0 and 1 that did not before, so that lids do not cross",
        default=True,
        update=_changed,
    )


class MienMirrorSettings(PropertyGroup):
    """Left for right has nothing to set."""


class MienSymmetrySettings(PropertyGroup):
    """How alike both sides of the face move."""

    amount: FloatProperty(
        name="Amount",
        description="0 leaves the take as it is, 1 makes both sides the same",
        default=1.0,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
        update=_changed,
    )
    side: EnumProperty(
        name="Side",
        description="Which side leads, the character's own left or right",
        items=(
            ("both", "Both", "They meet in the middle"),
            ("left", "Left", "The right side follows the left one"),
            ("right", "Right", "The left side follows the right one"),
        ),
        default="both",
        update=_changed,
    )


class MienTrimSettings(PropertyGroup):
    """Which part of the take is used."""

    start: FloatProperty(
        name="Start",
        description="What is before this is left out",
        default=0.0,
        min=0.0,
        subtype="TIME_ABSOLUTE",
        unit="TIME_ABSOLUTE",
        update=_changed,
    )
    use_end: BoolProperty(
        name="End Earlier",
        description="Leave out the end as well",
        update=_changed,
    )
    end: FloatProperty(
        name="End",
        description="What is after this is left out; below 0 it counts back from the take's end",
        default=0.0,
        subtype="TIME_ABSOLUTE",
        unit="TIME_ABSOLUTE",
        update=_changed,
    )


class MienRetimeSettings(PropertyGroup):
    """Another rate and speed."""

    rate: FloatProperty(
        name="Rate",
        description="Frames a second; 0 keeps the samples there are",
        default=0.0,
        min=0.0,
        soft_max=120.0,
        precision=3,
        step=100,
        update=_changed,
    )
    speed: FloatProperty(
        name="Speed",
        description="2 is twice as fast and half as long",
        default=1.0,
        min=0.01,
        soft_max=4.0,
        precision=2,
        step=5,
        update=_changed,
    )
    method: EnumProperty(
        name="Between Samples",
        description="How values between two samples are found",
        items=(
            ("cubic", "Smooth", "A smooth curve that does not go beyond the samples"),
            ("linear", "Straight", "A straight line"),
        ),
        default="cubic",
        update=_changed,
    )


class MienRefineSettings(PropertyGroup):
    """How far tremble, freezes and losses are undone."""

    strength: FloatProperty(
        name="Strength",
        description="0 leaves the take as it is, 1 trusts the refiner alone",
        default=0.9,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
        update=_changed,
    )
    use_regions: BoolProperty(**_USE_REGIONS, update=_changed)
    regions: _factors("Factor on the strength for a region", 1.0, highest=1.0)
    live: BoolProperty(
        name="As if Live",
        description="Use the refiner that knows nothing of what comes later",
        default=False,
        update=_changed,
    )
    weights: StringProperty(
        name="Weights",
        description="Folder with a refiner's weights; empty = those that the preferences choose",
        subtype="DIR_PATH",
        update=_changed,
    )


class MienVarySettings(PropertyGroup):
    """How the take is given otherwise."""

    amount: FloatProperty(**AMOUNT, update=_changed)
    seed: IntProperty(**SEED, update=_changed)
    use_regions: BoolProperty(**_USE_REGIONS, update=_changed)
    regions: _factors("Factor on the amount for a region; 0 keeps it as it is", 1.0)


class MienDirectSettings(PropertyGroup):
    """Which emotion the take gets."""

    emotion: StringProperty(
        name="Emotion",
        description="An emotion, or a blend such as joy:0.7+surprise:0.3",
        default="joy",
        search=_emotions,
        search_options={"SUGGESTION"},
        update=_changed,
    )
    intensity: FloatProperty(**INTENSITY, update=_changed)
    speech: BoolProperty(**SPEECH, update=_changed)


GROUPS: Mapping[str, type] = {
    "neutral": MienNeutralSettings,
    "clean": MienCleanSettings,
    "gain": MienGainSettings,
    "mirror": MienMirrorSettings,
    "symmetry": MienSymmetrySettings,
    "trim": MienTrimSettings,
    "retime": MienRetimeSettings,
    "refine": MienRefineSettings,
    "vary": MienVarySettings,
    "direct": MienDirectSettings,
}
"""The group of each kind of step."""

BESIDE: Mapping[str, frozenset[str]] = {"gain": frozenset({"channels"})}
"""Settings that no widget shows, since they are many; what a recipe says of them stays."""


def read_settings(group: Any, name: str, settings: Mapping[str, Any]) -> None:
    """Show a step's settings in its group. Values that are there already are not set again."""
    from ..models.steps import defaults

    for setting, value in {**defaults(name), **settings}.items():
        if setting in BESIDE.get(name, ()):
            continue
        switch = f"use_{setting}"
        if hasattr(group, switch):
            _set(group, switch, value is not None)
            if value is None:
                continue
        if setting in _mappings(name):
            idle = _idle(group, setting)
            value = [(value or {}).get(region, idle) for region in _REGIONS]
        _set(group, setting, value)


def settings_shown(group: Any, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a group shows, as a recipe says them.

    said: what the recipe said before; what was not changed stays in its words: numbers to
    their last digit, factors of single channels, settings that are at their defaults.
    """
    from ..models.steps import defaults

    result = dict(said)
    for setting, default in defaults(name).items():
        if setting in BESIDE.get(name, ()):
            continue
        value = _shown(group, name, setting, said.get(setting))
        if not _same(value, said.get(setting, default)):
            result[setting] = value
    return result


def _shown(group: Any, name: str, setting: str, said: Any) -> Any:
    """The value of one setting."""
    if not getattr(group, f"use_{setting}", True):
        return None
    value = getattr(group, setting)
    if setting in _mappings(name):
        factors = {
            region: round(each, DIGITS) for region, each in zip(_REGIONS, value, strict=True)
        }
        switched = hasattr(group, f"use_{setting}")
        idle = _idle(group, setting)
        single = {key: each for key, each in (said or {}).items() if key not in REGIONS}
        named = {**single, **{key: each for key, each in factors.items() if each != idle}}
        return named if named or switched else None
    return round(value, DIGITS) if isinstance(value, float) else value


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same to Blender's precision of numbers."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)
    return bool(one == other)


def _set(group: Any, name: str, value: Any) -> None:
    now = getattr(group, name)
    same = (
        all(_same(float(a), b) for a, b in zip(now, value, strict=True))
        if isinstance(value, list)
        else _same(now, value)
    )
    if not same:
        setattr(group, name, value)


def _idle(group: Any, setting: str) -> float:
    """The number of a region that a recipe does not name.

    Where the mapping has a switch, regions that it does not name get nothing of the step.
    """
    if hasattr(group, f"use_{setting}"):
        return 0.0
    return float(group.bl_rna.properties[setting].default_array[0])


@functools.cache
def _mappings(name: str) -> frozenset[str]:
    """The settings of a step that are mappings."""
    from ..models.steps import kind

    apply = kind(name).apply
    hints = typing.get_type_hints(apply)
    return frozenset(
        setting
        for setting in inspect.signature(apply).parameters
        for each in (hints[setting], *typing.get_args(hints[setting]))
        if isinstance(typing.get_origin(each), type)
        and issubclass(typing.get_origin(each), Mapping)
    )


CLASSES: tuple[type, ...] = tuple(GROUPS.values())
