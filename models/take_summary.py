# SPDX-License-Identifier: GPL-3.0-or-later
"""What a list tells of a take, found without reading its performance: a take a millisecond."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import FormatError, TakeError
from .formats import capture_data, take_folder
from .performance import Floats, Source
from .timecode import DAY, seconds


@dataclass(frozen=True)
class TakeSummary:
    """A take in a few figures.

    folder: where it lies. frames: samples. duration: seconds. rate: samples a second.
    seen: share of the samples in which a face was seen. timecode: of the first sample, "" if
    unknown. clock: the same in seconds of the clock since midnight. pace: seconds of the timecode
    in one of them. remarks: what the capture had to say.
    picture: file of a small picture of it, None if it has none.
    exact: False for a take of another app, of which only the description was read.
    """

    folder: Path
    frames: int
    duration: float
    rate: float
    seen: float = 1.0
    timecode: str = ""
    clock: float = 0.0
    pace: float = 1.0
    remarks: str = ""
    picture: Path | None = None
    exact: bool = True


def takes_in(folder: Path) -> list[Path]:
    """The takes that lie in a folder, by name; none where there is no such folder.

    What is being written, or begins with a dot for another reason, is not among them.
    """
    try:
        there = sorted(folder.iterdir())
    except OSError:
        return []
    return [each for each in there if each.name[0] != "." and take_folder.recognises(each)]


def summary_of(folder: Path) -> TakeSummary:
    """What there is to tell of a take's folder, Mien's or the Live Link Face app's.

    Raises TakeError if it is damaged.
    """
    try:
        description = take_folder.read_description(folder)
        own = description.get(take_folder.OWN)
        if own is None:
            return _of_the_app(folder, description)
        arrays = capture_data.read_arrays(folder / take_folder.CAPTURE, ("times", "confidence"))
        return _of_mien(folder, own, arrays["times"], arrays["confidence"])
    except (FormatError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise TakeError(f"The take “{folder}” is damaged: {error}") from None


def rate_of(times: Floats) -> float:
    """Samples a second, by the median step; 0 for a single sample."""
    return float(1 / np.median(np.diff(times))) if len(times) > 1 else 0.0


def _of_mien(
    folder: Path, own: Mapping[str, Any], times: Floats, confidence: NDArray[Any]
) -> TakeSummary:
    source = Source(**own["source"])
    code, base, pace = source.timecode, source.timecode_base, source.timecode_pace
    warnings = (own.get("report") or {}).get("warnings", ())
    seen = confidence if confidence.ndim == 1 else confidence.max(axis=1)
    return TakeSummary(
        folder,
        frames=len(times),
        duration=float(times[-1]),
        rate=rate_of(times),
        seen=float(np.mean(seen > 0)),
        timecode=code,
        clock=seconds(code, base) / pace if code else 0.0,
        pace=pace,
        remarks=" ".join(str(each) for each in warnings),
        picture=_picture(folder),
    )


def _of_the_app(folder: Path, description: Mapping[str, Any]) -> TakeSummary:
    frames = int(description.get("frames", 0))
    start = description.get("startTimecode")
    end = description.get("endTimecode")
    duration = (seconds(end) - seconds(start)) % DAY if start and end else 0.0
    return TakeSummary(
        folder,
        frames=frames,
        duration=duration,
        rate=(frames - 1) / duration if frames > 1 and duration else 0.0,
        timecode=str(start or ""),
        clock=seconds(start) if start else 0.0,
        picture=_picture(folder),
        exact=False,
    )


def _picture(folder: Path) -> Path | None:
    file = folder / take_folder.PICTURE
    return file if file.is_file() else None
