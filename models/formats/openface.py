# SPDX-License-Identifier: GPL-3.0-or-later
"""The CSV of OpenFace: action units, head pose and gaze.

Columns as its page describes them
(https://github.com/TadasBaltrusaitis/OpenFace/wiki/Output-Format): ``frame``, ``face_id``,
``timestamp`` in seconds, ``confidence``, ``success``, ``AU01_r`` … with intensities 0–5,
``pose_T*`` in millimetres, ``pose_R*`` in radians, ``gaze_0_*`` and ``gaze_1_*`` as directions.
Units become ARKit's channels by Mien's table (`mien.models.facs`); both sides of the face move
alike, because OpenFace does not tell them apart.

Axes. OpenFace's are the camera's: X to the right in the picture, which is the subject's
left, Y down, Z away from the camera; (x, y, z) → (x, −y, −z) leads to those of `Performance`.
The page gives R = Rx · Ry · Rz; half a turn about X keeps Rx and reverses the other two:

    R = Rx(pose_Rx) · Ry(−pose_Ry) · Rz(−pose_Rz)

so that positive pose_Rx looks down and positive pose_Ry to the subject's right, as users
of OpenFace report (https://github.com/TadasBaltrusaitis/OpenFace/issues/966, …/702). Eye 0 is
the left one in the picture, the subject's right. Gaze is in the camera's axes; a
performance's eyes are relative to the head, so the head is turned back. The eyeLook
channels, for which there is no action unit, are where the eyes look.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import rotation
from ..arkit import CHANNELS
from ..errors import FormatError
from ..facs.action_units import weights_over_time
from ..performance import Source
from .recording import Recording
from .samples import as_weights, check_times, held, performance_of, regular
from .table import open_table
from .transforms import angles_of_gaze, look_weights

Floats = NDArray[np.floating[Any]]

_UNIT = re.compile(r"AU(\d\d)_r", re.IGNORECASE)
_STRONGEST = 5.0
_MILLIMETRES = 1000.0
# Timestamps are written with three decimals.
_RESOLUTION = 0.001
_POSE = ("pose_Tx", "pose_Ty", "pose_Tz", "pose_Rx", "pose_Ry", "pose_Rz")
# The subject's left eye is the right one in the picture.
_GAZE = tuple(f"gaze_{eye}_{axis}" for eye in (1, 0) for axis in "xyz")
_TO_PERFORMANCE = (1, -1, -1)


def head_from_columns(values: Floats) -> Floats:
    """(frames, 6) OpenFace's pose_T* and pose_R* → (frames, 7) `Performance.head`."""
    zero = np.zeros(len(values))
    pitch, yaw, roll = values[:, 3], -values[:, 4], -values[:, 5]
    about_x = rotation.from_yaw_pitch_roll(np.stack([zero, pitch, zero], axis=1))
    about_y = rotation.from_yaw_pitch_roll(np.stack([yaw, zero, zero], axis=1))
    about_z = rotation.from_yaw_pitch_roll(np.stack([zero, zero, roll], axis=1))
    turns = rotation.multiply(about_x, rotation.multiply(about_y, about_z))
    return np.concatenate([turns, values[:, :3] * _TO_PERFORMANCE / _MILLIMETRES], axis=1)


def eyes_from_columns(values: Floats, turns: Floats) -> Floats:
    """(frames, 6) left and right eye's direction → (frames, 4) `Performance.eyes`.

    turns: (frames, 4) the head's quaternions.
    """
    back = rotation.inverse(turns)
    return np.concatenate(
        [
            angles_of_gaze(rotation.turned(back, direction * _TO_PERFORMANCE))
            for direction in (values[:, :3], values[:, 3:])
        ],
        axis=1,
    )


def recognises(path: Path) -> bool:
    """True if the file is a table with a frame's number and intensities of action units."""
    try:
        with open_table(path) as table:
            return table.has("timestamp") and any(map(_UNIT.fullmatch, table.columns))
    except FormatError:
        return False


