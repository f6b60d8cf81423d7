# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bones show a performance, and what each is to show: head, neck, eyes, jaw."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ..models import rotation
from ..models.performance import Performance
from .bake_options import BakeOptions
from .bones_follow import depends_on
from .bones_turn import Pivot, bone_pivot, empty_pivot, joint_of
from .character import Character
from .eyes import EYE_LOOK, Aim, Gaze, aim_points, aims_of, choose_gaze, eye_turns
from .head import Neck, carried_points, shared_turns, turning_neck
from .jaw import JAW_CHANNELS, JAW_FORWARD, JAW_OPEN, Jaw, choose_jaw, jaw_slides, jaw_turns
from .mapping import Mapping
from .sampling import Samples
from .splice import before_of
from .tracks import Track

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Plan:
    """What the bones of a character do in a bake.

    neck, gaze, jaw: see there. share: of the head's turn that the neck takes.
    channels: those that bones show, though no key does.
    notes: what the animator should know, a sentence each.
    """

    neck: Neck
    gaze: Gaze
    jaw: Jaw
    share: float
    channels: frozenset[str]
    notes: tuple[str, ...]


def plan_bones(
    character: Character, mapping: Mapping, performance: Performance, options: BakeOptions
) -> Plan:
    """Decide what turns by bones and what by keys.

    Raises CharacterError if a bone was removed meanwhile.
    """
    eyes = character.left_eye_bone, character.right_eye_bone
    for bone in (character.head_bone, *character.neck_bones, *eyes, character.jaw_bone):
        if bone:
            bone_pivot(character, bone)
    on_bone = performance.head is not None and options.head in ("AUTO", "BONE")
    neck = turning_neck(character, options.neck_share) if on_bone else Neck()
    looks = performance.eyes is not None or any(c in EYE_LOOK for c in performance.channels)
    gaze = choose_gaze(character, mapping, options.eyes) if looks else Gaze()
    opens = any(channel in JAW_CHANNELS for channel in performance.channels)
    jaw = choose_jaw(character, mapping) if opens else Jaw()
    channels = [
        channel
        for bone, side in ((gaze.left, "Left"), (gaze.right, "Right"))
        for channel in EYE_LOOK
        if (bone or gaze.objects) and channel.endswith(side)
    ]
    if jaw.bone:
        channels += [each for each in JAW_CHANNELS if jaw.slides or each != "jawForward"]
    notes = tuple(note for note in (neck.note, gaze.note, jaw.note) if note)
    return Plan(neck, gaze, jaw, options.neck_share, frozenset(channels), notes)


def bone_tracks(
    plan: Plan,
    performance: Performance,
    character: Character,
    samples: Samples,
    options: BakeOptions,
    empty: bpy.types.Object | None,
) -> Iterator[list[Track]]:
    """The tracks of all bones, or of the head's empty, some at a time."""
    head = _head(plan, performance, samples) if options.head != "NONE" else None
    if head is not None:
        yield from _head_tracks(plan, head, character, samples, empty)
    yield from _eye_tracks(plan, performance, character, samples, None if empty else head)
    if plan.jaw.bone:
        yield list(_jaw_tracks(plan.jaw, performance, character, samples))


def with_bones_first(tracks: Sequence[Track], of_bones: Sequence[Track], plan: Plan) -> list[Track]:
    """All tracks: what bones show is shown by nothing else."""
    taken = {(track.datablock, track.data_path, track.index) for track in of_bones}
    result = []
    for track in tracks:
        place = track.datablock, track.data_path, track.index
        if place in taken:
            continue
        if place in plan.gaze.resting:
            values = np.full(len(track.values), plan.gaze.resting[place])
            track = dataclasses.replace(track, values=values)
        result.append(track)
    return [*result, *of_bones]


@dataclass(frozen=True)
class _Head:
    """(frames, 4) the whole turn of the head, of each neck bone, and of the head's own bone."""

    whole: Floats
    neck: Floats
    own: Floats


def _head(plan: Plan, performance: Performance, samples: Samples) -> _Head | None:
    if performance.head is None:
        return None
    whole = samples.of_turns(performance.head[:, :4])
    return _Head(whole, *shared_turns(whole, plan.neck, plan.share))


def _head_tracks(
    plan: Plan,
    head: _Head,
    character: Character,
    samples: Samples,
    empty: bpy.types.Object | None,
) -> Iterator[list[Track]]:
    first = samples.frames[:1]
    if empty is not None:
        yield list(_turned(empty_pivot(empty), head.whole, first, "head"))
        return
    # Where the neck carries the head, what the two are off by adds up.
    of_neck, of_head = 1.0, 1.0
    if plan.neck.bones and plan.neck.carries_head:
        of_head = max(1 - plan.share, 0.1)
        of_neck = (1 - of_head) / len(plan.neck.bones)
    for bone in character.neck_bones:
        pivot = bone_pivot(character, bone)
        if bone in plan.neck.bones:
            yield list(_turned(pivot, head.neck, first, "head", of_neck))
            continue
        still = _still(pivot, samples, "head")
        if any(_is_baked(track, "head") for track in still):
            yield still
    pivot = bone_pivot(character, character.head_bone)
    yield list(_turned(pivot, head.own, first, "head", of_head))


