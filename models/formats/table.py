# SPDX-License-Identifier: GPL-3.0-or-later
"""Large tables of numbers with named columns, read block by block from CSV text."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError

_BLOCK = 1 << 22
_LONGEST_HEADER = 1 << 16


@dataclass(frozen=True)
class Rows:
    """Some rows of a table.

    texts: for each column that is read as text its cells, "" where there is none.
    values: (rows, columns) float64; NaN where a cell is missing or empty.
    numbers: (rows,) the line of the file that each row stands on; the header is line 1.
    """

    texts: tuple[list[str], ...]
    values: NDArray[np.float64]
    numbers: NDArray[np.int64]


class Table:
    """An open table: its header has been read, its rows are yet to come."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self._name = name
        header = stream.readline(_LONGEST_HEADER)
        if not header.strip():
            raise FormatError(f"“{name}” has an empty first row where column names are due.")
        if len(header) == _LONGEST_HEADER:
            raise FormatError(f"“{name}” has no row of column names; choose a CSV.")
        self._delimiter = max(",;\t", key=header.count)
        cells = next(csv.reader([header], delimiter=self._delimiter))
        while cells and not cells[-1].strip():
            cells.pop()
        self._count = header.count(self._delimiter)
        self._names = tuple(cell.strip() for cell in cells)
        self._columns: dict[str, int] = {}
        for index, cell in enumerate(cells):
            column = _folded(cell)
            if column in self._columns:
                raise FormatError(f"“{name}” has two columns named “{cell.strip()}”; remove one.")
            self._columns[column] = index

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names as they are spelled in the file."""
        return self._names

    def has(self, column: str) -> bool:
        """True if there is such a column, in any spelling of case."""
        return _folded(column) in self._columns

    def blocks(self, texts: Sequence[str], columns: Sequence[str]) -> Iterator[Rows]:
        """The rows, some thousand at a time: some columns as text, others as numbers.

        Raises FormatError for a cell that is not a finite number, naming its row.
        """
        text_places = [self._columns[_folded(text)] for text in texts]
        places = [self._columns[_folded(column)] for column in columns]
        line = 2
        while True:
            try:
                lines = self._stream.readlines(_BLOCK)
            except UnicodeError:
                raise FormatError(
                    f"“{self._name}” is not text in UTF-8 after line {line}; "
                    "save it as CSV in UTF-8."
                ) from None
            if not lines:
                return
            rows = self._whole(lines, text_places, places, line)
            if rows is None:
                rows = self._with_care(lines, text_places, places, line)
            line += len(lines)
            if len(rows.numbers):
                yield rows

    def _whole(
        self, lines: list[str], text_places: list[int], places: list[int], line: int
    ) -> Rows | None:
        """Rows in which every cell is there and plain; None if some are not."""
        delimiter = self._delimiter
        if delimiter != "," or any(
            row.count(delimiter) != self._count or '"' in row for row in lines
        ):
            return None
        try:
            values = np.loadtxt(lines, delimiter=delimiter, usecols=places, ndmin=2, comments=None)
        except ValueError:
            return None
        if len(values) != len(lines) or not np.isfinite(values).all():
            return None
        texts = tuple(
            [row.split(delimiter, place + 1)[place].strip() for row in lines]
            for place in text_places
        )
        return Rows(texts, values, np.arange(line, line + len(lines)))

    def _with_care(
        self, lines: list[str], text_places: list[int], places: list[int], line: int
    ) -> Rows:
        """Rows read cell by cell: some may be short, quoted, empty or wrong."""
        texts: tuple[list[str], ...] = tuple([] for _ in text_places)
        values, numbers = [], []
        reader = csv.reader(lines, delimiter=self._delimiter)
        try:
            for cells in reader:
                number = line + reader.line_num - 1
                if not any(cell.strip() for cell in cells):
                    continue
                if any(cell.strip() for cell in cells[self._count + 1 :]):
                    raise FormatError(
                        f"“{self._name}”, row {number}: {len(cells)} cells where the first row "
                        f"names {self._count + 1}; save it with a point in decimal numbers."
                    )
                for column, place in zip(texts, text_places, strict=True):
                    column.append(cells[place].strip() if place < len(cells) else "")
                values.append(
                    [self._number(cells[i] if i < len(cells) else "", number) for i in places]
                )
                numbers.append(number)
        except csv.Error as error:
            raise FormatError(
                f"“{self._name}”, row {line + reader.line_num - 1} is not CSV ({error}); "
                "save it as CSV again."
            ) from None
        return Rows(
            texts, np.array(values, np.float64).reshape(-1, len(places)), np.array(numbers, int)
        )

    def _number(self, cell: str, number: int) -> float:
        text = cell.strip()
        if not text:
            return np.nan
        if self._delimiter != ",":
            text = text.replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            raise FormatError(
                f"“{self._name}”, row {number}: “{text[:30]}” is not a number; "
                "correct or remove that row."
            )
        return value


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Open a CSV: commas, semicolons or tabs; UTF-8 or UTF-16, with or without a mark.

    With semicolons or tabs a decimal comma is read as a point.
    Raises FormatError if the file cannot be opened, is empty or is not text.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(4096)
    except IsADirectoryError:
        raise FormatError(f"“{path.name}” is a folder; choose the CSV inside.") from None
    except OSError as error:
        raise FormatError(f"“{path}” cannot be read: {error.strerror}.") from None
    if not start.strip():
        raise FormatError(f"“{path.name}” is empty; choose a file that holds a recording.")
    encoding = "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in start:
        raise FormatError(f"“{path.name}” is not a text file; choose a CSV.")
    with path.open(encoding=encoding) as text:
        try:
            table = Table(text, path.name)
        except (UnicodeError, csv.Error):
            raise FormatError(
                f"“{path.name}” is not text in UTF-8; save it as CSV in UTF-8."
            ) from None
        yield table


def _folded(column: str) -> str:
    return column.strip().casefold()
