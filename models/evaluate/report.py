# SPDX-License-Identifier: GPL-3.0-or-later
"""What a comparison found, as a page with plots and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..errors import FormatError, TakeError
from ..formats import atomic
from .comparison import RATE, Comparison
from .metrics import velocity_spectrum
from .plots import lines

PAGE, DATA = "report.html", "report.json"
_PLOTTED = 8
_MEANING = {
    "rmse": "root mean square error, in weights",
    "jitter": "mean |second difference| over the reference's; 1 is as lively",
    "jitter_still": "the same where the reference rests",
    "peak_error": "95th percentile of |error| at the reference's peaks above 0.3, in weights",
    "delay": "frames at 60 fps by which it lags",
    "velocity_spectrum": "relative distance of velocity spectra",
    "frechet": "Fréchet distance of motion features",
    "diversity": "spread of motion features over the reference's; 1 is as varied",
    "action_units": "F1 of FACS action units that show; 1 is the same",
}


def write_report(comparison: Comparison, folder: Path, title: str = "Evaluation") -> Path:
    """Write `report.html` and `report.json` into a new folder; the page's path.

    Raises TakeError if the folder is there already or cannot be written.
    """
    try:
        with atomic.folder(folder) as temporary:
            (temporary / PAGE).write_text(page(comparison, title), encoding="utf-8")
            text = json.dumps(data(comparison), indent=2, ensure_ascii=False) + "\n"
            (temporary / DATA).write_text(text, encoding="utf-8")
    except FileExistsError:
        raise TakeError(f"“{folder}” is there already; choose another name.") from None
    except (OSError, FormatError) as problem:
        raise TakeError(f"The report “{folder}” cannot be written: {problem}") from None
    return folder / PAGE


def data(comparison: Comparison) -> dict[str, object]:
    """The figures, ready for JSON."""
    return {
        "frames": len(comparison.times),
        "channels": list(comparison.channels),
        "figures": dict(comparison.figures),
        "rmse_by_channel": dict(comparison.by_channel),
        "robustness": {name: dict(row) for name, row in comparison.robustness.items()},
        "cost": dict(comparison.cost),
    }


def page(comparison: Comparison, title: str) -> str:
    """The whole report as one HTML page that needs no other file."""
    worst = sorted(comparison.by_channel, key=lambda name: -comparison.by_channel[name])
    plots = []
    for name in worst[:_PLOTTED]:
        index = comparison.channels.index(name)
        curves = {
            "reference": comparison.reference[:, index],
            "measured": comparison.motion[:, index],
        }
        heading = f"{name} (RMSE {comparison.by_channel[name]:.4f})"
        plots.append(lines(heading, comparison.times, curves))
    spectra = {
        name: velocity_spectrum(motion).mean(axis=1)
        for name, motion in (("reference", comparison.reference), ("measured", comparison.motion))
    }
    count = len(spectra["reference"])
    frequencies = np.arange(1, count + 1) * RATE / 2 / max(count, 1)
    explained = {
        name: {"value": value, "meaning": _MEANING[name]}
        for name, value in comparison.figures.items()
    }
    sections = [
        _table("Figures", explained),
        lines("Velocity spectrum, mean of all channels", frequencies, spectra, "Hz"),
        "<h2>The channels that differ most</h2>",
        *plots,
    ]
    if comparison.moments:
        sections.append("<h2>The reference's sharpest moments, damaged and restored</h2>")
        sections += [lines(one.title, one.times, one.curves) for one in comparison.moments]
    if comparison.robustness:
        heading = "Robustness: the reference, damaged and restored"
        sections.append(_table(heading, comparison.robustness))
    if comparison.cost:
        cost = {name: {"value": value} for name, value in comparison.cost.items()}
        sections.append(_table("Cost of restoring", cost))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{_text(title)}</title>'
        "<style>body{font-family:sans-serif;max-width:60rem;margin:2rem auto}"
        "td,th{padding:.15rem .6rem;text-align:left;border-bottom:1px solid #ddd}"
        "svg{width:100%;margin:.6rem 0}</style>"
        f"<h1>{_text(title)}</h1>{''.join(sections)}</html>\n"
    )


def _table(heading: str, rows: Mapping[str, Mapping[str, object]]) -> str:
    names = list(next(iter(rows.values())))
    head = "".join(f"<th>{_text(name)}</th>" for name in ("", *names))
    body = "".join(
        f"<tr><th>{_text(label)}</th>"
        + "".join(f"<td>{_cell(row.get(name))}</td>" for name in names)
        + "</tr>"
        for label, row in rows.items()
    )
    return f"<h2>{_text(heading)}</h2><table><tr>{head}</tr>{body}</table>"


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else _text(str(value))


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
