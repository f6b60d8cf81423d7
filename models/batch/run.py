# SPDX-License-Identifier: GPL-3.0-or-later
"""Doing the steps of a plan: several at once, each in a process of its own.

A process that crashes costs its shots only, after a second try. Nothing here keeps what a
step made: memory stays as it is however many shots there are.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..errors import MienError
from .lock import BatchError
from .plan import TARGET, Plan, Step
from .store import Record, Store

ATTEMPTS = 2
KEEP_FREE = 200 << 20
_SECONDS_BETWEEN_LOOKS = 0.02
_ERROR = "mien: "
_END_OF_LOG = 4000

# A failure of Mien's own that is no crash: the same again would give the same.
_FAILED, _BAD_USE = 1, 2

Start = Callable[[Sequence[str], Path], "subprocess.Popen[bytes]"]
"""Starts a process for a command's arguments; all that it says goes into the file. It must end
when its standard input closes, so that none goes on after a batch that was killed."""


@dataclass(frozen=True)
class ShotResult:
    """How a shot ended. error: "" if it was made. facts: by kind of step."""

    name: str
    error: str
    products: dict[str, str]
    facts: dict[str, dict[str, Any]]
    seconds: float
    warnings: tuple[str, ...] = ()


class Watcher(Protocol):
    """Is told what happens."""

    def started(self, step: Step) -> None:
        """A step's process runs."""

    def ended(self, step: Step, error: str) -> None:
        """A step is done, or failed for good."""

    def shot(self, result: ShotResult) -> None:
        """A shot is made, or failed."""


@dataclass
class _Running:
    step: Step
    process: subprocess.Popen[bytes]
    target: Path
    facts: Path
    attempt: int
    begin: float = field(default_factory=time.monotonic)


