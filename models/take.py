# SPDX-License-Identifier: GPL-3.0-or-later
"""A take: one performance as it was captured, on disk, never changed.

A take's folder is what the Live Link Face app records, so that other tools read it:

    take.json                    the app's keys, and an object “mien”
    <slate>_<take>_<subject>.csv the weights, head and eyes
    capture.npz                  what a CSV cannot hold: landmarks, matrices, appearance,
                                 confidence, the head's place, exact times
    thumbnail.jpg                a small picture of the face, where there was footage

`read_take` also takes the app's own folders and lone CSVs: takes without landmarks. The
same content gives the same bytes, so that two takes can be compared file by file.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .capture.glimpses import as_jpeg
from .errors import FormatError, RecipeError, TakeError
from .formats import atomic, capture_data, live_link, read_recording, take_folder
from .performance import Performance
from .recipe import STANDARD, Recipe
from .timecode import seconds, timecode

FORMAT = 1
_SUBJECT = "Mien"


@dataclass(frozen=True)
class Take:
    """A take as it lies on disk.

    folder: the take's folder, or the file if it is a lone CSV.
    performance: as it was captured: no neutral removed, nothing cleaned.
    report: what capture or reading said, ready for JSON.
    size: width and height of the pictures in pixels, None if unknown.
    footage: name of the file it was captured from, "" if unknown.
    recipe: what should be done to it, as it was said when it was captured.
    """

    folder: Path
    performance: Performance
    report: Mapping[str, Any] = field(default_factory=dict)
    size: tuple[int, int] | None = None
    footage: str = ""
    recipe: Recipe = STANDARD

    @property
    def landmarks(self) -> NDArray[np.float32] | None:
        """(frames, points, 3) pixels, zeros where no face was seen; None if not captured.

        Read from disk at each call. Raises TakeError if the file is damaged.
        """
        arrays = self._arrays("landmarks", "landmark_boxes")
        if len(arrays) < 2:
            return None
        return capture_data.unpacked_landmarks(arrays["landmarks"], arrays["landmark_boxes"])

    @property
    def matrices(self) -> NDArray[np.float32] | None:
        """(frames, 4, 4) head poses as the tracker gave them; None if not captured.

        Read from disk at each call. Raises TakeError if the file is damaged.
        """
        return self._arrays("matrices").get("matrices")

    @property
    def appearance(self) -> NDArray[np.float16] | None:
        """(frames, 192) what Mien's solver reads, zeros where no face was seen; None if it was
        not captured.

        Read from disk at each call. Raises TakeError if the file is damaged.
        """
        return self._arrays("appearance").get("appearance")

    def _arrays(self, *names: str) -> dict[str, NDArray[Any]]:
        file = self.folder / take_folder.CAPTURE
        if not file.is_file():
            return {}
        try:
            return capture_data.read_arrays(file, names)
        except FormatError as error:
            raise TakeError(str(error)) from None


def read_take(path: Path | str) -> Take:
    """Read a take: Mien's folder or its ``take.json``, or a recording of any known format.

    Raises TakeError if there is none at `path`, or if it is damaged.
    """
    path = take_folder.folder_of(Path(path))
    try:
        recording = read_recording(path)
        own: Mapping[str, Any] = {}
        if path.is_dir():
            own = take_folder.read_description(path).get(take_folder.OWN) or {}
    except FormatError as error:
        raise TakeError(str(error)) from None
    report = own.get("report") or {
        "frames": len(recording.performance),
        "warnings": list(recording.warnings),
    }
    size = own.get("size")
    return Take(
        folder=path,
        performance=recording.performance,
        report=report,
        size=None if size is None else (int(size[0]), int(size[1])),
        footage=str(own.get("footage", "")),
        recipe=_recipe(own.get("recipe"), path),
    )


def read_recipe(path: Path | str) -> Recipe:
    """The recipe of a take, without reading its performance.

    Raises TakeError if there is no take at `path`, or if its description is damaged.
    """
    path = take_folder.folder_of(Path(path))
    if not path.exists():
        raise TakeError(f"There is no take at “{path}”.")
    try:
        recognised = take_folder.recognises(path)
        own = take_folder.read_description(path).get(take_folder.OWN) if recognised else None
    except FormatError as error:
        raise TakeError(str(error)) from None
    return _recipe((own or {}).get("recipe"), path)


def write_take(
    folder: Path | str,
    performance: Performance,
    landmarks: ArrayLike | None = None,
    matrices: ArrayLike | None = None,
    size: tuple[int, int] | None = None,
    report: Mapping[str, Any] | None = None,
    footage: Path | str | None = None,
    recipe: Recipe = STANDARD,
    appearance: ArrayLike | None = None,
    picture: NDArray[np.uint8] | None = None,
) -> Take:
    """Write a take into a new folder and return it.

    landmarks: (frames, points, 3) pixels; kept to 1/131 000 of the face's size.
    matrices: (frames, 4, 4), kept exactly as float32.
    report: anything JSON can hold; it must be the same for the same capture if takes are
        to be compared, so no times of day in it.
    footage: the file it was captured from; only its name is kept.
    recipe: what should be done to it, unless someone says otherwise later.
    appearance: (frames, 192) what Mien's solver reads, kept as float16.
    picture: (height, width, 3) blue, green, red: what a list shows of it.

    Everything is written beside `folder` and moved there in the end: on failure nothing is
    left. Raises TakeError if `folder` exists already, cannot be written or does not fit on
    the disk, or if the arrays are not of one length.
    """
    folder = Path(folder)
    frames = len(performance)
    arrays = _arrays(performance, landmarks, matrices, appearance)
    for name, array in arrays.items():
        if len(array) != frames:
            raise TakeError(f"{frames} frames of weights, but {len(array)} of {name}.")
    name = "" if footage is None else Path(footage).name
    description = _description(folder, performance, name)
    description[take_folder.OWN] |= {
        "size": None if size is None else [int(size[0]), int(size[1])],
        "footage": name,
        "report": dict(report or {}),
        "recipe": json.loads(recipe.to_json()),
    }
    try:
        text = json.dumps(description, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise TakeError(f"The report of a take must be plain data: {error}.") from None
    try:
        with atomic.folder(folder) as temporary:
            live_link.write(temporary / description[take_folder.OWN]["csv"], performance)
            capture_data.write_arrays(temporary / take_folder.CAPTURE, arrays)
            (temporary / take_folder.DESCRIPTION).write_text(text, encoding="utf-8", newline="\n")
            if picture is not None:
                (temporary / take_folder.PICTURE).write_bytes(as_jpeg(picture))
    except FileExistsError:
        raise TakeError(
            f"“{folder}” is there already, and a take is never overwritten; choose another name."
        ) from None
    except FormatError as error:
        raise TakeError(f"The take “{folder}” cannot be written: {error}") from None
    except OSError as error:
        raise TakeError(
            f"The take “{folder}” cannot be written ({error.strerror or error}); "
            "make room or choose another folder."
        ) from None
    return read_take(folder)


def _arrays(
    performance: Performance,
    landmarks: ArrayLike | None,
    matrices: ArrayLike | None,
    appearance: ArrayLike | None,
) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {
        "times": performance.times,
        "confidence": performance.confidence,
    }
    if performance.head is not None:
        arrays["head"] = performance.head
    if performance.eyes is not None:
        arrays["eyes"] = performance.eyes
    if matrices is not None:
        arrays["matrices"] = np.asarray(matrices, np.float32)
    if appearance is not None:
        arrays["appearance"] = np.asarray(appearance, np.float16)
    if landmarks is not None:
        arrays["landmarks"], arrays["landmark_boxes"] = capture_data.packed_landmarks(landmarks)
    return arrays


def _description(folder: Path, performance: Performance, footage: str) -> dict[str, Any]:
    """What the app would write into take.json, as far as it is known here, and Mien's object."""
    source = performance.source
    number = re.search(r"(\d+)$", folder.name)
    take = int(number[1]) if number else 1
    slate = _plain(Path(footage).stem or re.sub(r"[\W_]*\d+$", "", folder.name))
    start = seconds(source.timecode, source.timecode_base) if source.timecode else 0.0
    return {
        "version": 1,
        "identifier": _plain(folder.name),
        "slate": slate,
        "take": take,
        "subject": _SUBJECT,
        "frames": len(performance),
        "startTimecode": timecode(start),
        "endTimecode": timecode(start + performance.duration),
        "videoTargetFrameRate": round(performance.rate),
        "calibrated": False,
        take_folder.OWN: {
            "format": FORMAT,
            "csv": f"{slate}_{take}_{_SUBJECT}.csv",
            "channels": list(performance.channels),
            "source": dataclasses.asdict(source),
        },
    }


def _recipe(stored: Any, path: Path) -> Recipe:
    """The recipe in a take's description; the standard one for takes of other apps."""
    if stored is None:
        return STANDARD
    try:
        return Recipe.from_json(json.dumps(stored))
    except RecipeError as error:
        raise TakeError(f"The recipe of the take “{path}” cannot be used. {error}") from None


def _plain(name: str) -> str:
    """A name that any file system takes."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "take"
