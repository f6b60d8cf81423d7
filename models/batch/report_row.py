# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot's row in the report: how it went, its figures, pictures, curves and warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .overview import overview_of
from .report_curves import curves
from .report_pictures import strip
from .results import data
from .run import ShotResult
from .shot import Shot

# What a step's product is called, where the step's name says it badly.
_WORDS = {"bake": "blend", "live_link": "Live Link CSV", "fbx": "FBX", "gltf": "glTF"}


def row(result: ShotResult, folder: Path, shot: Shot) -> str:
    """The row as HTML. folder: the batch's."""
    facts = data(result)
    notes = "".join(f"<li>{escape(note)}</li>" for note in facts["warnings"])
    state = facts["state"]
    return (
        f'<section id="{escape(result.name)}" class="{state}"><div class="top">'
        f'<h2>{escape(result.name)}</h2><span class="state">{state}</span></div>'
        f'<div class="row"><dl>{"".join(_figures(result, facts, shot))}</dl>'
        f"<div>{strip(result, folder, shot)}{_curves(result)}</div></div>"
        + (f'<p class="error">{escape(result.error)}</p>' if result.error else "")
        + (f'<ul class="notes">{notes}</ul>' if notes else "")
        + "</section>"
    )


def duration(seconds: float) -> str:
    """Seconds in words."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"


def _figures(result: ShotResult, facts: Mapping[str, Any], shot: Shot) -> Iterator[str]:
    """Names and values, as many as are known."""
    source = shot.footage or shot.take
    rows: list[tuple[str, object]] = [("Source", source.name if source else None)]
    rows.append(("Character", shot.character.stem if shot.character else None))
    rows.append(("Frames", facts["frames"]))
    if facts["face_seen"] is not None:
        rows.append(("Face seen", f"{facts['face_seen']:.0%} of frames"))
    if facts["keys"] is not None:
        rows.append(("Keys", f"{facts['keys']:,} on {facts['curves']} curves"))
        rows.append(("Largest error", f"{facts['largest_error']:.4f}"))
    rows.extend(_evaluation(facts["evaluation"] or {}))
    rows.append(("Time", duration(result.seconds) if result.seconds else None))
    for name, value in rows:
        if value is not None:
            yield f"<dt>{name}</dt><dd>{escape(str(value))}</dd>"
    links = ", ".join(
        f'<a href="{escape(quote(place))}">{_WORDS.get(kind, kind.replace("_", " "))}</a>'
        for kind, place in result.products.items()
        if place.startswith("shots/")
    )
    if links:
        yield f"<dt>Files</dt><dd>{links}</dd>"


def _evaluation(figures: Mapping[str, float]) -> Iterator[tuple[str, object]]:
    """What `no_reference.figures` found, in words."""
    if not figures:
        return
    before, after = figures["jitter_seen"], figures["jitter"]
    percent = round(100 * (after / before - 1)) if before else 0
    change = f" ({'+' if percent > 0 else '−'}{abs(percent)}%)" if percent else ""
    yield "Jitter", f"{before:.4f} → {after:.4f}{change}"
    yield "Recipe moved", f"{figures['changed']:.0%} of samples"
    for name, words in (("lip_closures", "Lips meet"), ("blinks", "Blinks")):
        if figures.get(name):
            yield words, f"{figures[f'{name}_kept']:.0f} of {figures[name]:.0f} kept"


def _curves(result: ShotResult) -> str:
    told = overview_of(result.facts)
    if told is None:
        return ""
    return curves(told, result.facts.get("capture", {}).get("report", {}).get("lost", ()))
