# SPDX-License-Identifier: GPL-3.0-or-later
"""FACS action units as weights of ARKit's channels, read from ``action_units.json``.

A code names a unit as FACS scores it: ``12`` the lip corner puller, ``L12`` on the
subject's left alone, ``R14A`` the right dimpler at its weakest. Intensities A to E are
trace, slight, marked, severe and maximum; as weights they are spread evenly over 0–1.

The table is a data file that a rigger can read and add to; it names its sources.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arkit import CHANNELS
from ..errors import ActionUnitError

Floats = NDArray[np.floating[Any]]

TABLE = Path(__file__).with_name("action_units.json")

# FACS scores intensity in five letters; here the share of the strongest.
INTENSITIES: Mapping[str, float] = MappingProxyType(
    {"A": 0.2, "B": 0.4, "C": 0.6, "D": 0.8, "E": 1.0}
)

_CODE = re.compile(r"(?P<side>[LR]?)(?P<number>\d+)(?P<intensity>[A-E]?)", re.ASCII)
_SIDES = {"L": "Left", "R": "Right"}


@dataclass(frozen=True)
class ActionUnit:
    """One unit of FACS.

    number, name, muscle: as the manual has them.
    channels: the weight of each channel that shows it at its strongest, in ARKit's names.
    approximate: why no channel shows it exactly, "" if one does.
    needs_side: whether it can only be shown by one side, as the jaw's way to the left.
    """

    number: int
    name: str
    muscle: str
    channels: Mapping[str, float]
    approximate: str = ""
    needs_side: bool = False


def action_units(table: Path = TABLE) -> Mapping[int, ActionUnit]:
    """Every unit of the table by its number.

    Raises ActionUnitError if the file is damaged or names a channel that ARKit lacks.
    """
    return _read(table, table.stat().st_mtime_ns if table.is_file() else 0)


@functools.lru_cache(maxsize=8)
def _read(table: Path, _changed: int) -> Mapping[int, ActionUnit]:
    try:
        rows = json.loads(table.read_text(encoding="utf-8"))["units"]
        units = {int(number): _unit(int(number), row) for number, row in rows.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ActionUnitError(
            f"“{table}” is not a table of action units ({problem}); restore the file."
        ) from None
    return MappingProxyType(units)


def _unit(number: int, row: Mapping[str, Any]) -> ActionUnit:
    channels: dict[str, float] = {}
    for stem, weight in row["channels"].items():
        for name in with_sides(stem):
            channels[name] = float(weight)
    return ActionUnit(
        number,
        row["name"],
        row["muscle"],
        MappingProxyType(channels),
        row.get("approximate", ""),
        row.get("needs_side", False),
    )


def with_sides(stem: str) -> tuple[str, ...]:
    """The channels that a name stands for: itself, or both sides of it.

    Raises ValueError if ARKit has no such channel.
    """
    if stem in CHANNELS:
        return (stem,)
    both = (stem + "Left", stem + "Right")
    if not set(both) <= set(CHANNELS):
        raise ValueError(f"ARKit has no channel “{stem}”")
    return both


def code_weights(code: str) -> Mapping[str, float]:
    """The channels that a code such as ``12``, ``L12`` or ``R14A`` moves, with weights 0–1.

    Raises ActionUnitError if it is no code, its unit is not in the table, it asks for one side
    of a unit that has none, or for both of one that needs one.
    """
    parts = _CODE.fullmatch(code.strip())
    if parts is None:
        raise ActionUnitError(
            f"“{code}” is no action unit; write a number, with L or R before it for one side "
            "and A to E after it for its strength, such as 12, L12 or R14A."
        )
    units = action_units()
    number = int(parts["number"])
    if number not in units:
        known = ", ".join(str(each) for each in units)
        raise ActionUnitError(f"There is no action unit {number} in the table; it has {known}.")
    channels = dict(units[number].channels)
    if units[number].needs_side and not parts["side"]:
        raise ActionUnitError(f"Action unit {number} needs a side: L{number} or R{number}.")
    if parts["side"]:
        channels = {
            name: weight
            for name, weight in channels.items()
            if name.endswith(_SIDES[parts["side"]])
        }
        if not channels:
            raise ActionUnitError(f"Action unit {number} has no sides; write it without L or R.")
    strength = INTENSITIES[parts["intensity"] or "E"]
    return {name: weight * strength for name, weight in channels.items()}


def combined(units: Mapping[str, float]) -> Floats:
    """(52,) weights of units shown together, in the order of `arkit.CHANNELS`.

    units: for each code a factor 0–1 on it. Where two units move one channel, the stronger
    counts: a jaw that drops for two reasons drops once.

    Raises ActionUnitError for what is no code, or a factor outside 0–1.
    """
    result = np.zeros(len(CHANNELS), np.float32)
    for code, factor in units.items():
        if not 0 <= factor <= 1:
            raise ActionUnitError(
                f"The strength of action unit {code} lies between 0 and 1; it is {factor}."
            )
        for name, weight in code_weights(code).items():
            place = CHANNELS.index(name)
            result[place] = max(result[place], factor * weight)
    return result


def weights_over_time(intensities: Mapping[int, ArrayLike]) -> Floats:
    """(frames, 52) weights of recorded units, such as OpenFace's or py-feat's columns.

    intensities: for each number (frames,) values in 0–1, where 1 is the strongest (OpenFace
    writes 0–5: divide by 5); values outside are limited, and NaN, where nothing was seen,
    counts as 0. Units that the table lacks, or that need a side, are left out. Where two units
    move one channel, the stronger counts.

    Raises ActionUnitError if columns differ in length, are not numbers, or there is none.
    """
    try:
        columns = {
            number: np.clip(np.nan_to_num(np.asarray(values, np.float32)), 0, 1)
            for number, values in intensities.items()
        }
    except (TypeError, ValueError):
        raise ActionUnitError("The intensities of action units are not numbers.") from None
    shapes = {column.shape for column in columns.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise ActionUnitError("Action units over time need columns of one length.")
    units = action_units()
    result = np.zeros((*next(iter(shapes)), len(CHANNELS)), np.float32)
    for number, column in columns.items():
        if number not in units or units[number].needs_side:
            continue
        for name, weight in units[number].channels.items():
            place = CHANNELS.index(name)
            np.maximum(result[:, place], weight * column, out=result[:, place])
    return result
