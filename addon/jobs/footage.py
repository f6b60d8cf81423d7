# SPDX-License-Identifier: GPL-3.0-or-later
"""The job that prepares footage to be looked at in a scene: in a thread, Blender stays free."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .job import State
from .threaded import ThreadedJob

if TYPE_CHECKING:
    from ...models.capture.constant_rate import Marks


class FootageJob(ThreadedJob):
    """Footage as a video of a scene's rate: itself where it is one, otherwise a copy.

    footage: the video or pictures. target: where the copy goes; one that is newer than the
    footage is used as it is. rate: the scene's. marks: reads what is to be drawn on it; None
    for nothing.
    video: the result, once `state` is DONE.
    """

    def __init__(
        self, footage: Path, target: Path, rate: float, marks: Callable[[], Marks] | None
    ) -> None:
        super().__init__("Looking at the footage")
        self.footage = footage
        self.video: Path | None = None
        self._target, self._rate, self._marks = target, rate, marks
        self._lock = threading.Lock()
        self._has_copied = False
        self.begin()

    def release(self) -> None:
        """Stopped, it leaves no copy; a thread that still writes one takes it away itself."""
        with self._lock:
            if self.state is not State.DONE and self._has_copied:
                self._target.unlink(missing_ok=True)

    def work(self) -> None:
        """Make the copy, if there has to be one."""
        self.video = self._prepared()

    def _prepared(self) -> Path:
        from ...models.capture.constant_rate import is_steady, write_constant

        marks = self._marks() if self._marks else None
        if marks is None and is_steady(self.footage, self._rate):
            return self.footage
        if not self._is_up_to_date():
            self._target.parent.mkdir(parents=True, exist_ok=True)
            write_constant(
                self.footage,
                self._target,
                self._rate,
                marks,
                self.tell,
                lambda: self.state is not State.RUNNING,
            )
            with self._lock:
                self._has_copied = True
                if self.state is not State.RUNNING:
                    self._target.unlink(missing_ok=True)
        return self._target

    def _is_up_to_date(self) -> bool:
        """Whether the copy is there already."""
        target, footage = self._target, self.footage
        return target.is_file() and target.stat().st_mtime >= footage.stat().st_mtime
