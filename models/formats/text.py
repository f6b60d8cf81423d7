# SPDX-License-Identifier: GPL-3.0-or-later
"""Text files, whatever machine wrote them: with or without a mark, with any line ends."""

from __future__ import annotations

import codecs
from pathlib import Path

from ..errors import FormatError

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(path: Path) -> str:
    """The whole text, in UTF-8 or, with a mark, UTF-16.

    Raises FormatError, naming file and line, if it cannot be read, is empty or no such text.
    """
    try:
        data = path.read_bytes()
    except IsADirectoryError:
        raise FormatError(f"“{path.name}” is a folder; choose the file inside.") from None
    except OSError as error:
        raise FormatError(f"“{path}” cannot be read: {error.strerror}.") from None
    if not data.strip():
        raise FormatError(f"“{path.name}” is empty; choose a file that holds a recording.")
    try:
        text = _decoded(data)
    except UnicodeError as error:
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise FormatError(
            f"“{path.name}”, line {line} is not text in UTF-8; save the file in UTF-8."
        ) from None
    if "\0" in text:
        raise FormatError(f"“{path.name}” is not a text file; choose a recording.")
    return text


def read_lines(path: Path) -> list[str]:
    """The lines of a text without their ends; an empty one for each blank line.

    Raises FormatError as `read_text` does.
    """
    return read_text(path).replace("\r\n", "\n").replace("\r", "\n").split("\n")


def first_part(path: Path, size: int = 1 << 16) -> str:
    """The beginning of a text file, "" if it is no text or cannot be read. Never raises."""
    try:
        with path.open("rb") as stream:
            data = stream.read(size)
    except OSError:
        return ""
    if not data.startswith(_UTF_16) and b"\0" in data:
        return ""
    # The end of what was read may cut a letter in two.
    decoder = codecs.getincrementaldecoder("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")()
    try:
        return decoder.decode(data)
    except UnicodeError:
        return ""


def _decoded(data: bytes) -> str:
    return data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