class Run:
    """One run of a plan.

    jobs: how many processes at once. keep_free: bytes of the disk that are left alone.
    """

    def __init__(
        self,
        plan: Plan,
        store: Store,
        start: Start,
        watcher: Watcher,
        jobs: int = 1,
        keep_free: int = KEEP_FREE,
    ) -> None:
        self._plan, self._store, self._start = plan, store, start
        self._watcher, self._jobs, self._keep_free = watcher, jobs, keep_free
        self._running: list[_Running] = []
        self._errors: dict[str, str] = {}
        self._retries: deque[tuple[Step, int]] = deque()
        self._waits_for = {key: set(step.needs) for key, step in plan.steps.items()}
        self._ready = deque(key for key, needs in self._waits_for.items() if not needs)
        self._next: dict[str, list[str]] = {}
        for key, step in plan.steps.items():
            for need in step.needs:
                self._next.setdefault(need, []).append(key)
        self._shots_of: dict[str, list[str]] = {}
        self._open = {name: len(keys) for name, keys in plan.shots.items()}
        for name, keys in plan.shots.items():
            for key in keys.values():
                self._shots_of.setdefault(key, []).append(name)

    def until_done(self) -> int:
        """Do all that can be done; the number of shots that failed.

        Raises BatchError if the disk is full; all that runs is ended then.
        """
        failed = 0
        try:
            while self._ready or self._retries or self._running:
                while len(self._running) < self._jobs and (self._retries or self._ready):
                    failed += self._begin_one()
                time.sleep(_SECONDS_BETWEEN_LOOKS)
                for running in [each for each in self._running if each.process.poll() is not None]:
                    failed += self._end_one(running)
            return failed
        except OSError as error:
            self._check_disk()
            raise BatchError(
                f"{self._store.folder} cannot be written: {error.strerror or error}."
            ) from None
        finally:
            self._stop()

    def _begin_one(self) -> int:
        """Start the next step, or find it done already; the number of shots that failed."""
        if self._retries:
            step, attempt = self._retries.popleft()
        else:
            step, attempt = self._plan.steps[self._ready.popleft()], 1
            if self._store.record(step) is not None:
                return self._settle(step, "")
        self._check_disk()
        target = self._store.target(step)
        facts = self._store.log(step).with_suffix(".json")
        facts.unlink(missing_ok=True)
        log = self._store.log(step)
        if attempt == 1:
            log.unlink(missing_ok=True)
        arguments = [str(target) if each == TARGET else each for each in step.arguments]
        process = self._start([*arguments, "--json", str(facts)], log)
        self._running.append(_Running(step, process, target, facts, attempt))
        self._watcher.started(step)
        return 0

    def _end_one(self, running: _Running) -> int:
        """Keep what a process made, try again, or give up; the number of shots that failed."""
        self._running.remove(running)
        step, code = running.step, running.process.returncode
        _close(running.process)
        if code == 0:
            record = Record(
                _facts(running.facts), time.monotonic() - running.begin, running.attempt
            )
            try:
                self._store.keep(step, running.target, record)
            except MienError as error:
                self._check_disk()
                return self._settle(step, str(error))
            running.facts.unlink(missing_ok=True)
            return self._settle(step, "")
        self._store.discard(running.target, step)
        running.facts.unlink(missing_ok=True)
        self._check_disk()
        log = self._store.log(step)
        said = _said(log) if code in (_FAILED, _BAD_USE) else ""
        if not said and running.attempt < ATTEMPTS:
            self._retries.append((step, running.attempt + 1))
            return 0
        place = log.relative_to(self._store.folder).as_posix()
        return self._settle(step, said or f"ended unexpectedly (code {code}), twice; see {place}.")

    def _settle(self, step: Step, error: str) -> int:
        """A step is over: what needs it may start, or fails as well."""
        failed = 0
        ready: list[str] = []
        over = [(step, error)]
        while over:
            step, error = over.pop()
            if error:
                self._errors[step.key] = f"{step.kind.replace('_', ' ')}: {error}"
            self._watcher.ended(step, error)
            for key in self._next.get(step.key, ()):
                if key not in self._waits_for:
                    continue
                if error:
                    del self._waits_for[key]
                    over.append((self._plan.steps[key], error))
                    continue
                self._waits_for[key].discard(step.key)
                if not self._waits_for[key]:
                    ready.append(key)
            for name in self._shots_of.get(step.key, ()):
                self._open[name] -= 1
                if self._open[name] == 0:
                    result = shot_result(self._plan, self._store, name, self._errors)
                    self._watcher.shot(result)
                    failed += bool(result.error)
        # First: begun shots are finished before others begin.
        self._ready.extendleft(reversed(ready))
        return failed

    def _check_disk(self) -> None:
        """Raises BatchError if there is hardly any room left."""
        free = shutil.disk_usage(self._store.folder).free
        if free < self._keep_free:
            raise BatchError(
                f"The disk of {self._store.folder} is full: {free >> 20} MB are free, "
                f"{self._keep_free >> 20} MB are kept free. Make room and go on with --resume."
            )

    def _stop(self) -> None:
        """End what runs, and leave nothing of it."""
        for running in self._running:
            running.process.kill()
        for running in self._running:
            running.process.wait()
            _close(running.process)
            self._store.discard(running.target, running.step)
            running.facts.unlink(missing_ok=True)
        self._running.clear()


def shot_result(plan: Plan, store: Store, name: str, errors: dict[str, str]) -> ShotResult:
    """What is known of a shot whose steps are over. errors: of steps, by their keys."""
    products, facts, seconds, warnings = {}, {}, 0.0, []
    error = ""
    for kind, key in plan.shots[name].items():
        step = plan.steps[key]
        if key in errors:
            error = error or errors[key]
            continue
        record = store.record(step)
        if record is None:
            error = error or f"{kind}: not made."
            continue
        products[kind], facts[kind] = step.product, dict(record.facts)
        seconds += record.seconds
        if record.attempts > 1:
            warnings.append(f"{kind.replace('_', ' ')} crashed once and was made at the second try")
        if store.was_changed(step):
            warnings.append(f"{step.product} was changed since and is left as it is")
    return ShotResult(name, error, products, facts, seconds, tuple(warnings))


def _facts(path: Path) -> dict[str, Any]:
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
