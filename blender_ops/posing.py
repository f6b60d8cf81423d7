# SPDX-License-Identifier: GPL-3.0-or-later
"""A character's face as one expression: read from it, and put on it, without keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np

from ..models.arkit import CHANNELS
from ..models.capture.gaze import eyes_from_weights
from ..models.performance import Floats, Performance
from .bake_options import BakeOptions
from .bones_tracks import bone_tracks, plan_bones, with_bones_first
from .character import Character, character_error_if_gone
from .mapping import Mapping
from .sampling import sample
from .tracks import Track, weight_tracks

# Frames a second of the one frame that is shown: any will do.
_RATE = 24.0


def expression_of(character: Character, mapping: Mapping) -> Floats:
    """(52,) weights that the character shows now, in the order of `arkit.CHANNELS`.

    Channels that it does not have are 0. Raises CharacterError if it is gone, or a shape key
    was removed meanwhile.
    """
    with character_error_if_gone(character):
        # What a property shows for each channel's 0 and 1, and so for what it shows now.
        none, full = (list(_weight_tracks(mapping, np.full(len(CHANNELS), w))) for w in (0, 1))
        weights = np.zeros(len(CHANNELS), np.float32)
        channels = _channel_of_each(mapping)
        for rest, most in zip(none, full, strict=True):
            channel = channels.get((rest.datablock, rest.data_path, rest.index))
            span = float(most.values[0] - rest.values[0])
            if channel is not None and span:
                shown = (_value(rest) - float(rest.values[0])) / span
                weights[CHANNELS.index(channel)] = np.clip(shown, 0, 1)
        return weights


def put_on(character: Character, mapping: Mapping, weights: Floats) -> None:
    """Make the character show an expression, (52,) weights, on the frame that is shown now.

    Properties that are animated go back to their animation on the next frame.
    Raises as `expression_of` does.
    """
    with character_error_if_gone(character):
        for track in _all_tracks(character, mapping, weights):
            _set(track, float(np.clip(track.values[0], track.lower, track.upper)))
        for mesh in character.meshes:
            mesh.data.update_tag()


def _weight_tracks(mapping: Mapping, weights: Floats) -> Iterator[Track]:
    performance = _performance(weights)
    return weight_tracks(performance, mapping, sample(performance, _RATE, 1))


def _all_tracks(character: Character, mapping: Mapping, weights: Floats) -> list[Track]:
    """What a bake of this one frame would key: properties, eyes and jaw; the head stays."""
    performance, options = _performance(weights), BakeOptions(head="NONE")
    samples = sample(performance, _RATE, 1)
    plan = plan_bones(character, mapping, performance, options)
    of_bones = [
        track
        for some in bone_tracks(plan, performance, character, samples, options, None)
        for track in some
    ]
    return with_bones_first(list(weight_tracks(performance, mapping, samples)), of_bones, plan)


def _performance(weights: Floats) -> Performance:
    frame = np.asarray(weights, np.float32)[None]
    return Performance(weights=frame, times=np.zeros(1), eyes=eyes_from_weights(frame))


def _channel_of_each(mapping: Mapping) -> dict[tuple[bpy.types.ID, str, int], str]:
    """The channel that a property shows, where it shows but one."""
    owners: dict[tuple[bpy.types.ID, str, int], list[str]] = {}
    for channel in CHANNELS:
        for target in mapping.found.get(channel, ()):
            owners.setdefault(target.place, []).append(channel)
    return {place: names[0] for place, names in owners.items() if len(names) == 1}


def _owner(track: Track) -> tuple[Any, str]:
    """What holds the property, and the property's name."""
    if track.data_path.endswith('"]'):
        owner, _, name = track.data_path.rpartition("[")
        holder = track.datablock.path_resolve(owner) if owner else track.datablock
        return holder, name[1:-2]
    owner, _, name = track.data_path.rpartition(".")
    return (track.datablock.path_resolve(owner) if owner else track.datablock), name


def _value(track: Track) -> float:
    value: Any = track.datablock.path_resolve(track.data_path)
    return float(value[track.index] if hasattr(value, "__len__") else value)


def _set(track: Track, value: float) -> None:
    owner, name = _owner(track)
    if track.data_path.endswith('"]'):
        owner[name] = value
        return
    present = getattr(owner, name)
    if hasattr(present, "__len__"):
        present[track.index] = value
    else:
        setattr(owner, name, value)
