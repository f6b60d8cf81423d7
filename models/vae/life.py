# SPDX-License-Identifier: GPL-3.0-or-later
"""What a living face does by itself: it blinks, looks about, breathes and nods.

Numbers and their sources are in ``life.json``. Everything is a function of time on a line, or
on a circle, so that the end meets the beginning.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import WeightsError

Floats = NDArray[np.floating[Any]]
Numbers = Mapping[str, Any]

TABLE = Path(__file__).with_name("life.json")


@dataclass(frozen=True)
class Moments:
    """The moments at which a motion is wanted.

    times: (frames,) seconds from 0 on. period: seconds after which everything comes again;
    None: never.
    """

    times: Floats
    period: float | None

    @property
    def length(self) -> float:
        """Seconds in which things may happen."""
        return self.period or float(self.times[-1]) + 1.0

    def since(self, moment: float) -> Floats:
        """(frames,) seconds since a moment; on a circle since it last came by."""
        passed = self.times - moment
        return np.asarray(passed % self.period if self.period else passed)


@dataclass(frozen=True)
class Saccade:
    """A jump of the gaze: when, and from where to where: (2,) yaw and pitch in radians."""

    moment: float
    start: Floats
    end: Floats

    @property
    def degrees(self) -> float:
        """How far."""
        return float(np.degrees(np.linalg.norm(self.end - self.start)))


def life(table: Path = TABLE) -> Mapping[str, Numbers]:
    """The numbers of ``life.json``. Raises WeightsError if the file is missing or damaged."""
    return _read(table, table.stat().st_mtime_ns if table.is_file() else 0)


@functools.lru_cache(maxsize=4)
def _read(table: Path, _changed: int) -> Mapping[str, Numbers]:
    wanted = {"blinks", "blink", "gaze", "saccade", "lids", "breath", "nods"}
    try:
        content: dict[str, Numbers] = json.loads(table.read_text(encoding="utf-8"))
        missing = wanted - set(content)
    except (OSError, ValueError, TypeError) as problem:
        raise WeightsError(f"“{table}” cannot be read ({problem}); restore the file.") from None
    if missing:
        raise WeightsError(f"“{table}” lacks {', '.join(sorted(missing))}; restore the file.")
    return content


def saccades(moments: Moments, random: np.random.Generator) -> list[Saccade]:
    """Where someone looks who listens: from eye to eye to mouth of the other, at times away.

    On a circle the last one leads back to where the first one started.
    """
    of = life()["gaze"]
    result: list[Saccade] = []
    at = start = _on_face(of, random)
    moment = float(random.uniform(0.2, 1.0) * of["seconds_a_look"])
    leave = _normal(of["seconds_on_face"], of["spread_on_face"], 1.0, random)
    while moment < moments.length - 0.3:
        if moment >= leave:
            target = at + _glance(of, random)
            stay = _normal(of["seconds_away"], of["spread_away"], 0.15, random)
            # From somewhere else gaze always comes back to the face.
            result.append(Saccade(moment, at, target))
            at, moment = target, moment + stay
            back = _on_face(of, random)
            leave = moment + _normal(of["seconds_on_face"], of["spread_on_face"], 1.0, random)
        else:
            back = _on_face(of, random)
        result.append(Saccade(moment, at, back))
        at = back
        spread = of["look_spread"]
        moment += float(of["seconds_a_look"] * random.lognormal(-(spread**2) / 2, spread))
    if moments.period and result:
        result[-1] = Saccade(result[-1].moment, result[-1].start, start)
    return result


def gaze(moments: Moments, jumps: list[Saccade]) -> Floats:
    """(frames, 2) yaw and pitch of both eyes, radians; the subject's left and down positive."""
    of = life()["saccade"]
    first = jumps[0].start if jumps else np.zeros(2)
    result = np.tile(first, (len(moments.times), 1))
    for jump in jumps:
        seconds = of["seconds"] + of["seconds_a_degree"] * jump.degrees
        # On a circle the jumps add up to nothing, so counting from its start is enough.
        share = np.clip((moments.times - jump.moment) / seconds, 0, 1)
        result += _eased(share)[:, None] * (jump.end - jump.start)
    return result


def blinks(
    moments: Moments, jumps: list[Saccade], random: np.random.Generator
) -> list[tuple[float, float]]:
    """When each blink begins, and how many seconds it takes.

    Gaps between blinks are log-normal; a blink that is near to a large jump of the gaze
    begins together with it.
    """
    of, one = life()["blinks"], life()["blink"]
    spread = of["gap_spread"]
    gap = 60 / of["per_minute"]
    result: list[tuple[float, float]] = []
    moment = float(random.uniform(0.2, 0.9) * gap)
    large = [j.moment for j in jumps if j.degrees >= life()["saccade"]["degrees_with_blink"]]
    end = moments.length - (of["shortest_gap"] if moments.period else 0.0)
    while moment < end:
        earliest = result[-1][0] + of["shortest_gap"] if result else 0.0
        near = [each for each in large if abs(each - moment) < gap / 3 and each >= earliest]
        start = near[0] if near else moment
        seconds = float(one["seconds"] * random.lognormal(0, one["spread"]))
        result.append((start, float(np.clip(seconds, one["shortest"], one["longest"]))))
        drawn = float(gap * random.lognormal(-(spread**2) / 2, spread))
        moment = start + float(np.clip(drawn, of["shortest_gap"], of["longest_gap"]))
    return result


