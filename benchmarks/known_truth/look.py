# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rendered head looks like apart from its shape: skin, hair, eyes, light, background."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Colour = tuple[float, float, float]

# Linear sRGB, from light to dark: the six classes of Fitzpatrick, seen as plain colours.
_SKINS: tuple[Colour, ...] = (
    (0.80, 0.55, 0.45),
    (0.72, 0.46, 0.34),
    (0.60, 0.36, 0.24),
    (0.42, 0.23, 0.14),
    (0.25, 0.12, 0.07),
    (0.12, 0.055, 0.035),
)
_HAIRS: tuple[Colour, ...] = (
    (0.01, 0.008, 0.006),
    (0.03, 0.018, 0.01),
    (0.09, 0.045, 0.02),
    (0.25, 0.14, 0.06),
    (0.18, 0.05, 0.02),
    (0.15, 0.14, 0.13),
)
_IRISES: tuple[Colour, ...] = (
    (0.02, 0.01, 0.005),
    (0.06, 0.025, 0.01),
    (0.08, 0.07, 0.02),
    (0.05, 0.12, 0.2),
    (0.09, 0.1, 0.1),
)


@dataclass(frozen=True)
class Sun:
    """A light: where it comes from (degrees), how strong (W/m²), how soft (degrees)."""

    sideways: float
    height: float
    strength: float
    softness: float
    colour: Colour


@dataclass(frozen=True)
class Look:
    """Colours are linear sRGB in 0–1; `brow`, `lips`, `blush` and
    `beard` say how strongly they show."""

    skin: Colour
    hair: Colour
    iris: Colour
    lip: Colour
    brow: float
    lips: float
    blush: float
    beard: float
    mottle: float
    bump: float
    roughness: float
    lashes: bool
    suns: tuple[Sun, ...]
    ambient: float
    ambient_colour: Colour
    background: tuple[Colour, Colour]
    background_scale: float
    seed: int


def random_look(seed: int) -> Look:
    """A look drawn by a seed: equal seeds, equal looks."""
    rng = np.random.default_rng([seed, 1])

    def around(colour: Colour, spread: float) -> Colour:
        r, g, b = np.clip(np.array(colour) * np.exp(rng.normal(0, spread, 3)), 0, 1)
        return (float(r), float(g), float(b))

    def white(spread: float) -> Colour:
        warmth = rng.normal(0, spread)
        return (float(np.exp(warmth / 2)), 1.0, float(np.exp(-warmth / 2)))

    position = rng.uniform(0, len(_SKINS) - 1.001)
    low, share = int(position), position % 1
    mixed = (1 - share) * np.array(_SKINS[low]) + share * np.array(_SKINS[low + 1])
    skin = around((mixed[0], mixed[1], mixed[2]), 0.06)
    redder = np.array(skin) * (0.85, 0.5, 0.5) * rng.uniform(0.75, 1.05)
    suns = [
        Sun(
            sideways=float(rng.uniform(-60, 60)),
            height=float(rng.uniform(-5, 60)),
            strength=float(rng.uniform(1.5, 3.5)),
            softness=float(rng.uniform(5, 60)),
            colour=white(0.25),
        )
    ]
    if rng.random() < 0.6:
        suns.append(
            Sun(
                sideways=float(rng.uniform(-110, 110)),
                height=float(rng.uniform(-10, 50)),
                strength=float(rng.uniform(0.3, 1.5)),
                softness=float(rng.uniform(20, 90)),
                colour=white(0.35),
            )
        )
    backs = [around((0.2, 0.2, 0.2), 0.9), around((0.2, 0.2, 0.2), 0.9)]
    return Look(
        skin=skin,
        hair=around(_HAIRS[rng.integers(len(_HAIRS))], 0.1),
        iris=around(_IRISES[rng.integers(len(_IRISES))], 0.25),
        lip=around((redder[0], redder[1], redder[2]), 0.1),
        brow=float(rng.uniform(0.35, 0.95)),
        lips=float(rng.uniform(0.3, 0.9)),
        blush=float(rng.uniform(0, 0.3)),
        mottle=float(rng.uniform(0.05, 0.25)),
        bump=float(rng.uniform(0.02, 0.15)),
        roughness=float(rng.uniform(0.35, 0.65)),
        lashes=bool(rng.random() < 0.25),
        suns=tuple(suns),
        ambient=float(rng.uniform(0.25, 0.8)),
        ambient_colour=white(0.2),
        background=(backs[0], backs[1]),
        background_scale=float(rng.uniform(0.02, 0.2)),
        seed=seed,
        beard=float(max(0, rng.uniform(-1.5, 0.8))),
    )
