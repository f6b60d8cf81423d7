# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of another face rig as weights of ARKit's channels, by a table in a data file.

A table lies beside the reader that needs it, names its sources, and has for each of the
rig's shapes the ARKit channels that show it, with weights. What a channel gets from several
shapes adds up, to 1 at most: four quarters of a funnel make one.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS
from .spelling import channel_of, channels_of

Floats = NDArray[np.floating[Any]]
Table = Mapping[str, Mapping[str, float]]


@functools.cache
def read_table(name: str) -> Table:
    """A table that Mien ships, by its file's name: shape → channel → weight."""
    file = Path(__file__).with_name(f"{name}.json")
    shapes = json.loads(file.read_text(encoding="utf-8"))["shapes"]
    return MappingProxyType({shape: MappingProxyType(parts) for shape, parts in shapes.items()})


def in_arkit(
    values: Floats, names: Sequence[str], table: Table, file: str
) -> tuple[Floats, tuple[str, ...], list[str]]:
    """Weights, their channels, and the shapes that were left out, of a file's columns.

    By the table if it knows more of the names than ARKit does (FACEGOOD's `mouth_press_l` is a
    name of both). Raises FormatError, naming the file, if neither knows one.
    """
    if sum(name in table for name in names) > sum(channel_of(name) is not None for name in names):
        weights, lost = retargeted(values, names, table)
        return weights, CHANNELS, lost
    return values, channels_of(names, file), []


def retargeted(values: Floats, shapes: Sequence[str], table: Table) -> tuple[Floats, list[str]]:
    """(frames, 52) weights of `CHANNELS`, and the shapes that move but have no channel.

    values: (frames, shapes). A shape that the table does not have, or has no channels for, is
    left out; it is named if it moves.
    """
    weights = np.zeros((len(values), len(CHANNELS)))
    lost = []
    for column, shape in zip(values.T, shapes, strict=True):
        parts = table.get(shape, {})
        for channel, weight in parts.items():
            weights[:, CHANNELS.index(channel)] += weight * column
        if not parts and np.ptp(column) > 0:
            lost.append(shape)
    return np.minimum(weights, np.maximum(values.max(initial=1.0), 1.0)), lost
