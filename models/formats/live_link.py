# SPDX-License-Identifier: GPL-3.0-or-later
"""Live Link Face's CSV: one row a frame, one column a channel.

Format: Epic Games, "Live Link Face" (iOS app). Columns are found by name, in any order,
in any spelling of case; the app itself writes ``JawRight`` before ``JawLeft`` where
others do not. Values are taken as they are: the app goes a little past 1, and so does
what is read here.

Rotations. The columns hold yaw, pitch and roll in radians. Against the axes of
`Performance` (+X the subject's left, +Y up, +Z toward the camera) theirs are mirrored
in X, so that positive yaw turns to the subject's right, positive pitch down:

    R = Ry(−yaw) · Rx(pitch) · Rz(−roll)

`head_from_columns` and `head_to_columns` are that conversion, `eyes_from_columns` and
`eyes_to_columns` the same for the eyes, which have no roll here. Columns that are zero
all through were not recorded: the performance then has no head, or no eyes.

Time. Timecode is ``HH:MM:SS:FF.mmm``, with frames and thousandths of them on a base of
60 whatever the rate, so times are exact to 1/120 000 s. Multiples of 1/24, 1/25, 1/30,
1/50, 1/60 and of 1001/30 000 and 1001/60 000 come back bit for bit.

What a lone CSV cannot hold: the head's place, confidence, and times finer than that. A
take (`mien.models.take`) keeps those beside it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import rotation
from ..arkit import CHANNELS
from ..errors import FormatError
from ..performance import Performance, Source
from ..timecode import seconds, timecode
from . import atomic
from .recording import Recording
from .samples import as_weights, held, listed, performance_of, recorded
from .table import open_table
from .timeline import Timeline

Floats = NDArray[np.floating[Any]]

BASE = 60
HEAD_COLUMNS = ("HeadYaw", "HeadPitch", "HeadRoll")
EYE_COLUMNS = (
    "LeftEyeYaw",
    "LeftEyePitch",
    "LeftEyeRoll",
    "RightEyeYaw",
    "RightEyePitch",
    "RightEyeRoll",
)
_TIMECODE = "Timecode"
_COUNT = "BlendshapeCount"


def head_from_columns(angles: Floats) -> Floats:
    """(frames, 3) Live Link yaw, pitch, roll → (frames, 4) quaternions of `Performance.head`."""
    return rotation.from_yaw_pitch_roll(np.asarray(angles, np.float64) * (-1, 1, -1))


def head_to_columns(quaternions: Floats) -> Floats:
    """(frames, 4) quaternions of `Performance.head` → (frames, 3) Live Link yaw, pitch, roll."""
    return rotation.to_yaw_pitch_roll(quaternions) * (-1, 1, -1)


def eyes_from_columns(angles: Floats) -> Floats:
    """(frames, 6) left and right yaw, pitch, roll → (frames, 4) `Performance.eyes`.

    Roll is left out: an eye is turned by where it looks.
    """
    return np.asarray(angles, np.float64)[:, [1, 0, 4, 3]] * (1, -1, 1, -1)


def eyes_to_columns(eyes: Floats) -> Floats:
    """(frames, 4) `Performance.eyes` → (frames, 6) left and right yaw, pitch, roll (0)."""
    pitch_left, yaw_left, pitch_right, yaw_right = np.asarray(eyes, np.float64).T
    zero = np.zeros(len(eyes))
    return np.stack([-yaw_left, pitch_left, zero, -yaw_right, pitch_right, zero], axis=1)


def recognises(path: Path) -> bool:
    """True if the file is text with a timecode column and a face channel's."""
    try:
        with open_table(path) as table:
            return table.has(_TIMECODE) and any(table.has(name) for name in CHANNELS)
    except FormatError:
        return False


def read(path: Path, channels: Sequence[str] = CHANNELS) -> Recording:
    """Read a CSV.

    channels: the columns to read as channels, if the file has them; others are left out.

    A cell that is missing or empty holds the value before it, and its frame has
    confidence 0; a row without timecode, or with the timecode of the row before, gets its
    time from its neighbours. Both are told in the warnings. Blank lines are skipped.
    A million rows take a few seconds and about 1 GB.
    Raises FormatError, naming file and row, for a file that is no such CSV, for text,
    NaN or infinity where a number is due, and for timecodes that go back.
    """
    with open_table(path) as table:
        if not table.has(_TIMECODE):
            raise FormatError(
                f"“{path.name}” has no column “{_TIMECODE}”, so it is not a Live Link Face "
                "CSV; choose the CSV of a Live Link Face recording."
            )
        present = [name for name in channels if table.has(name)]
        if not present:
            raise FormatError(
                f"“{path.name}” has no face channels such as “EyeBlinkLeft” in its first row; "
                "choose the CSV of a Live Link Face recording."
            )
        angles = [name for name in (*HEAD_COLUMNS, *EYE_COLUMNS) if table.has(name)]
        timeline = Timeline(path.name)
        weight_blocks: list[Floats] = []
        angle_blocks: list[Floats] = []
        for rows in table.blocks([_TIMECODE], [*present, *angles]):
            timeline.add(rows.texts[0], rows.numbers)
            values = rows.values[:, : len(present)]
            weight_blocks.append(as_weights(values, path.name, "row", rows.numbers))
            angle_blocks.append(rows.values[:, len(present) :])
    if not weight_blocks:
        raise FormatError(f"“{path.name}” has no rows below its first; record it again.")
    weights: Floats = np.concatenate(weight_blocks)
    weight_blocks.clear()
    columns = dict(zip(angles, np.concatenate(angle_blocks).T, strict=True))
    warnings = [*timeline.warnings()]

    absent = [name for name in channels if name not in present]
    if absent:
        warnings.append(f"It has no column for {listed(absent)}.")
    unread = np.isnan(weights).any(axis=1)
    empty: NDArray[np.bool_] = np.asarray(np.isnan(weights).all(axis=0))
    if empty.any():
        weights = weights[:, ~empty]
        names = [name for name, none in zip(present, empty, strict=True) if none]
        present = [name for name, none in zip(present, empty, strict=True) if not none]
        warnings.append(f"It holds no value at all for {listed(names)}.")
        if not present:
            raise FormatError(f"“{path.name}” holds no value for any channel; record it again.")
        unread = np.isnan(weights).any(axis=1)
    if unread.any():
        weights = held(weights)
        warnings.append(
            f"{np.count_nonzero(unread)} of {len(weights)} rows are cut short or have empty "
            "cells; the values before them are held and their confidence is 0."
        )
    performance = performance_of(
        path.name,
        weights=weights,
        times=timeline.times(),
        channels=tuple(present),
        head=_head(columns, len(weights)),
        eyes=_eyes(columns, len(weights)),
        confidence=np.where(unread, 0, 1),
        source=Source(path.name, timeline.start(), timeline.base()),
    )
    return Recording(performance, tuple(warnings))


