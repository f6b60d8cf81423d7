# SPDX-License-Identifier: GPL-3.0-or-later
"""How faces move from one expression to another: shapes and spans measured on real takes.

``transitions.json`` holds for each region the average course of a rise and of a fall, how
long they take, and the least and the most that each channel shows. It is written by
``benchmarks/transitions_of_takes.py`` from the takes that the networks are trained on.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS, REGIONS
from ..errors import TrainingError, WeightsError
from ..performance import Performance

Floats = NDArray[np.floating[Any]]

TABLE = Path(__file__).with_name("transitions.json")

POINTS = 11
"""Samples of a course, evenly spread over its time."""

# A movement counts from this change of weight on; smaller ones are tremble and drift.
_SMALLEST = 0.25
# It lasts as long as it is this share as fast as at its fastest: one stroke, without the slow
# creeping that may come before and after.
_STILL = 0.1
_LONGEST = 2.0
# Fewer frames than these have no course; fewer movements than these have no average.
_FRAMES = 6
_MOVEMENTS = 20


@dataclass(frozen=True, eq=False)
class Course:
    """How a movement goes, on average.

    share: (POINTS,) of the change that is done, from 0 to 1, at even steps of time.
    seconds: the 10th, 50th and 90th percentile of how long it takes.
    count: movements that were measured.
    """

    share: Floats
    seconds: tuple[float, float, float]
    count: int

    def at(self, moments: Floats) -> Floats:
        """The share done at moments 0–1, the same shape: smooth, monotone, at rest at both ends.

        A cubic through the samples with the slopes of F. N. Fritsch and J. Butland, "A method
        for constructing local monotone piecewise cubic interpolants", SIAM Journal on
        Scientific and Statistical Computing 5, 1984.
        """
        places = np.clip(np.asarray(moments, np.float64), 0, 1) * (POINTS - 1)
        start = np.minimum(places.astype(int), POINTS - 2)
        steps = np.diff(self.share)
        slopes = np.zeros(POINTS)
        both = steps[:-1] * steps[1:] > 0
        slopes[1:-1][both] = 2 * (steps[:-1] * steps[1:])[both] / (steps[:-1] + steps[1:])[both]
        t = places - start
        rest = 1 - t
        value = (
            self.share[start] * (1 + 2 * t) * rest**2
            + self.share[start + 1] * (3 - 2 * t) * t**2
            + slopes[start] * t * rest**2
            - slopes[start + 1] * rest * t**2
        )
        return np.asarray(value)


@dataclass(frozen=True, eq=False)
class Transitions:
    """Courses of rises and falls by region, and the range of each channel.

    rise, fall: for each name in `arkit.REGIONS` whose channels move enough in the takes.
    lowest, highest: (52,) the least and the most that the takes show of each channel.
    """

    rise: Mapping[str, Course]
    fall: Mapping[str, Course]
    lowest: Floats
    highest: Floats

    def course(self, region: str, rising: bool) -> Course:
        """The course of a region's movement; that of the mouth where a region has none."""
        courses = self.rise if rising else self.fall
        return courses.get(region, courses["mouth"])


def transitions(table: Path = TABLE) -> Transitions:
    """What was measured. Raises WeightsError if the file is missing or damaged."""
    return _read(table, table.stat().st_mtime_ns if table.is_file() else 0)


@functools.lru_cache(maxsize=4)
def _read(table: Path, _changed: int) -> Transitions:
    try:
        content = json.loads(table.read_text(encoding="utf-8"))
        rise, fall = (
            MappingProxyType({name: _course(row) for name, row in content[kind].items()})
            for kind in ("rise", "fall")
        )
        lowest, highest = (
            np.array([content["range"][name][place] for name in CHANNELS], np.float32)
            for place in (0, 1)
        )
        if "mouth" not in rise or "mouth" not in fall:
            raise KeyError("mouth")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise WeightsError(
            f"“{table}” does not hold courses of movements ({problem}); restore the file."
        ) from None
    return Transitions(rise, fall, lowest, highest)


