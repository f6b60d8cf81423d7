# SPDX-License-Identifier: GPL-3.0-or-later
"""A corrections layer: the bake as an NLA strip, the animator's own keys above it.

The data-block's own Action lies above its NLA tracks; blended additively, a key in it
says how far to go from the bake, and Blender's key insertion works that difference out.
A bake that follows replaces the strip's Action only (`animation.write_curves`), and
what was fixed by hand stays. An empty Action on an additive strip of its own would not
do: such a strip is one frame long.
(https://docs.blender.org/manual/en/latest/editors/nla/strips.html)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy

from .animation import BAKE_TRACK, animation_data_of, assign, bake_strip, fit_strip, slot_for
from .character import (
    Character,
    CharacterError,
    character_error_if_gone,
    keyed_datablocks,
)


def add_corrections_layer(character: Character) -> bpy.types.Action | None:
    """Move a character's bake into NLA strips and give it an empty Action for corrections.

    What plays does not change. A key that is then inserted, by hand or by script, plays
    back exactly the value that it was given. Returns the new Action: from Blender 4.4 on
    one for the whole character, before the first of one for each data-block. None if all
    of the character has its layer already.

    Raises CharacterError if nothing is baked on the character.
    """
    with character_error_if_gone(character):
        animated = [each for each in keyed_datablocks(character) if _own_action(each) is not None]
        layered = [each for each in keyed_datablocks(character) if bake_strip(each) is not None]
        wanting = [each for each in animated if each not in layered]
        if not animated and not layered:
            raise CharacterError(
                f"Nothing is baked on “{character.name}” yet; bake before adding corrections."
            )
        for datablock in wanting:
            _push_down(datablock)
        return _empty_layer(f"{character.name} corrections", wanting)


def _own_action(datablock: bpy.types.ID) -> bpy.types.Action | None:
    animation_data = animation_data_of(datablock)
    return animation_data.action if animation_data else None


def _push_down(datablock: bpy.types.ID) -> None:
    """The data-block's Action becomes a strip on top of the NLA tracks that it has."""
    animation_data = animation_data_of(datablock)
    action, slot = animation_data.action, getattr(animation_data, "action_slot", None)
    action.use_fake_user = True
    track = animation_data.nla_tracks.new()
    track.name = BAKE_TRACK
    strip = track.strips.new(action.name, round(action.frame_range[0]), action)
    assign(strip, action, slot)
    strip.extrapolation = "HOLD"
    strip.blend_type = animation_data.action_blend_type
    strip.influence = animation_data.action_influence
    fit_strip(strip)


def _empty_layer(name: str, datablocks: Iterable[bpy.types.ID]) -> bpy.types.Action | None:
    """An empty Action above the strips, by which keys add to what plays below."""
    first: bpy.types.Action | None = None
    action: Any = None
    for datablock in datablocks:
        if action is None or not hasattr(action, "slots"):
            action = bpy.data.actions.new(name)
            action.use_fake_user = True
            first = first or action
        animation_data = animation_data_of(datablock)
        assign(animation_data, action, slot_for(action, datablock))
        # Rotations by quaternions combine by turning on; everything else adds up.
        is_object = isinstance(datablock, bpy.types.Object)
        animation_data.action_blend_type = "COMBINE" if is_object else "ADD"
        animation_data.action_extrapolation = "HOLD"
        animation_data.action_influence = 1
    return first
