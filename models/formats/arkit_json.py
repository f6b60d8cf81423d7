# SPDX-License-Identifier: GPL-3.0-or-later
"""ARKit's blend shapes as JSON: frames with a time and weights by name.

There is no one file of this kind; apps that record ARKit, or MediaPipe, whose face
landmarker speaks ARKit's names, write variants of

    {"frames": [{"time": 0.0, "blendShapes": {"jawOpen": 0.1, …}}, …]}

Read are: a list of frames, bare or under ``frames``; a frame's weights under ``blendShapes``
(``blendshapes``, ``weights``) or beside its time; as names with values, as a list of
``{"name", "score"}`` (MediaPipe's ``categoryName``; a public recorder:
https://github.com/pipgdm/avatar-webapp_recorder) or as plain numbers in the order of a list
``blendShapeNames`` above. Times are ``time`` or ``timestamp``: seconds, or milliseconds where
frames would be more than a second apart; without them, ``fps`` says the rate.

Head and eyes are read, and written, as Apple names and defines them
(https://developer.apple.com/documentation/arkit/arfaceanchor): ``transform``,
``leftEyeTransform``, ``rightEyeTransform``, matrices of four columns. Apple's face axes are
right-handed, +X toward the viewer's right and so the face's own left, +Y up, +Z out of the
face, in metres; eyes are relative to the face, their +Z through the pupil. Those are the axes
of `Performance`, if the session's world is the camera's (``ARConfiguration`` with
``worldAlignment`` ``camera``), so nothing is turned.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS
from ..errors import FormatError
from ..performance import Performance, Source
from . import atomic
from .json_file import looks_like_json, number, read_json, texts
from .recording import Recording
from .samples import as_weights, check_times, held, performance_of
from .spelling import channel_of, channels_of
from .text import read_text
from .transforms import (
    angles_of_gaze,
    are_turns,
    from_quaternions,
    to_quaternions,
    turns_of_gaze,
)

Floats = NDArray[np.floating[Any]]

RATE = 60.0
_WEIGHTS = ("blendshapes", "blendshape", "weights", "shapes")
_TIMES = ("time", "timestamp", "t")
_RATES = ("fps", "framerate", "rate")
_NAMES = ("blendshapenames", "names", "channels")
_VALUE_NAMES = (("name", "categoryname", "blendshapelocation"), ("score", "value", "weight"))
_HEAD, _EYES = "transform", ("leftEyeTransform", "rightEyeTransform")


def recognises(path: Path) -> bool:
    """True if the file is JSON and holds the name of a face channel."""
    if not looks_like_json(path):
        return False
    try:
        text = read_text(path).casefold()
    except FormatError:
        return False
    return any(f'"{name.casefold()}"' in text for name in CHANNELS) or any(
        f'"{name}_l"' in text for name in ("eyeblink", "mouthsmile")
    )


def read(path: Path) -> Recording:
    """Read a recording.

    A frame that lacks a channel which others have holds that of the frame before, and has
    confidence 0. Raises FormatError, naming file and frame, for what is no such JSON, for other
    than numbers where they are due, and for times that do not increase.
    """
    data = read_json(path)
    top = _folded(data) if isinstance(data, dict) else {}
    frames = top.get("frames", data)
    if not isinstance(frames, list) or not all(isinstance(each, dict) for each in frames):
        raise FormatError(
            f"“{path.name}” has no list of frames with blend shapes; export ARKit's blend "
            "shapes as JSON, a frame after the other."
        )
    if not frames:
        raise FormatError(f"“{path.name}” has no frames; record it again.")
    given = next((top[key] for key in _NAMES if key in top), None)
    order = None if given is None else texts(given, path.name, "blendShapeNames")
    weights = [
        _weights(_folded(frame), order, path.name, f"frame {index}")
        for index, frame in enumerate(frames, start=1)
    ]
    names = list(dict.fromkeys(name for each in weights for name in each))
    channels = channels_of(names, path.name)
    numbers = np.arange(1, len(frames) + 1)
    table = np.array([[each.get(name, np.nan) for name in names] for each in weights])
    table = as_weights(table, path.name, "frame", numbers)
    unread = np.isnan(table).any(axis=1)
    times, warnings = _times(frames, top, path.name)
    if unread.any():
        warnings.append(
            f"{np.count_nonzero(unread)} of {len(frames)} frames lack a channel that others "
            "have; the values before them are held and their confidence is 0."
        )
    return Recording(
        performance_of(
            path.name,
            weights=held(table),
            times=times,
            channels=channels,
            head=_head(frames, path.name),
            eyes=_eyes(frames, path.name),
            confidence=np.where(unread, 0, 1),
            source=Source(path.name),
        ),
        tuple(warnings),
    )


def write(path: Path, performance: Performance, overwrite: bool = False) -> None:
    """Write frames with times in seconds, weights, and head and eyes where there are any.

    What is read again is the same: weights, times, and turns to float32. Raises FormatError if
    the file is there already (unless `overwrite`) or cannot be written.
    """
    pattern = ", ".join(
        f"{json.dumps(name, ensure_ascii=False).replace('%', '%%')}: %.9g"
        for name in performance.channels
    )
    parts: list[tuple[str, Floats]] = []
    if performance.head is not None:
        head = np.asarray(performance.head, np.float64)
        parts.append((_HEAD, from_quaternions(head[:, :4], head[:, 4:])))
    if performance.eyes is not None:
        for name, angles in zip(_EYES, np.hsplit(performance.eyes, 2), strict=True):
            parts.append((name, from_quaternions(turns_of_gaze(angles))))
    with atomic.file(path, overwrite) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="\n")
        text.write('{"frames": [\n')
        for index, (time, row) in enumerate(
            zip(performance.times, performance.weights, strict=True)
        ):
            further = "".join(
                f', "{name}": {json.dumps(each[index].T.tolist())}' for name, each in parts
            )
            text.write(",\n" if index else "")
            text.write(
                f'{{"time": {float(time)!r}, "blendShapes": {{{pattern % tuple(row)}}}{further}}}'
            )
        text.write("\n]}\n")
        text.flush()
        text.detach()


def _folded(item: Mapping[str, Any]) -> dict[str, Any]:
    """The same with keys in small letters, so that ``blendshapes`` is ``blendShapes``."""
    return {key.casefold(): value for key, value in item.items()}


def _weights(
    frame: Mapping[str, Any], order: Sequence[str] | None, file: str, place: str
) -> dict[str, float]:
    """A frame's weights by name. Raises FormatError, naming file and frame."""
    found = next((frame[key] for key in _WEIGHTS if key in frame), None)
    if found is None:
        found = {key: value for key, value in frame.items() if channel_of(key)}
    elif isinstance(found, list) and order is not None and not _are_named(found):
        if len(found) != len(order):
            raise FormatError(
                f"“{file}”, {place} has {len(found)} weights where {len(order)} are named; "
                "export it again."
            )
        found = dict(zip(order, found, strict=True))
    elif isinstance(found, list):
        found = _by_name(found, file, place)
    if not isinstance(found, dict) or not found:
        raise FormatError(f"“{file}”, {place} has no blend shapes; remove it or export again.")
    return {name: number(value, file, f"{place}, {name}") for name, value in found.items()}