def write(path: Path, performance: Performance, overwrite: bool = False) -> None:
    """Write a CSV as the app writes it: its columns, in its order.

    Numbers carry as many digits as float32 needs to be read back exactly, ten decimals at
    least. A channel of ARKit's that the performance lacks is written as 0, since other
    tools count on every column; channels that are not ARKit's follow behind the app's own
    columns. The file is written beside its place and moved there.
    Raises FormatError if the file is there already (unless `overwrite`), if it cannot be
    written, or if two frames are so near in time that they share a timecode.
    """
    codes = _timecodes(performance)
    table, header = _columns(performance)
    with atomic.file(path, overwrite) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        for start in range(0, len(table), 4096):
            rows = _texts(table[start : start + 4096])
            text.writelines(
                f"{code},61,{row}\n" for code, row in zip(codes[start:], rows, strict=False)
            )
        text.flush()
        text.detach()


def _columns(performance: Performance) -> tuple[Floats, list[str]]:
    """(frames, columns) float64 values behind timecode and count, and the whole header."""
    own = [name for name in performance.channels if name not in CHANNELS]
    header = [_TIMECODE, _COUNT]
    header += [name[0].upper() + name[1:] for name in CHANNELS]
    header += [*HEAD_COLUMNS, *EYE_COLUMNS, *own]
    if len({name.casefold() for name in header}) != len(header):
        raise FormatError("Two channels have the same name but for case; rename one of them.")
    frames = len(performance)
    table = np.zeros((frames, len(header) - 2))
    for column, name in enumerate((*CHANNELS, *HEAD_COLUMNS, *EYE_COLUMNS, *own)):
        if name in performance.channels:
            table[:, column] = performance.channel(name)
    if performance.head is not None:
        table[:, 52:55] = head_to_columns(performance.head[:, :4])
    if performance.eyes is not None:
        table[:, 55:61] = eyes_to_columns(performance.eyes)
    return table, header


def _texts(table: Floats) -> Iterator[str]:
    """Each row as text, every number exact for float32 (a rotation of the head: to 1e-10)."""
    pattern = ",".join(["%.10f"] * table.shape[1])
    lost = np.abs(np.round(table, 10) - table)
    close = lost < 0.45 * np.spacing(np.abs(table).astype(np.float32))
    exact = np.atleast_1d(close.all(axis=1))
    for row, simple in zip(table, exact, strict=True):
        if simple:
            yield pattern % tuple(row)
        else:
            yield ",".join(_positional(value) for value in row)


def _positional(value: float) -> str:
    short = f"{value:.10f}"
    if np.float32(short) == np.float32(value):
        return short
    return str(np.format_float_positional(np.float32(value), unique=True, trim="0"))


def _timecodes(performance: Performance) -> list[str]:
    source = performance.source
    start = seconds(source.timecode, source.timecode_base) if source.timecode else 0.0
    ticks = np.round(start * BASE * 1000) + np.round(performance.times * BASE * 1000)
    if len(ticks) > 1 and np.any(np.diff(ticks) <= 0):
        raise FormatError(
            "Two frames lie less than 1/60000 s apart, finer than a timecode can say; "
            "retime the performance before it is written."
        )
    return [timecode(tick / (BASE * 1000), BASE) for tick in ticks]


def _recorded(columns: dict[str, Floats], names: Iterable[str], frames: int) -> Floats | None:
    """(frames, columns) of angles, or None if they are zero or missing all through."""
    return recorded(np.stack([columns.get(name, np.zeros(frames)) for name in names], axis=1))


def _head(columns: dict[str, Floats], frames: int) -> Floats | None:
    angles = _recorded(columns, HEAD_COLUMNS, frames)
    if angles is None:
        return None
    poses: Floats = np.concatenate([head_from_columns(angles), np.zeros((frames, 3))], axis=1)
    return poses


def _eyes(columns: dict[str, Floats], frames: int) -> Floats | None:
    angles = _recorded(columns, EYE_COLUMNS, frames)
    return None if angles is None else eyes_from_columns(angles)
