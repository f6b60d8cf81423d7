# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights as numpy archives, as FACEGOOD's recordings for Audio2Face are passed on.

FACEGOOD exports a Maya rig's weights as arrays of values and of names
(https://github.com/FACEGOOD/FACEGOOD-Audio2Face, code/train/ExportBsWeights.py). One
archive holds both:

| array | shape | |
|---|---|---|
| ``weights`` | (frames, channels) | |
| ``channels`` | (channels,) text | ARKit's names, or those of FACEGOOD's 116 shapes |
| ``fps`` | one number | frames a second |
| ``times`` | (frames,) | seconds; ours, instead of an even rate |

FACEGOOD's shapes become ARKit's channels by ``facegood.json``. Nothing in an archive is run
as code: one with objects in it is refused.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError
from ..performance import Performance, Source
from . import atomic
from .capture_data import write_arrays
from .recording import Recording
from .retarget import in_arkit, read_table
from .samples import as_weights, check_times, listed, performance_of

Floats = NDArray[np.floating[Any]]

_NAMES = {"weights.npy", "channels.npy"}


def recognises(path: Path) -> bool:
    """True if the file is a numpy archive with ``weights`` and ``channels``."""
    try:
        with zipfile.ZipFile(path) as archive:
            return set(archive.namelist()) >= _NAMES
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def read(path: Path) -> Recording:
    """Read an archive.

    Raises FormatError, naming the file and the array or frame, for arrays that are missing,
    damaged, of shapes that do not fit, or hold other than finite numbers.
    """
    arrays = _arrays(path)
    values, names = arrays.get("weights"), arrays.get("channels")
    if values is None or names is None or not {"fps", "times"} & arrays.keys():
        raise FormatError(
            f"“{path.name}” needs the arrays “weights”, “channels” and “fps”; it has "
            f"{listed(sorted(arrays)) or 'none'}."
        )
    if names.ndim != 1 or names.dtype.kind != "U":
        raise FormatError(f"“{path.name}”: the array “channels” is not a list of names.")
    if values.ndim != 2 or values.dtype.kind not in "fiu" or values.shape[1] != len(names):
        raise FormatError(
            f"“{path.name}”: the array “weights” has the shape {values.shape}, where a row for "
            f"each frame and {len(names)} columns of numbers are due."
        )
    if not len(values):
        raise FormatError(f"“{path.name}” has no frames; export it again.")
    numbers = np.arange(1, len(values) + 1)
    bad = ~np.isfinite(values).all(axis=1)
    if bad.any():
        raise FormatError(
            f"“{path.name}”, frame {numbers[np.argmax(bad)]} holds what is no finite number; "
            "correct or remove it."
        )
    weights = as_weights(np.asarray(values, np.float64), path.name, "frame", numbers)
    weights, channels, lost = in_arkit(weights, names.tolist(), read_table("facegood"), path.name)
    warnings = [f"ARKit has no shape for {listed(lost)}; left out."] if lost else []
    return Recording(
        performance_of(
            path.name,
            weights=weights,
            times=_times(arrays, len(values), path.name),
            channels=channels,
            source=Source(path.name),
        ),
        tuple(warnings),
    )


def write(path: Path, performance: Performance, overwrite: bool = False) -> None:
    """Write weights, channels, rate and exact times; what is read again is the same.

    Head and eyes have no place in the format. Raises FormatError if the file is there already
    (unless `overwrite`) or cannot be written.
    """
    with atomic.file(path, overwrite) as stream:
        write_arrays(
            stream,
            {
                "weights": performance.weights,
                "channels": np.array(performance.channels),
                "fps": np.float64(performance.rate),
                "times": performance.times,
            },
        )


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Every array of the archive. Raises FormatError."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ValueError("it is no archive")
            return {name: np.asarray(archive[name]) for name in archive.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        reason = " ".join(str(error).split())[:80]
        raise FormatError(
            f"“{path.name}” is not a numpy archive that can be read ({reason}); export it again."
        ) from None
    except (SyntaxError, TypeError, MemoryError, OverflowError, NotImplementedError):
        raise FormatError(
            f"“{path.name}” holds an array that is damaged; export it again."
        ) from None


def _times(arrays: dict[str, NDArray[Any]], frames: int, name: str) -> Floats:
    """(frames,) seconds. Raises FormatError."""
    if "times" in arrays:
        times = arrays["times"]
        if times.shape != (frames,) or times.dtype.kind not in "fiu":
            raise FormatError(f"“{name}”: the array “times” is not one number for each frame.")
        check_times(np.asarray(times, np.float64), name, "frame", np.arange(1, frames + 1))
        return np.asarray(times, np.float64)
    rate = arrays["fps"]
    if rate.size != 1 or rate.dtype.kind not in "fiu" or not 0 < float(rate.ravel()[0]) <= 1000:
        raise FormatError(f"“{name}”: the array “fps” is not a number of frames a second.")
    return np.arange(frames) / float(rate.ravel()[0])
