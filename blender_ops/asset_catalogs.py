# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's catalogues of assets: found by their path, added where they are missing.

They stand in ``blender_assets.cats.txt``, one a line: ``UUID:path:simple name`` below a line
``VERSION 1``; empty lines and those that begin with # say nothing (Blender's manual, "Asset
Catalogs"). What a user wrote there stays as it is, byte for byte.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path

from ..models.errors import MienError
from ..models.formats import atomic

FILE = "blender_assets.cats.txt"

_VERSION = "VERSION 1"
_BEGINNING = f"""\
# This is an Asset Catalog Definition file for Blender.
#
# Empty lines and lines starting with `#` will be ignored.
# The first non-ignored line should be the version indicator.
# Other lines are of the format "UUID:catalog/path/for/assets:simple catalog name"

{_VERSION}

"""


class CatalogError(MienError):
    """A file of asset catalogues cannot be read or written."""


def folder_of_catalogs(blend: Path, libraries: Iterable[Path] = ()) -> Path:
    """The folder in which Blender keeps the catalogues of a .blend file.

    libraries: folders of the asset libraries in the preferences. A file of catalogues beside
    the .blend counts first, then the library that it lies in.
    """
    if (blend.parent / FILE).is_file():
        return blend.parent
    around = [library for library in libraries if blend.is_relative_to(library)]
    return max(around, key=lambda library: len(library.parts), default=blend.parent)


def catalog_of_path(folder: Path, path: str) -> str:
    """The UUID of a catalogue such as “Expressions/Joy”; it is added if it is not there.

    Raises CatalogError if the file is not as Blender writes it, FormatError if it cannot be
    written.
    """
    place = folder / FILE
    content = _content(place)
    for line in content.decode("utf-8").splitlines():
        identifier, _, rest = line.partition(":")
        if rest.partition(":")[0].strip().strip("/") == path and _is_uuid(identifier):
            return identifier.strip()
    made = str(uuid.uuid4())
    newline = b"\r\n" if b"\r\n" in content else b"\n"
    if content and not content.endswith(b"\n"):
        content += newline
    added = f"{made}:{path}:{path.replace('/', '-')}".encode() + newline
    with atomic.file(place, overwrite=True) as stream:
        stream.write((content or _BEGINNING.encode()) + added)
    return made


def as_part(name: str) -> str:
    """A name as one part of a catalogue's path, where / and : mean something else."""
    return name.replace("/", "-").replace(":", "-").strip()


def _content(place: Path) -> bytes:
    """What the file says; nothing if it is not there."""
    try:
        content = place.read_bytes() if place.exists() else b""
        lines = content.decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise CatalogError(f"“{place}” cannot be read ({problem}); correct or remove it.") from None
    said = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if said and said[0] != _VERSION:
        raise CatalogError(
            f"“{place}” begins with “{said[0]}”, not with “{_VERSION}”; "
            "it is of another Blender, and Mien leaves it alone."
        )
    return content


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text.strip())
    except ValueError:
        return False
    return True
