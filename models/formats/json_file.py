# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON files: what every reader of them needs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from .text import first_part, read_text

Floats = NDArray[np.floating[Any]]


def looks_like_json(path: Path) -> bool:
    """True if the file is text that begins as a JSON object or list does."""
    return first_part(path, 4096).lstrip()[:1] in ("{", "[")


def read_json(path: Path) -> Any:
    """What the file holds. Raises FormatError, naming file and line, if it is no JSON.

    NaN and infinity, which Python would read, are none.
    """
    text = read_text(path)

    def refuse(constant: str) -> float:
        line = text.count("\n", 0, max(text.find(constant), 0)) + 1
        raise FormatError(
            f"“{path.name}”, line {line}: “{constant}” is not a number; correct or remove it."
        )

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise FormatError(
            f"“{path.name}”, line {error.lineno} is not JSON ({error.msg}): the file is cut "
            "short or damaged; export it again."
        ) from None
    except (RecursionError, ValueError):
        raise FormatError(f"“{path.name}” is not JSON that can be read; export it again.") from None


def number(value: Any, name: str, place: str) -> float:
    """A finite number. Raises FormatError, naming file and place, if the value is none."""
    if not isinstance(value, bool) and isinstance(value, (int, float)):
        try:
            if math.isfinite(value):
                return float(value)
        except OverflowError:
            pass
    raise FormatError(f"“{name}”, {place}: “{str(value)[:30]}” is not a number; correct it.")


def matrix(rows: Sequence[Any], width: int, name: str, place: str) -> Floats:
    """(rows, width) float64. place: what a row is called, such as “frame”; the first is 1.

    Raises FormatError, naming file and row, for a row of another length or other than numbers.
    """
    for index, row in enumerate(rows, start=1):
        if not isinstance(row, list) or len(row) != width:
            count = len(row) if isinstance(row, list) else "no"
            raise FormatError(
                f"“{name}”, {place} {index} has {count} values where {width} are due; "
                "export it again."
            )
        # One by one only where something is wrong: a long take has millions of values.
        if not set(map(type, row)) <= {int, float} or not all(
            -1e300 < each < 1e300 for each in row
        ):
            for each in row:
                number(each, name, f"{place} {index}")
    return np.array(rows, np.float64).reshape(len(rows), width)


def texts(value: Any, name: str, what: str) -> list[str]:
    """A list of names. Raises FormatError, naming file and list, if it is none."""
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise FormatError(f"“{name}”: “{what}” is not a list of names; export it again.")
    return [str(each) for each in value]
