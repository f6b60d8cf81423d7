# SPDX-License-Identifier: GPL-3.0-or-later
"""Training examples of the autoencoders: frames and windows, many at a time, augmented.

A few minutes of a few performers have to stand for everyone: brows, eyes and mouth of different
moments are put together, expressions blended, mirrored, scaled and dulled. All randomness
comes from the generator that is passed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS, region_of
from ..training.augmentation import chances_of, cubic
from ..training.clips import MIRROR, MIRRORED_TURN, Clip
from .config import Augmentation

Floats = NDArray[np.floating[Any]]

_REGION = np.array([region_of(name) for name in CHANNELS])
# What moves by itself. The rest (jaw, mouth, cheeks, nose) moves together and stays so.
_ALONE = ("brows", "eyes")
# One number a pair: a gain is the same left and right, or the face would go askew.
_PAIR = np.minimum(np.arange(len(CHANNELS)), MIRROR)
# Frames that a cubic spline needs before and after a place.
_BEFORE, _AFTER = 1, 2


@dataclass(frozen=True, eq=False)
class Recordings:
    """Stretches of recorded motion laid end to end, to be drawn from.

    values: (frames, columns). starts, lengths, chances: (stretches,) where each begins, how
    many frames it has, and how likely it is drawn.
    """

    values: Floats
    starts: NDArray[np.int_]
    lengths: NDArray[np.int_]
    chances: Floats

    def draw(
        self, count: int, frames: int, speeds: tuple[float, float], random: np.random.Generator
    ) -> Floats:
        """(count, frames, columns): random windows, each played at a random speed."""
        which = random.choice(len(self.starts), count, p=self.chances)
        room = self.lengths[which] - 1 - _BEFORE - _AFTER
        speed = random.uniform(*speeds, count)
        speed = np.minimum(speed, np.maximum(room, 0) / max(frames - 1, 1))
        first = random.random(count) * (room - speed * (frames - 1))
        first = self.starts[which] + _BEFORE + np.maximum(first, 0)
        places = first[:, None] + speed[:, None] * np.arange(frames)
        drawn = cubic(self.values, places.ravel())
        return drawn.reshape(count, frames, self.values.shape[1])


def recordings(stretches: Sequence[Clip]) -> Recordings:
    """The channels of these stretches; a clip's chance is the root of its seconds."""
    names = list(dict.fromkeys(clip.name for clip in stretches))
    whole = [
        Clip(name, np.concatenate([c.weights for c in stretches if c.name == name]), 1.0)
        for name in names
    ]
    chances = dict(zip(names, chances_of(whole), strict=True))
    frames = {clip.name: len(clip.weights) for clip in whole}
    shares = [chances[c.name] * len(c.weights) / frames[c.name] for c in stretches]
    return _laid([(clip.weights, share) for clip, share in zip(stretches, shares, strict=True)])


def heads(stretches: Sequence[Clip]) -> Recordings | None:
    """The head's turns of the stretches that have them; None if none has."""
    turns = [(clip.head, float(len(clip.head))) for clip in stretches if clip.head is not None]
    return _laid(turns) if turns else None


def _laid(parts: Sequence[tuple[Floats, float]]) -> Recordings:
    lengths = np.array([len(values) for values, _ in parts])
    chances = np.array([chance for _, chance in parts])
    return Recordings(
        np.concatenate([values for values, _ in parts]),
        np.cumsum(lengths) - lengths,
        lengths,
        chances / chances.sum(),
    )


def draw_faces(
    source: Recordings,
    count: int,
    frames: int,
    augmentation: Augmentation,
    random: np.random.Generator,
) -> Floats:
    """(count, frames, 52) float32 in [0, 1]: random, augmented windows of faces."""

    def some() -> Floats:
        return _moments(source, count, frames, augmentation, random)

    windows = some()
    if augmentation.mixed > 0:
        mixed = _chosen(augmentation.mixed, count, random)
        for region in _ALONE:
            windows = np.where(mixed & (region == _REGION), some(), windows)
    return _scaled(windows, augmentation, random)


