# SPDX-License-Identifier: GPL-3.0-or-later
"""One batch at a time in a folder.

The operating system keeps the lock and forgets it with the process that held it, however
that ended: a lock file that is left over is stale and locks nothing. The file says who holds
it, for a message.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import MienError

NAME = "batch.lock"

# A byte far behind the text, so that Windows lets others read who holds the lock.
_FAR = 1 << 20


class BatchError(MienError):
    """A batch cannot go on, or some of its shots failed."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock. Raises BatchError if another process holds it."""
    path = folder / NAME
    try:
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise BatchError(f"{path} cannot be written: {error.strerror}.") from None
    with file:
        try:
            _lock(file)
        except OSError:
            raise BatchError(f"Another batch works in {folder} ({_holder(path)}).") from None
        _say_who(file)
        yield
        file.truncate(0)


def _lock(file: IO[str]) -> None:
    """Raises OSError if another holds it."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _say_who(file: IO[str]) -> None:
    file.seek(0)
    file.truncate()
    file.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}) + "\n")
    file.flush()


def _holder(path: Path) -> str:
    try:
        who = json.loads(path.read_text(encoding="utf-8"))
        return f"process {who['pid']} on {who['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "by another process"
