# SPDX-License-Identifier: GPL-3.0-or-later
"""Where steps are done: what a `Run` asks of such a place, and this machine as one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from .attempt import ATTEMPTS, Attempt, Outcome, Start, crashes
from .plan import Step
from .store import Store


class Executor(Protocol):
    """Does steps, several at once. A step that crashes is its to try again."""

    @property
    def has_room(self) -> bool:
        """Whether one more step may be started now."""

    @property
    def is_busy(self) -> bool:
        """Whether any step is under way."""

    def start(self, step: Step) -> None:
        """Begin a step. Raises OSError or BatchError if that cannot be."""

    def finished(self) -> Iterator[tuple[Step, Outcome]]:
        """The steps that are over since the last call; never waits for one.

        Raises BatchError if the place is lost.
        """

    def stop(self) -> None:
        """End all that is under way, and leave nothing of it."""


class LocalProcesses:
    """An executor: processes of this machine.

    start: starts one. jobs: how many at once.
    """

    def __init__(self, store: Store, start: Start, jobs: int = 1) -> None:
        self._store, self._start, self._jobs = store, start, jobs
        self._running: list[Attempt] = []

    @property
    def has_room(self) -> bool:
        """Whether a process may be added."""
        return len(self._running) < self._jobs

    @property
    def is_busy(self) -> bool:
        """Whether any process runs."""
        return bool(self._running)

    def start(self, step: Step) -> None:
        """Start the step's process."""
        self._running.append(Attempt(step, self._store, self._start))

    def finished(self) -> Iterator[tuple[Step, Outcome]]:
        """The steps whose process ended; one that crashed is tried again first."""
        for attempt in list(self._running):
            outcome = attempt.outcome()
            if outcome is None:
                continue
            self._running.remove(attempt)
            if outcome.crashed and crashes(self._store.log(attempt.step)) < ATTEMPTS:
                self.start(attempt.step)
            else:
                yield attempt.step, outcome

    def stop(self) -> None:
        """Kill the processes."""
        for attempt in self._running:
            attempt.stop()
        self._running.clear()
