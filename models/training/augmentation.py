# SPDX-License-Identifier: GPL-3.0-or-later
"""More motion out of little: windows of clips, warped in time, mirrored, mixed, scaled.

All randomness comes from the generator that is passed in, so that a batch depends on
nothing but its seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS, mirrored, region_of
from .clips import MIRROR, Clip

Floats = NDArray[np.floating[Any]]

# Groups that move by themselves: what is mixed between performers stays believable.
_GROUPS = {
    "brows": "brows",
    "eyes": "eyes",
    "jaw": "mouth",
    "mouth": "mouth",
    "cheeks": "mouth",
    "nose": "mouth",
    "tongue": "mouth",
}
_GROUP_OF = np.array([_GROUPS[region_of(name)] for name in CHANNELS])
# One number a pair: a gain is the same left and right, or the face would go askew.
_PAIR_OF = np.array(
    [min(index, CHANNELS.index(mirrored(name))) for index, name in enumerate(CHANNELS)]
)


@dataclass(frozen=True)
class Augmentation:
    """How far a window may stray from what was recorded.

    slowest, fastest: playback speed, as a factor; recordings below the working rate are
        not slowed down, since they hold nothing finer.
    mirrored: share of windows mirrored.
    mixed: share of windows whose brows, eyes and mouth come from different moments.
    least_gain, most_gain: factor on each pair of channels.
    dulled: share of windows whose small weights vanish, as a calibrated capture's do.
    most_dulled: largest weight that vanishes so.
    """

    slowest: float = 0.7
    fastest: float = 1.6
    mirrored: float = 0.5
    mixed: float = 0.5
    least_gain: float = 0.5
    most_gain: float = 1.3
    dulled: float = 0.5
    most_dulled: float = 0.2


def draw_window(
    clips: Sequence[Clip],
    chances: Floats,
    frames: int,
    rate: float,
    augmentation: Augmentation,
    random: np.random.Generator,
) -> Floats:
    """(frames, 52) float32 in [0, 1] at `rate`: a random, augmented window.

    chances: (clips,) how likely each clip is; they sum to 1.
    """
    one = draw_windows(clips, chances, 1, frames, rate, augmentation, random)
    return np.asarray(one[0])


def draw_windows(
    clips: Sequence[Clip],
    chances: Floats,
    windows: int,
    frames: int,
    rate: float,
    augmentation: Augmentation,
    random: np.random.Generator,
) -> Floats:
    """(windows, frames, 52) float32 in [0, 1] at `rate`: random moments of one augmented take.

    They are of one performer, played at one speed, mirrored and scaled alike, so that what
    moves together in one window does so in all. chances: as for `draw_window`.
    """
    take = _moments(clips, chances, windows, frames, rate, augmentation, random)
    if random.random() < augmentation.mixed:
        for group in ("brows", "eyes"):
            other = _moments(clips, chances, windows, frames, rate, augmentation, random)
            columns = group == _GROUP_OF
            take[:, :, columns] = other[:, :, columns]
    if random.random() < augmentation.mirrored:
        take = take[:, :, MIRROR]
    gain = random.uniform(augmentation.least_gain, augmentation.most_gain, len(CHANNELS))[_PAIR_OF]
    if random.random() < augmentation.dulled:
        threshold = random.uniform(0, augmentation.most_dulled, len(CHANNELS))[_PAIR_OF]
        take = np.maximum(take - threshold, 0) / (1 - threshold)
    return np.asarray(np.clip(take * gain, 0, 1), np.float32)


def chances_of(clips: Sequence[Clip]) -> Floats:
    """(clips,) by the root of their length, so that short performers are heard too."""
    roots = np.sqrt([clip.seconds for clip in clips])
    return np.asarray(roots / roots.sum())


def _moments(
    clips: Sequence[Clip],
    chances: Floats,
    windows: int,
    frames: int,
    rate: float,
    augmentation: Augmentation,
    random: np.random.Generator,
) -> Floats:
    """(windows, frames, 52) of one performer, played at one random speed.

    The performer is that of a random clip; every clip of the same name is theirs.
    """
    name = clips[int(random.choice(len(clips), p=chances))].name
    theirs = [clip for clip in clips if clip.name == name]
    lengths = np.array([len(clip.weights) for clip in theirs], float)
    speed = random.random()
    result = []
    for index in random.choice(len(theirs), windows, p=lengths / lengths.sum()):
        clip = theirs[int(index)]
        slowest, fastest = augmentation.slowest, augmentation.fastest
        if clip.rate < 0.75 * rate:
            slowest, fastest = 1.0, fastest * rate / clip.rate / 1.3
        step = (slowest + speed * (fastest - slowest)) * clip.rate / rate
        step = min(step, (len(clip.weights) - 1) / max(frames - 1, 1))
        start = random.uniform(0, len(clip.weights) - 1 - step * (frames - 1))
        result.append(cubic(clip.weights, start + step * np.arange(frames)))
    return np.stack(result)


def cubic(values: Floats, positions: Floats) -> Floats:
    """(frames, channels) at fractional `positions`: Catmull–Rom splines, ends held.

    E. Catmull and R. Rom, "A class of local interpolating splines", 1974.
    """
    base = np.floor(positions).astype(int)
    t = (positions - base).astype(np.float32)
    shares = (
        -0.5 * t**3 + t**2 - 0.5 * t,
        1.5 * t**3 - 2.5 * t**2 + 1,
        -1.5 * t**3 + 2 * t**2 + 0.5 * t,
        0.5 * t**3 - 0.5 * t**2,
    )
    last = len(values) - 1
    result = np.zeros((len(positions), values.shape[1]), np.float32)
    for offset, share in zip((-1, 0, 1, 2), shares, strict=True):
        result += share[:, None] * values[np.clip(base + offset, 0, last)]
    return result
