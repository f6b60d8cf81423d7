# SPDX-License-Identifier: GPL-3.0-or-later
"""A job whose work is done in a thread that touches nothing of Blender's."""

from __future__ import annotations

import threading
from abc import abstractmethod

from ...models.errors import Cancelled
from .job import Job, State


class ThreadedJob(Job):
    """Base of what works in a thread, which defines `work`; call `begin` once it is made.

    A job that is stopped leaves the thread to itself: `tell` then raises in it, so that it ends.
    """

    stopped = "The job was stopped."

    def begin(self) -> None:
        """Start the thread."""
        self._problem: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @abstractmethod
    def work(self) -> None:
        """Do it, in the thread. What it raises becomes the job's error."""

    def after_work(self) -> None:
        """On the main thread, again and again once the thread is over: the job is done."""
        self.fraction = 1.0
        self.end(State.DONE)

    def advance(self) -> None:
        """Look whether the thread is done; never waits."""
        if self._thread.is_alive():
            return
        if self._problem is not None:
            self.fail(self._problem)
            return
        self.after_work()

    def tell(self, fraction: float, text: str) -> None:
        """Called by the thread: how far it is. Raises Cancelled once the job was stopped."""
        if self.state is not State.RUNNING:
            raise Cancelled(self.stopped)
        self.fraction, self.text = fraction, text.capitalize()

    def _run(self) -> None:
        try:
            self.work()
        except Exception as problem:
            self._problem = problem
