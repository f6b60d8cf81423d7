# SPDX-License-Identifier: GPL-3.0-or-later
"""Sheets of the frames in which solvers err or differ most, for looking at.

They show people's faces: written to the output folder, never committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mien.models.capture.footage import open_footage
from mien.models.performance import Floats
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

_CELL = 240
_CAPTION = 20
_COLUMNS = 6
_APART = 8


@dataclass(frozen=True)
class Moment:
    """A frame worth a look: how much it errs or differs, and a line for every solver."""

    clip: str
    frame: int
    amount: float
    lines: tuple[str, ...]


def most(moments: Iterable[Moment], count: int) -> list[Moment]:
    """The moments of the largest amounts, no two within eight frames of one clip."""
    chosen: list[Moment] = []
    for moment in sorted(moments, key=lambda each: -each.amount):
        near = (
            abs(each.frame - moment.frame) < _APART for each in chosen if each.clip == moment.clip
        )
        if not any(near):
            chosen.append(moment)
        if len(chosen) == count:
            break
    return chosen


def write_sheet(
    path: Path, moments: Sequence[Moment], footage: Path, landmarks: Mapping[str, Floats]
) -> None:
    """A PNG with the face at each moment and its lines below.

    footage: the clips' folder; landmarks: (frames, 478, 3) pixels of each clip.
    """
    wanted: dict[str, set[int]] = {}
    for moment in moments:
        wanted.setdefault(moment.clip, set()).add(moment.frame)
    faces = {
        (clip, frame): face
        for clip, frames in wanted.items()
        for frame, face in _faces(footage / clip, frames, landmarks[clip])
    }
    lines = max(len(moment.lines) for moment in moments)
    cells = [_cell(faces[moment.clip, moment.frame], moment, lines) for moment in moments]
    while len(cells) % _COLUMNS:
        cells.append(np.zeros_like(cells[0]))
    rows = [np.hstack(cells[start : start + _COLUMNS]) for start in range(0, len(cells), _COLUMNS)]
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.vstack(rows))


def _faces(path: Path, wanted: set[int], landmarks: Floats) -> Iterable[tuple[int, Picture]]:
    for number, frame in enumerate(open_footage(path).frames()):
        if number in wanted:
            yield number, _cut(frame.picture, landmarks[number])


def _cut(picture: Picture, points: Floats) -> Picture:
    """The square about the face; the whole picture where none was seen."""
    height, width = picture.shape[:2]
    if points.any():
        low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        middle, side = (low + high) / 2, float((high - low).max()) * 1.15
    else:
        middle, side = np.array((width, height)) / 2, float(max(width, height))
    scale = _CELL / side
    move = np.array([[scale, 0, _CELL / 2], [0, scale, _CELL / 2]])
    move[:, 2] -= scale * middle
    cut: Any = cv2.warpAffine(picture, move, (_CELL, _CELL), flags=cv2.INTER_CUBIC)
    return np.asarray(cut, np.uint8)


def _cell(face: Picture, moment: Moment, lines: int) -> Picture:
    caption = np.zeros((_CAPTION * (lines + 1), _CELL, 3), np.uint8)
    for row, text in enumerate((f"{moment.clip} {moment.frame}", *moment.lines)):
        # OpenCV's letters are ASCII.
        plain = text.encode("ascii", "replace").decode()
        place = (4, _CAPTION * (row + 1) - 6)
        cv2.putText(caption, plain, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (255, 255, 255), 1)
    return np.vstack([face, caption])