def _course(row: Mapping[str, Any]) -> Course:
    share = np.array(row["share"], np.float64)
    if share.shape != (POINTS,) or not np.all(np.isfinite(share)):
        raise ValueError("a course has another number of samples")
    low, middle, high = (float(value) for value in row["seconds"])
    return Course(share, (low, middle, high), int(row["count"]))


def measured(takes: Iterable[Performance]) -> dict[str, Any]:
    """What ``transitions.json`` holds of these takes, ready for JSON.

    Raises TrainingError if no take moves the mouth.
    """
    found: dict[tuple[str, str], list[tuple[float, Floats]]] = {}
    lowest, highest = np.ones(len(CHANNELS)), np.zeros(len(CHANNELS))
    for take in takes:
        for region, names in REGIONS.items():
            for name in names:
                if name not in take.channels:
                    continue
                values = np.clip(take.channel(name), 0, 1).astype(np.float64)
                place = CHANNELS.index(name)
                lowest[place] = min(lowest[place], values.min())
                highest[place] = max(highest[place], values.max())
                # Lids and gaze jump in ways of their own: see `life.json`.
                if not name.startswith(("eyeBlink", "eyeLook")):
                    for kind, seconds, share in _movements(take.times, values):
                        found.setdefault((kind, region), []).append((seconds, share))
    if ("rise", "mouth") not in found or ("fall", "mouth") not in found:
        raise TrainingError("These takes move the mouth too little to measure how faces move.")
    result: dict[str, Any] = {"rise": {}, "fall": {}}
    for (kind, region), movements in sorted(found.items()):
        if len(movements) < _MOVEMENTS and region != "mouth":
            continue
        course = np.mean([each for _, each in movements], axis=0)
        lasting = np.percentile([each for each, _ in movements], [10, 50, 90])
        result[kind][region] = {
            "count": len(movements),
            "seconds": [round(float(value), 3) for value in lasting],
            "share": [round(float(value), 4) for value in course],
        }
    result["range"] = {
        name: [round(float(low), 4), round(float(high), 4)]
        for name, low, high in zip(CHANNELS, lowest, highest, strict=True)
    }
    return result


def _movements(times: Floats, values: Floats) -> list[tuple[str, float, Floats]]:
    """Each large movement of one channel: rise or fall, its seconds, (POINTS,) share done."""
    result = []
    turns = _turns(values)
    for start, end in itertools.pairwise(turns):
        part, moments = values[start : end + 1], times[start : end + 1]
        change = part[-1] - part[0]
        speed = np.diff(part) / np.diff(moments) * np.sign(change)
        fastest = int(np.argmax(speed))
        slow = np.flatnonzero(speed < _STILL * speed[fastest])
        first = int(slow[slow < fastest].max(initial=-1)) + 1
        last = int(slow[slow > fastest].min(initial=len(speed)))
        done = abs(part[last] - part[first])
        seconds = float(moments[last] - moments[first])
        if last - first < _FRAMES or seconds > _LONGEST or done < _SMALLEST:
            continue
        at = np.linspace(moments[first], moments[last], POINTS)
        share = (np.interp(at, moments, part) - part[first]) / (part[last] - part[first])
        result.append(("rise" if change > 0 else "fall", seconds, np.clip(share, 0, 1)))
    return result


def _turns(values: Floats) -> list[int]:
    """Frames at which a channel turns, a change of at least `_SMALLEST` apart."""
    turns: list[int] = []
    low = high = 0
    rising: bool | None = None
    for place, value in enumerate(values):
        low = place if value < values[low] else low
        high = place if value > values[high] else high
        if rising is not False and values[high] - value >= _SMALLEST:
            turns.append(high)
            rising, low = False, place
        elif rising is not True and value - values[low] >= _SMALLEST:
            turns.append(low)
            rising, high = True, place
    if rising is not None:
        turns.append(high if rising else low)
    return turns
