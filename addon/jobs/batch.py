# SPDX-License-Identifier: GPL-3.0-or-later
"""The job that runs a batch, in a process of its own with processes of its own."""

from __future__ import annotations

import re
from pathlib import Path

from .job import Job, JobError, State


class BatchJob(Job):
    """A shot list becomes what it asks for.

    shots: the list. folder: for the results; what is done there already is not done again.
    processes: at once. report: what came of it, once `state` is DONE.

    Stopped, it leaves what was finished: the next one goes on from there.

    Raises ShotListError for a list that cannot be used, JobError if no process can be started.
    """

    def __init__(self, shots: Path, folder: Path, processes: int) -> None:
        from ...blender_ops.batch.process import start_command
        from ...models.batch.shot_list import read_shot_list

        super().__init__("Starting")
        self.folder = folder
        self.report = ""
        self._total = len(read_shot_list(shots))
        self._log = folder / "batch.log"
        arguments = ["batch", str(shots), "-o", str(folder), "--resume", "--jobs", str(processes)]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._log.unlink(missing_ok=True)
            self._process = start_command(arguments, self._log)
        except OSError as error:
            raise JobError(
                f"The batch cannot be started in “{folder}”: {error.strerror or error}. "
                "Choose another folder."
            ) from None

    def advance(self) -> None:
        """Look how many shots are over; never waits."""
        code = self._process.poll()
        told = self._log.read_text(encoding="utf-8", errors="replace")
        over = [int(number) for number in re.findall(r"^\[(\d+)/\d+\] ", told, re.MULTILINE)]
        done = max(over, default=0)
        self.fraction, self.text = done / self._total, f"{done} of {self._total} shots"
        if code == 0:
            noun = "The shot is" if self._total == 1 else f"All {self._total} shots are"
            self.report = f"{noun} made"
            self.end(State.DONE)
        elif code is not None:
            self.fail(self._problem(told, code))

    def release(self) -> None:
        """The batch ends, and all that it started with it: their inputs close."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _problem(self, told: str, code: int) -> JobError:
        words = [line for line in told.splitlines() if line.startswith("mien: ")]
        if words:
            return JobError(words[-1].removeprefix("mien: "))
        return JobError(f"The batch ended unexpectedly (code {code}); see “{self._log}”.")
