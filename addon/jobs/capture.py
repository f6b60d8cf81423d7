# SPDX-License-Identifier: GPL-3.0-or-later
"""The job that captures, in a child process, so that Blender and its cores stay free."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ...models.errors import MienError, TakeError
from ..take_paths import free_place
from .child_process import ChildProcess, python_command
from .job import Job, JobError, State

SCRIPT = Path(__file__).resolve().parent / "capture_process.py"


@dataclass(frozen=True)
class CapturedTake:
    """What a finished capture left behind: the take's place, its figures, and a report."""

    folder: Path
    frames: int
    duration: float
    rate: float
    seen: float
    report: str


class CaptureJob(Job):
    """Footage becomes a take.

    The child writes into a folder of the job's own beside the takes, and the finished
    take is moved out of it: the child may be ended at any moment and leaves nothing.

    footage: the video. folder: where takes go; made if need be. name: what to call the
    take. options: changes to `CaptureOptions`.
    take: the result, once `state` is DONE.

    Raises TakeError if nothing can be written into the folder, JobError if the child
    process cannot be started.
    """

    def __init__(
        self, footage: Path, folder: Path, name: str, options: Mapping[str, object]
    ) -> None:
        super().__init__("Starting")
        self.footage = footage
        self.take: CapturedTake | None = None
        self._folder = folder
        self._name = free_place(folder, name).name
        self._answer: dict[str, Any] = {}
        self._folder_is_new = not folder.exists()
        self._staging = _new_staging_folder(folder)
        request = {
            "footage": str(footage),
            "staging": str(self._staging),
            "name": self._name,
            "options": dict(options),
            "module_paths": sys.path,
        }
        try:
            self._child = ChildProcess(python_command(SCRIPT, bpy.app.binary_path), request)
        except OSError as error:
            self._remove_staging()
            raise JobError(f"Capturing cannot start another process: {error}.") from None

    def advance(self) -> None:
        """Take in what the child said; never waits."""
        exit_code = self._child.exit_code
        for message in self._child.messages():
            if "progress" in message:
                self.fraction = float(message["progress"])
                self.text = str(message["text"])
            else:
                self._answer = message
        if exit_code is None:
            return
        if "done" in self._answer:
            self._keep(self._answer["done"])
        elif "error" in self._answer:
            # Name the place where the take was to go, not where it was being written.
            error = self._answer["error"].replace(str(self._staging), str(self._folder))
            self.fail(MienError(error))
        else:
            self.fail(self._unexpected_end(exit_code))

    def release(self) -> None:
        """The child goes, and what it was writing."""
        self._child.end()
        self._remove_staging()

    def _keep(self, figures: Mapping[str, Any]) -> None:
        place = free_place(self._folder, self._name)  # Another Blender may write here too.
        try:
            (self._staging / self._name).rename(place)
        except OSError as error:
            self.fail(
                TakeError(
                    f"The take cannot be moved to “{place}”: {error.strerror}. "
                    "Choose another folder in Mien's preferences."
                )
            )
            return
        self.take = CapturedTake(place, **figures)
        self.fraction = 1.0
        self.end(State.DONE)

    def _unexpected_end(self, exit_code: int) -> JobError:
        text = self._child.error_text.strip() or "it said nothing"
        print(text, file=sys.stderr)
        return JobError(
            f"Capturing “{self.footage.name}” ended unexpectedly (code {exit_code}): "
            f"{text.splitlines()[-1]}. The system console has the details."
        )

    def _remove_staging(self) -> None:
        shutil.rmtree(self._staging, ignore_errors=True)
        if self._folder_is_new:
            with contextlib.suppress(OSError):  # It holds the new take.
                self._folder.rmdir()


def _new_staging_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=".capturing-", dir=folder))
    except OSError as error:
        raise TakeError(
            f"Takes cannot be written to “{folder}”: {error.strerror}. "
            "Choose another folder in Mien's preferences."
        ) from None
