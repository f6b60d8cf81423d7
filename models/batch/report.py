# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch as a page: a row a shot with pictures, curves and figures, in one file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from ..formats import atomic
from .report_row import duration, row
from .report_style import STYLE
from .results import data
from .run import ShotResult
from .shot import Shot

PAGE = "report.html"
_MOST_NAMED = 60


def write_report(
    results: Iterable[ShotResult], folder: Path, title: str, shots: Mapping[str, Shot]
) -> Path:
    """Write `report.html` into the batch's folder; its path.

    shots: by name, for what the results do not say. One shot is in memory at a time.
    Raises FormatError if it cannot be written.
    """
    page = folder / PAGE
    rows = folder / ".steps" / ".rows.part"
    made = keys = 0
    failed: list[str] = []
    seconds = 0.0
    try:
        with rows.open("wb") as stream:
            for result in results:
                stream.write(row(result, folder, shots[result.name]).encode())
                made += not result.error
                if result.error:
                    failed.append(result.name)
                keys += data(result)["keys"] or 0
                seconds += result.seconds
        words = f"{keys:,} keys · {duration(seconds)} of work"
        with atomic.file(page, overwrite=True) as stream, rows.open("rb") as body:
            stream.write(_head(title, made, failed, words).encode())
            while part := body.read(1 << 20):
                stream.write(part)
            stream.write(b"</html>\n")
    finally:
        rows.unlink(missing_ok=True)
    return page


def _head(title: str, made: int, failed: Sequence[str], words: str) -> str:
    total = made + len(failed)
    summary = f"{made} of {total} shots made"
    if failed:
        summary += f", {len(failed)} failed"
    links = ", ".join(
        f'<a href="#{escape(name)}">{escape(name)}</a>' for name in failed[:_MOST_NAMED]
    )
    if len(failed) > _MOST_NAMED:
        links += " …"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
        f"<header><h1>{escape(title)}</h1><p>{escape(summary)} · {escape(words)}</p>"
        f'<div class="bar"><i style="width:{100 * made / max(total, 1):.2f}%"></i></div>'
        + (f"<nav>Failed: {links}</nav>" if links else "")
        + "</header>"
    )
