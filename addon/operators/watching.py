# SPDX-License-Identifier: GPL-3.0-or-later
"""What operators share that start a job: they watch it from a timer until it is over."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy
from bpy.app.translations import contexts
from bpy.types import Context, Event, Timer

from .. import status_bar
from ..jobs.job import JOBS, ONE_AT_A_TIME, Job, State
from ..translations.lookup import rpt_
from ..translations.sentences import translated
from .reporting import Outcome, ReportingOperator

SECONDS_BETWEEN_POLLS = 0.05


class WatchingOperator(ReportingOperator):
    """Base of each operator with a job, which defines `start` and `finish`.

    Called by a click it runs beside everything else and Esc stops it; called by a script,
    or where there is no window, it comes back when the job is done.
    """

    # One for all, as there is one job at a time.
    timer: ClassVar[Timer | None] = None

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """While another job runs."""
        return ONE_AT_A_TIME if JOBS.running else ""

    @classmethod
    def unregister(cls) -> None:
        """Blender drops a running operator without a word: end what it was watching."""
        JOBS.stop()
        stop_watching()

    def start(self, context: Context) -> Job:
        """Start the job. Raises MienError if that cannot be."""
        raise NotImplementedError

    def finish(self, context: Context, job: Job) -> str:
        """Take up the result of a job that is done, and say what it did."""
        raise NotImplementedError

    def run(self, context: Context) -> Outcome:
        """Start the job and wait for its end."""
        self._job = self.start(context)
        self._job.wait()
        return self._over(context)

    def invoke(self, context: Context, event: Event) -> Outcome:
        """Start the job and come back to it from a timer."""
        return self.reporting(self._start_watching, context)

    def modal(self, context: Context, event: Event) -> Outcome:
        """Watch the job; everything but Esc is left to the rest of Blender."""
        if event.type == "ESC" and event.value == "PRESS":
            self._job.cancel()
        elif event.type != "TIMER":
            return {"PASS_THROUGH"}
        running = self._job.poll()
        redraw_sidebars(context)
        if running:
            status_bar.show_job(self._name(), self._job)
            return {"PASS_THROUGH"}
        stop_watching()
        return self.reporting(self._over, context)

    def cancel(self, context: Context) -> None:
        """Blender takes the operator away: its window closes or another file is loaded."""
        self._job.cancel()
        stop_watching()

    def _start_watching(self, context: Context) -> Outcome:
        if context.window is None or bpy.app.background:
            return self.run(context)
        self._job = self.start(context)
        manager = context.window_manager
        WatchingOperator.timer = manager.event_timer_add(
            SECONDS_BETWEEN_POLLS, window=context.window
        )
        manager.modal_handler_add(self)
        status_bar.show_job(self._name(), self._job)
        redraw_sidebars(context)
        return {"RUNNING_MODAL"}

    def _over(self, context: Context) -> Outcome:
        job = self._job
        if job.state is State.CANCELLED:
            words = rpt_("{name} was stopped; nothing was changed")
            self.report({"INFO"}, words.format(name=self._name()))
            return {"CANCELLED"}
        if job.error is not None:
            raise job.error
        self.report({"INFO"}, translated(self.finish(context, job)))
        return {"FINISHED"}

    def _name(self) -> str:
        """The operator's label in the user's language."""
        named: Any = contexts  # The stubs of some versions know none of its names.
        return rpt_(self.bl_label, named.operator_default)


def stop_watching() -> None:
    """Blender sends no more of the watching operator's events, and has its status bar back."""
    status_bar.clear()
    if WatchingOperator.timer is not None:
        bpy.context.window_manager.event_timer_remove(WatchingOperator.timer)
        WatchingOperator.timer = None


def redraw_sidebars(context: Context) -> None:
    """Show new progress in every window."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()
