# SPDX-License-Identifier: GPL-3.0-or-later
"""Corrections of a mapping, kept with the character in a custom property.

The property holds the rows as JSON text and, beside it, pointers to the data-blocks they speak
of, so that a character keeps its mapping when it is renamed, appended or overridden. Blender
saves it with the file, and undo brings it back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as ByChannel
from collections.abc import Sequence
from typing import Any

import bpy

from ...models.arkit import CHANNELS
from ..character import Character, CharacterError, character_error_if_gone, is_saved_with_file
from .target import Target

PROPERTY = "mien_mapping"
_VERSION = 1


def saved_rows(character: Character) -> dict[str, tuple[Target, ...]]:
    """What was corrected by hand: the targets of each channel, () for one that moves nothing.

    Rows that this version cannot read, and targets that are gone, are left out.
    """
    with character_error_if_gone(character):
        holder = _holder(character)
        if holder is None:
            return {}
        stored = holder[PROPERTY]
        try:
            data = json.loads(stored["rows"])
            if data["version"] != _VERSION:
                return {}
            known = {name: stored["holders"][name] for name in stored["holders"]}
            rows = {
                channel: [_read(row, known) for row in rows]
                for channel, rows in data["rows"].items()
                if channel in CHANNELS
            }
        except (KeyError, TypeError, ValueError, AttributeError):
            return {}
        return {
            channel: tuple(target for target in targets if target and target.is_there)
            for channel, targets in rows.items()
        }


def correct(character: Character, channel: str, targets: Sequence[Target]) -> None:
    """Let these move with a channel from now on, whatever its name is; none: let nothing.

    Raises CharacterError if the character is linked, or if the channel is none of ARKit's
    or a target does not exist.
    """
    save(character, {**saved_rows(character), channel: tuple(targets)})


def uncorrect(character: Character, channel: str) -> None:
    """Let names say again what moves with a channel."""
    rows = saved_rows(character)
    if rows.pop(channel, None) is not None:
        save(character, rows)


def save(character: Character, rows: ByChannel[str, Sequence[Target]]) -> None:
    """Keep these rows, and no other, with the character. Raises CharacterError as `correct`."""
    for channel, targets in rows.items():
        if channel not in CHANNELS:
            raise CharacterError(f"“{channel}” is none of the face's channels.")
        for target in targets:
            if not target.is_there:
                raise CharacterError(f"There is no {target.label}; choose another.")
    with character_error_if_gone(character):
        reset(character)
        if not rows:
            return
        holder = character.armature or character.meshes[0]
        _require_editable(holder)
        holders: dict[str, bpy.types.ID] = {}
        for targets in rows.values():
            for target in targets:
                if target.object not in holders.values():
                    holders[str(len(holders))] = target.object
        numbers = {each: number for number, each in holders.items()}
        data = {
            "version": _VERSION,
            "rows": {
                channel: [_written(target, numbers[target.object]) for target in targets]
                for channel, targets in rows.items()
            },
        }
        holder[PROPERTY] = {"rows": json.dumps(data, ensure_ascii=False), "holders": holders}


def reset(character: Character) -> bool:
    """Forget all corrections; whether there were any. Raises CharacterError if it is linked."""
    with character_error_if_gone(character):
        holder = _holder(character)
        if holder is None:
            return False
        _require_editable(holder)
        del holder[PROPERTY]
        return True


def _holder(character: Character) -> Any:
    members: list[Any] = [character.armature, *character.meshes]
    return next((each for each in members if each is not None and PROPERTY in each), None)


def _require_editable(holder: bpy.types.ID) -> None:
    if not is_saved_with_file(holder):
        raise CharacterError(
            f"“{holder.name_full}” is linked from another file, so its mapping cannot be changed "
            "here; use “Make Face Keys Editable” first, or change it in its own file."
        )


def _written(target: Target, holder: str) -> dict[str, Any]:
    row: dict[str, Any] = {"holder": holder, "weight": target.weight}
    if target.key:
        return {**row, "key": target.key}
    return {**row, "path": target.data_path, "index": target.index, "rest": target.rest}


def _read(row: Any, holders: ByChannel[str, Any]) -> Target | None:
    holder = holders.get(row["holder"])
    if holder is None:
        return None
    return Target(
        holder,
        key=row.get("key", ""),
        data_path=row.get("path", ""),
        index=row.get("index", -1),
        weight=float(row["weight"]),
        rest=float(row.get("rest", 0.0)),
    )
