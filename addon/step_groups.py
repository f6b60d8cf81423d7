# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of each kind of step as Blender's properties: a group a kind.

A group has a property for each keyword argument of the step's function in `models/steps.py`,
of the kind that its annotation asks for: a vector with a place for each region where it is a
mapping, and beside one that may be None a switch `use_…`, off for None. They are written here
because registering must not load the models; a test holds them to the functions.
"""

from __future__ import annotations

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
from .translations import CONTEXT

_REGIONS = tuple(REGIONS)


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
        name="Factor" if default else "Offset",
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
        translation_context=CONTEXT,
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
        translation_context=CONTEXT,
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
        translation_context=CONTEXT,
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
        translation_context=CONTEXT,
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
        translation_context=CONTEXT,
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


_MODEL: dict[str, Any] = {
    "name": "Weights",
    "description": (
        "Folder with an expression model's weights; empty = those that the preferences choose"
    ),
    "subtype": "DIR_PATH",
}


class MienVarySettings(PropertyGroup):
    """How the take is given otherwise."""

    amount: FloatProperty(**AMOUNT, update=_changed)
    seed: IntProperty(**SEED, update=_changed)
    use_regions: BoolProperty(**_USE_REGIONS, update=_changed)
    regions: _factors("Factor on the amount for a region; 0 keeps it as it is", 1.0)
    weights: StringProperty(**_MODEL, update=_changed)


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
    weights: StringProperty(**_MODEL, update=_changed)


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

CLASSES: tuple[type, ...] = tuple(GROUPS.values())
