# SPDX-License-Identifier: GPL-3.0-or-later
"""The text files of the Face Cap app (iOS, https://www.bannaflak.com/face-cap/).

Lines of values with commas between them, each beginning with what it is:

    info, …        words for people; passed over
    bs, NAME, …    the names of the blend shapes: browInnerUp, browDown_L …
    k, TIME, …     a frame: milliseconds, the head's place (x, y, z) and turn (x, y, z), the
                   left eye's turn (x, y), the right eye's (x, y), and the blend shapes

As two public importers read them (Diffeomorphic's DAZ Importer,
https://bitbucket.org/Diffeomorphic/import_daz, and Faceit); names in the order that the
app's own page lists (https://www.bannaflak.com/face-cap/livemode.html), which also says
that angles are in degrees.

Axes. The app's own receiver for Unity
(https://github.com/hizzlehoff/FaceCapOSCReceiverExample, FaceCapLiveModeReceiver.cs) calls
them SceneKit's: right-handed, +Y up, +Z out of the face toward the camera, hence +X the
subject's left, which are those of `Performance`. It builds the turn as Unity does, by Z, then
X, then Y, so that

    R = Ry(y) · Rx(x) · Rz(z)

and positive x looks down, positive y to the subject's left; the same for the eyes. Places
are read as centimetres, as Faceit does. No recording of the app was at hand to check this
against; the DAZ Importer turns x and z the other way.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import rotation
from ..arkit import CHANNELS
from ..errors import FormatError
from ..performance import Performance, Source
from . import atomic
from .recording import Recording
from .samples import as_weights, check_times, numbers_of, performance_of, recorded, regular
from .spelling import channels_of, with_short_sides
from .text import first_part, read_lines

Floats = NDArray[np.floating[Any]]

# Time, the head's place and turn, the eyes' turns: what stands before the blend shapes.
_BEFORE = 11
_CENTIMETRES = 100.0
_MILLISECONDS = 1000.0

# fmt: off
ORDER: tuple[str, ...] = (
    "browInnerUp", "browDownLeft", "browDownRight", "browOuterUpLeft", "browOuterUpRight",
    "eyeLookUpLeft", "eyeLookUpRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft",
    "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeBlinkLeft", "eyeBlinkRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "jawOpen",
    "jawForward", "jawLeft", "jawRight", "mouthFunnel", "mouthPucker", "mouthLeft",
    "mouthRight", "mouthRollUpper", "mouthRollLower", "mouthShrugUpper", "mouthShrugLower",
    "mouthClose", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthDimpleLeft", "mouthDimpleRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight",
    "mouthStretchLeft", "mouthStretchRight", "tongueOut",
)
# fmt: on


def head_from_values(values: Floats) -> Floats:
    """(frames, 6) place in centimetres and turn in degrees → (frames, 7) `Performance.head`."""
    x, y, z = np.radians(values[:, 3:]).T
    turns = rotation.from_yaw_pitch_roll(np.stack([y, x, z], axis=1))
    return np.concatenate([turns, values[:, :3] / _CENTIMETRES], axis=1)


def head_to_values(head: Floats) -> Floats:
    """(frames, 7) `Performance.head` → (frames, 6) place in centimetres and turn in degrees."""
    yaw, pitch, roll = np.degrees(rotation.to_yaw_pitch_roll(head[:, :4])).T
    places = np.asarray(head[:, 4:], np.float64) * _CENTIMETRES
    return np.column_stack([places, pitch, yaw, roll])


def recognises(path: Path) -> bool:
    """True if the first lines are Face Cap's: one of names, or a frame, after words."""
    for line in first_part(path).replace("\r", "\n").split("\n"):
        kind, comma, _ = line.strip().partition(",")
        if kind in ("bs", "k") and comma:
            return True
        if kind and kind != "info":
            return False
    return False


