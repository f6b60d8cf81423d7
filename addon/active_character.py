# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panels say of the character that is selected, looked up only when it may change.

A search through a large scene takes milliseconds, and Blender may draw the sidebar sixty
times a second: what was found is kept until Blender reports a change of its data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bpy.types import Object

from ..models.arkit import CHANNELS
from ..models.errors import MienError

if TYPE_CHECKING:
    from ..blender_ops import mapping as mapped
    from ..blender_ops.character import Character


@dataclass(frozen=True)
class RowSummary:
    """What moves with one channel, in words.

    text: all of it; "" for nothing. short: as much as a list has room for.
    certainty: 0–1.
    """

    text: str = ""
    short: str = ""
    origin: str = ""
    certainty: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CharacterSummary:
    """A character in words and numbers, with no reference to Blender's data.

    problem: why there is none, "" if there is one.
    linked: its face keys are linked from another file and not editable here.
    conventions: which naming conventions it follows, and how sure that is.
    rows: what moves with each channel.
    remarks: what else there is to know of its mapping.
    """

    name: str = ""
    found: int = 0
    missing: tuple[str, ...] = ()
    linked: bool = False
    conventions: str = ""
    rows: Mapping[str, RowSummary] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    problem: str = ""


class _Memory:
    """The last summary, and whose it is; what its shapes said, and whose they are.

    Looking at shapes takes longer than a redraw may: it is done again only when there are
    other meshes, keys or vertices.
    """

    def __init__(self) -> None:
        self.session_uid: int | None = None
        self.summary = CharacterSummary()
        self.shapes: object = None
        self.findings: mapped.Findings | None = None


_MEMORY = _Memory()


def summary_of(active: Object | None) -> CharacterSummary:
    """The character that the active object belongs to."""
    if active is None:
        return CharacterSummary(problem="Select a character")
    if _MEMORY.session_uid != active.session_uid:
        _MEMORY.summary = _look_up(active)
        _MEMORY.session_uid = active.session_uid
    return _MEMORY.summary


def forget() -> None:
    """Look it up again the next time: Blender's data have changed."""
    _MEMORY.session_uid = None


def _look_up(active: Object) -> CharacterSummary:
    from ..blender_ops.character import find_character, linked_parts
    from ..blender_ops.mapping.report import how_sure

    try:
        character = find_character(active)
        mapping = _mapping_of(character)
    except MienError as error:
        return CharacterSummary(problem=str(error))
    followed = [
        f"{each.name}: {each.channels} channels, {how_sure(each.certainty)}"
        for each in mapping.followed
    ]
    mirrored = "The rig is a mirror image: left and right are exchanged for it"
    return CharacterSummary(
        name=character.name,
        found=len(mapping.found),
        missing=mapping.missing,
        linked=bool(linked_parts(character)),
        conventions="; ".join(followed),
        rows={row.channel: _row_summary(row) for row in mapping.rows},
        remarks=(mirrored,) if mapping.findings.is_mirrored else (),
        problem=""
        if mapping.found
        else f"None of the {len(CHANNELS)} face keys was found on “{character.name}”",
    )


def _mapping_of(character: Character) -> mapped.Mapping:
    """The character's mapping; its shapes are looked at when they are others than before."""
    from ..blender_ops.character import shape_keys_of
    from ..blender_ops.mapping.match import match, match_again

    shapes = tuple(
        (mesh.session_uid, len(mesh.data.vertices), *shape_keys_of(mesh).key_blocks.keys())
        for mesh in character.meshes
    )
    if _MEMORY.findings is None or _MEMORY.shapes != shapes:
        mapping = match(character)
        _MEMORY.shapes, _MEMORY.findings = shapes, mapping.findings
        return mapping
    return match_again(character, _MEMORY.findings)


def _row_summary(row: mapped.Row) -> RowSummary:
    return RowSummary(
        text=", ".join(target.words for target in row.targets),
        short=", ".join(dict.fromkeys(target.name for target in row.targets)),
        origin=row.origin,
        certainty=row.certainty,
        notes=(*row.notes, *row.unreachable, *row.silent),
    )
