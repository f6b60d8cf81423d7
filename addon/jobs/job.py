# SPDX-License-Identifier: GPL-3.0-or-later
"""A job: work that takes a while. There is at most one at a time.

A job knows nothing of windows: whoever started it calls `poll` now and then on the main
thread (the modal operator from a timer, a script or a test in a loop) and reads its
state.
"""

from __future__ import annotations

import enum
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from ...models.errors import MienError


class JobError(MienError):
    """A job cannot start, or ended in a way nobody planned."""


class State(enum.Enum):
    """How far a job is."""

    RUNNING = enum.auto()
    DONE = enum.auto()
    FAILED = enum.auto()
    CANCELLED = enum.auto()


class Job(ABC):
    """What all jobs have in common. One has started as soon as it is made.

    fraction: 0–1, how much is done. text: what is being done, in words.
    error: what went wrong, once `state` is FAILED.
    holds_scene_data: True if an undo would pull its data away from under it.
    """

    holds_scene_data = False

    def __init__(self, text: str) -> None:
        self.state = State.RUNNING
        self.fraction = 0.0
        self.text = text
        self.error: Exception | None = None

    def poll(self) -> bool:
        """Go on for a moment, at most 100 ms. True as long as the job runs."""
        if self.state is State.RUNNING:
            self.advance()
        return self.state is State.RUNNING

    def wait(self) -> None:
        """Poll until it is over: for scripts, where nobody looks at a window."""
        while self.poll():
            time.sleep(0.005)

    def cancel(self) -> None:
        """End it now, with nothing left of it."""
        self.end(State.CANCELLED)

    def fail(self, error: Exception) -> None:
        """End it because of an error."""
        self.error = error
        self.end(State.FAILED)

    def end(self, state: State) -> None:
        """Let go of all it holds, once."""
        if self.state is State.RUNNING:
            self.state = state
            self.release()

    @abstractmethod
    def advance(self) -> None:
        """The next moment of work; calls `end` or `fail` when it is over."""

    @abstractmethod
    def release(self) -> None:
        """Close and remove what only the running job needs."""


AnyJob = TypeVar("AnyJob", bound=Job)

ONE_AT_A_TIME = "Another job is running. Wait for it, or press Esc to stop it."


class Jobs:
    """The running job, of which there is at most one."""

    def __init__(self) -> None:
        self._job: Job | None = None

    @property
    def running(self) -> Job | None:
        """The job that runs now, or None."""
        if self._job is not None and self._job.state is not State.RUNNING:
            self._job = None
        return self._job

    def start(self, make: Callable[[], AnyJob]) -> AnyJob:
        """Start what `make` builds. Raises JobError while another job runs."""
        if self.running is not None:
            raise JobError(ONE_AT_A_TIME)
        self._job = job = make()
        return job

    def stop(self) -> None:
        """Cancel what runs, if anything does."""
        if self.running is not None:
            self.running.cancel()


# Of this Python process only: whatever runs is over before another file is opened or
# Mien is disabled.
JOBS = Jobs()
