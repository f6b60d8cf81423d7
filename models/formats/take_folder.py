# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a take: ``take.json``, a CSV, and what Mien keeps beside them.

``take.json`` has the keys that the Live Link Face app writes (a public example:
https://github.com/sentien-io/SentienLiveLinkFace). Mien adds one object, ``mien``:
format, channels, source, picture size, footage and report. A folder without it is the
app's own recording.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FormatError, PerformanceError
from ..performance import Source
from . import live_link
from .capture_data import read_arrays
from .recording import Recording

DESCRIPTION = "take.json"
CAPTURE = "capture.npz"
PICTURE = "thumbnail.jpg"
OWN = "mien"


def folder_of(path: Path) -> Path:
    """The take's folder where a path is its ``take.json``; any other path as it is.

    A recording of another app may have that name, too: a take's says slate and take.
    """
    if path.name != DESCRIPTION or not path.is_file():
        return path
    try:
        description = read_description(path.parent)
    except FormatError:
        return path
    return path.parent if description.keys() >= {"slate", "take"} else path


def recognises(path: Path) -> bool:
    """True for a folder with a ``take.json``."""
    return path.is_dir() and (path / DESCRIPTION).is_file()


def read(path: Path) -> Recording:
    """Read the performance of a take's folder, Mien's or the app's.

    For Mien's, exactly what was written. For the app's, times come from its
    ``frame_log.csv`` where that agrees with the CSV: nanoseconds, and also for rows
    without timecode. Raises FormatError if a file is missing or damaged.
    """
    description = read_description(path)
    own = description.get(OWN)
    if own is None:
        table = _recording_csv(path, bool(description.get("calibrated")))
        return _with_logged_times(live_link.read(table), path / "frame_log.csv")
    try:
        channels = [str(name) for name in own["channels"]]
        source = Source(**own["source"])
        recording = live_link.read(path / own["csv"], channels)
        # Columns follow the file; the take's own order may be another.
        performance = recording.performance
        order = [performance.channels.index(name) for name in channels]
        arrays = read_arrays(path / CAPTURE, ("times", "head", "eyes", "confidence"))
        result = performance.replace(
            weights=performance.weights[:, order],
            channels=tuple(channels),
            times=arrays["times"],
            head=arrays.get("head"),
            eyes=arrays.get("eyes"),
            confidence=arrays["confidence"],
            source=source,
        )
    except (KeyError, TypeError, ValueError, AttributeError, PerformanceError) as error:
        raise FormatError(
            f"“{path / DESCRIPTION}” and the files beside it do not fit together ({error}); "
            "the take was changed, capture the footage again."
        ) from None
    return Recording(result)


def read_description(path: Path) -> dict[str, Any]:
    """``take.json`` as a dictionary. Raises FormatError if it is missing or no such thing."""
    file = path / DESCRIPTION
    try:
        description = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise FormatError(
            f"“{file}” cannot be read ({error.strerror}); choose the folder of a take."
        ) from None
    except (ValueError, RecursionError):
        raise FormatError(f"“{file}” is damaged: it is not JSON.") from None
    if not isinstance(description, dict):
        raise FormatError(f"“{file}” does not describe a take.")
    return description


def _recording_csv(path: Path, calibrated: bool) -> Path:
    """The CSV with the performance; the calibrated one if the app calibrated.

    The app may leave a raw, a neutral and a calibrated CSV side by side.
    """
    found = sorted(file for file in path.glob("*.csv") if live_link.recognises(file))
    if len(found) > 1:
        ends = {file: file.stem.rsplit("_", 1)[-1].casefold() for file in found}
        wanted = [file for file in found if ends[file] == "cal"] if calibrated else []
        wanted = wanted or [file for file in found if ends[file] not in ("cal", "raw", "neutral")]
        found = wanted or [file for file in found if ends[file] in ("cal", "raw")][:1]
    if len(found) != 1:
        names = ", ".join(file.name for file in found) or "none"
        raise FormatError(
            f"“{path}” should hold one CSV of a performance, but holds {names}; "
            "choose the CSV itself."
        )
    return found[0]


def _with_logged_times(recording: Recording, log: Path) -> Recording:
    """Times from the app's log of blendshape frames, if it has one for each row."""
    times = _logged_times(log)
    performance = recording.performance
    if times is None or len(times) != len(performance):
        return recording
    if np.abs(times - times[0] - performance.times).max() > 0.5 / 60:
        return recording
    return Recording(performance.replace(times=times), recording.warnings)


def _logged_times(log: Path) -> NDArray[np.float64] | None:
    """Seconds of the log's rows ``B,index,ticks,ticks a second,timecode,…``."""
    if not log.is_file():
        return None
    ticks, scales = [], []
    try:
        for line in log.read_text(encoding="utf-8-sig").splitlines():
            cells = line.split(",")
            if cells[0] == "B":
                ticks.append(int(cells[2]))
                scales.append(int(cells[3]))
        first = ticks[0] if ticks else 0
        times = np.array([(t - first) / s for t, s in zip(ticks, scales, strict=True)])
    except (OSError, ValueError, IndexError, ZeroDivisionError):
        return None
    return times if len(times) and np.all(np.diff(times) > 0) else None
