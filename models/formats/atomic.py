# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ..errors import FormatError


@contextmanager
def file(path: Path, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A stream into a new file beside `path`, moved to `path` when the block ends well.

    If it does not, nothing is left behind. Raises FormatError if `path` is there already
    (unless `overwrite`) or cannot be written.
    """
    if path.exists() and not overwrite:
        raise FormatError(f"“{path}” is there already; choose another name.")
    temporary = _beside(path)
    try:
        with temporary.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        raise FormatError(
            f"“{path}” cannot be written ({error.strerror or error}); "
            "make room or choose another folder."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """A new folder beside `path`, moved to `path` when the block ends well.

    Folders above it are made if need be. If the block fails, nothing is left behind.
    Raises FileExistsError if `path` is there already, OSError if it cannot be written.
    """
    if path.exists():
        raise FileExistsError(path)
    made = [parent for parent in path.parents if not parent.exists()]
    temporary = _beside(path)
    try:
        temporary.mkdir(parents=True)
        yield temporary
        if path.exists():
            raise FileExistsError(path)
        temporary.rename(path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        for parent in made:
            with suppress(OSError):
                parent.rmdir()
        raise


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
