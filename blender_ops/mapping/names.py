# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in any spelling: `jawOpen`, `JawOpen`, `jaw_open`, `eyeBlink_L`, `LeftEye`."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

_SIDES = {"l": "left", "left": "left", "r": "right", "right": "right"}
_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+")
_PREFIX_ENDS = re.compile(r"[.:|]")
_BLENDERS_NUMBER = re.compile(r"\.\d{3}$")


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in small letters, a single word that names a side last.

    Words are told apart by capitals, spaces and punctuation; letters of another width
    count as the usual ones (ｳｨﾝｸ２ is ウィンク2). `LeftEye` and `eye.L` are (eye, left).
    """
    return side_last(words_in_order(name))


@functools.lru_cache(maxsize=8192)
def words_in_order(name: str) -> tuple[str, ...]:
    """The words of a name in small letters, as they stand; signs alone are one word."""
    words = [_small(word) for word in _WORD_ENDS.split(unicodedata.normalize("NFKC", name))]
    return tuple(word for word in words if word) or ((name,) if name.strip() else ())


def side_last(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words with a single one that names a side in full and at the end."""
    sides = [word for word in words if word in _SIDES]
    if len(sides) != 1 or len(words) == 1:
        return words
    return (*(word for word in words if word not in _SIDES), _SIDES[sides[0]])


def names_a_side(words: tuple[str, ...]) -> bool:
    """Whether one of the words is a side."""
    return not _SIDES.keys().isdisjoint(words)


@functools.lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """A name without regard to how it is spelled: its words, run together."""
    return "".join(words_of(name))


def plain_forms(name: str) -> Iterator[str]:
    """A name's plain form, and those of what follows a prefix that ends in . : or |

    Exporters write the prefix: `blendShape1.jawOpen` is `jawOpen` of a Maya node,
    `mixamorig:Head` the `Head` of a namespace.
    """
    yield plain(name)
    for end in _PREFIX_ENDS.finditer(name):
        yield plain(name[end.end() :])


def without_number(name: str) -> str:
    """A name less the number that Blender gives to a second of the same name."""
    return _BLENDERS_NUMBER.sub("", name)


def slips(one: str, other: str, most: int) -> int:
    """How many letters are wrong, missing, too many or swapped with the next between two words.

    Counting stops at `most` + 1. (Damerau's distance, in the restricted form of
    https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance.)
    """
    if abs(len(one) - len(other)) > most or _letters_apart(one, other) > 2 * most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def _letters_apart(one: str, other: str) -> int:
    """How many letters either word has that the other has not: never more than twice the slips."""
    difference = Counter(one)
    difference.subtract(other)
    return sum(map(abs, difference.values()))


def _small(word: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word.casefold()).casefold())
