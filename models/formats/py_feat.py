# SPDX-License-Identifier: GPL-3.0-or-later
"""The CSV of py-feat: action units, and in later versions ARKit's own channels.

A table of the detector's ``Fex`` (https://py-feat.org/api/feat/data/), a row a face and
frame: ``frame``, the face's box (``FaceRectX`` … ``FaceScore``), ``AU01`` … with values 0–1,
and, in later versions, ARKit's channels by their own names. Those are
taken as they are; channels that only action units tell of come from Mien's table
(`mien.models.facs`), which moves both sides alike.

Time. Rows have the number of the video's frame, and ``approx_time`` as minutes and whole
seconds; the rate is found where the seconds turn over, and 30 is taken where they never do.

``Pitch``, ``Roll`` and ``Yaw`` are left out, and that is told: which way they turn is not
published, and they are degrees in some versions, radians in others.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS
from ..errors import FormatError
from ..facs.action_units import weights_over_time
from ..performance import Source
from .recording import Recording
from .samples import RATES, as_weights, check_times, held, performance_of
from .table import open_table

Floats = NDArray[np.floating[Any]]

RATE = 30.0
_UNIT = re.compile(r"AU(\d\d)", re.IGNORECASE)
_CLOCK = re.compile(r"(\d+):(\d\d)")


def recognises(path: Path) -> bool:
    """True if the file is a table with a frame's number, a face's box and action units."""
    try:
        with open_table(path) as table:
            return (
                table.has("frame")
                and table.has("FaceRectX")
                and any(map(_UNIT.fullmatch, table.columns))
            )
    except FormatError:
        return False


def read(path: Path) -> Recording:
    """Read a CSV; of several people the one that is there longest.

    Cells that are empty, as py-feat leaves them where it found no face, hold the values before
    them, with confidence 0. Raises FormatError, naming file and row, for what is no such table,
    for text, NaN or infinity where a number is due, and for frames that do not follow.
    """
    with open_table(path) as table:
        units = [name for name in table.columns if _UNIT.fullmatch(name)]
        if not units or not table.has("frame"):
            raise FormatError(
                f"“{path.name}” has no “frame” and action units such as “AU01”; let py-feat "
                "detect action units in a video."
            )
        shapes = [name for name in CHANNELS if table.has(name)]
        labels = [name for name in ("Identity", "approx_time") if table.has(name)]
        scores = ["FaceScore"] if table.has("FaceScore") else []
        turns = table.has("Pitch")
        blocks = list(table.blocks(labels, ["frame", *units, *shapes, *scores]))
    if not blocks:
        raise FormatError(f"“{path.name}” has no rows below its first; run py-feat again.")
    values = np.concatenate([rows.values for rows in blocks])
    numbers = np.concatenate([rows.numbers for rows in blocks])
    texts = {
        label: np.concatenate([rows.texts[place] for rows in blocks])
        for place, label in enumerate(labels)
    }
    warnings = []
    if "Identity" in texts:
        people, counts = np.unique(texts["Identity"], return_counts=True)
        if len(people) > 1:
            person = people[np.argmax(counts)]
            mine = texts["Identity"] == person
            values, numbers = values[mine], numbers[mine]
            texts = {label: each[mine] for label, each in texts.items()}
            warnings.append(
                f"It holds {len(people)} people; “{person}”, who is there longest, was read."
            )
    frames = values[:, 0]
    check_times(frames, path.name, "row", numbers)
    rate, found = _rate(frames, texts.get("approx_time"))
    if not found:
        warnings.append(f"It does not tell its rate; {RATE:g} frames a second are taken.")
    if turns:
        warnings.append("Its head pose is left out: which way py-feat turns is not published.")
    weights, unread = _weights(values[:, 1:], units, shapes, path.name, numbers)
    if unread.all():
        raise FormatError(f"“{path.name}”: py-feat found no face in any frame.")
    confidence = values[:, -1] if scores else np.ones(len(values))
    return Recording(
        performance_of(
            path.name,
            weights=weights,
            times=(frames - frames[0]) / rate,
            channels=CHANNELS,
            confidence=np.where(unread, 0, np.nan_to_num(confidence)),
            source=Source(path.name),
        ),
        tuple(warnings),
    )


def _weights(
    values: Floats,
    units: list[str],
    shapes: list[str],
    name: str,
    numbers: NDArray[np.integer[Any]],
) -> tuple[Floats, NDArray[np.bool_]]:
    """(frames, 52) weights, and (frames,) where no face was read."""
    strengths = as_weights(values[:, : len(units)], name, "row", numbers)
    unread: NDArray[np.bool_] = np.asarray(np.isnan(strengths).any(axis=1))
    columns = held(np.where(unread[:, None], np.nan, strengths)).T
    weights = weights_over_time(
        {int(unit[2:4]): column for unit, column in zip(units, columns, strict=True)}
    )
    own = as_weights(values[:, len(units) : len(units) + len(shapes)], name, "row", numbers)
    if shapes and not np.isnan(own).all():
        unread |= np.isnan(own).any(axis=1)
        own = held(np.where(unread[:, None], np.nan, own))
        for column, shape in enumerate(shapes):
            weights[:, CHANNELS.index(shape)] = np.nan_to_num(own[:, column])
    return weights, unread


def _rate(frames: Floats, clock: NDArray[np.str_] | None) -> tuple[float, bool]:
    """Frames a second, and whether the file tells: by where its whole seconds turn over."""
    if clock is None:
        return RATE, False
    parts = [_CLOCK.fullmatch(text) for text in clock]
    if not all(parts):
        return RATE, False
    seconds = np.array([int(part[1]) * 60 + int(part[2]) for part in parts if part])
    turns = np.flatnonzero(np.diff(seconds) == 1) + 1
    if len(turns) < 2 or (np.diff(seconds) < 0).any():
        return RATE, False
    # A second turns over somewhere between two rows, so the count is off by one row at most.
    first, last = turns[0], turns[-1]
    elapsed = seconds[last] - seconds[first]
    counted = (frames[last] - frames[first]) / elapsed
    slack = float(np.max(np.diff(frames))) / elapsed
    common = min(RATES, key=lambda rate: abs(rate - counted))
    return (common if abs(common - counted) <= slack else float(counted)), True
