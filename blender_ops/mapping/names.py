# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in any spelling: `jawOpen`, `JawOpen`, `jaw_open`, `eyeBlink_L`, `LeftEye`."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SIDES = {"l": "left", "left": "left", "r": "right", "right": "right"}
_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+")
_PREFIX_ENDS = re.compile(r"[.:|]")


def plain(name: str) -> str:
    """A name without regard to how it is spelled: small letters, the side last.

    Words are told apart by capitals, spaces and punctuation. A single word that names
    a side (`L`, `left` …) moves to the end: `LeftEye`, `eye.L` and `eye_left` are all
    `eyeleft`.
    """
    words = [word.casefold() for word in _WORD_ENDS.split(name) if word]
    sides = [word for word in words if word in _SIDES]
    if len(sides) == 1 and len(words) > 1:
        words.remove(sides[0])
        words.append(_SIDES[sides[0]])
    return "".join(words)


def plain_forms(name: str) -> Iterator[str]:
    """A name's plain form, and those of what follows a prefix that ends in . : or |

    Exporters write the prefix: `blendShape1.jawOpen` is `jawOpen` of a Maya node,
    `mixamorig:Head` the `Head` of a namespace.
    """
    yield plain(name)
    for end in _PREFIX_ENDS.finditer(name):
        yield plain(name[end.end() :])
