# SPDX-License-Identifier: GPL-3.0-or-later
"""The Blender versions that Mien is built and tested with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Blender:
    """One Blender version: its module on PyPI and what belongs to it."""

    name: str
    bpy: str
    python: tuple[int, int]
    numpy: str


BLENDERS = {
    blender.name: blender
    for blender in (
        Blender("4.2", "4.2.23", (3, 11), "1.24.4"),
        Blender("4.5", "4.5.15", (3, 11), "1.26.4"),
        Blender("5.0", "5.0.1", (3, 11), "1.26.4"),
        Blender("5.2", "5.2.3", (3, 13), "2.3.5"),
    )
}
DEFAULT_BLENDERS = {(3, 11): "4.5", (3, 13): "5.2"}
