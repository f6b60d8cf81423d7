# SPDX-License-Identifier: GPL-3.0-or-later
"""Picture files: numbered sequences of them, and any depth made eight bits a colour."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FootageError
from .weights import library

Picture = NDArray[np.uint8]

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".pgm", ".ppm", ".jp2"}
)
# Depths at which cameras write into sixteen bits.
_DEPTHS = (8, 10, 12, 14, 16)
_PLACEHOLDER = re.compile(r"#+|%0?\d*d")


def is_picture(source: Path) -> bool:
    """Whether a path names a picture or a pattern of pictures, by its suffix."""
    return source.suffix.lower() in SUFFIXES


def find_sequence(source: Path) -> list[Path]:
    """The picture files of a folder, of a pattern, or the one that is named, by number.

    Raises FootageError if there is none.
    """
    if source.is_dir():
        files = [file for file in source.iterdir() if is_picture(file) and file.is_file()]
    elif source.is_file():
        files = [source]
    else:
        fits = re.compile(_expression(source.name)).fullmatch
        folder = source.parent
        files = [file for file in folder.iterdir() if fits(file.name)] if folder.is_dir() else []
    if not files:
        raise FootageError(
            f"There are no pictures at {source}. Name a folder of them, or a pattern "
            f"such as shot.####.png."
        )
    return sorted(files, key=lambda file: _by_number(file.name))


def read_picture(file: Path) -> NDArray[Any]:
    """Blue, green, red in the file's own depth, turned as its EXIF says.

    Raises FootageError if it is no picture.
    """
    cv2: Any = library("cv2")
    try:
        # imread knows no file names beyond the system's code page on Windows.
        content = np.fromfile(file, np.uint8)
    except OSError as problem:
        raise FootageError(f"{file} cannot be read ({problem.strerror}).") from None
    picture = None
    if content.size:
        picture = cv2.imdecode(content, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    if picture is None:
        raise FootageError(
            f"{file} is not a picture that can be read. Take it out of the sequence, "
            f"or write it again as PNG."
        )
    result: NDArray[Any] = picture
    return result


class EightBit:
    """Makes pictures of any depth eight bits deep, all frames of a sequence alike.

    Sixteen-bit files hold 10, 12 or 14 bits as often as 16 (infrared and machine-vision
    cameras): the least depth that holds all values seen so far is taken as white.
    Floating-point pictures are taken as 0–1.
    """

    def __init__(self) -> None:
        self._depth = _DEPTHS[0]

    def __call__(self, picture: NDArray[Any]) -> Picture:
        """(height, width, 3) of any number type → uint8."""
        if picture.dtype == np.uint8:
            return picture
        if picture.dtype.kind == "f":
            return np.clip(np.nan_to_num(picture) * 255 + 0.5, 0, 255).astype(np.uint8)
        greatest = int(picture.max(initial=0))
        while self._depth < _DEPTHS[-1] and greatest >= 1 << self._depth:
            self._depth = _DEPTHS[_DEPTHS.index(self._depth) + 1]
        return np.clip(picture >> (self._depth - 8), 0, 255).astype(np.uint8)


def _expression(pattern: str) -> str:
    """A regular expression for a pattern with ####, %04d, * or ?."""
    expression = ""
    position = 0
    for place in _PLACEHOLDER.finditer(pattern):
        expression += _wildcards(pattern[position : place.start()]) + r"\d+"
        position = place.end()
    return expression + _wildcards(pattern[position:])


def _wildcards(text: str) -> str:
    return re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")


def _by_number(name: str) -> list[tuple[int, str]]:
    """A sort key in which frame 10 comes after frame 9."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)
    ]
