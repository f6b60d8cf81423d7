# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo character: a head in the manner of a vinyl figure, built by code."""

from .character import DemoCharacter, build_demo_character
from .scene import build_demo_scene

__all__ = ["DemoCharacter", "build_demo_character", "build_demo_scene"]
