# SPDX-License-Identifier: GPL-3.0-or-later
"""Naming conventions, read from the data files beside this module.

``arkit.json`` lists for each channel the names that its shape keys go by, in any
spelling. A rigger can read it and add to it. It names its public source.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from .names import plain, plain_forms

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Convention:
    """What the channels, or bones, of a face are called.

    name, source: what a person reads, and where it is published.
    names: for each channel the names it goes by, the usual one first.
    """

    name: str
    source: str
    names: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        owners: dict[str, str] = {}
        for owner, names in self.names.items():
            for name in names:
                if owners.setdefault(plain(name), owner) != owner:
                    raise ValueError(f"{self.name}: “{name}” stands for two channels.")
        object.__setattr__(self, "_owners", MappingProxyType(owners))

    def find(self, name: str) -> str | None:
        """The channel that a shape key or bone of this name stands for, if any."""
        owners: Mapping[str, str] = self._owners  # type: ignore[attr-defined]
        return next((owners[form] for form in plain_forms(name) if form in owners), None)

    def choose(self, channel: str, candidates: Iterable[str]) -> list[str]:
        """Of names that all stand for `channel`, one for each name it goes by, in that order.

        The convention's own spelling comes before others; of two other spellings the
        first, so that `jawOpen` is taken and `JawOpen.001` beside it left alone.
        """
        chosen: dict[str, str] = {}
        for name in candidates:
            usual = self._usual(channel, name)
            if usual not in chosen or (name == usual and chosen[usual] != usual):
                chosen[usual] = name
        return [chosen[usual] for usual in self.names[channel] if usual in chosen]

    def _usual(self, channel: str, name: str) -> str:
        forms = set(plain_forms(name))
        return next(usual for usual in self.names[channel] if plain(usual) in forms)


@functools.cache
def arkit() -> Convention:
    """ARKit's 52 channels in any spelling."""
    return _read("arkit.json", "channels")


def _read(file: str, what: str) -> Convention:
    data = json.loads((_FOLDER / file).read_text(encoding="utf-8"))
    return Convention(
        data["name"],
        data["source"],
        MappingProxyType({channel: tuple(names) for channel, names in data[what].items()}),
    )
