# SPDX-License-Identifier: GPL-3.0-or-later
"""Naming conventions of face keys, read from data files.

Those that Mien brings lie in the folder `known` beside this module; a rigger's own lie in the
folder `conventions` of the extension among the user's Blender files, and a file there takes the
place of a known one of the same name. A file is JSON:

    {"name": "…", "source": ["https://…"], "note": "…",
     "channels": {"eyeBlinkLeft": ["Blink_L", {"Blink": 0.5}], …},
     "other": ["Neutral", …]}

`channels` says for each of ARKit's channels what moves with it: the first of the list that a
character has. A name alone moves as far as the channel does; several names with weights move
together, one with a negative weight backwards. `other` are names that belong to the convention
and that no channel moves. `source` is where the convention is published.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import bpy

from ...models.arkit import CHANNELS
from ...models.errors import MienError
from .names import names_a_side, plain, words_of

Alternative = Mapping[str, float]

_KNOWN = Path(__file__).parent / "known"

# These name a direction, not the side on which something moves.
DIRECTIONS = ("jawLeft", "jawRight", "mouthLeft", "mouthRight")


class ConventionError(MienError):
    """A convention's file cannot be read."""


@dataclass(frozen=True, eq=False)
class KeyConvention:
    """What a kind of character calls its face keys.

    name, source, note: what a person reads, and where the names are published.
    channels: for each channel what may move with it, the best first: weights by name.
    other: further names of the convention.
    """

    name: str
    source: tuple[str, ...]
    channels: Mapping[str, tuple[Alternative, ...]]
    other: tuple[str, ...] = ()
    note: str = ""

    @functools.cached_property
    def owners(self) -> Mapping[str, str]:
        """The convention's own spelling of each of its names, by the plain form.

        What all its names begin with, such as CTRL_expressions_, may be missing.
        """
        names = list(self._names())
        shared = _shared_words([words_of(name) for name in names])
        short = {"".join(words_of(name)[shared:]): name for name in names if shared}
        return MappingProxyType({**short, **{plain(name): name for name in names}})

    @functools.cached_property
    def owners_by_words(self) -> Mapping[tuple[str, ...], str]:
        """The same by a name's words in alphabetical order; what is not clear is left out."""
        found: dict[tuple[str, ...], str] = {}
        for name in self._names():
            words = tuple(sorted(words_of(name)))
            found[words] = "" if found.get(words, name) != name else name
        return MappingProxyType({words: name for words, name in found.items() if name})

    @functools.cached_property
    def for_both_sides(self) -> frozenset[str]:
        """The names without a side that channels with one move."""
        return frozenset(
            name
            for channel, choices in self.channels.items()
            if channel.endswith(("Left", "Right")) and channel not in DIRECTIONS
            for choice in choices
            for name in choice
            if not names_a_side(words_of(name))
        )

    def _names(self) -> Iterator[str]:
        # In reverse: of two names with one plain form the one that comes first stays.
        names = [name for choices in self.channels.values() for each in choices for name in each]
        yield from reversed([*names, *self.other])


def conventions() -> tuple[KeyConvention, ...]:
    """All conventions, known and a rigger's own, by name.

    Raises ConventionError if a rigger's file cannot be used.
    """
    folder = user_folder()
    own = sorted(folder.glob("*.json")) if folder is not None and folder.is_dir() else []
    return _conventions(tuple((path, path.stat().st_mtime_ns) for path in own))


def user_folder() -> Path | None:
    """Where a rigger's own conventions lie; None where Mien runs outside an extension."""
    package = (__package__ or "").partition(".blender_ops")[0]
    try:
        return Path(bpy.utils.extension_path_user(package, path="conventions"))
    except ValueError:
        return None


@functools.lru_cache(maxsize=4)
def _conventions(own: tuple[tuple[Path, int], ...]) -> tuple[KeyConvention, ...]:
    found = {path.name: read_convention(path) for path in sorted(_KNOWN.glob("*.json"))}
    found.update((path.name, read_convention(path)) for path, _ in own)
    return tuple(sorted(found.values(), key=lambda each: each.name.casefold()))


def read_convention(path: Path) -> KeyConvention:
    """Read a convention's file. Raises ConventionError that says what is wrong in it."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConventionError(f"{path} is no JSON file that can be read: {error}.") from None
    try:
        return _convention(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConventionError(
            f"{path} is no naming convention: {error}. See the files that Mien brings in {_KNOWN}."
        ) from None


def _convention(data: Any) -> KeyConvention:
    for required in ("name", "source", "channels"):
        if required not in data:
            raise ValueError(f"“{required}” is missing")
    unknown = [channel for channel in data["channels"] if channel not in CHANNELS]
    if unknown:
        raise ValueError(f"“{unknown[0]}” is none of ARKit's channels")
    channels = {
        channel: tuple(_alternative(choice) for choice in choices)
        for channel, choices in data["channels"].items()
    }
    source = data["source"]
    return KeyConvention(
        str(data["name"]),
        (source,) if isinstance(source, str) else tuple(source),
        MappingProxyType(_with_sides_joined_and_split(channels)),
        tuple(data.get("other", ())),
        str(data.get("note", "")),
    )


def _alternative(choice: Any) -> Alternative:
    if isinstance(choice, str):
        return MappingProxyType({choice: 1.0})
    if not choice:
        raise ValueError("an empty choice stands in “channels”")
    return MappingProxyType({str(name): float(weight) for name, weight in choice.items()})


def _with_sides_joined_and_split(
    channels: Mapping[str, tuple[Alternative, ...]],
) -> dict[str, tuple[Alternative, ...]]:
    """The same, where a character has one key for both sides, or one a side.

    One key for both sides moves half as far with the channel of each; what is one
    channel moves both keys.
    """
    taken = {plain(name) for choices in channels.values() for each in choices for name in each}
    result = dict(channels)
    for channel, choices in channels.items():
        more: list[Alternative] = []
        for choice in choices:
            name, weight = next(iter(choice.items()))
            if len(choice) > 1 or channel in DIRECTIONS or not name.isascii():
                continue
            words = words_of(name)
            if words[-1] in ("left", "right") and channel.endswith(("Left", "Right")):
                joined = _capitals(words[:-1])
                if joined and plain(joined) not in taken:
                    more.append(MappingProxyType({joined: weight / 2}))
            elif words[-1] not in ("left", "right") and not channel.endswith(("Left", "Right")):
                split = [f"{name}_L", f"{name}_R"]
                if not any(plain(each) in taken for each in split):
                    more.append(MappingProxyType(dict.fromkeys(split, weight)))
        result[channel] = (*choices, *more)
    return result


def _shared_words(names: list[tuple[str, ...]]) -> int:
    """How many words all names begin with."""
    columns = zip(*names, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda words: len(set(words)) == 1, columns))


def _capitals(words: tuple[str, ...]) -> str:
    """eye, blink → eyeBlink."""
    return "".join([words[0], *(word.capitalize() for word in words[1:])]) if words else ""
