# SPDX-License-Identifier: GPL-3.0-or-later
"""Animation files: what kind a file is shows in its content, not in its name.

A format is a row of `FORMATS`, the one place where formats are listed. To add one, write a
module with `recognises` and `read`, with `write` if other tools read the format, and give
it a row; say in ``docs/formats.md`` which public description it follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import FormatError
from ..performance import Performance
from . import (
    arkit_json,
    audio2face,
    face_cap,
    facegood,
    ifacialmocap,
    live_link,
    openface,
    py_feat,
    take_folder,
)
from .recording import Recording
from .text import first_part


@dataclass(frozen=True)
class Format:
    """A kind of animation file.

    name: what a person reads. key: what a command takes.
    recognises: whether a file or folder is of this kind; never raises.
    read: what it holds. Raises FormatError.
    write: put a performance into a new file, `overwrite` or not; None for what is only read.
    suffixes: what such files' names end in, for file dialogs; the first is for new files.
    """

    name: str
    key: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], Recording]
    write: Callable[[Path, Performance, bool], None] | None = None
    suffixes: tuple[str, ...] = ()


# The first that recognises a file reads it. A take is written by `mien.models.take`.
FORMATS: tuple[Format, ...] = (
    Format("Take", "take", take_folder.recognises, take_folder.read, None, (".json",)),
    Format(
        "Live Link Face CSV",
        "live-link",
        live_link.recognises,
        live_link.read,
        live_link.write,
        (".csv",),
    ),
    Format("OpenFace CSV", "openface", openface.recognises, openface.read, None, (".csv",)),
    Format("py-feat CSV", "py-feat", py_feat.recognises, py_feat.read, None, (".csv",)),
    Format(
        "Face Cap TXT", "face-cap", face_cap.recognises, face_cap.read, face_cap.write, (".txt",)
    ),
    Format(
        "iFacialMocap recording",
        "ifacialmocap",
        ifacialmocap.recognises,
        ifacialmocap.read,
        ifacialmocap.write,
        (".txt",),
    ),
    Format(
        "Audio2Face JSON",
        "audio2face",
        audio2face.recognises,
        audio2face.read,
        audio2face.write,
        (".json",),
    ),
    Format(
        "ARKit JSON",
        "arkit-json",
        arkit_json.recognises,
        arkit_json.read,
        arkit_json.write,
        (".json",),
    ),
    Format(
        "FACEGOOD npz", "facegood", facegood.recognises, facegood.read, facegood.write, (".npz",)
    ),
)


def read(path: Path | str) -> Performance:
    """The performance in a file or folder of any known format.

    Raises FormatError if there is no such file, if no format knows it, or if it is damaged.
    """
    return read_recording(path).performance


def read_recording(path: Path | str) -> Recording:
    """Like `read`, with what a person should know about the file."""
    path = Path(path)
    if not path.exists():
        raise FormatError(f"There is no file “{path}”; check its name and folder.")
    path = take_folder.folder_of(path)
    found = recognised(path)
    if found is not None:
        return found.read(path)
    if path.is_dir():
        raise FormatError(
            f"“{path}” holds no {take_folder.DESCRIPTION}, so it is not a take; "
            "choose a take's folder or a Live Link Face CSV."
        )
    return _likeliest(path).read(path)


def write(path: Path | str, performance: Performance, key: str, overwrite: bool = False) -> None:
    """Write a performance into a new file of the format with this key.

    Raises FormatError if there is no such format or it is only read, if the file is there
    already (unless `overwrite`), or if it cannot be written.
    """
    chosen = next((each for each in FORMATS if each.key == key and each.write), None)
    if chosen is None or chosen.write is None:
        known = ", ".join(each.key for each in FORMATS if each.write)
        raise FormatError(f"Mien does not write “{key}”; it writes {known}.")
    chosen.write(Path(path), performance, overwrite)


def recognised(path: Path) -> Format | None:
    """The format of a file or folder, None if no format knows it."""
    return next((each for each in FORMATS if each.recognises(path)), None)


def suffixes() -> tuple[str, ...]:
    """What the names of files that can be read end in, each once."""
    return tuple(dict.fromkeys(suffix for each in FORMATS for suffix in each.suffixes))


def _likeliest(path: Path) -> Format:
    """Whose reader knows best what is wrong with a file that none recognises."""
    start = first_part(path, 4096).lstrip()
    key = "live-link"
    if start[:1] in ("{", "["):
        key = "audio2face" if '"facsNames"' in start else "arkit-json"
    elif start.startswith("info,"):
        key = "face-cap"
    elif not start and _is_archive(path):
        key = "facegood"
    return next(each for each in FORMATS if each.key == key)


def _is_archive(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"
