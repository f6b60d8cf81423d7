# SPDX-License-Identifier: GPL-3.0-or-later
"""Text broken into lines, also where words are not set apart by spaces."""

from __future__ import annotations

import re
import unicodedata

# Chinese and Japanese break after any letter, but not before a mark that closes.
_WIDE = "\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60"
_CLOSING = "、。，．：；！？）」』】〉》”’)\\]},.:;!?ーっゃゅょッャュョ"
_PIECES = re.compile(f"[{_WIDE}][{_CLOSING}]*|[^\\s{_WIDE}]+[{_CLOSING}]*|\\s+")


def width_of(text: str) -> int:
    """How many Latin letters have room where the text stands: a Chinese one counts as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def lines_of(text: str, width: int) -> list[str]:
    """The text in lines no wider than `width` letters, but for a word that is wider itself."""
    lines = [""]
    for piece in _PIECES.findall(text):
        if width_of((lines[-1] + piece).rstrip()) > width and lines[-1]:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines if line.strip()]
