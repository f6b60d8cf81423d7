# SPDX-License-Identifier: GPL-3.0-or-later
"""The job that bakes: reading and the recipe in a thread, Blender's data in short slices."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...models.errors import Cancelled
from .job import Job, State

if TYPE_CHECKING:
    from ...blender_ops.steps import Steps
    from ...models.performance import Performance

SECONDS_A_SLICE = 0.06
SHARE_OF_PREPARING = 0.4

Progress = Callable[[float, str], None]


class BakeJob(Job):
    """A performance becomes keys, or what else needs Blender's data in short slices.

    prepare: makes the performance, touches nothing of Blender's, and tells its progress.
    steps: bakes it on the main thread, see `bake_in_steps`.
    result: what the bake did, once `state` is DONE.
    """

    holds_scene_data = True
    doing = "Baking"

    def __init__(
        self,
        prepare: Callable[[Progress], Performance],
        steps: Callable[[Performance], Steps[Any]],
    ) -> None:
        super().__init__("Reading the take")
        self.result: Any = None
        self._prepare = prepare
        self._make_steps = steps
        self._steps: Steps[Any] | None = None
        self._performance: Performance | None = None
        self._problem: Exception | None = None
        self._thread = threading.Thread(target=self._run_prepare, daemon=True)
        self._thread.start()

    def advance(self) -> None:
        """Wait for the thread without blocking, then bake for one slice of time."""
        if self._thread.is_alive():
            return
        if self._problem is not None:
            self.fail(self._problem)
            return
        try:
            self._bake_one_slice()
        except Exception as error:
            self.fail(error)

    def release(self) -> None:
        """A bake that is closed before its end leaves the scene as it was."""
        if self._steps is not None:
            self._steps.close()

    def _run_prepare(self) -> None:
        try:
            self._performance = self._prepare(self._progress_of_preparing)
        except Exception as problem:
            self._problem = problem

    def _progress_of_preparing(self, fraction: float, text: str) -> None:
        if self.state is not State.RUNNING:
            raise Cancelled("The bake was stopped.")
        self.fraction, self.text = fraction * SHARE_OF_PREPARING, text.capitalize()

    def _bake_one_slice(self) -> None:
        if self._steps is None:
            assert self._performance is not None
            self._steps = self._make_steps(self._performance)
        self.text = self.doing
        end = time.monotonic() + SECONDS_A_SLICE
        try:
            while True:
                share = next(self._steps)
                self.fraction = SHARE_OF_PREPARING + (1 - SHARE_OF_PREPARING) * share
                if time.monotonic() >= end:
                    break
        except StopIteration as finished:
            self.result = finished.value
            self.fraction = 1.0
            self.end(State.DONE)


class PreviewJob(BakeJob):
    """A performance is looked at: its curves, and the keys that a bake would write."""

    doing = "Counting keys"
