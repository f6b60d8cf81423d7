# SPDX-License-Identifier: GPL-3.0-or-later
"""Doing the steps of a plan: several at once, each in a process of its own.

A process that crashes costs its shots only. Nothing here keeps what a step made: memory stays
as it is however many shots there are.
"""

from __future__ import annotations

import shutil
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import MienError
from .attempt import Outcome, crashes
from .executor import Executor
from .lock import BatchError
from .plan import Plan, Step
from .store import Record, Store

KEEP_FREE = 200 << 20
_SECONDS_BETWEEN_LOOKS = 0.02


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


class Run:
    """One run of a plan.

    executor: where the steps are done. keep_free: bytes of the disk that are left alone.
    """

    def __init__(
        self,
        plan: Plan,
        store: Store,
        executor: Executor,
        watcher: Watcher,
        keep_free: int = KEEP_FREE,
    ) -> None:
        self._plan, self._store, self._executor = plan, store, executor
        self._watcher, self._keep_free = watcher, keep_free
        self._errors: dict[str, str] = {}
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

        Raises BatchError if the disk is full or the executor is lost; all that runs is ended
        then.
        """
        failed = 0
        try:
            while self._ready or self._executor.is_busy:
                while self._ready and self._executor.has_room:
                    failed += self._begin_one()
                for step, outcome in self._executor.finished():
                    failed += self._end_one(step, outcome)
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            return failed
        except OSError as error:
            self._check_disk()
            raise BatchError(
                f"{self._store.folder} cannot be written: {error.strerror or error}."
            ) from None
        finally:
            self._executor.stop()
            # Of processes that were lost with their machine.
            self._store.clear()

    def _begin_one(self) -> int:
        """Start the next step, or find it done already; the number of shots that failed."""
        step = self._plan.steps[self._ready.popleft()]
        if self._store.record(step) is not None:
            return self._settle(step, "")
        self._check_disk()
        self._store.log(step).unlink(missing_ok=True)
        self._executor.start(step)
        self._watcher.started(step)
        return 0

    def _end_one(self, step: Step, outcome: Outcome) -> int:
        """Keep what a step made, or give it up; the number of shots that failed."""
        log = self._store.log(step)
        if outcome.target is not None:
            record = Record(outcome.facts, outcome.seconds, crashes(log) + 1)
            try:
                self._store.keep(step, outcome.target, record)
            except MienError as error:
                self._check_disk()
                return self._settle(step, str(error))
            return self._settle(step, "")
        self._check_disk()
        place = log.relative_to(self._store.folder).as_posix()
        often = ", twice" if crashes(log) > 1 else ""
        see = f"{often}; see {place}." if outcome.crashed else ""
        return self._settle(step, outcome.error + see)

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
