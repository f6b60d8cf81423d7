# SPDX-License-Identifier: GPL-3.0-or-later
"""More or less of a performance, region by region: factors and offsets."""

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
    offsets: Mapping[str, float] | None = None,
    head: float = 1.0,
    limit: bool = True,
) -> Performance:
    """Weights times a factor, `overall` × their region's × their own, plus an offset.

    regions: factors by region (“mouth”, “brows” …, see `arkit.REGIONS`); “eyes” scales the
        angles of the eyes as well.
    channels: factors by channel.
    offsets: what is added after that, by region, to each of its channels, or by channel; a
        channel's own comes on top of its region's. Below 0 it takes away what a face at rest
        still shows. Angles of head and eyes have none.
    head: factor on the angle by which the head turns; its place stays.
    limit: a weight that was at most 1 stays at most 1, so that lids do not cross, and one
        that was at least 0 stays at least 0.

    Raises RecipeError for a region or channel there is none of, for a factor below 0, and for
    an offset that is not between −1 and 1.
    """
    regions, channels, offsets = dict(regions or {}), dict(channels or {}), dict(offsets or {})
    for name in regions:
        if name not in REGIONS:
            raise RecipeError(f"Gain knows no region “{name}”; there are {', '.join(REGIONS)}.")
    for name in channels:
        if name not in performance.channels and name not in CHANNELS:
            raise RecipeError(f"Gain: this performance has no channel “{name}”.")
    for name, offset in offsets.items():
        if name not in REGIONS and name not in performance.channels and name not in CHANNELS:
            raise RecipeError(
                f"Gain: “{name}” is neither a channel of this performance nor a region; "
                f"regions are {', '.join(REGIONS)}."
            )
        if not -1 <= offset <= 1:
            raise RecipeError(f"Gain: the offset of “{name}” must lie between −1 and 1.")
    for name, factor in {"overall": overall, "head": head, **regions, **channels}.items():
        if not (np.isfinite(factor) and factor >= 0):
            raise RecipeError(f"Gain: the factor of “{name}” cannot be {factor}.")
    names = performance.channels
    own_regions = [region_of(name) if name in CHANNELS else "" for name in names]
    factors = np.array(
        [
            overall * regions.get(region, 1.0) * channels.get(name, 1.0)
            for name, region in zip(names, own_regions, strict=True)
        ]
    )
    added = np.array(
        [
            offsets.get(region, 0.0) + offsets.get(name, 0.0)
            for name, region in zip(names, own_regions, strict=True)
        ]
    )
    weights = performance.weights * factors + added
    if limit:
        lowest = np.minimum(performance.weights, 0)
        weights = np.clip(weights, lowest, np.maximum(performance.weights, 1))
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
