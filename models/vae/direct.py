# SPDX-License-Identifier: GPL-3.0-or-later
"""A take moved toward an emotion, as far as one likes, with its words kept readable.

The emotion's action units say where to go; the expression model says how faces get there. A
face with the units simply added is one that nobody makes: encoded, it becomes the nearest
face that somebody does, and what changes between the latents of the two is what is added.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS, REGIONS, mirrored
from ..errors import SamplingError
from ..facs import action_units
from ..performance import Performance
from . import emotions
from .emotions import emotion_weights, strength
from .frames import GAZE, changed, columns, frames_of
from .lips import readable, speaks, widening, with_closed_lids
from .plausible import drawn_in
from .runtime import ExpressionModel
from .vary import decoded

Floats = NDArray[np.floating[Any]]

# Steps on the way through the latents, so that the way to half of an emotion is one that
# faces take, and not half of the way to all of it.
_STEPS = 4
# From so far, in units of latents, a whole emotion is drawn in to what recordings show. More
# makes it more usual and less itself; chosen by what benchmarks/table4_direct.py measures.
_DEVIATION = 0.25
# Of each of an emotion's action units at least this share shows, though recordings of others
# never show it together with the rest.
_AT_LEAST = 0.5
# Of what a unit of one side changes on the other, this share is left.
_ACROSS = 0.3
_OTHER_SIDE = np.array([CHANNELS.index(mirrored(name)) for name in CHANNELS])
# What an emotion changes comes and goes more slowly than what the face does meanwhile.
_SECONDS = 0.2
# Channels that express rather than speak: those of an emotion that is not meant yield to the
# one that is by this share, and to calm by that one.
_EXPRESSING = columns(
    [
        name
        for name in CHANNELS
        if name in {*REGIONS["brows"], *REGIONS["cheeks"], *REGIONS["nose"]}
        or name.startswith(("eyeWide", "eyeSquint", "mouthSmile", "mouthFrown", "mouthDimple"))
    ]
)
_YIELDS, _CALMED = 0.5, 1.0


def direct(
    performance: Performance,
    emotion: str = "joy",
    intensity: float = 0.5,
    speech: bool = True,
    model: ExpressionModel | None = None,
) -> Performance:
    """The performance as someone would give it who feels so.

    emotion: a name in ``emotions.json``, or a blend such as ``joy:0.7+surprise:0.3``.
    intensity: 0 gives the performance itself, 1 the whole emotion; what is between changes
    every channel evenly in one direction. speech: keep the course of the mouth's opening
    (jawOpen − mouthClose) and every closure of the lips; it has no effect where the mouth
    does not open and close. Gaze, head and shut eyes stay. model: None loads Mien's own.

    Raises ActionUnitError for an unknown emotion, SamplingError for an intensity outside 0–1,
    PerformanceError if no channel is ARKit's.
    """
    if not (np.isfinite(intensity) and 0 <= intensity <= 1):
        raise SamplingError(f"The intensity lies between 0 and 1; it is {intensity}.")
    goal, felt = emotion_weights(emotion), strength(emotion)
    frames = frames_of(performance)
    if intensity == 0:
        return performance
    model = model or ExpressionModel()
    change, whole = toward(np.clip(frames, 0, 1), performance.times, goal, felt, intensity, model)
    change = with_closed_lids(frames, change)
    if speech and speaks(frames):
        wider = intensity * widening(frames, whole)
        change = readable(frames, change, wider, performance.times)
    return changed(performance, change)


def fingerprint() -> str:
    """What `direct` depends on besides its input and the model: the emotions."""
    result = hashlib.sha256()
    for table in (emotions.TABLE, action_units.TABLE):
        result.update(table.read_bytes())
    return result.hexdigest()


def directed_expression(emotion: str, intensity: float, model: ExpressionModel) -> Floats:
    """(52,) the face at rest, moved toward an emotion.

    Raises as `direct` does.
    """
    rest = Performance(np.zeros((1, len(CHANNELS))), np.zeros(1))
    return np.array(direct(rest, emotion, intensity, speech=False, model=model).weights[0])


def toward(
    frames: Floats,
    times: Floats,
    goal: Floats,
    felt: float,
    intensity: float,
    model: ExpressionModel,
    deviation: float = _DEVIATION,
) -> tuple[Floats, Floats]:
    """(frames, 52) what moves faces toward a goal, to be added to them, and all of the way.

    frames: (frames, 52) at `times`, in [0, 1]. goal: (52,) weights of the emotion's action
    units. felt: 0–1 how much of the face the
    emotion takes; what the rest of it expresses subsides. Each channel moves in one direction
    as the intensity, 0–1, grows. Where the eyes look stays. deviation: from how far the
    result is drawn in to what recordings show.
    """
    at, whole = way(frames, times, goal, felt, model, intensity, deviation)
    return along_way(at, intensity), whole


def way(
    frames: Floats,
    times: Floats,
    goal: Floats,
    felt: float,
    model: ExpressionModel,
    intensity: float = 1.0,
    deviation: float = _DEVIATION,
) -> tuple[list[Floats], Floats]:
    """What `toward` adds at equal steps of the intensity from 0 on, and all of the way.

    The steps go at least as far as the intensity; `along_way` says what lies between.
    """
    start, _ = model.encode(frames)
    aimed = frames.copy()
    aimed[:, _EXPRESSING] *= 1 - _CALMED + felt * (_CALMED - _YIELDS)
    end, _ = model.encode(np.maximum(aimed, goal))
    before = decoded(model, start)

    def changed_by(share: float) -> Floats:
        latents = start + share * (end - start)
        after = decoded(model, drawn_in(model.prior, latents, share * deviation))
        # What the model shows too little of an emotion's own units is made up for in part.
        change = after - before
        lacking = share * _AT_LEAST * np.maximum(goal - frames, 0) - change
        change = change + np.maximum(lacking, 0) * (goal > 0)
        # A unit of one side stays on it, though the model knows mostly faces alike on both.
        across = (goal[_OTHER_SIDE] > goal) & (change > 0)
        return _slow(np.where(across, _ACROSS * change, change), times)

    whole = changed_by(1.0)
    whole[:, GAZE] = 0
    low, high = np.minimum(whole, 0), np.maximum(whole, 0)
    at = [np.zeros_like(whole)]
    for share in np.linspace(0, 1, _STEPS + 1)[1 : int(np.ceil(intensity * _STEPS)) + 1]:
        # No further than the end, and never back.
        step = whole if share == 1 else np.clip(changed_by(float(share)), low, high)
        at.append(np.where(whole > 0, np.maximum(step, at[-1]), np.minimum(step, at[-1])))
    return at, whole


def along_way(at: list[Floats], intensity: float) -> Floats:
    """(frames, 52) what an intensity, 0–1, adds on a way, see `way`."""
    after = int(np.ceil(intensity * _STEPS))
    if after == 0:
        return at[0]
    part = intensity * _STEPS - (after - 1)
    return np.asarray(at[after - 1] + part * (at[after] - at[after - 1]))


def _slow(change: Floats, times: Floats) -> Floats:
    """(frames, 52) the change without what comes and goes within `_SECONDS`."""
    if len(times) < 3:
        return change
    step = float(np.median(np.diff(times)))
    reach = max(round(3 * _SECONDS / step), 1)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / _SECONDS) ** 2)
    bell /= bell.sum()
    padded = np.pad(change, ((reach, reach), (0, 0)), mode="edge")
    slow = [np.convolve(column, bell, mode="valid") for column in padded.T]
    return np.stack(slow, axis=1)
