# SPDX-License-Identifier: GPL-3.0-or-later
"""Skin and background as pictures, drawn by a look's seed.

Pictures render several times as fast as procedural shaders, and training needs many.
"""

from __future__ import annotations

import cv2
import numpy as np
from mien.benchmarks.known_truth.heads import Floats

from .look import Look
from .paint import Paint

_WALL_PIXELS = 64
# Centimetres that one cycle of each noise spans.
_BLOTCH, _SPECKLE, _HAIR, _PORE = 3.0, 0.35, 0.22, 0.3


def skin_colour(paint: Paint, look: Look) -> Floats:
    """(rows, columns, 3) float32 linear sRGB of the skin that the paint covers."""
    rng = np.random.default_rng([look.seed, 4])
    brow, lip, cheek, beard = np.moveaxis(paint.pixels, -1, 0)
    mottle = look.mottle * (noise(paint, _BLOTCH, rng) + 0.5 * noise(paint, _SPECKLE, rng))
    colour = np.array(look.skin) * (1 + mottle[..., None])
    colour = _mixed(colour, look.lip, cheek * look.blush)
    colour = _mixed(colour, look.hair, beard * look.beard * _hairs(paint, rng, look.beard))
    colour = _mixed(colour, look.lip, lip * look.lips)
    colour = _mixed(colour, 0.6 * np.array(look.hair), brow * look.brow * _hairs(paint, rng, 0.7))
    return np.clip(colour, 0, 1).astype(np.float32)


def skin_height(paint: Paint, look: Look) -> Floats:
    """(rows, columns) float32 in 0–1: how far the skin's fine relief stands out."""
    rng = np.random.default_rng([look.seed, 5])
    height = 0.5 + 0.25 * noise(paint, _PORE, rng) + 0.25 * noise(paint, 4 * _PORE, rng)
    return np.clip(height, 0, 1).astype(np.float32)


def wall_colour(look: Look) -> Floats:
    """(64, 64, 3) float32 linear sRGB: two colours in soft patches."""
    rng = np.random.default_rng([look.seed, 6])
    cells = max(2, round(_WALL_PIXELS * look.background_scale))
    patches = cv2.resize(
        rng.random((cells, cells)), (_WALL_PIXELS, _WALL_PIXELS), interpolation=cv2.INTER_CUBIC
    )
    share = np.clip((patches - 0.3) / 0.4, 0, 1)[..., None]
    first, second = (np.array(colour) for colour in look.background)
    return (first * (1 - share) + second * share).astype(np.float32)


def noise(paint: Paint, centimetres: float, rng: np.random.Generator) -> Floats:
    """(rows, columns) smooth noise around 0, mostly within ±1, one cycle in so many centimetres."""
    rows, columns = paint.pixels.shape[:2]
    wide, high = np.maximum(2, ((paint.high - paint.low) / centimetres * 2).astype(int))
    field = cv2.resize(
        rng.normal(0, 0.7, (high, wide)), (columns, rows), interpolation=cv2.INTER_CUBIC
    )
    return np.asarray(field)


def _hairs(paint: Paint, rng: np.random.Generator, thickness: float) -> Floats:
    """(rows, columns) in 0–1: single hairs, closer together for a greater thickness."""
    return np.clip(noise(paint, _HAIR, rng) + 0.5 + 0.5 * thickness, 0, 1)


def _mixed(colour: Floats, other: object, share: Floats) -> Floats:
    return colour + (np.asarray(other) - colour) * np.clip(share, 0, 1)[..., None]
