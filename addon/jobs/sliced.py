# SPDX-License-Identifier: GPL-3.0-or-later
"""A job in two parts: computed in a thread, then done to Blender's data in short slices."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .job import JobError, State
from .threaded import ThreadedJob

if TYPE_CHECKING:
    from ...blender_ops.steps import Steps

SECONDS_A_SLICE = 0.04

Progress = Callable[[float, str], None]


class SlicedJob(ThreadedJob):
    """Something is prepared off the main thread, then done on it, a slice at a time.

    prepare: makes what the steps need, touches nothing of Blender's, tells its progress.
    steps: does the work with it; closed before its end, it leaves the scene as it was.
    result: what the steps returned, once `state` is DONE.

    A kind of job says what it is called while it begins (`beginning`) and works (`doing`), what
    part of the whole preparing is, and what is said of one that was stopped (`stopped`).
    """

    holds_scene_data = True
    beginning = ""
    doing = ""
    share_of_preparing = 0.5

    def __init__(
        self, prepare: Callable[[Progress], Any], steps: Callable[[Any], Steps[Any]]
    ) -> None:
        super().__init__(self.beginning)
        self.result: Any = None
        self._prepare = prepare
        self._make_steps = steps
        self._steps: Steps[Any] | None = None
        self._prepared: Any = None
        self.begin()

    def work(self) -> None:
        """Prepare."""
        self._prepared = self._prepare(self._tell)

    def after_work(self) -> None:
        """Work with what was prepared for one slice of time."""
        try:
            self._work_one_slice()
        except ReferenceError:
            # Blender's word for data that are gone.
            self.fail(JobError(f"{self.doing}: what this worked on was deleted meanwhile."))
        except Exception as error:
            self.fail(error)

    def release(self) -> None:
        """Steps that are closed before their end take away what they did."""
        if self._steps is not None:
            self._steps.close()

    def _tell(self, fraction: float, text: str) -> None:
        self.tell(fraction * self.share_of_preparing, text)

    def _work_one_slice(self) -> None:
        if self._steps is None:
            self._steps = self._make_steps(self._prepared)
        self.text = self.doing
        end = time.monotonic() + SECONDS_A_SLICE
        try:
            while True:
                share = next(self._steps)
                self.fraction = self.share_of_preparing + (1 - self.share_of_preparing) * share
                if time.monotonic() >= end:
                    break
        except StopIteration as finished:
            self.result = finished.value
            self.fraction = 1.0
            self.end(State.DONE)
