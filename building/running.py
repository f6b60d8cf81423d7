# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands run, steps told, and what the person at the keyboard can put right."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"

Command = Sequence[str | Path]


class BuildError(Exception):
    """Something the person at the keyboard can put right."""


class Steps:
    """Prints each step of a long command and how long it took."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.number = 0

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step; print its time when it ends."""
        self.number += 1
        print(f"[{self.number}/{self.total}] {title} …", flush=True)
        started = time.monotonic()
        yield
        print(f"      {time.monotonic() - started:.1f} s", flush=True)


def run(command: Command, **options: Any) -> None:
    """Run a command; BuildError if it fails."""
    result = subprocess.run([str(part) for part in command], **options)
    if result.returncode:
        words = " ".join(str(part) for part in command)
        raise BuildError(f"This command failed with exit code {result.returncode}: {words}")
