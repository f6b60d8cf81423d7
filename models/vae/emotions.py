# SPDX-License-Identifier: GPL-3.0-or-later
"""Emotions as faces, read from ``emotions.json``: each is a list of FACS action units.

The table is a data file that a rigger can read and add to, or replace by one of their own;
it names its sources.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ActionUnitError
from ..facs.action_units import code_weights, combined

Floats = NDArray[np.floating[Any]]

TABLE = Path(__file__).with_name("emotions.json")

# How often a unit comes that comes at times.
_AT_TIMES = 0.5


@dataclass(frozen=True)
class Emotion:
    """How an emotion shows.

    units: codes of the action units that belong to it. at_times: of such as may come with them.
    """

    units: tuple[str, ...]
    at_times: tuple[str, ...] = ()


def emotions(table: Path = TABLE) -> Mapping[str, Emotion]:
    """The emotions of the table by their names.

    Raises ActionUnitError if the file is damaged or a code in it names no unit.
    """
    return _read(table, table.stat().st_mtime_ns if table.is_file() else 0)


@functools.lru_cache(maxsize=8)
def _read(table: Path, _changed: int) -> Mapping[str, Emotion]:
    try:
        rows = json.loads(table.read_text(encoding="utf-8"))["emotions"]
        found = {
            str(name): Emotion(tuple(row["units"]), tuple(row.get("at_times", ())))
            for name, row in rows.items()
        }
        for emotion in found.values():
            for code in (*emotion.units, *emotion.at_times):
                code_weights(code)
    except ActionUnitError as problem:
        raise ActionUnitError(f"In the emotions of “{table}”: {problem}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ActionUnitError(
            f"“{table}” is not a table of emotions ({problem}); restore or correct the file."
        ) from None
    return MappingProxyType(found)


def blend(text: str, table: Path = TABLE) -> Mapping[str, float]:
    """The emotions that a text names, with their shares.

    text: a name, such as ``joy``, or several: ``joy+surprise`` in equal shares,
    ``joy:0.7+surprise:0.3`` in given ones. Shares that sum to more than 1 are made to sum to
    1; if they sum to less, the rest is calm.

    Raises ActionUnitError for an emotion that the table lacks, or a share outside 0–1.
    """
    known = emotions(table)
    shares: dict[str, float] = {}
    for part in text.replace(",", "+").split("+"):
        name, colon, share = (each.strip() for each in part.partition(":"))
        if name not in known:
            raise ActionUnitError(f"There is no emotion “{name}”; there are {', '.join(known)}.")
        try:
            shares[name] = float(share) if colon else 1.0
        except ValueError:
            shares[name] = -1.0
        if not 0 <= shares[name] <= 1:
            raise ActionUnitError(f"The share of “{name}” is a number from 0 to 1, not “{share}”.")
    total = max(sum(shares.values()), 1.0)
    return {name: share / total for name, share in shares.items()}


def emotion_weights(
    text: str, random: np.random.Generator | None = None, table: Path = TABLE
) -> Floats:
    """(52,) weights of the face that fully shows an emotion or a blend, see `blend`.

    random: adds some of the units that come with it at times; None: only its own.

    Raises ActionUnitError as `blend` does.
    """
    factors: dict[str, float] = {}
    for name, share in blend(text, table).items():
        emotion = emotions(table)[name]
        for code in emotion.units:
            factors[code] = max(factors.get(code, 0.0), share)
        if random is not None:
            for code in emotion.at_times:
                chance, strength = random.random(2)
                if chance < _AT_TIMES:
                    factors[code] = max(factors.get(code, 0.0), share * float(strength))
    return combined(factors)


def strength(text: str, table: Path = TABLE) -> float:
    """How much of a face a blend takes, 0–1: what is left is calm.

    Raises ActionUnitError as `blend` does.
    """
    known = emotions(table)
    return sum(share for name, share in blend(text, table).items() if known[name].units)
