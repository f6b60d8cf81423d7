# SPDX-License-Identifier: GPL-3.0-or-later
"""`Mapping`: what moves with each channel, how sure that is, and what was found out."""

from __future__ import annotations

import collections.abc
import functools
from dataclasses import dataclass, field
from types import MappingProxyType

from .geometry import Findings
from .target import Target

# The origin of what was corrected or saved by hand, or came with the character's file.
KEPT = "kept with the character"


@dataclass(frozen=True)
class Row:
    """What moves with one channel.

    channel: ARKit's name.
    targets: what is keyed; empty where the character has nothing for it.
    origin: the convention that says so, `KEPT`, or "" where there is nothing.
    certainty: 0–1; 1 for what a person said.
    notes: what to look at, a short sentence each.
    shapes: the shape keys that move in the end, where controls are keyed for them.
    unreachable: keys that cannot be moved, and why, as "object: key – why".
    silent: keys that show nothing although they are keyed, and why.
    """

    channel: str
    targets: tuple[Target, ...] = ()
    origin: str = ""
    certainty: float = 0.0
    notes: tuple[str, ...] = ()
    shapes: tuple[Target, ...] = ()
    unreachable: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Followed:
    """A convention that a character follows: how many channels come from it, and how sure."""

    name: str
    source: tuple[str, ...]
    channels: int
    names: int
    certainty: float


@dataclass(frozen=True, eq=False)
class Mapping:
    """What moves with each channel.

    rows: one for each of ARKit's channels, in their order.
    followed: the conventions, the one that explains most first.
    unneeded: keys that a convention knows and nothing moves here, as "object: key".
    unknown: keys that stand for nothing known, as "object: key".
    findings: what the shapes themselves say.
    """

    rows: tuple[Row, ...]
    followed: tuple[Followed, ...] = ()
    unneeded: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    findings: Findings = field(default_factory=Findings)

    @functools.cached_property
    def found(self) -> collections.abc.Mapping[str, tuple[Target, ...]]:
        """The targets of each channel that has any, in ARKit's order."""
        return MappingProxyType({row.channel: row.targets for row in self.rows if row.targets})

    @functools.cached_property
    def missing(self) -> tuple[str, ...]:
        """The channels that nothing moves with."""
        return tuple(row.channel for row in self.rows if not row.targets)

    @functools.cached_property
    def unreachable(self) -> tuple[str, ...]:
        """Keys that cannot be moved, and why."""
        return tuple(dict.fromkeys(each for row in self.rows for each in row.unreachable))

    @functools.cached_property
    def silent(self) -> tuple[str, ...]:
        """Keys that show nothing although they are keyed, and why."""
        return tuple(dict.fromkeys(each for row in self.rows for each in row.silent))

    def row(self, channel: str) -> Row:
        """The row of a channel. Raises KeyError for what is none of ARKit's."""
        for row in self.rows:
            if row.channel == channel:
                return row
        raise KeyError(channel)
