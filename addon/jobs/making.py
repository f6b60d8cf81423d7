# SPDX-License-Identifier: GPL-3.0-or-later
"""The job that makes a take out of nothing: a model runs in a thread, Blender stays free."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..take_paths import free_place
from .job import State
from .threaded import ThreadedJob

if TYPE_CHECKING:
    from ...models.performance import Performance
    from ...models.take import Take


class MakeTakeJob(ThreadedJob):
    """A performance is made and written as a take.

    make: makes the performance; touches nothing of Blender's. folder: where takes go; made if
    need be. name: what to call the take. made_by, settings: what the take says of itself, see
    `models.vae.provenance`. weights: folder of the models, "" for Mien's own.
    take: the result, once `state` is DONE.
    """

    def __init__(
        self,
        make: Callable[[], Performance],
        folder: Path,
        name: str,
        made_by: str,
        settings: Mapping[str, Any],
        weights: str = "",
    ) -> None:
        super().__init__("Inventing")
        self.take: Take | None = None
        self._make = make
        self._folder = folder
        self._name = name
        self._made_by = made_by
        self._settings = dict(settings)
        self._weights = Path(weights) if weights else None
        self._lock = threading.Lock()
        self.begin()

    def release(self) -> None:
        """What was written before it was stopped goes again."""
        with self._lock:
            if self.state is not State.DONE and self.take is not None:
                shutil.rmtree(self.take.folder, ignore_errors=True)
                self.take = None

    def work(self) -> None:
        """Make the performance and write the take, unless the job was stopped meanwhile."""
        from ...models.recipe import Recipe
        from ...models.take import write_take
        from ...models.vae.provenance import report

        performance = self._make()
        self.tell(0.7, "writing the take")
        words = report(performance, self._made_by, self._settings, self._weights)
        with self._lock:
            if self.state is State.RUNNING:
                self._folder.mkdir(parents=True, exist_ok=True)
                place = free_place(self._folder, self._name)
                self.take = write_take(place, performance, report=words, recipe=Recipe())
