# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads MediaPipe's canonical face out of its geometry metadata.

A `GeometryPipelineMetadata` message holds the canonical mesh (field 1; vertices of five
floats, position and texture coordinates, in its field 3) and the weighted landmarks that
the head's pose is fitted to (field 2; landmark 1, weight 2). The encoding:
https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import WeightsError

_VARINT, _LENGTH, _FLOAT = 0, 2, 5
_VERTEX_FLOATS = 5


def read_geometry(message: bytes) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(points, 3) centimetres of the canonical face, and (points,) weights of the fit.

    Raises WeightsError if the message holds no such face.
    """
    points: NDArray[np.float32] = np.zeros((0, 3), np.float32)
    references: dict[int, float] = {}
    for field, value in _fields(message):
        if field == 1:
            vertices = [number for inner, number in _fields(value) if inner == 3]
            points = np.array(vertices, np.float32).reshape(-1, _VERTEX_FLOATS)[:, :3]
        elif field == 2:
            reference = dict(_fields(value))
            references[reference[1]] = reference[2]
    if not references or max(references) >= len(points):
        raise WeightsError("The geometry metadata holds no canonical face with a weighted fit.")
    weights = np.zeros(len(points), np.float32)
    weights[list(references)] = list(references.values())
    return points, weights


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Field numbers and values of one message: whole numbers, floats or bytes."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        value: Any
        if key & 7 == _VARINT:
            value, position = _varint(message, position)
        elif key & 7 == _FLOAT:
            value = struct.unpack_from("<f", message, position)[0]
            position += 4
        elif key & 7 == _LENGTH:
            length, position = _varint(message, position)
            value = message[position : position + length]
            position += length
        else:
            raise WeightsError(f"The geometry metadata has a field of unknown type {key & 7}.")
        yield key >> 3, value


def _varint(message: bytes, position: int) -> tuple[int, int]:
    """A whole number of variable length, and the position after it."""
    number = shift = 0
    while True:
        byte = message[position]
        number |= (byte & 0x7F) << shift
        shift += 7
        position += 1
        if byte < 0x80:
            return number, position
