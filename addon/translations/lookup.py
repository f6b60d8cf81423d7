# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's functions that translate a text, with their types: its stubs say they return nothing.

They are called as Blender's own code calls them, so that whoever knows that code, and
`literals.py`, sees which texts are translated.
"""

from __future__ import annotations

from typing import Any

from bpy.app import translations

_BLENDER: Any = translations


def iface_(text: str, context: str | None = None) -> str:
    """A text of the interface in the user's language."""
    return str(_BLENDER.pgettext_iface(text, context))


def tip_(text: str, context: str | None = None) -> str:
    """A tooltip in the user's language."""
    return str(_BLENDER.pgettext_tip(text, context))


def rpt_(text: str, context: str | None = None) -> str:
    """A report in the user's language."""
    return str(_BLENDER.pgettext_rpt(text, context))


def n_(text: str) -> str:
    """The text as it is: marked for translation where it is shown."""
    return text
