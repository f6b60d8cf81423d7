# SPDX-License-Identifier: GPL-3.0-or-later
"""The marks as they lie on disk: `marks.csv` and `closures.csv`, see this folder's README."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORDS: Mapping[str, tuple[str, ...]] = {
    "lids_left": ("open", "half", "closed"),
    "lids_right": ("open", "half", "closed"),
    "lips": ("open", "closed"),
    "teeth": ("yes", "no"),
    "smile": ("yes", "no"),
    "brow_left": ("up", "rest", "down"),
    "brow_right": ("up", "rest", "down"),
    "cheeks": ("puffed", "flat"),
    "tongue": ("hidden", "inside", "out"),
}
"""What each column may say, besides `UNCLEAR`."""
UNCLEAR = "unclear"


@dataclass(frozen=True)
class Mark:
    """What is seen in one frame: for each column of `WORDS` one of its words, or unclear."""

    clip: str
    frame: int
    words: Mapping[str, str]


@dataclass(frozen=True)
class Closure:
    """The lips meet from the first to the last frame and are apart before and after."""

    clip: str
    first: int
    last: int
    why: str


def read_marks(path: Path = HERE / "marks.csv") -> list[Mark]:
    """Every mark. Raises ValueError for a word that its column does not know, or a frame twice."""
    marks = []
    known = set()
    for number, row in _rows(path):
        for column, words in WORDS.items():
            if row[column] not in (*words, UNCLEAR):
                raise ValueError(f"{path}, line {number}: “{column}” cannot be “{row[column]}”.")
        place = row["clip"], int(row["frame"])
        if place in known:
            raise ValueError(f"{path}, line {number}: this frame is marked twice.")
        known.add(place)
        marks.append(Mark(*place, {column: row[column] for column in WORDS}))
    return marks


def read_closures(path: Path = HERE / "closures.csv") -> list[Closure]:
    """Every closure. Raises ValueError for one that ends before it begins."""
    closures = []
    for number, row in _rows(path):
        closure = Closure(row["clip"], int(row["first"]), int(row["last"]), row["why"])
        if closure.last < closure.first:
            raise ValueError(f"{path}, line {number}: the last frame comes before the first.")
        closures.append(closure)
    return closures


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The line number and the cells by column of each row."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from enumerate(csv.DictReader(file), 2)
