# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panels say of the character that is selected, looked up only when it may change.

A search through a large scene takes milliseconds, and Blender may draw the sidebar sixty
times a second: what was found is kept until Blender reports a change of its data.
"""

from __future__ import annotations

from dataclasses import dataclass

from bpy.types import Object

from ..models.arkit import CHANNELS
from ..models.errors import MienError


@dataclass(frozen=True)
class CharacterSummary:
    """A character in words and numbers, with no reference to Blender's data.

    problem: why there is none, "" if there is one.
    linked: its face keys are linked from another file and not editable here.
    """

    name: str = ""
    found: int = 0
    missing: tuple[str, ...] = ()
    linked: bool = False
    problem: str = ""


class _Memory:
    """The last summary, and whose it is."""

    def __init__(self) -> None:
        self.session_uid: int | None = None
        self.summary = CharacterSummary()


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
    from ..blender_ops.mapping import match

    try:
        character = find_character(active)
        mapping = match(character)
    except MienError as error:
        return CharacterSummary(problem=str(error))
    return CharacterSummary(
        name=character.name,
        found=len(mapping.found),
        missing=mapping.missing,
        linked=bool(linked_parts(character)),
        problem=""
        if mapping.found
        else f"None of the {len(CHANNELS)} face keys was found on “{character.name}”",
    )
