# SPDX-License-Identifier: GPL-3.0-or-later
"""What a batch says on a terminal while it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from importlib import import_module
from typing import Any

from ...models.batch.plan import Plan, Step
from ...models.batch.run import ShotResult


class Lines(AbstractContextManager["Lines"]):
    """A line for each shot that is over; after each, `on_shot` is called."""

    def __init__(self, plan: Plan, on_shot: Callable[[ShotResult], None]) -> None:
        self._total, self._over = len(plan.shots), 0
        self._on_shot = on_shot

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def started(self, step: Step) -> None:
        """A step's process runs."""

    def ended(self, step: Step, error: str) -> None:
        """A step is done, or failed for good."""

    def shot(self, result: ShotResult) -> None:
        """A shot is made, or failed."""
        self._over += 1
        self.say(f"[{self._over}/{self._total}] {result.name}: {result.error or 'done'}")
        self._on_shot(result)

    def say(self, text: str) -> None:
        """Write a line."""
        print(text, flush=True)


class Bar(Lines):
    """The same under a bar of all steps, with what runs now; drawn by rich."""

    def __init__(self, plan: Plan, on_shot: Callable[[ShotResult], None], rich: Any) -> None:
        super().__init__(plan, on_shot)
        columns = [
            rich.SpinnerColumn(),
            rich.TextColumn("{task.completed}/{task.total} steps"),
            rich.BarColumn(),
            rich.TimeRemainingColumn(),
            rich.TextColumn("{task.description}", markup=False),
        ]
        self._bar = rich.Progress(*columns)
        self._task = self._bar.add_task("", total=len(plan.steps))
        self._now: list[str] = []

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        self._bar.stop()

    def started(self, step: Step) -> None:
        """A step's process runs."""
        self._now.append(step.name)
        self._show()

    def ended(self, step: Step, error: str) -> None:
        """A step is done, or failed for good."""
        if step.name in self._now:
            self._now.remove(step.name)
        self._bar.advance(self._task)
        self._show()

    def say(self, text: str) -> None:
        """Write a line above the bar."""
        self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _show(self) -> None:
        self._bar.update(self._task, description=", ".join(self._now))


def progress(plan: Plan, on_shot: Callable[[ShotResult], None]) -> Lines:
    """A bar on a terminal where rich is installed, lines otherwise."""
    if sys.stdout.isatty():
        # By name: the zip does not carry it, and needs it nowhere.
        with suppress(ImportError):
            return Bar(plan, on_shot, import_module("rich.progress"))
    return Lines(plan, on_shot)
