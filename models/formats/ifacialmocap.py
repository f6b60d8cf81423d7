# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings of what the iFacialMocap and Facemotion3d apps send, one frame a line.

The apps' pages for developers describe a frame
(https://www.ifacialmocap.com/for-developer/, https://www.facemotion3d.net/for-developer/):

    NAME-VALUE|…|=head#RX,RY,RZ,X,Y,Z|rightEye#RX,RY,RZ|leftEye#RX,RY,RZ|

with values of 0–100, angles in degrees and 60 frames a second; the second version of the
protocol, and Facemotion3d, write ``NAME&VALUE``. Over TCP each frame ends with
``___iFacialMocap``. The pages describe no file, so a file here is those frames as they were
received, with line ends or that mark between them. A line may begin with its time in
seconds and a tab, as recorders write it.

Axes. The page's own example tells them: with eyeLookDown at 17 % both eyes have RX = +6°,
so positive RX looks down (0.17 × 0.61 rad is 5.9°); with eyeLookIn at 6 and 4 % the right eye
has RY = +2.4° and the left −1.7°, so positive RY looks to the subject's left. Right-handed
axes, +X the subject's left, +Y up, +Z toward the camera, are the only ones for which both
hold, and the place in the example, 0.66 m behind the camera's plane, agrees: metres in the
axes of `Performance`. In which order the three angles of the head are applied the page does
not say, and no recording was at hand to find out; they are taken as Unity, to which the
apps send, applies angles:

    R = Ry(RY) · Rx(RX) · Rz(RZ)
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
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
from .samples import as_weights, check_times, listed, numbers_of, performance_of, recorded
from .spelling import channel_of, with_short_sides
from .text import first_part, read_lines

Floats = NDArray[np.floating[Any]]

RATE = 60.0
_FRAME_END = "___iFacialMocap"
_WHOLE = 100.0
_TURNS = {"head": 6, "rightEye": 3, "leftEye": 3}
_TIME = re.compile(r"\s*(\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)[\t;, ]\s*(?=\D)")
_PAIR = re.compile(r"([A-Za-z]\w*)[&-](.+)")
_BEGINNING = re.compile(r"(?:[\d.eE+-]+[\t;, ]\s*)?(?:[A-Za-z]\w*[&-][-+\d.eE]+\|){3}")


@dataclass
class _Frame:
    """A frame as it was sent.

    place: the line it stands on. time: seconds, if the line says. values: by name as the
    app spells it; turns: the numbers of head and eyes.
    """

    place: int
    time: float | None
    values: dict[str, float]
    turns: dict[str, list[float]]


def recognises(path: Path) -> bool:
    """True if the file begins with a frame: names and values between upright strokes."""
    return _BEGINNING.match(first_part(path, 4096).lstrip()) is not None


def read(path: Path) -> Recording:
    """Read a recording.

    Raises FormatError, naming file and line, for what is no frame, a frame that lacks what the
    first has, NaN or infinity, and times that do not increase or that only some frames have.
    """
    frames = list(_frames(path))
    if not frames:
        raise FormatError(f"“{path.name}” holds no frame; record it again.")
    for frame in frames:
        if frame.values.keys() != frames[0].values.keys() or frame.turns.keys() != (
            frames[0].turns.keys()
        ):
            raise FormatError(
                f"“{path.name}”, line {frame.place} does not hold the same values as the first "
                "frame: it is cut short or damaged; remove it."
            )
    names = list(frames[0].values)
    channels = [channel_of(name) for name in names]
    kept = [place for place, channel in enumerate(channels) if channel is not None]
    if not kept:
        raise FormatError(
            f"“{path.name}” has no face channel of ARKit's, such as “jawOpen”; "
            "choose a recording of a face."
        )
    numbers = np.array([frame.place for frame in frames])
    table = np.array([list(frame.values.values()) for frame in frames], np.float64)
    times, warnings = _times(frames, path.name, numbers)
    left_out = [name for name, channel in zip(names, channels, strict=True) if channel is None]
    if left_out:
        warnings.append(f"Not ARKit's, and left out: {listed(left_out)}.")
    weights = as_weights(table[:, kept] / _WHOLE, path.name, "line", numbers)
    return Recording(
        performance_of(
            path.name,
            weights=weights,
            times=times,
            channels=tuple(channels[place] for place in kept),
            head=_head(frames),
            eyes=_eyes(frames),
            source=Source(path.name),
        ),
        tuple(warnings),
    )


def write(path: Path, performance: Performance, overwrite: bool = False) -> None:
    """Write frames as the app sends them in its second version, each after its time.

    All 52 shapes are written, then the performance's own. Raises FormatError if the file is
    there already (unless `overwrite`) or cannot be written.
    """
    channels = [*CHANNELS, *(name for name in performance.channels if name not in CHANNELS)]
    frames = len(performance)
    table = np.zeros((frames, len(channels) + 12))
    for column, name in enumerate(channels):
        if name in performance.channels:
            table[:, column] = performance.channel(name) * np.float64(_WHOLE)
    at = len(channels)
    if performance.head is not None:
        yaw, pitch, roll = np.degrees(rotation.to_yaw_pitch_roll(performance.head[:, :4])).T
        table[:, at : at + 3] = np.stack([pitch, yaw, roll], axis=1)
        table[:, at + 3 : at + 6] = performance.head[:, 4:]
    if performance.eyes is not None:
        angles = np.degrees(performance.eyes)
        table[:, at + 6 : at + 8] = angles[:, 2:]
        table[:, at + 9 : at + 11] = angles[:, :2]
    pattern = "".join(f"{with_short_sides(name)}&%.9g|" for name in channels)
    pattern += "=head#" + ",".join(["%.9g"] * 6) + "|"
    pattern += "".join(f"{eye}#%.9g,%.9g,%.9g|" for eye in ("rightEye", "leftEye"))
    with atomic.file(path, overwrite) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="\n")
        for time, row in zip(performance.times, table, strict=True):
            text.write(f"{np.format_float_positional(time, trim='0')}\t{pattern % tuple(row)}\n")
        text.flush()
        text.detach()


