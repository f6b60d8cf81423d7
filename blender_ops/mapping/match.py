# SPDX-License-Identifier: GPL-3.0-or-later
"""Match a character to channels: by names, then by looking at its shapes, then by what was said.

What is not found is listed, not guessed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import bpy

from ...models.arkit import CHANNELS, mirrored
from ..character import Character, character_error_if_gone, shape_keys_of
from .controls import FindDrivers, UnreachableError, reached, shared_look_up
from .geometry import Findings, look_at
from .key_conventions import KeyConvention, conventions
from .mapping import KEPT, Followed, Mapping, Row
from .properties import custom_properties
from .recognition import Recognised, Recognition, recognise
from .saved import saved_rows
from .target import Target

# How much less sure a row is whose shape is on the other side than its name says, on both
# sides, or only a part of what the convention wants.
_DOUBT = 0.5
_EXCHANGED = 0.9


def match(character: Character, some: Sequence[KeyConvention] | None = None) -> Mapping:
    """What moves with each channel, the shapes looked at and corrections by hand included.

    some: conventions to try instead of all that are known.
    Raises CharacterError if an object of the character was deleted meanwhile,
    ConventionError if a rigger's own convention cannot be read.
    """
    with character_error_if_gone(character):
        drafts, rest = _by_names(character, some)
        findings = look_at({channel: draft.shapes for channel, draft in drafts.items()})
        return _finished(character, drafts, rest, findings)


def match_again(character: Character, findings: Findings) -> Mapping:
    """The same without looking at the shapes anew: quick enough for a panel.

    findings: of an earlier `match`.
    """
    with character_error_if_gone(character):
        return _finished(character, *_by_names(character, None), findings)


@dataclasses.dataclass(frozen=True)
class _Draft:
    """A row before drivers are followed. shapes: shape keys and custom properties."""

    shapes: tuple[Target, ...]
    origin: str
    certainty: float
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class _Names:
    """What became of the names."""

    followed: tuple[Followed, ...]
    unneeded: tuple[str, ...]
    unknown: tuple[str, ...]


def _by_names(
    character: Character, some: Sequence[KeyConvention] | None
) -> tuple[dict[str, _Draft], _Names]:
    tried = conventions() if some is None else tuple(some)
    own = {
        mesh: tuple(block.name for block in shape_keys_of(mesh).key_blocks[1:])
        for mesh in character.meshes
    }
    names = _each_once(name for names in own.values() for name in names)
    recognition = recognise(names, tried, tuple(own.values()))
    drafts = _of_shape_keys(own, recognition)
    used = list(recognition.conventions)
    if len(drafts) < len(CHANNELS):
        used += _add_custom_properties(character, tried, drafts)
    moved = {(t.object, t.key) for draft in drafts.values() for t in draft.shapes}
    idle = [(mesh, name) for mesh, names in own.items() for name in names]
    idle = [each for each in idle if each not in moved]
    return drafts, _Names(
        followed=tuple(_followed(each) for each in used),
        unneeded=tuple(f"{m.name}: {name}" for m, name in idle if name in recognition.known),
        unknown=tuple(f"{m.name}: {name}" for m, name in idle if name not in recognition.known),
    )


def _of_shape_keys(
    own: dict[bpy.types.Object, tuple[str, ...]], recognition: Recognition
) -> dict[str, _Draft]:
    """The rows that shape keys fill: all meshes that have a channel's keys move together."""
    drafts: dict[str, _Draft] = {}
    for mesh, names in own.items():
        for channel, row in recognition.rows(names).items():
            before = drafts.get(channel, _Draft((), row.convention, 1.0))
            targets = [Target(mesh, name, weight=w) for name, w in row.weights.items()]
            note = f"a part of what {row.convention} has for it is missing"
            drafts[channel] = _Draft(
                (*before.shapes, *targets),
                row.convention,
                min(before.certainty, row.certainty * (_DOUBT if row.partial else 1)),
                _each_once([*before.notes, *([note] if row.partial else [])]),
            )
    return drafts