def _moments(
    source: Recordings,
    count: int,
    frames: int,
    augmentation: Augmentation,
    random: np.random.Generator,
) -> Floats:
    """Windows, some of them blends of two, some mirrored."""
    speeds = (augmentation.slowest, augmentation.fastest)
    windows = source.draw(count, frames, speeds, random)
    if augmentation.blended > 0:
        share = random.random((count, 1, 1)) * _chosen(augmentation.blended, count, random)
        windows = (1 - share) * windows + share * source.draw(count, frames, speeds, random)
    mirrored = _chosen(augmentation.mirrored, count, random)
    return np.where(mirrored, windows[:, :, MIRROR], windows)


def _scaled(windows: Floats, augmentation: Augmentation, random: np.random.Generator) -> Floats:
    """Each pair of channels with a gain of its own, small weights of some windows gone."""
    count = len(windows)
    drawn = random.uniform(augmentation.least_gain, augmentation.most_gain, (count, len(CHANNELS)))
    gain = np.where(_chosen(augmentation.scaled, count, random), drawn[:, None, _PAIR], 1)
    least = random.uniform(0, augmentation.most_dulled, (count, len(CHANNELS)))
    least = np.where(_chosen(augmentation.dulled, count, random), least[:, None, _PAIR], 0)
    dulled = np.maximum(windows - least, 0) / (1 - least)
    return np.asarray(np.clip(gain * dulled, 0, 1), np.float32)


def draw_heads(
    source: Recordings | None,
    count: int,
    frames: int,
    augmentation: Augmentation,
    random: np.random.Generator,
) -> Floats:
    """(count, frames, 3) float32 rotation vectors: some heads still, some turning more."""
    if source is None:
        return np.zeros((count, frames, 3), np.float32)
    turns = source.draw(count, frames, (augmentation.slowest, augmentation.fastest), random)
    turns = np.where(_chosen(augmentation.mirrored, count, random), turns * MIRRORED_TURN, turns)
    size = random.uniform(0, augmentation.most_turn, (count, 1, 1))
    size = np.where(_chosen(augmentation.still_head, count, random), 0, size)
    return np.asarray(size * turns, np.float32)


def draw_examples(
    faces: Recordings,
    turns: Recordings | None,
    count: int,
    frames: int,
    augmentation: Augmentation,
    random: np.random.Generator,
) -> Floats:
    """A batch: (count, 52) for one frame, else (count, frames, 55).

    Heads are drawn by themselves: few recordings have one.
    """
    windows = draw_faces(faces, count, frames, augmentation, random)
    if frames == 1:
        return windows[:, 0]
    turned = draw_heads(turns, count, frames, augmentation, random)
    return np.concatenate([windows, turned], axis=2)


def recorded(
    stretches: Sequence[Clip],
    frames: int,
    hop: int,
    turns: Recordings | None,
    augmentation: Augmentation,
    random: np.random.Generator,
) -> Floats:
    """What was recorded, as it is and mirrored: every window that begins at a `hop`.

    Shaped as `draw_examples`; heads as there. Stretches shorter than a window are left out.
    """
    windows = [
        clip.weights[start : start + frames]
        for clip in stretches
        for start in range(0, len(clip.weights) - frames + 1, hop)
    ]
    if not windows:
        return np.zeros((0, frames, len(CHANNELS) + 3), np.float32)
    faces = np.stack(windows)
    faces = np.concatenate([faces, faces[:, :, MIRROR]])
    if frames == 1:
        return faces[:, 0]
    turned = draw_heads(turns, len(faces), frames, augmentation, random)
    return np.concatenate([faces, turned], axis=2)


def _chosen(share: float, count: int, random: np.random.Generator) -> NDArray[np.bool_]:
    """(count, 1, 1): True for about this share."""
    return (random.random(count) < share)[:, None, None]
