# SPDX-License-Identifier: GPL-3.0-or-later
"""The neutral: what a face at rest reads as, and how it is taken out.

No tracker reads a resting face as zero. Over many clips eyeSquint rests near 0.2 and
eyeLookDown near 0.34, with people's own brows and lips on top. `find_neutral` finds the
resting pose, or `neutral_at` takes it from a time the animator names; `remove_neutral`
maps it to zero and leaves a full expression full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import rotation
from ..arkit import mirrored
from ..errors import PerformanceError
from ..performance import Performance
from .gaze import eyes_from_weights

Floats = NDArray[np.floating[Any]]

MOST = 0.6
"""The most that a neutral takes from a channel: more would double noise, and no rest is so."""

# What a found neutral is believed to be at most: lids and gaze rest anywhere, but a face
# that smiles all through is a smiling face.
_MOST_FOUND = 0.25
_RESTING_ANYWHERE = ("eyeSquint", "eyeLook")
# A shut eye or an open mouth is no rest, however long it lasts: such weights count so often.
_OPEN_OR_SHUT = ("eyeBlink", "jawOpen")
_TELLING = 3
# Channels of one movement in two directions: less than rest of one is some of the other.
_OPPOSITES = (("Down", "Up"), ("In", "Out"))
_GAZE = "eyeLook"
# Seconds over which a pose and its speed are taken.
_MOMENT = 0.25
# Poses compared with each other; a long take is thinned to so many.
_MOST_POSES = 1500
# What makes a pose less likely to be rest by a factor of e: so much distance to the other
# poses (for half that), so much summed weight above the take's lowest, so much weight a
# second.
_NEAR = 0.2
_EFFORT = 0.5
_SPEED = 1.0


@dataclass(frozen=True, eq=False)
class Neutral:
    """A face at rest.

    weights: (channels,) float64, in the order of the performance it comes from.
    time: seconds at which the performance shows it best.
    head: (4,) the head's turn at rest, None if no head was recorded.
    eyes: (4,) the eyes' angles at rest, None if none were recorded.
    """

    weights: Floats
    time: float
    head: Floats | None = None
    eyes: Floats | None = None


def find_neutral(performance: Performance) -> Neutral:
    """The resting pose: the one that is quiet, frequent and takes the least effort.

    Each moment is judged by how many other moments look like it, how fast the face moves,
    and how far its channels are above the lowest the take has. Frequency alone would choose
    a long look with closed eyes or an open mouth; effort alone the one odd frame. The
    neutral is the mean of the moments around the best. Outside gaze and squint it is
    believed to 0.25 at most, so that somebody who smiles all through still smiles.

    With no frame in which a face was seen the neutral is zero, at time 0.
    """
    frames = np.flatnonzero(performance.seen)
    if not len(frames):
        return Neutral(np.zeros(len(performance.channels)), 0.0)
    poses, speeds = _moments(performance, frames)
    chosen = np.unique(np.linspace(0, len(frames) - 1, _MOST_POSES).round().astype(int))
    poses, speeds, frames = poses[chosen], speeds[chosen], frames[chosen]
    likely = -_effort(performance.channels, poses) / _EFFORT - speeds / _SPEED
    nearness = _nearness(poses)
    best = int(np.argmax(likely + np.log(nearness.mean(axis=1))))
    share = nearness[best] * np.exp(likely - likely[best])
    share /= share.sum()
    weights = np.minimum(share @ poses, _believed(performance.channels))
    group = frames[share > share.max() / 10]
    return _neutral(performance, weights, frames[best], group)


def neutral_at(performance: Performance, seconds: float) -> Neutral:
    """The pose at a time, as the median of the quarter second around it.

    Raises PerformanceError if the performance does not reach there or shows no face there.
    """
    if not 0 <= seconds <= performance.duration + 1e-6:
        raise PerformanceError(
            f"There is no neutral at {seconds:g} s; the performance is "
            f"{performance.duration:g} s long."
        )
    frame = int(np.argmin(np.abs(performance.times - seconds)))
    near = np.abs(performance.times - performance.times[frame]) <= _MOMENT / 2
    group = np.flatnonzero(near & performance.seen)
    if not len(group):
        raise PerformanceError(
            f"No face is seen at {seconds:g} s, so no neutral can be taken there; "
            "name another time."
        )
    weights = np.median(performance.weights[group], axis=0).astype(np.float64)
    return _neutral(performance, weights, frame, group)


def remove_neutral(performance: Performance, neutral: Neutral, head: bool = True) -> Performance:
    """The performance relative to its neutral.

    A weight w with neutral n becomes (w − n) / (1 − n), at least 0: rest becomes 0, 1 stays
    1, so a full blink is a full blink. n counts up to `MOST`. Where two channels are one
    movement in two directions (eyes down and up, in and out, jaw and mouth left and right)
    less than rest of the one is some of the other: eyes that rest looking down and then
    look ahead look up, from the character's point of view.

    Eyes follow their channels. head: whether the head's turn, too, is relative to rest, so
    that the character faces forward when the performer does at rest, wherever the camera
    stood; the head's place is turned about its place at the neutral's time.

    Where no face was seen, what stands in for it (the last pose, held or fading) is
    treated as that pose was.
    Raises PerformanceError if the neutral has another number of channels.
    """
    if neutral.weights.shape != (len(performance.channels),):
        raise PerformanceError("This neutral belongs to a performance with other channels.")
    weights = _without_rest(performance, np.clip(neutral.weights, 0, MOST))
    result = performance.replace(weights=weights)
    if performance.eyes is not None:
        result = result.replace(eyes=_eyes_without_rest(performance, weights, neutral))
    if head and performance.head is not None and neutral.head is not None:
        result = result.replace(head=_head_without_rest(performance, neutral))
    return result


def _without_rest(performance: Performance, rest: Floats) -> Floats:
    before = np.asarray(performance.weights, np.float64)
    weights = np.maximum((before - rest) / (1 - rest), 0)
    missing = np.maximum(rest - before, 0)
    result = weights.copy()
    for index, name in enumerate(performance.channels):
        other = _opposite(name)
        if other in performance.channels:
            # The rest of the way to 1 shrinks by what is missing: 1 stays 1.
            deficit = missing[:, performance.channels.index(other)]
            result[:, index] += deficit * np.maximum(1 - weights[:, index], 0)
    return _with_stand_ins(performance, before, result)


def _with_stand_ins(performance: Performance, before: Floats, after: Floats) -> Floats:
    """Unseen frames that hold or fade the last seen pose do so with what became of it."""
    seen = performance.seen
    last = np.maximum.accumulate(np.where(seen, np.arange(len(seen)), -1))
    stands_in = ~seen & (last >= 0)
    if not seen.all():
        # Before the first sight of the face, zeros stand in for it: they are rest already.
        after[~seen & (last < 0) & (before == 0).all(axis=1)] = 0
    if stands_in.any():
        total = before[last].sum(axis=1)
        kept = np.clip(before.sum(axis=1) / np.where(total > 0, total, 1), 0, 1)[:, None]
        faded = np.abs(before - before[last] * kept).max(axis=1) < 1e-4
        after = np.where((stands_in & faded)[:, None], after[last] * kept, after)
    return after


def _eyes_without_rest(performance: Performance, weights: Floats, neutral: Neutral) -> Floats:
    """Eyes turned by as much as their channels changed; by their own rest if there are none."""
    assert performance.eyes is not None
    channels = performance.channels
    if sum(name.startswith(_GAZE) for name in channels) == 8:
        change = eyes_from_weights(weights, channels)
        return performance.eyes + change - eyes_from_weights(performance.weights, channels)
    return performance.eyes - (0 if neutral.eyes is None else neutral.eyes)


def _head_without_rest(performance: Performance, neutral: Neutral) -> Floats:
    """Turns in the resting head's own axes: a nod is a nod though the camera stood aside."""
    assert performance.head is not None and neutral.head is not None
    back = rotation.inverse(neutral.head)
    head = np.array(performance.head, np.float64)
    rest = head[int(np.argmin(np.abs(performance.times - neutral.time))), 4:]
    head[:, :4] = rotation.normalised(rotation.multiply(back, head[:, :4]))
    head[:, 4:] = rest + rotation.turned(back, head[:, 4:] - rest)
    return head


