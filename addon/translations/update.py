# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the PO files up to date with the code: `python -m mien.addon.translations.update`.

New strings are added without a translation, strings that are gone are taken out, and all that
is translated stays. A language is begun by its name: `… update ko_KR`.

Not part of the package.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Sequence

from ...models.formats import atomic
from . import FOLDER, languages
from .collect import Places, collected
from .po import Entry, read_po, written


def up_to_date(entries: Sequence[Entry], places: Places) -> list[Entry]:
    """The entries that the code asks for, with the translations that there are."""
    known = {entry.key: entry for entry in entries}
    return [
        dataclasses.replace(known.get(key, Entry(key)), places=where)
        for key, where in sorted(places.items(), key=lambda item: (item[1], item[0]))
    ]


def main(arguments: Sequence[str]) -> int:
    """Update every language's file, and those that are named."""
    from .. import registration

    registration.register()
    places = collected(registration.CLASSES)
    for language in sorted({*languages(), *arguments}):
        path = FOLDER / f"{language}.po"
        entries = up_to_date(read_po(path) if path.is_file() else [], places)
        with atomic.file(path, overwrite=True) as stream:
            stream.write(written(entries, language).encode())
        missing = sum(not entry.is_done for entry in entries)
        print(f"{path.name}: {len(entries)} strings, {missing} to translate")
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # The bpy module may wait for ever for threads while the process ends.