def read(path: Path) -> Recording:
    """Read a recording.

    Raises FormatError, naming file and line, for a line of another kind or length, for text,
    NaN or infinity where a number is due, and for times that do not increase.
    """
    names: list[str] = []
    rows: list[list[float]] = []
    numbers: list[int] = []
    for number, line in enumerate(read_lines(path), start=1):
        cells = [cell.strip() for cell in line.split(",")]
        if cells[0] == "k" and not names:
            raise FormatError(
                f"“{path.name}”, line {number}: a frame comes before the names of the blend "
                "shapes (“bs, …”); record it again."
            )
        if cells[0] == "k":
            rows.append(_numbers(cells[1:], _BEFORE + len(names), path.name, number))
            numbers.append(number)
        elif cells[0] == "bs" and not names:
            names = [name for name in cells[1:] if name]
        elif cells[0] == "bs":
            raise FormatError(
                f"“{path.name}”, line {number} names the blend shapes a second time; "
                "split the file there."
            )
        elif line.strip() and cells[0] != "info":
            raise FormatError(
                f"“{path.name}”, line {number} begins with “{cells[0][:20]}”, where Face Cap "
                "writes info, bs or k; record it again."
            )
    channels = channels_of(names, path.name)
    if not rows:
        raise FormatError(f"“{path.name}” has no frames (“k, …”); record it again.")
    values, places = np.array(rows, np.float64), np.array(numbers)
    times = values[:, 0] / _MILLISECONDS
    check_times(times, path.name, "line", places)
    head = recorded(values[:, 1:7])
    eyes = recorded(values[:, 7:_BEFORE])
    return Recording(
        performance_of(
            path.name,
            weights=as_weights(values[:, _BEFORE:], path.name, "line", places),
            times=regular(times, 1 / _MILLISECONDS),
            channels=channels,
            head=None if head is None else head_from_values(head),
            eyes=None if eyes is None else np.radians(eyes),
            source=Source(path.name),
        )
    )


def write(path: Path, performance: Performance, overwrite: bool = False) -> None:
    """Write a recording as the app writes it, all 52 shapes in its order, then others.

    Times are rounded to the format's milliseconds; what was not recorded is written as 0.
    Raises FormatError if the file is there already (unless `overwrite`), cannot be written,
    or if two frames share a millisecond.
    """
    times = np.rint(performance.times * _MILLISECONDS)
    if np.any(np.diff(times) <= 0):
        raise FormatError(
            "Two frames lie in one millisecond, finer than Face Cap's format can say; "
            "retime the performance before it is written."
        )
    channels = [*ORDER, *(name for name in performance.channels if name not in CHANNELS)]
    table = np.zeros((len(performance), _BEFORE - 1 + len(channels)))
    if performance.head is not None:
        table[:, :6] = head_to_values(performance.head)
    if performance.eyes is not None:
        table[:, 6 : _BEFORE - 1] = np.degrees(performance.eyes)
    for column, name in enumerate(channels, start=_BEFORE - 1):
        if name in performance.channels:
            table[:, column] = performance.channel(name)
    pattern = ",".join(["%.9g"] * table.shape[1])
    with atomic.file(path, overwrite) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="\n")
        text.write("info,times in milliseconds, places in centimetres, angles in degrees\n")
        text.write(",".join(["bs", *(with_short_sides(name) for name in channels)]) + "\n")
        for time, row in zip(times, table, strict=True):
            text.write(f"k,{time:.0f},{pattern % tuple(row)}\n")
        text.flush()
        text.detach()


def _numbers(cells: list[str], count: int, name: str, line: int) -> list[float]:
    if len(cells) == count + 1 and not cells[-1]:
        cells = cells[:-1]
    if len(cells) != count:
        raise FormatError(
            f"“{name}”, line {line} has {len(cells)} values where {count} are due: it is cut "
            "short or damaged; correct or remove it."
        )
    return numbers_of(cells, name, line)
