# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and writing gettext's PO files, as far as Mien uses them: no plurals.

Blender brings no library for them (its own `_bl_i18n_utils` is private and differs from version
to version), and Python's `gettext` reads only what a compiler made of them.
Format: https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ...models.errors import MienError

DEFAULT_CONTEXT = "*"
"""Blender's name for no particular context; such entries have no `msgctxt` in the file."""

Key = tuple[str, str]
"""Context and English text, as Blender looks a translation up."""


class PoError(MienError):
    """A line of a PO file cannot be understood."""


@dataclass(frozen=True)
class Entry:
    """One string.

    places: the files that show it. remarks: the translators' own comments. is_fuzzy: the
    translation has to be looked at again, and is not used until then.
    """

    key: Key
    translation: str = ""
    places: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    is_fuzzy: bool = False

    @property
    def is_done(self) -> bool:
        """Whether there is a translation to be used."""
        return bool(self.translation) and not self.is_fuzzy


def read_po(path: Path) -> list[Entry]:
    """The entries of a file in their order, without its header.

    Raises PoError for a line that is none of PO's, OSError if the file cannot be read.
    """
    text = path.read_text(encoding="utf-8")
    try:
        entries = [_entry(block) for block in _blocks(text)]
    except ValueError as problem:
        raise PoError(f"“{path}”: {problem}; correct the line.") from None
    return [entry for entry in entries if entry.key[1]]


def written(entries: Iterable[Entry], language: str) -> str:
    """The text of a file for a language."""
    header = (
        "# SPDX-License-Identifier: GPL-3.0-or-later\n"
        'msgid ""\n'
        'msgstr ""\n'
        '"Project-Id-Version: Mien\\n"\n'
        f'"Language: {language}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
    )
    return "\n".join([header, *(_written(entry) for entry in entries)])


def _blocks(text: str) -> Iterator[list[str]]:
    """The lines of each entry. Entries that were struck out (`#~`) are left out."""
    block: list[str] = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#~"):
            block.append(line.strip())
        elif block:
            yield block
            block = []
    if block:
        yield block


def _entry(lines: list[str]) -> Entry:
    said = {"msgctxt": "", "msgid": "", "msgstr": ""}
    comments = [line for line in lines if line.startswith("#")]
    word = ""
    for line in lines:
        if line.startswith("#"):
            continue
        if not line.startswith('"'):
            word, _, line = line.partition(" ")
            if word not in said:
                raise ValueError(f"“{word}” is not a word that Mien's PO files use")
        said[word] += _unquoted(line.strip())
    return Entry(
        (said["msgctxt"] or DEFAULT_CONTEXT, said["msgid"]),
        said["msgstr"],
        tuple(place for each in comments if each.startswith("#:") for place in each[2:].split()),
        tuple(each[2:] for each in comments if each.startswith("# ")),
        any(each.startswith("#,") and "fuzzy" in each for each in comments),
    )


def _unquoted(text: str) -> str:
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise ValueError(f"{text} is not in quotes")
    if "\\" not in text:
        return text[1:-1]
    return re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), text[1:-1])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _written(entry: Entry) -> str:
    context, text = entry.key
    lines = [f"# {remark}" for remark in entry.remarks]
    lines += [f"#: {place}" for place in entry.places]
    lines += ["#, fuzzy"] if entry.is_fuzzy else []
    lines += [f"msgctxt {_quoted(context)}"] if context != DEFAULT_CONTEXT else []
    return "\n".join([*lines, f"msgid {_quoted(text)}", f"msgstr {_quoted(entry.translation)}", ""])


_ESCAPED = {"n": "\n", "t": "\t"}
