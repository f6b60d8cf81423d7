# SPDX-License-Identifier: GPL-3.0-or-later
"""More or less of a performance, region by region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import rotation
from ..arkit import CHANNELS, REGIONS, region_of
from ..errors import RecipeError
from ..performance import Performance

Floats = NDArray[np.floating[Any]]


def gain(
    performance: Performance,
    *,
    overall: float = 1.0,
    regions: Mapping[str, float] | None = None,
    channels: Mapping[str, float] | None = None,
    head: float = 1.0,
    limit: bool = True,
) -> Performance:
    """Weights times a factor: `overall` × their region's × their own.

    regions: factors by region (“mouth”, “brows” …, see `arkit.REGIONS`); “eyes” scales the
        angles of the eyes as well.
    channels: factors by channel.
    head: factor on the angle by which the head turns; its place stays.
    limit: a weight that was at most 1 stays at most 1, so that lids do not cross.

    Raises RecipeError for a region or channel there is none of, and for a factor below 0.
    """
    regions, channels = dict(regions or {}), dict(channels or {})
    for name in regions:
        if name not in REGIONS:
            raise RecipeError(f"Gain knows no region “{name}”; there are {', '.join(REGIONS)}.")
    for name in channels:
        if name not in performance.channels and name not in CHANNELS:
            raise RecipeError(f"Gain: this performance has no channel “{name}”.")
    for name, factor in {"overall": overall, "head": head, **regions, **channels}.items():
        if not (np.isfinite(factor) and factor >= 0):
            raise RecipeError(f"Gain: the factor of “{name}” cannot be {factor}.")
    factors = np.array(
        [
            overall
            * (regions.get(region_of(name), 1.0) if name in CHANNELS else 1.0)
            * channels.get(name, 1.0)
            for name in performance.channels
        ]
    )
    weights = performance.weights * factors
    if limit:
        weights = np.minimum(weights, np.maximum(performance.weights, 1))
    result = performance.replace(weights=weights)
    if performance.eyes is not None:
        result = result.replace(eyes=performance.eyes * (overall * regions.get("eyes", 1.0)))
    if performance.head is not None and head != 1:
        poses = np.array(performance.head, np.float64)
        poses[:, :4] = _scaled(poses[:, :4], head)
        result = result.replace(head=poses)
    return result


def _scaled(quaternions: Floats, factor: float) -> Floats:
    """The same axes, turned by a multiple of the angle, at most half a turn."""
    near = quaternions * np.where(quaternions[:, :1] < 0, -1, 1)
    sine = np.linalg.norm(near[:, 1:], axis=1, keepdims=True)
    half = np.clip(np.arctan2(sine, near[:, :1]) * factor, 0, np.pi / 2)
    axis = near[:, 1:] / np.maximum(sine, 1e-12)
    return rotation.normalised(np.concatenate([np.cos(half), axis * np.sin(half)], axis=1))
