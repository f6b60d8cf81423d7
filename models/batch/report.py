# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch as a page: a row a shot with pictures, curves and figures, in one file."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from ..capture.footage import open_footage
from ..capture.weights import library
from ..errors import MienError
from ..evaluate.plots import lines
from ..formats import atomic
from ..take import read_take
from .results import data
from .run import ShotResult
from .shot import Shot

PAGE = "report.html"
_PICTURES = 6
_HEIGHT = 96
_CURVES = 4

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--good:#2a8c55;--bad:#c8403c}
body{font:15px/1.45 system-ui,sans-serif;max-width:78rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0 0 .3rem}h2{font-size:1.1rem;margin:0}
header p{margin:.2rem 0 1.2rem;opacity:.8}
section{border:1px solid var(--line);border-radius:.6rem;margin:1rem 0;padding:.8rem 1rem}
section>div{display:grid;grid-template-columns:minmax(15rem,1fr) 3fr;gap:1rem}
.top{display:flex;gap:.7rem;align-items:center;margin-bottom:.6rem}
.state{font-size:.8rem;font-weight:600;color:#fff;border-radius:1rem;padding:.05rem .6rem}
.done{background:var(--good)}.failed{background:var(--bad)}
dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem .8rem;margin:0;align-content:start}
dt{opacity:.7}dd{margin:0;font-variant-numeric:tabular-nums}
.strip{display:flex;gap:.3rem;flex-wrap:wrap;min-height:1px}
.strip img{border-radius:.3rem;height:96px}
svg{width:100%;margin-top:.5rem}svg text:not([fill]){fill:currentColor}
.notes{margin:.6rem 0 0;padding:.4rem .8rem .4rem 1.8rem;background:var(--soft);
border-radius:.4rem}
.error{color:var(--bad);margin:.5rem 0 0;white-space:pre-wrap}a{color:inherit}
@media(max-width:50rem){section>div{grid-template-columns:1fr}}
"""


def write_report(
    results: Iterable[ShotResult], folder: Path, title: str, shots: Mapping[str, Shot]
) -> Path:
    """Write `report.html` into the batch's folder; its path.

    shots: by name, for what the results do not say. One shot is in memory at a time.
    Raises FormatError if it cannot be written.
    """
    page = folder / PAGE
    rows = folder / ".steps" / ".rows.part"
    made = failed = keys = 0
    seconds = 0.0
    try:
        with rows.open("wb") as stream:
            for result in results:
                stream.write(_section(result, folder, shots[result.name]).encode())
                made, failed = made + (not result.error), failed + bool(result.error)
                keys += data(result)["keys"] or 0
                seconds += result.seconds
        summary = f"{made} of {made + failed} shots made"
        if failed:
            summary += f", {failed} failed"
        summary += f" · {keys:,} keys · {_duration(seconds)} of work"
        with atomic.file(page, overwrite=True) as stream, rows.open("rb") as body:
            stream.write(_head(title, summary).encode())
            while part := body.read(1 << 20):
                stream.write(part)
            stream.write(b"</html>\n")
    finally:
        rows.unlink(missing_ok=True)
    return page


def _head(title: str, summary: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
        f"<header><h1>{escape(title)}</h1><p>{escape(summary)}</p></header>"
    )


def _section(result: ShotResult, folder: Path, shot: Shot) -> str:
    facts = data(result)
    notes = "".join(f"<li>{escape(note)}</li>" for note in facts["warnings"])
    return (
        f'<section id="{escape(result.name)}"><div class="top" style="display:flex">'
        f'<h2>{escape(result.name)}</h2><span class="state {facts["state"]}">'
        f"{facts['state']}</span></div><div>"
        f"<dl>{''.join(_figures(result, facts, shot))}</dl>"
        f'<div><div class="strip">{"".join(_pictures(result, folder, shot))}</div>'
        f"{_curves(result, folder, shot)}</div></div>"
        + (f'<p class="error">{escape(result.error)}</p>' if result.error else "")
        + (f'<ul class="notes">{notes}</ul>' if notes else "")
        + "</section>"
    )


def _figures(result: ShotResult, facts: Mapping[str, Any], shot: Shot) -> Iterator[str]:
    source = shot.footage or shot.take
    rows: list[tuple[str, object]] = [("Source", source.name if source else None)]
    rows.append(("Character", shot.character.stem if shot.character else None))
    rows.append(("Frames", facts["frames"]))
    if facts["face_seen"] is not None:
        rows.append(("Face seen", f"{facts['face_seen']:.0%}"))
    if facts["keys"] is not None:
        rows.append(("Keys", f"{facts['keys']:,} on {facts['curves']} curves"))
        rows.append(("Largest error", f"{facts['largest_error']:.4f}"))
    rows.append(("Time", _duration(result.seconds) if result.seconds else None))
    for name, value in rows:
        if value is not None:
            yield f"<dt>{name}</dt><dd>{escape(str(value))}</dd>"
    wanted = [
        (kind, place)
        for kind, place in result.products.items()
        if place.startswith("shots/") and kind != "frames"
    ]
    links = ", ".join(
        f'<a href="{escape(place)}">{escape(Path(place).name)}</a>' for _, place in wanted
    )
    if links:
        yield f"<dt>Files</dt><dd>{links}</dd>"


def _pictures(result: ShotResult, folder: Path, shot: Shot) -> Iterator[str]:
    """A few pictures over the length of the shot: of the render, else of the footage."""
    place = result.products.get("frames") or result.products.get("stills")
    try:
        cv2: Any = library("cv2")
        if place is not None:
            files = sorted((folder / place).glob("*.png"))
            pictures = iter([cv2.imread(str(file)) for file in _spread(files)])
        elif shot.footage is not None and "capture" in result.products:
            pictures = _footage(shot, result)
        else:
            return
        for picture in pictures:
            if picture is not None:
                yield _picture(cv2, picture)
    except MienError:
        return  # The footage has moved since: a row without pictures is still a row.


def _footage(shot: Shot, result: ShotResult) -> Iterator[Any]:
    assert shot.footage is not None
    frames = result.facts["capture"].get("report", {}).get("frames", 1)
    wanted = set(_spread(list(range(frames))))
    with closing(open_footage(shot.footage).frames(shot.start, shot.end)) as footage:
        for number, frame in enumerate(footage):
            if number in wanted:
                yield frame.picture


def _spread(items: Sequence[Any]) -> list[Any]:
    """Some of them, evenly spread, the first and the last among them."""
    if len(items) <= _PICTURES:
        return list(items)
    return [items[round(n * (len(items) - 1) / (_PICTURES - 1))] for n in range(_PICTURES)]


def _picture(cv2: Any, picture: Any) -> str:
    height, width = picture.shape[:2]
    # Twice as large as shown, for displays with small pixels.
    scale = min(1.0, 2 * _HEIGHT / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    _, packed = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 82])
    text = base64.b64encode(np.asarray(packed).tobytes()).decode()
    return f'<img alt="" src="data:image/jpeg;base64,{text}">'


def _curves(result: ShotResult, folder: Path, shot: Shot) -> str:
    place = result.products.get("capture")
    path = folder / place if place else shot.take
    if path is None:
        return ""
    try:
        performance = read_take(path).performance
    except MienError:
        return ""
    spread = performance.weights.std(axis=0)
    # Those that move most; of a pair one side says it all.
    most = [performance.channels[index] for index in np.argsort(-spread, kind="stable")]
    shown = [name for name in most if not name.endswith("Right")][:_CURVES]
    if not shown:
        return ""
    curves = {name: performance.channel(name) for name in shown}
    return lines("As captured", performance.times, curves)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"
