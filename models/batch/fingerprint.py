# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file or folder holds, as a hash; large files that did not change are not read again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import MienError
from ..formats import atomic
from .shot import ShotListError

_CODE = (".py", ".json", ".onnx", ".toml")


class Fingerprints:
    """Hashes of contents, remembered in a file by each path's size and time of change."""

    def __init__(self, memory: Path | None = None) -> None:
        self._memory = memory
        self._known: dict[str, list[object]] = {}
        self._changed = False
        if memory is not None:
            with suppress(OSError, ValueError):
                known = json.loads(memory.read_text(encoding="utf-8"))
                self._known = known if isinstance(known, dict) else {}

    def of(self, path: Path) -> str:
        """The hash of a file's content, or of a folder's files with their names.

        Raises ShotListError if it cannot be read.
        """
        try:
            if not path.is_dir():
                return self._of_file(path)
            files = sorted(file for file in path.rglob("*") if file.is_file())
            rows = [f"{file.relative_to(path).as_posix()} {self._of_file(file)}" for file in files]
        except OSError as error:
            raise ShotListError(f"{path} cannot be read: {error.strerror}.") from None
        return combined(rows)

    def keep(self) -> None:
        """Write what was learnt, if the memory can be written."""
        if self._memory is None or not self._changed:
            return
        with suppress(OSError, MienError), atomic.file(self._memory, overwrite=True) as stream:
            stream.write(json.dumps(self._known).encode())

    def _of_file(self, path: Path) -> str:
        found = path.stat()
        state = [found.st_size, found.st_mtime_ns]
        known = self._known.get(str(path))
        if known is not None and known[:2] == state:
            return str(known[2])
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._known[str(path)] = [*state, digest]
        self._changed = True
        return digest


def combined(parts: Iterable[str]) -> str:
    """One hash of several texts in their order."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def code(folders: Sequence[Path], prints: Fingerprints | None = None) -> str:
    """A hash of the code and the networks in folders: what other code made is made again."""
    prints = prints or Fingerprints()
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.suffix in _CODE)
    return combined(prints.of(file) for file in files)
