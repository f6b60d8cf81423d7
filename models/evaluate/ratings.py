# SPDX-License-Identifier: GPL-3.0-or-later
"""A sheet for viewers: pairs of clips in random order to choose from, and its summary."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..formats import atomic

COLUMNS = ("trial", "clip", "left", "right", "more natural (left, right, same)")
_ANSWER = COLUMNS[-1]


@dataclass(frozen=True)
class Preference:
    """How often a way was preferred over another.

    preferred, other, undecided: answers. share: preferred / (preferred + other), 0.5 if
    there are none. low, high: its 95 % interval (E. Wilson, 1927).
    """

    preferred: int
    other: int
    undecided: int
    share: float
    low: float
    high: float


def write_sheet(path: Path, clips: Mapping[str, Mapping[str, str]], seed: int) -> None:
    """Write a CSV to fill in: each clip's ways two by two, sides and order at random.

    clips: for each clip the file to show for each way, by the way's name. The sheet names
    files only, so that a viewer does not know the ways unless the files' names say so.

    Raises FormatError if the file is there already or no clip has two ways.
    """
    random = np.random.default_rng(seed)
    rows = []
    for clip, ways in clips.items():
        names = list(ways)
        for index, one in enumerate(names):
            for other in names[index + 1 :]:
                left, right = (one, other) if random.random() < 0.5 else (other, one)
                rows.append((clip, ways[left], ways[right]))
    if not rows:
        raise FormatError("A sheet for ratings needs a clip with two ways to compare.")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for trial, index in enumerate(random.permutation(len(rows)), 1):
        writer.writerow([trial, *rows[index], ""])
    with atomic.file(path) as stream:
        stream.write(text.getvalue().encode())


def summarise(
    paths: Iterable[Path], clips: Mapping[str, Mapping[str, str]], way: str, over: str
) -> Preference:
    """How often `way` was found more natural than `over`, over all filled sheets.

    Raises FormatError for a sheet with other columns or an answer it does not know.
    """
    counts = {"preferred": 0, "other": 0, "undecided": 0}
    for path in paths:
        for number, row in enumerate(_rows(path), 2):
            files = clips.get(row["clip"], {})
            sides = {files.get(way): "preferred", files.get(over): "other"}
            if {row["left"], row["right"]} != set(sides):
                continue
            answer = row[_ANSWER].strip().casefold()
            if answer == "same":
                counts["undecided"] += 1
            elif answer in ("left", "right"):
                counts[sides[row[answer]]] += 1
            elif answer:
                raise FormatError(
                    f"“{path.name}”, row {number}: “{answer}” is no answer; "
                    "write left, right or same."
                )
    return _preference(**counts)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows = list(reader)
    except (OSError, UnicodeDecodeError) as problem:
        raise FormatError(f"The sheet “{path}” cannot be read: {problem}") from None
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise FormatError(f"“{path.name}” is no sheet for ratings; its columns differ.")
    return rows


def _preference(preferred: int, other: int, undecided: int) -> Preference:
    total = preferred + other
    if not total:
        return Preference(0, 0, undecided, 0.5, 0.0, 1.0)
    z = 1.96
    share = preferred / total
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    reach = z / (1 + z**2 / total) * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    return Preference(
        preferred, other, undecided, share, float(middle - reach), float(middle + reach)
    )
