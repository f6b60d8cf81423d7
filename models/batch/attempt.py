# SPDX-License-Identifier: GPL-3.0-or-later
"""One try at a step: a process for its command, and what came of it."""

from __future__ import annotations

import json
import secrets
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .plan import TARGET, Step
from .store import Store

ATTEMPTS = 2
"""How often a step is tried that crashes."""

_ERROR = "mien: "
_CRASHED = "The process ended unexpectedly"
_END_OF_LOG = 4000

# A failure of Mien's own that is no crash: the same again would give the same.
_FAILED, _BAD_USE = 1, 2

Start = Callable[[Sequence[str], Path], "subprocess.Popen[bytes]"]
"""Starts a process for a command's arguments; all that it says goes into the file. It must end
when its standard input closes, so that none goes on after a batch that was killed."""


@dataclass(frozen=True)
class Outcome:
    """What came of a step.

    error: "" if it was made. crashed: it ended without a word of its own; another try may
    succeed. target: where its product lies until `Store.keep`, None if there is none. facts:
    what the command said of itself.
    """

    error: str = ""
    crashed: bool = False
    target: Path | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


class Attempt:
    """A try at a step that runs. Raises OSError if no process can be started."""

    def __init__(self, step: Step, store: Store, start: Start) -> None:
        self.step = step
        self._store = store
        self._log = store.log(step)
        self._target = store.target(step)
        # Beside the log, and of this try alone: an earlier one may still run on a lost machine.
        self._facts = self._log.with_name(f".{self._log.stem}-{secrets.token_hex(4)}.json")
        arguments = [str(self._target) if each == TARGET else each for each in step.arguments]
        self._begin = time.monotonic()
        self._process = start([*arguments, "--json", str(self._facts)], self._log)

    def outcome(self) -> Outcome | None:
        """What came of it; None while it runs. Never waits; not to be asked again."""
        code = self._process.poll()
        if code is None:
            return None
        _close(self._process)
        if code == 0:
            facts = _read(self._facts)
            self._facts.unlink(missing_ok=True)
            seconds = time.monotonic() - self._begin
            return Outcome(target=self._target, facts=facts, seconds=seconds)
        self._discard()
        said = _said(self._log) if code in (_FAILED, _BAD_USE) else ""
        if said:
            return Outcome(said)
        with suppress(OSError), self._log.open("ab") as log:
            log.write(f"\n{_CRASHED} (code {code}).\n".encode())
        return Outcome(f"ended unexpectedly (code {code})", crashed=True)

    def stop(self) -> None:
        """End it, and leave nothing of it."""
        self._process.kill()
        self._process.wait()
        _close(self._process)
        self._discard()

    def _discard(self) -> None:
        self._store.discard(self._target, self.step)
        self._facts.unlink(missing_ok=True)


def crashes(log: Path) -> int:
    """How many tries at a step crashed, by its log."""
    with suppress(OSError), log.open("rb") as lines:
        return sum(line.startswith(_CRASHED.encode()) for line in lines)
    return 0


def _read(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    # Places are known to the store; those in the facts are of the unfinished product.
    return {name: value for name, value in facts.items() if name not in _PLACES}


_PLACES = ("take", "blend", "folder", "video", "output")


def _said(log: Path) -> str:
    """Mien's own words on what went wrong; "" where it crashed."""
    with suppress(OSError), log.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - _END_OF_LOG))
        for line in reversed(file.read().decode(errors="replace").splitlines()):
            if line.startswith(_ERROR):
                return line.removeprefix(_ERROR)
    return ""


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
