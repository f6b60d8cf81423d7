# SPDX-License-Identifier: GPL-3.0-or-later
"""``capture.npz``: what was captured and a CSV cannot hold.

An ordinary numpy archive, uncompressed, whose bytes depend on nothing but its content.

| array | shape | |
|---|---|---|
| ``times`` | (frames,) float64 | seconds, exact |
| ``confidence`` | (frames,) or (frames, channels) float32 | 0 where nothing was seen |
| ``head`` | (frames, 7) float32 | as in `Performance`, with its place |
| ``eyes`` | (frames, 4) float32 | as in `Performance` |
| ``matrices`` | (frames, 4, 4) float32 | the tracker's own head pose |
| ``landmarks`` | (frames, points, 3) uint16 | places in the frame's box, 0–65535 |
| ``landmark_boxes`` | (frames, 2, 3) float32 | lowest corner and size of each frame's box, pixels |

Landmarks as 16-bit places in their own box are within 1/131 000 of the face's size: a
face of 1000 pixels comes back to 0.008 pixels, where float16 would be off by half a pixel
and float32 would double the size. A frame without a face, all zeros, stays exactly that.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import ArrayLike, NDArray

from ..errors import FormatError

Floats = NDArray[np.floating[Any]]
_STEPS = 65535


def write_arrays(file: Path | BinaryIO, arrays: Mapping[str, ArrayLike]) -> None:
    """Write named arrays: the same content, the same bytes. Raises OSError."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name in sorted(arrays):
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            with archive.open(entry, "w", force_zip64=True) as stream:
                # ascontiguousarray gives a scalar a dimension, hence asarray.
                array = np.asarray(arrays[name], order="C")
                npy.write_array(stream, array, version=(1, 0), allow_pickle=False)  # type: ignore[no-untyped-call]


def read_arrays(path: Path, names: Collection[str] | None = None) -> dict[str, NDArray[Any]]:
    """The named arrays, of those that the archive has; all of them if none is named.

    Raises FormatError if the archive is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {
                name: np.asarray(archive[name])
                for name in archive.files
                if names is None or name in names
            }
    except (OSError, ValueError, zipfile.BadZipFile, EOFError, KeyError) as error:
        raise FormatError(
            f"“{path}” cannot be read ({error}); it was damaged, capture the footage again."
        ) from None


def packed_landmarks(landmarks: ArrayLike) -> tuple[NDArray[np.uint16], NDArray[np.float32]]:
    """(frames, points, 3) pixels → places in each frame's box, and the boxes."""
    points = np.asarray(landmarks, np.float32)
    low = points.min(axis=1)
    size = points.max(axis=1) - low
    scale = np.where(size > 0, size, 1)
    places = np.empty(points.shape, np.uint16)
    for frame, (corner, extent) in enumerate(zip(low, scale, strict=True)):
        places[frame] = np.rint((points[frame] - corner) * (_STEPS / extent))
    return places, np.stack([low, size], axis=1)


def unpacked_landmarks(places: NDArray[np.uint16], boxes: Floats) -> NDArray[np.float32]:
    """The way back: (frames, points, 3) float32 pixels."""
    low, size = boxes[:, :1], boxes[:, 1:]
    return np.asarray(places * (size / _STEPS) + low, np.float32)
