# SPDX-License-Identifier: GPL-3.0-or-later
"""A mapping as plain data for a machine, and as words for a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .mapping import Mapping, Row
from .target import Target


def to_json(mapping: Mapping) -> dict[str, Any]:
    """All that a mapping says, as plain data."""
    return {
        "conventions": [
            {
                "name": each.name,
                "source": list(each.source),
                "channels": each.channels,
                "names": each.names,
                "certainty": round(each.certainty, 3),
            }
            for each in mapping.followed
        ],
        "found": {
            channel: [target.label for target in targets]
            for channel, targets in mapping.found.items()
        },
        "rows": [_row_to_json(row) for row in mapping.rows],
        "missing": list(mapping.missing),
        "unneeded": list(mapping.unneeded),
        "unknown": list(mapping.unknown),
        "unreachable": list(mapping.unreachable),
        "silent": list(mapping.silent),
        "mirrored": mapping.findings.is_mirrored,
        "dead": sorted(f"{name}: {key}" for name, key in mapping.findings.dead),
    }


def in_words(mapping: Mapping) -> list[str]:
    """The report that a person reads, a line a fact."""
    count = len(mapping.found)
    lines = [
        f"{each.name}: {each.channels} channels from {each.names} names, "
        f"{how_sure(each.certainty)} ({each.certainty:.0%})"
        for each in mapping.followed
    ]
    lines.append(f"{count} of {len(mapping.rows)} channels; missing: {_list(mapping.missing)}")
    lines += [_row_in_words(row) for row in mapping.rows if row.targets]
    for title, names in (
        ("Known, but not needed", mapping.unneeded),
        ("Unknown", mapping.unknown),
        ("Cannot be moved", mapping.unreachable),
        ("Shows nothing", mapping.silent),
    ):
        if names:
            lines.append(f"{title}: {_list(names)}")
    if mapping.findings.is_mirrored:
        lines.append("The rig is a mirror image: left and right are exchanged for it")
    return lines


def how_sure(certainty: float) -> str:
    """A certainty as a word."""
    return "sure" if certainty >= 0.85 else "likely" if certainty >= 0.6 else "unsure"


def _row_to_json(row: Row) -> dict[str, Any]:
    return {
        "channel": row.channel,
        "targets": [_target_to_json(target) for target in row.targets],
        "moves": [shape.label for shape in row.shapes],
        "origin": row.origin,
        "certainty": round(row.certainty, 3),
        "notes": [*row.notes, *row.unreachable, *row.silent],
    }


def _target_to_json(target: Target) -> dict[str, Any]:
    place: dict[str, Any] = {"object": target.object.name, "weight": target.weight}
    if target.key:
        return {**place, "key": target.key}
    return {**place, "path": target.data_path, "index": target.index, "rest": target.rest}


def _row_in_words(row: Row) -> str:
    targets = ", ".join(target.words for target in row.targets)
    notes = "".join(f"; {note}" for note in (*row.notes, *row.unreachable, *row.silent))
    return f"{row.channel} → {targets} ({how_sure(row.certainty)}, {row.certainty:.0%}{notes})"


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
