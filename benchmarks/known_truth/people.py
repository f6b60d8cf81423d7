# SPDX-License-Identifier: GPL-3.0-or-later
"""More people than ICT-FaceKit's ten modes can show, drawn by a seed.

Some of them are plain identities. The others are bent by a smooth, nearly symmetric warp,
and their expressions differ in strength from place to place, so that what is learned is
not one family of heads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .heads import Floats, Head, IctFaceKit

IDENTITY_SPREAD = 1.0
PLAIN_SHARE = 0.3

_BUMPS = 6
_BUMP_SIZE = 4.5
_BUMP_HEIGHT = 0.28
_STRETCH = 0.05
_STRENGTH = 0.18


def person(kit: IctFaceKit, seed: int) -> Head:
    """A person's head: equal seeds, equal heads."""
    rng = np.random.default_rng([seed, 2])
    identity = np.clip(rng.normal(0, IDENTITY_SPREAD, len(kit.identities)), -2, 2)
    head = kit.head(identity, f"ICT {seed}")
    if rng.random() < PLAIN_SHARE:
        return head
    return bent(head, _warp(rng, head), rng)


def stranger(kit: IctFaceKit, seed: int) -> Head:
    """A plain identity for measuring; its seed must be one that no training uses."""
    identity = np.random.default_rng(seed).normal(0, IDENTITY_SPREAD, len(kit.identities))
    return kit.head(np.clip(identity, -2, 2), f"ICT {seed}")


def bent(head: Head, warp: Callable[[Floats], Floats], rng: np.random.Generator) -> Head:
    """The head with its space warped, and each expression's strength varied over it."""
    vertices = warp(head.vertices)
    deltas = np.empty_like(head.deltas)
    for channel, delta in enumerate(head.deltas):
        moving = np.flatnonzero(np.abs(delta).max(axis=1) > 1e-4)
        strength = _smooth_field(rng, head.vertices[moving], _STRENGTH)
        moved = head.vertices[moving] + delta[moving] * (1 + strength[:, None])
        deltas[channel] = 0
        deltas[channel, moving] = warp(moved) - vertices[moving]
    return replace(
        head,
        vertices=vertices.astype(np.float32),
        deltas=deltas,
        eye_centres=warp(head.eye_centres).astype(np.float32),
    )


def _warp(rng: np.random.Generator, head: Head) -> Callable[[Floats], Floats]:
    """A smooth map of space: stretched along each axis, with a few bumps, nearly symmetric."""
    low, high = head.vertices.min(axis=0), head.vertices.max(axis=0)
    centres = rng.uniform(
        (0.0, low[1] / 2, high[2] * 0.3), (high[0] * 0.7, high[1] * 0.7, high[2]), (_BUMPS, 3)
    )
    heights = rng.normal(0, _BUMP_HEIGHT, (_BUMPS, 3))
    stretch = rng.normal(1, _STRETCH, 3)
    other_side = np.array((-1, 1, 1))
    unevenness = rng.normal(1, 0.15, (_BUMPS, 1))

    def warp(points: Floats) -> Floats:
        result = points * stretch
        for centre, height, uneven in zip(centres, heights, unevenness, strict=True):
            for side, share in ((1, uneven), (other_side, 2 - uneven)):
                away = ((points - centre * side) ** 2).sum(axis=-1, keepdims=True)
                result = result + np.exp(-away / _BUMP_SIZE**2) * height * side * share
        return result

    return warp


def _smooth_field(rng: np.random.Generator, points: Floats, spread: float) -> Floats:
    """(points,) values around 0 that change slowly over space."""
    waves = rng.normal(0, 0.25, (3, 4))
    phases = rng.uniform(0, 2 * np.pi, 4)
    return np.asarray(np.sin(points @ waves + phases).mean(axis=1) * 2 * spread)