def closed_by(moments: Moments, each: list[tuple[float, float]]) -> Floats:
    """(frames,) how far blinks close the lids: 0 open, 1 shut.

    A lid falls fast, rests for a moment and rises ever more slowly. A camera may miss the
    moment, a character must not: where frames are far apart, the nearest shows it shut.
    """
    of = life()["blink"]
    result = np.zeros(len(moments.times))
    for start, seconds in each:
        share = moments.since(start) / seconds
        closing = _eased(np.clip(share / of["closing"], 0, 1))
        rising = np.clip(
            (share - of["closing"] - of["shut"]) / (1 - of["closing"] - of["shut"]), 0, 1
        )
        lid = np.where((share >= 0) & (share <= 1), closing * (1 - _eased(rising**0.75)), 0)
        shut = np.abs(share - of["closing"] - of["shut"] / 2)
        nearest = int(np.argmin(shut))
        if shut[nearest] < 0.25:
            lid[nearest] = 1.0
        result = np.maximum(result, lid)
    return result


def breath(moments: Moments, random: np.random.Generator) -> Floats:
    """(frames,) the course of breathing, −1 to 1."""
    of = life()["breath"]
    cycles = moments.length * of["per_minute"] / 60
    if moments.period:
        cycles = max(round(cycles), 1)
    phase = 2 * np.pi * (moments.times * cycles / moments.length + random.uniform())
    # Out takes longer than in.
    return np.asarray(np.sin(phase + 0.35 * np.sin(phase)))


def nods(moments: Moments, random: np.random.Generator) -> Floats:
    """(frames,) radians of nodding, down positive: now and then one to three slow cycles."""
    of = life()["nods"]
    result = np.zeros(len(moments.times))
    moment = float(random.uniform(0.3, 1.2) * 60 / of["per_minute"])
    while moment < moments.length - 4 * of["seconds_a_cycle"]:
        cycles = int(random.integers(1, 4))
        share = moments.since(moment) / (cycles * of["seconds_a_cycle"])
        size = np.radians(of["degrees"]) * random.uniform(0.5, 1.1)
        inside = (share >= 0) & (share <= 1)
        # Each cycle is smaller than the one before.
        course = np.sin(np.pi * cycles * share) ** 2 * (1 - 0.5 * share)
        result += np.where(inside, size * course, 0)
        moment += float(random.uniform(0.5, 1.5) * 60 / of["per_minute"])
    return result


def drift(moments: Moments, columns: int, seconds: float, random: np.random.Generator) -> Floats:
    """(frames, columns) smooth noise of variance 1 that turns within about so many seconds."""
    # Knots on a line or a circle, each weighed by a bell around it.
    step = seconds / 2
    count = max(round(moments.length / step), 1)
    step = moments.length / count
    values = random.standard_normal((count, columns))
    result = np.zeros((len(moments.times), columns))
    power = np.zeros((len(moments.times), 1))
    reach = range(-3, 4)
    place = moments.times / step
    nearest = np.rint(place).astype(int)
    for offset in reach:
        knot = nearest + offset
        share = np.exp(-0.5 * (place - knot) ** 2)[:, None]
        result += share * values[knot % count]
        power += share**2
    return np.asarray(result / np.sqrt(power))


def _on_face(of: Numbers, random: np.random.Generator) -> Floats:
    """One of the other's eyes or the mouth: (2,) radians."""
    yaw, pitch = np.radians(of["face_yaw"]), np.radians(of["face_pitch"])
    places = np.array([[yaw, -pitch / 2], [-yaw, -pitch / 2], [0, pitch]])
    return np.asarray(places[random.integers(3)] + random.normal(0, np.radians(0.4), 2))


def _glance(of: Numbers, random: np.random.Generator) -> Floats:
    """How far and where to a glance away goes: (2,) radians."""
    size = -of["magnitude_scale"] * np.log(random.uniform(0.5, 15) / of["magnitude_most"])
    angles = [float(angle) for angle in of["directions"]]
    shares = np.array(list(of["directions"].values()))
    angle = np.radians(random.choice(angles, p=shares / shares.sum()))
    size = np.radians(min(size, of["largest"]))
    # Directions count from the subject's left, upward: up is a negative pitch.
    return np.asarray(size * np.array([np.cos(angle), -np.sin(angle)]))


def _normal(middle: float, spread: float, least: float, random: np.random.Generator) -> float:
    return max(float(random.normal(middle, spread)), least)


def _eased(share: Floats) -> Floats:
    """0 to 1 with rest at both ends: a raised cosine."""
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * share))