def _frames(path: Path) -> Iterator[_Frame]:
    for number, line in enumerate(read_lines(path), start=1):
        for part in line.split(_FRAME_END):
            if part.strip():
                yield _frame(part, path.name, number)


def _frame(text: str, name: str, line: int) -> _Frame:
    time = _TIME.match(text)
    entries = (text[time.end() :] if time else text).split("|")
    if entries.pop().strip():
        raise FormatError(
            f"“{name}”, line {line} does not end with “|”: it is cut short; remove it."
        )
    values: dict[str, str] = {}
    turns: dict[str, list[float]] = {}
    for entry in (each.strip() for each in entries):
        key, mark, rest = entry.lstrip("=").partition("#")
        if mark and key in _TURNS and key not in turns:
            cells = rest.split(",")
            if len(cells) != _TURNS[key]:
                raise FormatError(
                    f"“{name}”, line {line}: “{key}” has {len(cells)} numbers where "
                    f"{_TURNS[key]} are due; correct or remove that line."
                )
            turns[key] = numbers_of(cells, name, line)
        elif entry.strip("="):
            pair = _PAIR.fullmatch(entry)
            if pair is None or pair[1] in values:
                raise FormatError(
                    f"“{name}”, line {line}: “{entry[:30]}” is no value of iFacialMocap's; "
                    "correct or remove that line."
                )
            values[pair[1]] = pair[2]
    numbers = numbers_of(list(values.values()), name, line)
    return _Frame(
        line, float(time[1]) if time else None, dict(zip(values, numbers, strict=True)), turns
    )


def _times(frames: list[_Frame], name: str, numbers: NDArray[Any]) -> tuple[Floats, list[str]]:
    known = [frame.time for frame in frames if frame.time is not None]
    if not known:
        warning = f"It says no times; {RATE:g} frames a second are taken, as the app sends them."
        return np.arange(len(frames)) / RATE, [warning]
    if len(known) < len(frames):
        without = next(frame.place for frame in frames if frame.time is None)
        raise FormatError(
            f"“{name}”, line {without} has no time where others have one; give all or none."
        )
    times = np.array(known)
    check_times(times, name, "line", numbers)
    return times, []


def _head(frames: list[_Frame]) -> Floats | None:
    if "head" not in frames[0].turns:
        return None
    values = recorded(np.array([frame.turns["head"] for frame in frames]))
    if values is None:
        return None
    x, y, z = np.radians(values[:, :3]).T
    turns = rotation.from_yaw_pitch_roll(np.stack([y, x, z], axis=1))
    return np.concatenate([turns, values[:, 3:]], axis=1)


def _eyes(frames: list[_Frame]) -> Floats | None:
    if not {"leftEye", "rightEye"} <= frames[0].turns.keys():
        return None
    return recorded(
        np.radians([frame.turns["leftEye"][:2] + frame.turns["rightEye"][:2] for frame in frames])
    )
