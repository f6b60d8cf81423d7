# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel "Expression" and its operators say in the same words: `scene.mien.expression`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty
from bpy.types import Context, PropertyGroup

from ..models.arkit import REGIONS
from .translations import CONTEXT

Items = list[tuple[str, str, str]]


@functools.cache
def _emotions() -> tuple[str, ...]:
    from ..models.vae.emotions import emotions

    return tuple(emotions())


@functools.cache
def _emotion_items(with_any: bool) -> Items:
    # Blender keeps no copy of names that a function gives: they must stay.
    any_ = [("ANY", "Any", "Whatever occurs in the recordings that the model learnt from")]
    return (any_ if with_any else []) + [
        (name, name.capitalize(), f"A face that shows {name}") for name in _emotions()
    ]


def emotion_items(_owner: Any, _context: Context | None) -> Items:
    """The emotions of the table, for an enumeration."""
    return _emotion_items(False)


def emotion_items_with_any(_owner: Any, _context: Context | None) -> Items:
    """The emotions of the table, and none in particular."""
    return _emotion_items(True)


EMOTION: dict[str, Any] = {
    "name": "Emotion",
    "translation_context": CONTEXT,
    "description": "What the face is to express; a rigger can add emotions to emotions.json",
    "items": emotion_items,
    # By number, as Blender wants it of names that a function gives: the first is neutral.
    "default": 1,
}
INTENSITY: dict[str, Any] = {
    "name": "Intensity",
    "description": "How strongly: 0 leaves the take as it is, 1 shows the whole emotion",
    "default": 0.5,
    "min": 0.0,
    "max": 1.0,
    "subtype": "FACTOR",
}
SPEECH: dict[str, Any] = {
    "name": "Keep Speech",
    "description": "Keep the course of the mouth's opening and every closure of the lips",
    "default": True,
}
AMOUNT: dict[str, Any] = {
    "name": "Amount",
    "translation_context": CONTEXT,
    "description": (
        "How far from the take; 0 leaves it as it is, 1 is as far as recordings vary around "
        "such expressions"
    ),
    "default": 1.0,
    "min": 0.0,
    "soft_max": 2.0,
    "max": 10.0,
    "precision": 2,
}
SEED: dict[str, Any] = {
    "name": "Seed",
    "description": "Another number gives another result; the same number the same",
    "default": 0,
    "min": 0,
}
KEEP: dict[str, Any] = {
    "name": "Keep",
    "description": "Regions that stay as they are",
    "items": [
        (region, region.capitalize(), f"Keep the {region} as in the take", 1 << place)
        for place, region in enumerate(REGIONS)
    ],
    "options": {"ENUM_FLAG"},
    "default": set(),
}
COUNT: dict[str, Any] = {
    "name": "Count",
    "description": "How many",
    "default": 4,
    "min": 1,
    "soft_max": 12,
    "max": 100,
}
SECONDS: dict[str, Any] = {
    "name": "Length",
    "description": "How many seconds",
    "default": 10.0,
    "min": 0.1,
    "max": 600.0,
    "subtype": "TIME_ABSOLUTE",
    "unit": "TIME_ABSOLUTE",
}
TEMPERATURE: dict[str, Any] = {
    "name": "Temperature",
    "translation_context": CONTEXT,
    "description": "0 gives what is most usual, 1 spreads as the recordings do",
    "default": 1.0,
    "min": 0.0,
    "soft_max": 1.5,
    "max": 3.0,
    "precision": 2,
}


LOOP: dict[str, Any] = {
    "name": "Loop",
    "description": "The last frame is the first again, so that it can be repeated",
    "default": False,
}
ANY_EMOTION: dict[str, Any] = {**EMOTION, "items": emotion_items_with_any, "default": 0}
MOOD: dict[str, Any] = {
    **EMOTION,
    "name": "Mood",
    "description": "What the face rests in",
    "default": 0,
}
MOOD_INTENSITY: dict[str, Any] = {**INTENSITY, "default": 0.3}
FROM: dict[str, Any] = {**EMOTION, "name": "From", "default": 0}
TO: dict[str, Any] = {**EMOTION, "name": "To"}
IDLE_SECONDS: dict[str, Any] = {**SECONDS, "default": 60.0, "max": 3600.0}
WAY_SECONDS: dict[str, Any] = {**SECONDS, "default": 0.5, "min": 0.05, "max": 60.0}


class MienExpressionSettings(PropertyGroup):
    """How takes are directed, varied and invented in a scene."""

    emotion: EnumProperty(**EMOTION)
    intensity: FloatProperty(**INTENSITY)
    speech: BoolProperty(**SPEECH)

    amount: FloatProperty(**AMOUNT)
    seed: IntProperty(**SEED)
    keep: EnumProperty(**KEEP)
    count: IntProperty(**COUNT)

    kind: EnumProperty(
        name="Kind",
        description="What is invented",
        items=(
            ("EXPRESSIONS", "Expressions", "Single faces, one a second, to choose from"),
            ("MOTION", "Motion", "A face and a head that move"),
            ("IDLE", "Idle", "Someone who listens, for minutes"),
            ("BETWEEN", "Between", "The way from one face to another"),
        ),
    )
    any_emotion: EnumProperty(**ANY_EMOTION)
    seconds: FloatProperty(**SECONDS)
    temperature: FloatProperty(**TEMPERATURE)
    mood: EnumProperty(**MOOD)
    mood_intensity: FloatProperty(**MOOD_INTENSITY)
    idle_seconds: FloatProperty(**IDLE_SECONDS)
    loop: BoolProperty(**LOOP)
    start_emotion: EnumProperty(**FROM)
    end_emotion: EnumProperty(**TO)
    way_seconds: FloatProperty(**WAY_SECONDS)


def take_settings(operator: Any, context: Context, names: Mapping[str, str]) -> None:
    """Give an operator the panel's values for settings that its caller did not say.

    names: for each of the operator's settings the name of the panel's.
    """
    for own, name in names.items():
        if not operator.properties.is_property_set(own):
            setattr(operator, own, getattr(context.scene.mien.expression, name))