def _opposite(channel: str) -> str:
    """The channel of the same movement the other way; "" if there is none."""
    if channel.startswith(_GAZE):
        for one, other in _OPPOSITES:
            for first, second in ((one, other), (other, one)):
                if channel.startswith(_GAZE + first):
                    return channel.replace(_GAZE + first, _GAZE + second)
        return ""
    sideways = ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
    return mirrored(channel) if channel in sideways else ""


def _neutral(
    performance: Performance, weights: Floats, frame: int, group: NDArray[np.intp]
) -> Neutral:
    head, eyes = performance.head, performance.eyes
    return Neutral(
        weights=weights,
        time=float(performance.times[frame]),
        head=None if head is None else rotation.mean(head[group, :4]),
        eyes=None if eyes is None else np.median(eyes[group], axis=0).astype(np.float64),
    )


def _moments(performance: Performance, frames: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """For each of some frames the mean pose of the moment around it, and its speed.

    Poses (moments, channels) in 0–1; speeds in summed weight a second, as the length of
    the way between the moment's ends.
    """
    values = np.clip(performance.weights[frames], 0, 1).astype(np.float64)
    times = performance.times[frames]
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    first = np.searchsorted(times, times - _MOMENT / 2 - 1e-9)
    stop = np.searchsorted(times, times + _MOMENT / 2 + 1e-9, side="right")
    poses = (sums[stop] - sums[first]) / (stop - first)[:, None]
    way = np.linalg.norm(values[stop - 1] - values[first], axis=1)
    took = times[stop - 1] - times[first]
    return poses, np.divide(way, took, out=np.zeros_like(way), where=took > 0)


def _effort(channels: tuple[str, ...], poses: Floats) -> Floats:
    """(moments,) how much a face does: weight above its lowest; for gaze, half as much each of
    its way from straight ahead and from where it usually looks.
    """
    gaze = np.array([name.startswith(_GAZE) for name in channels])
    telling = np.array([_TELLING if name.startswith(_OPEN_OR_SHUT) else 1 for name in channels])
    above = np.maximum(poses - np.percentile(poses, 5, axis=0), 0) * telling
    aside = (np.abs(poses - np.median(poses, axis=0)) + poses) / 2
    return np.asarray(np.where(gaze, aside, above).sum(axis=1))


def _nearness(poses: Floats) -> Floats:
    """(moments, moments) 1 for the same pose, falling as a Gaussian with distance."""
    squares = (poses**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares - 2 * poses @ poses.T, 0)
    return np.asarray(np.exp(-distances / (2 * _NEAR**2)))


def _believed(channels: tuple[str, ...]) -> Floats:
    return np.array(
        [MOST if name.startswith(_RESTING_ANYWHERE) else _MOST_FOUND for name in channels]
    )
