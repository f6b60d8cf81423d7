# SPDX-License-Identifier: GPL-3.0-or-later
"""Minutes of listening, breathing life for a character that has nothing else to do.

Lids, gaze, breath and nods follow what is published of them (`life`); what passes over brows
and mouth comes from the expression model, near the face at rest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS, EYE_LOOK_DOWN, EYE_LOOK_SIDEWAYS, EYE_LOOK_UP, REGIONS
from ..errors import SamplingError
from ..performance import Performance, Source
from ..rotation import from_yaw_pitch_roll
from .direct import directed_expression
from .frames import BLINK, JAW_OPEN, MOUTH_CLOSE, columns
from .life import Moments, blinks, breath, closed_by, drift, gaze, life, nods, saccades
from .lips import PARTING
from .runtime import ExpressionModel
from .transitions import transitions
from .vary import decoded, spread_around

Floats = NDArray[np.floating[Any]]

LONGEST = 3600.0

# How far brows and mouth drift, in standard deviations of how recordings vary around rest,
# and within how many seconds they turn.
_DRIFT, _SECONDS_OF_DRIFT = 0.35, 3.0
# Thoughts that pass over the face: seconds between them, how strongly they show.
_SECONDS_BETWEEN, _STRENGTH = (5.0, 14.0), (0.12, 0.35)
_SECONDS_HELD = (0.4, 2.5)
_LIPS_PART_BY = 0.3
# The head follows the gaze by this share within so many seconds, and wanders by radians.
_HEAD_SHARE, _SECONDS_OF_HEAD = 0.25, 0.35
_HEAD_DRIFT, _SECONDS_OF_HEAD_DRIFT = np.radians((1.2, 0.8, 0.6)), 5.0
_METRES_FROM_CAMERA = 0.6

_WIDE = columns(("eyeWideLeft", "eyeWideRight"))
_MOVED = columns(
    [
        name
        for name in CHANNELS
        if name in {*REGIONS["brows"], *REGIONS["mouth"], *REGIONS["cheeks"], *REGIONS["nose"]}
        or name.startswith("eyeSquint")
    ]
)


def idle(
    seconds: float,
    seed: int = 0,
    loop: bool = False,
    emotion: str = "neutral",
    intensity: float = 0.3,
    rate: float = 60.0,
    model: ExpressionModel | None = None,
) -> Performance:
    """A face that listens: it blinks, looks about, breathes, nods, and thoughts pass over it.

    seconds: how long. loop: whether the last frame is the first again, so that it can be
    repeated without a jump. emotion, intensity: what it rests in, see `emotions.blend`.
    rate: frames a second. model: None loads Mien's own. Head and eyes are included. The same
    seed gives the same.

    Raises SamplingError for a length that is not above 0 or above an hour, or a rate outside
    10–240; ActionUnitError for an unknown emotion.
    """
    if not (np.isfinite(seconds) and 0 < seconds <= LONGEST):
        raise SamplingError(f"Idle motion lasts up to {LONGEST:g} seconds, not {seconds}.")
    if not (np.isfinite(rate) and 10 <= rate <= 240):
        raise SamplingError(f"Idle motion has 10 to 240 frames a second, not {rate}.")
    if seed < 0:
        raise SamplingError(f"A seed is a whole number from 0 on, not {seed}.")
    model = model or ExpressionModel()
    frames = max(round(seconds * rate), 2)
    times = np.arange(frames + 1 if loop else frames) / rate
    moments = Moments(times % (frames / rate) if loop else times, frames / rate if loop else None)
    parts = [np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(5)]
    jumps = saccades(moments, parts[0])
    look = gaze(moments, jumps)
    rest = directed_expression(emotion, intensity, model)
    weights = np.clip(rest + _passing(moments, rest, parts[1], model), 0, 1)
    eyes = _with_eyes(weights, look, closed_by(moments, blinks(moments, jumps, parts[2])))
    return Performance(
        weights=weights,
        times=times,
        head=_head(moments, look, parts[3], parts[4]),
        eyes=eyes,
        source=Source(f"idle, seed {seed}"),
    )


def _passing(
    moments: Moments, rest: Floats, random: np.random.Generator, model: ExpressionModel
) -> Floats:
    """(frames, 52) what drifts and passes over the face, as a change of its rest."""
    base, _ = model.encode(rest[None])
    spread = spread_around(model.prior, base)
    path = _DRIFT * drift(moments, model.size, _SECONDS_OF_DRIFT, random) @ spread.T
    moment = float(random.uniform(1, _SECONDS_BETWEEN[0]))
    while moment < moments.length - _SECONDS_HELD[1]:
        towards = model.sample(1, random)[0] - base[0]
        strength = random.uniform(*_STRENGTH)
        path += strength * _shown(moments, moment, random)[:, None] * towards
        moment += float(random.uniform(*_SECONDS_BETWEEN))
    change = np.zeros((len(moments.times), len(CHANNELS)), np.float32)
    change[:, _MOVED] = (decoded(model, base + path) - decoded(model, base))[:, _MOVED]
    # Who listens keeps the mouth shut.
    change[:, [JAW_OPEN, MOUTH_CLOSE]] = 0
    change[:, PARTING] *= _LIPS_PART_BY
    return change


def _shown(moments: Moments, start: float, random: np.random.Generator) -> Floats:
    """(frames,) how far an expression is shown that comes at `start` and goes again."""
    course = transitions()
    rise, fall = (course.course("brows", rising) for rising in (True, False))
    # Recordings of a range of motion are brisk; who only listens takes up to twice the time.
    up, down = (
        float(random.uniform(each.seconds[1], 2 * each.seconds[2])) for each in (rise, fall)
    )
    held = float(random.uniform(*_SECONDS_HELD))
    since = moments.since(start)
    shown = rise.at(since / up) * (1 - fall.at((since - up - held) / down))
    return np.where(since >= 0, shown, 0)


def _with_eyes(weights: Floats, look: Floats, shut: Floats) -> Floats:
    """Write gaze and lids into the weights; (frames, 4) angles of the eyes."""
    of = life()["lids"]
    yaw, pitch = look.T
    down, up = np.maximum(pitch, 0) / EYE_LOOK_DOWN, np.maximum(-pitch, 0) / EYE_LOOK_UP
    left, right = (np.maximum(s * yaw, 0) / EYE_LOOK_SIDEWAYS for s in (1, -1))
    courses = {"Down": (down, down), "Up": (up, up), "Out": (left, right), "In": (right, left)}
    for name, sides in courses.items():
        for side, values in zip(("Left", "Right"), sides, strict=True):
            weights[:, CHANNELS.index(f"eyeLook{name}{side}")] = values
    lid = np.clip(weights[:, BLINK] + (of["blink_of_look_down"] * down)[:, None], 0, 1)
    weights[:, BLINK] = lid + (1 - lid) * shut[:, None]
    wide = weights[:, _WIDE] + (of["wide_of_look_up"] * up)[:, None]
    weights[:, _WIDE] = wide * (1 - shut)[:, None]
    np.clip(weights, 0, 1, out=weights)
    return np.stack([pitch, yaw, pitch, yaw], axis=1)


def _head(
    moments: Moments, look: Floats, wander: np.random.Generator, nodding: np.random.Generator
) -> Floats:
    """(frames, 7) the head: it follows the gaze, wanders, breathes and nods."""
    of = life()["breath"]
    follows = _HEAD_SHARE * _lagging(look, moments)
    angles = drift(moments, 3, _SECONDS_OF_HEAD_DRIFT, wander) * _HEAD_DRIFT
    air = breath(moments, wander)
    angles[:, 0] += follows[:, 0]
    angles[:, 1] += follows[:, 1] + nods(moments, nodding) - np.radians(of["degrees"]) * air
    place = np.zeros((len(air), 3))
    place[:, 1] = of["metres"] * air
    place[:, 2] = -_METRES_FROM_CAMERA
    return np.hstack([from_yaw_pitch_roll(angles), place])


def _lagging(look: Floats, moments: Moments) -> Floats:
    """(frames, 2) the gaze as something heavy follows it, later and smoothly."""
    step = float(moments.times[1] - moments.times[0])
    share = 1 - np.exp(-step / (_SECONDS_OF_HEAD / 2))
    result = look.copy()
    # Twice round a circle, so that its beginning follows from its end.
    first, second = look[0].copy(), look[0].copy()
    for _ in range(2 if moments.period else 1):
        for frame in range(len(look) - (1 if moments.period else 0)):
            first += share * (look[frame] - first)
            second += share * (first - second)
            result[frame] = second
    if moments.period:
        result[-1] = result[0]
    return result
