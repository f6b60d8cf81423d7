# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien in other languages: one `.po` file for each, named as Blender names the language.

PO is what translators' tools (Poedit, Weblate, Lokalize) and Blender's own translations use.
Mien's code stays English; where Blender shows one of its strings it asks these tables, after
its own. `collect.py` finds the strings and `update.py` brings the files up to date: both stay
out of the package. `docs/translating.md` tells the rest.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bpy.app import translations

from .po import Key, read_po

CONTEXT = "Mien"
"""Where Blender uses the same word in another sense, such as Expression, a formula, Mien's is
looked up in this context: all panels and names of figures are, and properties that say so."""

FOLDER = Path(__file__).resolve().parent


def languages() -> list[str]:
    """The languages there are files for, by Blender's names: ja_JP, zh_HANS."""
    return sorted(path.stem for path in FOLDER.glob("*.po"))


def translations_into(language: str) -> dict[Key, str]:
    """What is translated into a language. Raises PoError if its file is damaged."""
    entries = read_po(FOLDER / f"{language}.po")
    return {entry.key: entry.translation for entry in entries if entry.is_done}


def add_translations() -> None:
    """Give Blender the tables."""
    tables: Any = {language: translations_into(language) for language in languages()}
    translations.register(__name__, tables)


def remove_translations() -> None:
    """Take them back."""
    translations.unregister(__name__)
