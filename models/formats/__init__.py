# SPDX-License-Identifier: GPL-3.0-or-later
"""Animation files: what kind a file is shows in its content, not in its name.

A format is a row of `FORMATS`. To add one, write a module with `recognises` and `read`
and give it a row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import FormatError
from ..performance import Performance
from . import live_link, take_folder
from .recording import Recording


@dataclass(frozen=True)
class Format:
    """A kind of animation file.

    recognises: whether a file or folder is of this kind; never raises.
    read: what it holds. Raises FormatError.
    suffixes: what such files' names end in, for file dialogs.
    """

    name: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], Recording]
    suffixes: tuple[str, ...] = ()


FORMATS: tuple[Format, ...] = (
    Format("Take", take_folder.recognises, take_folder.read),
    Format("Live Link Face CSV", live_link.recognises, live_link.read, (".csv",)),
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
    for kind in FORMATS:
        if kind.recognises(path):
            return kind.read(path)
    if path.is_dir():
        raise FormatError(
            f"“{path}” holds no {take_folder.DESCRIPTION}, so it is not a take; "
            "choose a take's folder or a Live Link Face CSV."
        )
    # Its reader knows best what is wrong with a file that should be a CSV.
    return live_link.read(path)
