# SPDX-License-Identifier: GPL-3.0-or-later
"""The blendshape weights that NVIDIA's Audio2Face exports as JSON.

    {"exportFps": 60.0, "trackPath": "speech.wav", "numPoses": 52, "numFrames": 120,
     "facsNames": ["eyeBlinkLeft", …], "weightMat": [[0.0, …], …]}

One row of ``weightMat`` a frame, one column a name. The exporter is NVIDIA's
(https://docs.omniverse.nvidia.com/audio2face/latest/); it publishes no description of the
file, so the keys are those that exports have and public importers read. Names are ARKit's
where the face has ARKit's shapes; the 46 poses of the app's own solver become ARKit's
channels by ``audio2face.json``.
Later versions add joints (``joints``, ``rotations``, ``translations``); no page says in which
axes, so they are left out, and that is told. Earlier ones have no ``exportFps``: 60 is taken.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS, mirrored
from ..curves.retime import retime
from ..errors import FormatError
from ..performance import Performance, Source
from . import atomic
from .json_file import looks_like_json, matrix, number, read_json, texts
from .recording import Recording
from .retarget import in_arkit, read_table
from .samples import RATES, as_weights, listed, performance_of
from .text import read_text

Floats = NDArray[np.floating[Any]]

RATE = 60.0
_NAMES, _WEIGHTS, _RATE = "facsNames", "weightMat", "exportFps"
# Audio2Face has left before right in every pair; some readers go by the order alone.
_SWAPPED = ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
_ORDER = tuple(mirrored(name) if name in _SWAPPED else name for name in CHANNELS)


def recognises(path: Path) -> bool:
    """True if the file is JSON with ``facsNames`` and ``weightMat``."""
    if not looks_like_json(path):
        return False
    try:
        text = read_text(path)
    except FormatError:
        return False
    return f'"{_NAMES}"' in text and f'"{_WEIGHTS}"' in text


def read(path: Path) -> Recording:
    """Read an export.

    Raises FormatError, naming file and line or frame, for what is no JSON, lacks names or
    weights, has rows of another length than there are names, or other than numbers.
    """
    data = read_json(path)
    if not isinstance(data, dict) or _NAMES not in data or not isinstance(data.get(_WEIGHTS), list):
        raise FormatError(
            f"“{path.name}” has no “{_NAMES}” and “{_WEIGHTS}”, so it is no export of "
            "Audio2Face; export the blendshapes as JSON."
        )
    names = texts(data[_NAMES], path.name, _NAMES)
    values = matrix(data[_WEIGHTS], len(names), path.name, "frame")
    if not len(values):
        raise FormatError(f"“{path.name}” has no frames; export it again.")
    for key, count in (("numPoses", len(names)), ("numFrames", len(values))):
        if key in data and number(data[key], path.name, f"“{key}”") != count:
            raise FormatError(
                f"“{path.name}” says {data[key]} in “{key}” but holds {count}: it is cut short "
                "or was changed; export it again."
            )
    warnings: list[str] = []
    rate = RATE
    if _RATE in data:
        rate = number(data[_RATE], path.name, f"“{_RATE}”")
        if not 0 < rate <= 1000:
            raise FormatError(f"“{path.name}” says {rate:g} frames a second; correct “{_RATE}”.")
    else:
        warnings.append(f"It says no rate; {RATE:g} frames a second are taken.")
    if data.get("joints"):
        warnings.append("Its joints are left out: in which axes they turn is not published.")
    weights = as_weights(values, path.name, "frame", np.arange(1, len(values) + 1))
    weights, channels, lost = in_arkit(weights, names, read_table("audio2face"), path.name)
    if lost:
        warnings.append(f"ARKit has no shape for {listed(lost)}; left out.")
    return Recording(
        performance_of(
            path.name,
            weights=weights,
            times=np.arange(len(weights)) / rate,
            channels=channels,
            source=Source(path.name),
        ),
        tuple(warnings),
    )


def write(path: Path, performance: Performance, overwrite: bool = False) -> None:
    """Write all 52 of ARKit's channels, then others, at an even rate.

    Samples at uneven times are interpolated to the nearest common rate; head and eyes have
    no place in the format. Raises FormatError if the file is there already (unless
    `overwrite`) or cannot be written.
    """
    performance, rate = _even(performance)
    channels = [*_ORDER, *(name for name in performance.channels if name not in CHANNELS)]
    table = np.zeros((len(performance), len(channels)))
    for column, name in enumerate(channels):
        if name in performance.channels:
            table[:, column] = performance.channel(name)
    head = {
        _RATE: int(rate) if rate == int(rate) else rate,
        "trackPath": performance.source.text,
        "numPoses": len(channels),
        "numFrames": len(table),
        _NAMES: channels,
    }
    pattern = "[" + ", ".join(["%.9g"] * len(channels)) + "]"
    with atomic.file(path, overwrite) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="\n")
        text.write(json.dumps(head, indent=1, ensure_ascii=False)[:-2])
        text.write(f',\n "{_WEIGHTS}": [\n  ')
        text.write(",\n  ".join(pattern % tuple(row) for row in table))
        text.write("\n ]\n}\n")
        text.flush()
        text.detach()


def _even(performance: Performance) -> tuple[Performance, float]:
    """The performance at an even rate, and the rate."""
    if len(performance) == 1:
        return performance, RATE
    measured = (len(performance) - 1) / performance.duration
    rate = min(RATES, key=lambda each: abs(each - measured))
    if abs(rate - measured) > 0.01 * measured:
        rate = measured
    even = np.arange(len(performance)) / rate
    if np.abs(even - performance.times).max() <= 1e-6:
        return performance, rate
    return retime(performance, rate=rate), rate