def _add_custom_properties(
    character: Character, tried: tuple[KeyConvention, ...], drafts: dict[str, _Draft]
) -> list[Recognised]:
    """Fill channels that no shape key is named for from custom properties that are."""
    own = custom_properties(character)
    recognition = recognise(tuple(own), tried)
    added = set()
    for channel, row in recognition.rows(own).items():
        if channel in drafts:
            continue
        added.add(channel)
        targets = tuple(
            dataclasses.replace(target, weight=target.weight * weight)
            for name, weight in row.weights.items()
            for target in own[name]
        )
        drafts[channel] = _Draft(targets, row.convention, row.certainty)
    return [
        dataclasses.replace(each, channels=filled)
        for each in recognition.conventions
        if (filled := tuple(channel for channel in each.channels if channel in added))
    ]


def _followed(each: Recognised) -> Followed:
    convention = each.convention
    return Followed(
        convention.name, convention.source, len(each.channels), len(each.hits), each.certainty
    )


def _finished(
    character: Character, drafts: dict[str, _Draft], names: _Names, findings: Findings
) -> Mapping:
    drafts = _on_the_right_side(drafts, findings)
    for channel, shapes in saved_rows(character).items():
        drafts[channel] = _Draft(shapes, KEPT, 1.0)
    find = shared_look_up()
    rows = tuple(
        _row(channel, drafts[channel], findings, find) if channel in drafts else Row(channel)
        for channel in CHANNELS
    )
    return Mapping(rows, names.followed, names.unneeded, names.unknown, findings)


def _row(channel: str, draft: _Draft, findings: Findings, find: FindDrivers) -> Row:
    """A row with drivers followed back to what can be keyed, and all there is to say of it."""
    targets: dict[object, Target] = {}
    unreachable: list[str] = []
    silent: list[str] = []
    for shape in draft.shapes:
        try:
            target = reached(shape, find)
        except UnreachableError as error:
            unreachable.append(f"{shape.label} – {error}")
            continue
        targets.setdefault(target.place, target)
        silent += _why_silent(shape)
    doubt, notes = _doubts(channel, draft, findings)
    return Row(
        channel,
        tuple(targets.values()),
        draft.origin,
        draft.certainty * doubt if targets else 0.0,
        (*draft.notes, *notes),
        draft.shapes,
        _each_once(unreachable),
        _each_once(silent),
    )


def _on_the_right_side(drafts: dict[str, _Draft], findings: Findings) -> dict[str, _Draft]:
    """The drafts with left and right exchanged where the shapes say so."""
    result = dict(drafts)
    for channel in CHANNELS:
        other = mirrored(channel)
        if findings.is_mirrored:
            exchange = other != channel and not _stands(channel, findings)
        else:
            exchange = channel in findings.swapped
        if not exchange:
            continue
        draft = drafts.get(other)
        if draft is None:
            result.pop(channel, None)
            continue
        note = (
            "the rig calls the subject's left right throughout"
            if findings.is_mirrored
            else "left and right are exchanged: the names say the other side"
        )
        result[channel] = dataclasses.replace(
            draft, certainty=draft.certainty * _EXCHANGED, notes=(*draft.notes, note)
        )
    return result


def _stands(channel: str, findings: Findings) -> bool:
    """Whether a channel of a mirrored rig is on the right side all the same, with its pair."""
    return {channel, mirrored(channel)} <= findings.right


def _doubts(channel: str, draft: _Draft, findings: Findings) -> tuple[float, list[str]]:
    """How much less sure a row is for what its shapes do, and why."""
    share, notes = 1.0, []
    keys = [shape for shape in draft.shapes if shape.key]
    dead = [shape for shape in keys if (shape.object.name, shape.key) in findings.dead]
    if keys and len(dead) == len(keys):
        share = 0.0
        notes.append(f"{dead[0].label} moves nothing")
    if draft.origin == KEPT:
        return 1.0, notes
    if not findings.is_mirrored and channel in findings.one_sided:
        share *= _DOUBT
        notes.append("it moves the other side than its name says")
    if channel in findings.both_sides:
        share *= _DOUBT
        notes.append("it moves both sides, or not sideways")
    return share, notes


def _why_silent(shape: Target) -> list[str]:
    """Why a shape key shows nothing although it is keyed: it is muted, or another is pinned."""
    if not shape.key:
        return []
    block = shape.datablock.key_blocks[shape.key]
    if block.mute:
        return [f"{shape.label} is muted"]
    if shape.mesh.show_only_shape_key and shape.mesh.active_shape_key != block:
        return [f"{shape.object.name} shows one shape key only: its pin is set"]
    return []


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
