# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs for a while beside Blender, and the one of them that is running.

A job knows nothing of windows or scenes: whoever started it calls `poll` now and then on
the main thread (the modal operator from a timer, a script or a test in a loop) and reads
its state.
"""

from __future__ import annotations

import contextlib
import enum
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ..models.errors import MienError, TakeError
from .child_process import ChildProcess, python_command
from .take_paths import free_place

SCRIPT = Path(__file__).resolve().parent / "capture_process.py"


class JobError(MienError):
    """A job cannot start, or ended in a way nobody planned."""


class State(enum.Enum):
    """How far a job is."""

    RUNNING = enum.auto()
    DONE = enum.auto()
    FAILED = enum.auto()
    CANCELLED = enum.auto()


@dataclass(frozen=True)
class CapturedTake:
    """What a finished capture left behind: the take's place and its figures."""

    folder: Path
    frames: int
    duration: float
    rate: float
    seen: float
    report: str


class CaptureJob:
    """Footage becomes a take, in a child process.

    The child writes into a folder of the job's own beside the takes, and the finished
    take is moved out of it: the child may be ended at any moment and leaves nothing.

    fraction: 0–1, how much is done. text: what is being done, in words.
    take: the result, once `state` is DONE. error: what went wrong, once it is FAILED.

    Raises TakeError if nothing can be written into the folder, JobError if the child
    process cannot be started.
    """

    def __init__(
        self,
        footage: Path,
        folder: Path,
        name: str,
        options: Mapping[str, object],
    ) -> None:
        self.footage = footage
        self.state = State.RUNNING
        self.fraction = 0.0
        self.text = "Starting"
        self.take: CapturedTake | None = None
        self.error = ""
        self._folder = folder
        self._name = name
        self._answer: dict[str, Any] = {}
        self._folder_is_new = not folder.exists()
        self._staging = _new_staging_folder(folder)
        request = {
            "footage": str(footage),
            "staging": str(self._staging),
            "name": name,
            "options": dict(options),
            "module_paths": sys.path,
        }
        try:
            self._child = ChildProcess(python_command(SCRIPT, bpy.app.binary_path), request)
        except OSError as error:
            self._remove_staging()
            raise JobError(f"Capturing cannot start another process: {error}.") from None

    def poll(self) -> bool:
        """Take in what the child said. True as long as the job runs; never waits."""
        if self.state is not State.RUNNING:
            return False
        exit_code = self._child.exit_code
        for message in self._child.messages():
            if "progress" in message:
                self.fraction = float(message["progress"])
                self.text = str(message["text"])
            else:
                self._answer = message
        if exit_code is None:
            return True
        self._finish(exit_code)
        return False

    def wait(self) -> None:
        """Poll until it is over: for scripts, where nobody looks at a window."""
        while self.poll():
            time.sleep(0.02)

    def cancel(self) -> None:
        """End it now. What it had written is removed."""
        if self.state is State.RUNNING:
            self._close(State.CANCELLED)

    def _finish(self, exit_code: int) -> None:
        if "done" in self._answer:
            self._keep(self._answer["done"])
        elif "error" in self._answer:
            self._fail(str(self._answer["error"]))
        else:
            lines = self._child.error_text.strip().splitlines() or ["it said nothing"]
            print("\n".join(lines))
            self._fail(
                f"Capturing “{self.footage.name}” ended unexpectedly (code {exit_code}): "
                f"{lines[-1]}. The system console has the details."
            )

    def _keep(self, figures: Mapping[str, Any]) -> None:
        place = free_place(self._folder, self._name)
        try:
            (self._staging / self._name).rename(place)
        except OSError as error:
            self._fail(
                f"The take cannot be moved to “{place}”: {error.strerror}. "
                "Make room or choose another folder in Mien's preferences."
            )
            return
        self.take = CapturedTake(place, **figures)
        self.fraction = 1.0
        self._close(State.DONE)

    def _fail(self, error: str) -> None:
        self.error = error
        self._close(State.FAILED)

    def _close(self, state: State) -> None:
        self.state = state
        self._child.end()
        self._remove_staging()

    def _remove_staging(self) -> None:
        shutil.rmtree(self._staging, ignore_errors=True)
        if self._folder_is_new:
            with contextlib.suppress(OSError):  # It holds the new take.
                self._folder.rmdir()


class Jobs:
    """The running job, of which there is at most one."""

    def __init__(self) -> None:
        self._job: CaptureJob | None = None

    @property
    def running(self) -> CaptureJob | None:
        """The job that runs now, or None."""
        if self._job is not None and self._job.state is not State.RUNNING:
            self._job = None
        return self._job

    def start(self, make: Callable[[], CaptureJob]) -> CaptureJob:
        """Start what `make` builds. Raises JobError while another job runs."""
        if self.running is not None:
            raise JobError(ONE_AT_A_TIME)
        self._job = make()
        return self._job

    def stop(self) -> None:
        """Cancel what runs, if anything does."""
        if self.running is not None:
            self.running.cancel()


ONE_AT_A_TIME = "A capture is running. Wait for it, or press Esc to stop it."

# Python's only: it is over before Blender loads another file or Mien is disabled.
JOBS = Jobs()


def _new_staging_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=".capturing-", dir=folder))
    except OSError as error:
        raise TakeError(
            f"Takes cannot be written to “{folder}”: {error.strerror}. "
            "Choose another folder in Mien's preferences."
        ) from None
