# SPDX-License-Identifier: GPL-3.0-or-later
"""The job that carries face keys over: computed in a thread, written in short slices."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...models.errors import Cancelled
from .job import Job, State

if TYPE_CHECKING:
    from ...blender_ops.steps import Steps
    from ...blender_ops.transfer.carry_over import TransferResult
    from ...models.performance import Floats

SECONDS_A_SLICE = 0.06
SHARE_OF_COMPUTING = 0.95

Progress = Callable[[float, str], None]


class TransferJob(Job):
    """Face keys for a character that has none.

    compute: makes the displacements of each channel; touches nothing of Blender's.
    steps: writes them on the main thread, see `add_keys_in_steps`.
    result: what was added, once `state` is DONE.
    """

    holds_scene_data = True

    def __init__(
        self,
        compute: Callable[[Progress], Mapping[str, Floats]],
        steps: Callable[[Mapping[str, Floats]], Steps[TransferResult]],
    ) -> None:
        super().__init__("Looking at the template")
        self.result: TransferResult | None = None
        self._compute = compute
        self._make_steps = steps
        self._steps: Steps[TransferResult] | None = None
        self._deltas: Mapping[str, Floats] | None = None
        self._problem: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def advance(self) -> None:
        """Wait for the thread without blocking, then write for one slice of time."""
        if self._thread.is_alive():
            return
        if self._problem is not None:
            self.fail(self._problem)
            return
        try:
            self._write_one_slice()
        except Exception as error:
            self.fail(error)

    def release(self) -> None:
        """Writing that is closed before its end takes away what it added."""
        if self._steps is not None:
            self._steps.close()

    def _run(self) -> None:
        try:
            self._deltas = self._compute(self._tell)
        except Exception as problem:
            self._problem = problem

    def _tell(self, fraction: float, text: str) -> None:
        if self.state is not State.RUNNING:
            raise Cancelled("The transfer was stopped.")
        self.fraction, self.text = fraction * SHARE_OF_COMPUTING, text.capitalize()

    def _write_one_slice(self) -> None:
        if self._steps is None:
            assert self._deltas is not None
            self._steps = self._make_steps(self._deltas)
        self.text = "Adding face keys"
        end = time.monotonic() + SECONDS_A_SLICE
        try:
            while True:
                share = next(self._steps)
                self.fraction = SHARE_OF_COMPUTING + (1 - SHARE_OF_COMPUTING) * share
                if time.monotonic() >= end:
                    break
        except StopIteration as finished:
            self.result = finished.value
            self.fraction = 1.0
            self.end(State.DONE)
