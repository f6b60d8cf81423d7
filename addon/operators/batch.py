# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot list is run, and its report shown."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy.types import Context

from ...models.errors import MienError
from ..jobs.batch import BatchJob
from ..jobs.job import JOBS, Job
from .reporting import Outcome, ReportingOperator
from .watching import WatchingOperator


class MIEN_OT_run_batch(WatchingOperator):
    """Make what the shot list asks for; what is done already stays. Esc stops it for now"""

    bl_idname = "mien.run_batch"
    bl_label = "Run Batch"
    # No UNDO: it changes nothing of this file.
    bl_options = {"REGISTER"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a list, without a place, or while another job runs."""
        settings = context.scene.mien_batch
        if not settings.shots:
            return "Choose a shot list first"
        if not bpy.data.filepath and any(
            path.startswith("//") for path in (settings.shots, settings.folder)
        ):
            return "Save the .blend file first, or choose a folder for the results"
        return super().disabled_reason(context)

    def start(self, context: Context) -> BatchJob:
        """Start the batch in a process of its own."""
        settings = context.scene.mien_batch
        shots, folder = (
            Path(bpy.path.abspath(path)).absolute() for path in (settings.shots, settings.folder)
        )
        return JOBS.start(lambda: BatchJob(shots, folder, settings.jobs))

    def finish(self, context: Context, job: Job) -> str:
        """Say what was made."""
        assert isinstance(job, BatchJob)
        context.scene.mien_batch.report = job.report
        return f"{job.report}: {job.folder}"


class MIEN_OT_open_batch_report(ReportingOperator):
    """Show the report of the batch in the browser"""

    bl_idname = "mien.open_batch_report"
    bl_label = "Open Report"
    bl_options = {"REGISTER"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a folder."""
        return "" if context.scene.mien_batch.folder else "Choose a folder for the results first"

    def run(self, context: Context) -> Outcome:
        """Open it as the system opens pages."""
        from ...models.batch.report import PAGE

        page = Path(bpy.path.abspath(context.scene.mien_batch.folder)) / PAGE
        if not page.is_file():
            raise MienError(f"There is no report at “{page}” yet: run the batch first.")
        bpy.ops.wm.path_open(filepath=str(page))
        return {"FINISHED"}


CLASSES = (MIEN_OT_run_batch, MIEN_OT_open_batch_report)
