# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a finished shot: a line of JSON, the same for the same shot."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..formats import atomic
from .overview import figures_of
from .run import ShotResult

RESULTS = "results.jsonl"


def data(result: ShotResult) -> dict[str, Any]:
    """A shot's result as plain data, without what differs from run to run, such as its time."""
    capture = result.facts.get("capture", {}).get("report", {})
    bake = result.facts.get("bake", {})
    frames = capture.get("frames", 0)
    return {
        "shot": result.name,
        "state": "failed" if result.error else "done",
        "error": result.error or None,
        "products": dict(sorted(result.products.items())),
        "frames": frames or None,
        "face_seen": capture["seen"] / frames if frames else None,
        "keys": bake.get("keys"),
        "curves": bake.get("curves"),
        "largest_error": bake.get("largest_error"),
        "evaluation": figures_of(result.facts),
        "missing": list(bake.get("missing", ())),
        "warnings": warnings(result),
    }


def warnings(result: ShotResult) -> list[str]:
    """What the animator should know, in the steps' own words."""
    capture = result.facts.get("capture", {}).get("report", {})
    notes = list(capture.get("warnings", ()))
    for span in capture.get("lost", ()):
        notes.append(f"no face from {span[0]:.1f} to {span[1]:.1f} s")
    for facts in result.facts.values():
        notes.extend(facts.get("notes", ()))
    return [*notes, *result.warnings]


def line(result: ShotResult) -> str:
    """The result as a line of JSON."""
    return json.dumps(data(result), ensure_ascii=False) + "\n"


def write_results(path: Path, results: Iterable[ShotResult]) -> None:
    """Write a line for each shot; the file appears when it is complete.

    Raises FormatError if it cannot be written.
    """
    with atomic.file(path, overwrite=True) as stream:
        for result in results:
            stream.write(line(result).encode())