def read(path: Path) -> Recording:
    """Read a CSV; of several faces the one that is there longest.

    Frames in which no face was found hold the values before them, with confidence 0.
    Raises FormatError, naming file and row, for what is no such table, for text, NaN or
    infinity where a number is due, and for times that do not increase.
    """
    with open_table(path) as table:
        units = [name for name in table.columns if _UNIT.fullmatch(name)]
        if not units or not table.has("timestamp"):
            raise FormatError(
                f"“{path.name}” has no “timestamp” and intensities such as “AU01_r”; let "
                "OpenFace write action units (-aus)."
            )
        further = [*_POSE, *_GAZE, "frame", "success", "confidence"]
        columns = ["timestamp", *units, *(name for name in further if table.has(name))]
        faces = ["face_id"] if table.has("face_id") else []
        blocks = list(table.blocks(faces, columns))
    if not blocks:
        raise FormatError(f"“{path.name}” has no rows below its first; run OpenFace again.")
    values = np.concatenate([rows.values for rows in blocks])
    numbers = np.concatenate([rows.numbers for rows in blocks])
    warnings = []
    if faces:
        labels = np.concatenate([rows.texts[0] for rows in blocks])
        found, counts = np.unique(labels, return_counts=True)
        if len(found) > 1:
            chosen = found[np.argmax(counts)]
            values, numbers = values[labels == chosen], numbers[labels == chosen]
            warnings.append(
                f"It holds {len(found)} faces; face {chosen}, which is there longest, was read."
            )
    _check_complete(values, columns, path.name, numbers)
    column = dict(zip(columns, values.T, strict=True))
    times = column["timestamp"]
    check_times(times, path.name, "row", numbers)
    confidence = np.clip(column.get("confidence", np.ones(len(times))), 0, 1)
    seen = column.get("success", np.ones(len(times))) != 0
    if not seen.any():
        raise FormatError(f"“{path.name}”: OpenFace found no face in any frame.")
    strengths = np.stack([column[name] for name in units], axis=1)
    weights = weights_over_time(
        {
            int(name[2:4]): row
            for name, row in zip(units, _held(strengths / _STRONGEST, seen).T, strict=True)
        }
    )
    as_weights(strengths, path.name, "row", numbers)
    head, eyes = _head_and_eyes(column, seen)
    if eyes is not None:
        for name, looks in look_weights(eyes).items():
            weights[:, CHANNELS.index(name)] = looks
    return Recording(
        performance_of(
            path.name,
            weights=weights,
            times=_exact(times, column.get("frame")),
            channels=CHANNELS,
            head=head,
            eyes=eyes,
            confidence=np.where(seen, confidence, 0),
            source=Source(path.name),
        ),
        tuple(warnings),
    )


def _check_complete(
    values: Floats, columns: list[str], name: str, numbers: NDArray[np.integer[Any]]
) -> None:
    """Raise FormatError, naming file, row and column, for a row that is cut short."""
    missing = np.isnan(values)
    if missing.any():
        row = int(np.argmax(missing.any(axis=1)))
        column = columns[int(np.argmax(missing[row]))]
        raise FormatError(
            f"“{name}”, row {numbers[row]} has no value in “{column}”: it is cut short or "
            "damaged; remove it."
        )


def _held(values: Floats, seen: NDArray[np.bool_]) -> Floats:
    """Values of frames without a face replaced by those before."""
    return held(np.where(seen[:, None], values, np.nan))


def _head_and_eyes(
    column: dict[str, Floats], seen: NDArray[np.bool_]
) -> tuple[Floats | None, Floats | None]:
    if not column.keys() >= set(_POSE):
        return None, None
    head = head_from_columns(_held(np.stack([column[name] for name in _POSE], axis=1), seen))
    if not column.keys() >= set(_GAZE):
        return head, None
    directions = _held(np.stack([column[name] for name in _GAZE], axis=1), seen)
    if not directions.any():
        return head, None
    return head, eyes_from_columns(directions, head[:, :4])


def _exact(times: Floats, frames: Floats | None) -> Floats:
    """Times before they were rounded, where the frames' numbers explain them."""
    if frames is None or not np.all(np.diff(frames) > 0):
        return times
    return regular(times, _RESOLUTION, frames)