def _eye_tracks(
    plan: Plan,
    performance: Performance,
    character: Character,
    samples: Samples,
    head: _Head | None,
) -> Iterator[list[Track]]:
    first = samples.frames[:1]
    for bone in plan.gaze.resting_bones:
        pivot = bone_pivot(character, bone)
        still = _still(pivot, samples, "eyes")
        if any(track.before.curve is not None for track in still) or not pivot.is_at_rest:
            yield still
    turning = plan.gaze.left or plan.gaze.right or plan.gaze.objects
    found = eye_turns(performance) if turning else None
    if found is None:
        return
    turns = samples.of_turns(found[0]), samples.of_turns(found[1])
    for pivot_object, turn in zip(plan.gaze.objects, turns, strict=False):
        yield list(_turned(empty_pivot(pivot_object), turn, first, "eyes"))
    aims = aims_of(character, plan.gaze)
    for side, bone in enumerate((plan.gaze.left, plan.gaze.right)):
        if bone and not any(side in aim.sides for aim in aims):
            yield list(_turned(bone_pivot(character, bone), turns[side], first, "eyes"))
    for aim in aims:
        yield list(_aimed(aim, plan, character, turns, head, first))


def _aimed(
    aim: Aim,
    plan: Plan,
    character: Character,
    turns: tuple[Floats, Floats],
    head: _Head | None,
    first_frame: Floats,
) -> Iterator[Track]:
    """The tracks of what the eyes are pointed at."""
    pivot = bone_pivot(character, aim.target)
    places, rest = aim_points(character, aim, turns)
    distance = float(np.linalg.norm(rest - joint_of(character, aim.turning[0])))
    follows = depends_on(pivot.object, aim.target, character.head_bone)
    if head is not None and character.head_bone and not follows:
        places = carried_points(places, character, plan.neck, head.neck, head.whole)
    yield from _shifted(pivot, places - rest, first_frame, "eyes", distance)


def _jaw_tracks(
    jaw: Jaw, performance: Performance, character: Character, samples: Samples
) -> Iterator[Track]:
    first = samples.frames[:1]
    pivot = bone_pivot(character, jaw.bone)
    turns = samples.of_turns(jaw_turns(performance))
    yield from _turned(pivot, turns, first, "jaw", JAW_OPEN)
    if jaw.slides and "jawForward" in performance.channels:
        slides = samples.of(jaw_slides(performance, jaw.reach)).T
        yield from _shifted(pivot, slides, first, "jaw", JAW_FORWARD * jaw.reach)


def _still(pivot: Pivot, samples: Samples, region: str) -> list[Track]:
    """The tracks of a bone that stays at rest."""
    turns = np.tile(rotation.IDENTITY, (len(samples.frames), 1))
    return list(_turned(pivot, turns, samples.frames[:1], region))


def _is_baked(track: Track, region: str) -> bool:
    """Whether an earlier bake animated the property: it groups its curves by region."""
    curve = track.before.curve
    return curve is not None and curve.group is not None and curve.group.name == region.capitalize()


def _turned(
    pivot: Pivot, turns: Floats, first_frame: Floats, region: str, part: float = 1.0
) -> Iterator[Track]:
    """The tracks of a rotation; `part` of the tolerance may be used, in radians."""
    find = before_of(pivot.object)
    before = [find(pivot.data_path, index) for index in range(pivot.width)]
    near = np.array([each.at(first_frame)[0] for each in before])
    values = pivot.values(turns, near)
    for index in range(pivot.width):
        yield Track(
            datablock=pivot.object,
            data_path=pivot.data_path,
            index=index,
            values=values[:, index],
            before=before[index],
            region=region,
            share=part * pivot.tolerance_share,
        )


def _shifted(
    pivot: Pivot, shifts: Floats, first_frame: Floats, region: str, reach: float
) -> Iterator[Track]:
    """The tracks of a location; a tolerance of 1 stands for `reach`."""
    find = before_of(pivot.object)
    values = pivot.shifts(shifts)
    for index in range(3):
        yield Track(
            datablock=pivot.object,
            data_path=pivot.location_path,
            index=index,
            values=values[:, index],
            before=find(pivot.location_path, index),
            region=region,
            share=max(reach, 1e-9) / 3,
        )
