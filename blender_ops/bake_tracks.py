# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bake will key: one track for each property that moves, with its values on each frame."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import bpy

from ..models.performance import Performance
from .bake_options import BakeError, BakeOptions
from .bones_tracks import Plan, bone_tracks, plan_bones, with_bones_first
from .character import Character, CharacterError
from .head import new_head_empty
from .keying import shows_without_keys
from .mapping import Mapping
from .sampling import Samples, sample, scene_rate
from .steps import Steps
from .tracks import Track, weight_tracks


@dataclass(frozen=True)
class PlannedTracks:
    """The tracks of a bake, where their samples lie, and what bones show of them."""

    tracks: tuple[Track, ...]
    samples: Samples
    plan: Plan


def tracks_in_steps(
    performance: Performance,
    character: Character,
    mapping: Mapping,
    options: BakeOptions,
    scene: bpy.types.Scene,
    undoing: contextlib.ExitStack,
) -> Steps[PlannedTracks]:
    """Find the tracks, in short steps; yields the share done.

    undoing: gets what takes away the empty for the head's turn, if one had to be made.

    Raises BakeError if no sample lies in the range, CharacterError if the character cannot
    show what the options ask for.
    """
    bpy.context.view_layer.update()
    plan = plan_bones(character, mapping, performance, options)
    if not plan.jaw.bone:
        require_face_keys(character, mapping, performance)
    samples = samples_of(performance, scene, options)
    empty = None
    if performance.head is not None and head_goes_on(character, options) == "EMPTY":
        empty = character.head_empty
        if empty is None:
            empty = new_head_empty(character, scene)
            undoing.callback(bpy.data.objects.remove, empty)
    tracks = list(weight_tracks(performance, mapping, samples))
    yield 0.02
    of_bones: list[Track] = []
    for some in bone_tracks(plan, performance, character, samples, options, empty):
        of_bones += some
        yield 0.04
    tracks = with_bones_first(tracks, of_bones, plan)
    if options.drop_still:
        tracks = [track for track in tracks if not shows_without_keys(track, options)]
    return PlannedTracks(tuple(tracks), samples, plan)


def samples_of(performance: Performance, scene: bpy.types.Scene, options: BakeOptions) -> Samples:
    """Where the bake sets keys. Raises BakeError if that is nowhere."""
    rate = scene_rate(scene)
    samples = sample(
        performance,
        rate,
        options.start_frame,
        options.frame_range,
        options.subframes and options.hold == 1,
    )
    if len(samples.frames) == 0:
        end = options.start_frame + performance.duration * rate
        raise BakeError(
            f"The performance lies on frames {options.start_frame:g} to {end:.0f}, none of them "
            "in the frame range; choose another range or start frame."
        )
    return samples


def require_face_keys(character: Character, mapping: Mapping, performance: Performance) -> None:
    """Raises CharacterError if no channel of the performance moves anything."""
    if not any(channel in mapping.found for channel in performance.channels):
        if mapping.unreachable:
            raise CharacterError(
                f"No face key of “{character.name}” can be moved: {mapping.unreachable[0]}."
            )
        raise CharacterError(
            f"None of the shape keys of “{character.name}” has the name of a face channel such "
            "as jawOpen; choose another character or rename its keys."
        )


def head_goes_on(character: Character, options: BakeOptions) -> str:
    """“BONE”, “EMPTY” or “NONE”. Raises CharacterError for a bone that is not there."""
    if options.head == "BONE" and not character.head_bone:
        raise CharacterError(
            f"“{character.name}” has no head bone; bake the head onto an empty instead."
        )
    if options.head == "AUTO":
        return "BONE" if character.head_bone else "EMPTY"
    return options.head
