# SPDX-License-Identifier: GPL-3.0-or-later
"""Match a character's shape keys to channels. What is not found is listed, not guessed."""

from __future__ import annotations

import collections.abc
from dataclasses import dataclass

import bpy

from ...models.arkit import CHANNELS
from ..character import Character, character_error_if_gone, shape_keys_of
from .conventions import Convention, arkit


@dataclass(frozen=True)
class Target:
    """A shape key that a channel moves."""

    object: bpy.types.Object
    key: str


@dataclass(frozen=True)
class Mapping:
    """Which shape keys move with which channel.

    found: the shape keys of each channel that the character has, in ARKit's order;
        several where head, lashes and tongue carry the same key.
    missing: the channels that it has no shape key for.
    unknown: shape keys that stand for no channel, as "object: key".
    """

    found: collections.abc.Mapping[str, tuple[Target, ...]]
    missing: tuple[str, ...]
    unknown: tuple[str, ...] = ()


def match(character: Character, convention: Convention | None = None) -> Mapping:
    """Match by a naming convention, ARKit's unless another is given.

    Raises CharacterError if an object of the character was deleted meanwhile.
    """
    convention = convention or arkit()
    found: dict[str, list[Target]] = {}
    unknown: list[str] = []
    with character_error_if_gone(character):
        for mesh in character.meshes:
            channels: dict[str, list[str]] = {}
            for key in shape_keys_of(mesh).key_blocks[1:]:
                channel = convention.find(key.name)
                if channel is None:
                    unknown.append(f"{mesh.name}: {key.name}")
                else:
                    channels.setdefault(channel, []).append(key.name)
            for channel, names in channels.items():
                chosen = convention.choose(channel, names)
                found.setdefault(channel, []).extend(Target(mesh, name) for name in chosen)
                unknown.extend(f"{mesh.name}: {name}" for name in names if name not in chosen)
    return Mapping(
        found={channel: tuple(found[channel]) for channel in CHANNELS if channel in found},
        missing=tuple(channel for channel in CHANNELS if channel not in found),
        unknown=tuple(unknown),
    )