def _are_named(values: Sequence[Any]) -> bool:
    return any(isinstance(value, dict) for value in values)


def _by_name(values: Sequence[Any], file: str, place: str) -> dict[str, Any]:
    """Weights that each come with their name."""
    result = {}
    for item in values:
        entry = _folded(item) if isinstance(item, dict) else {}
        name, value = (
            next((entry[key] for key in keys if key in entry), None) for keys in _VALUE_NAMES
        )
        if not isinstance(name, str) or value is None or name in result:
            raise FormatError(
                f"“{file}”, {place}: each blend shape needs a name of its own and a value; "
                "export it again."
            )
        result[name] = value
    # MediaPipe's first category stands for a face at rest and is no shape.
    result.pop("_neutral", None)
    return result


def _times(
    frames: Sequence[Mapping[str, Any]], top: Mapping[str, Any], file: str
) -> tuple[Floats, list[str]]:
    """(frames,) seconds, and what to tell about them. Raises FormatError."""
    numbers = np.arange(1, len(frames) + 1)
    folded = [_folded(frame) for frame in frames]
    key = next((key for key in _TIMES if key in folded[0]), None)
    if key is not None:
        times = np.array(
            [number(each.get(key), file, f"frame {i}, {key}") for i, each in enumerate(folded, 1)]
        )
        check_times(times, file, "frame", numbers)
        if len(times) > 1 and np.median(np.diff(times)) > 1:
            times = (times - times[0]) / 1000
        return times, []
    rate = next((number(top[key], file, f"“{key}”") for key in _RATES if key in top), None)
    if rate is None:
        return (numbers - 1) / RATE, [
            f"It says neither times nor a rate; {RATE:g} frames a second are taken, as ARKit runs."
        ]
    if not 0 < rate <= 1000:
        raise FormatError(f"“{file}” says {rate:g} frames a second; correct that.")
    return (numbers - 1) / rate, []


def _head(frames: Sequence[Mapping[str, Any]], file: str) -> Floats | None:
    found = _transforms(frames, _HEAD, file)
    if found is None:
        return None
    return np.concatenate([to_quaternions(found[:, :3, :3]), found[:, :3, 3]], axis=1)


def _eyes(frames: Sequence[Mapping[str, Any]], file: str) -> Floats | None:
    left, right = (_transforms(frames, name, file) for name in _EYES)
    if left is None or right is None:
        return None
    # The third column of a turn is where its +Z, the pupil, points.
    return np.concatenate([angles_of_gaze(each[:, :3, 2]) for each in (left, right)], axis=1)


def _transforms(frames: Sequence[Mapping[str, Any]], name: str, file: str) -> Floats | None:
    """(frames, 4, 4) matrices of a name, None if no frame has it. Raises FormatError."""
    found = [_folded(frame).get(name.casefold()) for frame in frames]
    if all(each is None for each in found):
        return None
    result = np.empty((len(frames), 4, 4))
    for index, value in enumerate(found):
        place = f"frame {index + 1}, {name}"
        columns = value if isinstance(value, list) else []
        if columns and all(isinstance(column, list) for column in columns):
            columns = [each for column in columns for each in column]
        if len(columns) != 16:
            raise FormatError(
                f"“{file}”, {place} is not a matrix of four columns of four numbers; "
                "export it again."
            )
        result[index] = np.reshape([number(each, file, place) for each in columns], (4, 4)).T
    good = are_turns(result[:, :3, :3])
    if not good.all():
        raise FormatError(
            f"“{file}”, frame {np.argmin(good) + 1}: “{name}” is not a turn; its four columns "
            "must be a rotation and a place."
        )
    return result
