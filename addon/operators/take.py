# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage is chosen, captured in the background, and taken up as a take."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Operator, Scene, Timer
from bpy_extras.io_utils import ImportHelper

from ...models.errors import TakeError
from ..jobs import JOBS, ONE_AT_A_TIME, CaptureJob, State
from ..properties import use_take
from ..take_paths import as_absolute, as_stored, takes_folder
from .reporting import ReportingOperator

SECONDS_BETWEEN_POLLS = 0.1


class MIEN_OT_choose_footage(ReportingOperator, ImportHelper, Operator):
    """Choose a video of a face, or the first picture of a sequence"""

    bl_idname = "mien.choose_footage"
    bl_label = "Choose Footage"
    bl_options = {"REGISTER", "UNDO"}

    filter_movie: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_image: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def run(self, context: Context) -> set[str]:
        """Remember the file in the scene."""
        context.scene.mien.footage = as_stored(Path(self.filepath))
        return {"FINISHED"}


class MIEN_OT_load_take(ReportingOperator, ImportHelper, Operator):
    """Use a take that is already there: a take of Mien, or a recording of the Live Link Face app"""

    bl_idname = "mien.load_take"
    bl_label = "Load Take"
    bl_options = {"REGISTER", "UNDO"}

    filter_glob: StringProperty(default="*.json;*.csv", options={"HIDDEN", "SKIP_SAVE"})

    def run(self, context: Context) -> set[str]:
        """Read the take and show its figures."""
        from ...models.take import read_take

        path = Path(self.filepath)
        take = read_take(path.parent if path.suffix.lower() == ".json" else path)
        performance = take.performance
        use_take(
            context.scene.mien,
            as_stored(Path(take.folder)),
            frames=len(performance),
            duration=performance.duration,
            rate=performance.rate,
            seen=float(performance.seen.mean()),
            report="",
        )
        self.report({"INFO"}, f"“{path.stem}” is in use: {performance.duration:.1f} s")
        return {"FINISHED"}


class MIEN_OT_capture(ReportingOperator, Operator):
    """Track the face in the footage and keep its movement as a take. Esc stops it"""

    bl_idname = "mien.capture"
    bl_label = "Capture"
    # No REGISTER: the redo panel would capture again at each change.
    bl_options = {"UNDO"}

    timer: ClassVar[Timer | None] = None

    @classmethod
    def unregister(cls) -> None:
        """Blender drops a running operator without a word: end what it was watching."""
        JOBS.stop()
        cls.remove_timer()

    @classmethod
    def remove_timer(cls) -> None:
        """There is one timer, as there is one capture."""
        if cls.timer is not None:
            bpy.context.window_manager.event_timer_remove(cls.timer)
            cls.timer = None

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without footage, or while another capture runs."""
        if JOBS.running:
            return ONE_AT_A_TIME
        if not context.scene.mien.footage:
            return "Choose footage first"
        return ""

    def invoke(self, context: Context, event: Event) -> set[str]:
        """Start it and come back to it ten times a second."""
        return self.reporting(self._start_modal, context)

    def run(self, context: Context) -> set[str]:
        """Capture and wait for the end: for scripts and for Blender without a window."""
        self._start(context)
        self._job.wait()
        return self._finish(context)

    def modal(self, context: Context, event: Event) -> set[str]:
        """Watch the job; everything but Esc is left to the rest of Blender."""
        if event.type == "ESC" and event.value == "PRESS":
            self._job.cancel()
        elif event.type != "TIMER":
            return {"PASS_THROUGH"}
        running = self._job.poll()
        redraw_sidebars(context)
        if running:
            return {"PASS_THROUGH"}
        self.remove_timer()
        return self.reporting(self._finish, context)

    def cancel(self, context: Context) -> None:
        """Blender takes the operator away: its window closes or another file is loaded."""
        self._job.cancel()
        self.remove_timer()

    def _start_modal(self, context: Context) -> set[str]:
        if context.window is None:
            return self.run(context)
        self._start(context)
        manager = context.window_manager
        timer = manager.event_timer_add(SECONDS_BETWEEN_POLLS, window=context.window)
        type(self).timer = timer
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def _start(self, context: Context) -> None:
        # Names that outlive the data: an undo meanwhile replaces scene and object.
        self._scene = context.scene.session_uid
        self._object = (context.object.name, context.object.session_uid) if context.object else None
        self._job = start_capture(context.scene)

    def _finish(self, context: Context) -> set[str]:
        job = self._job
        if job.state is State.CANCELLED:
            self.report({"INFO"}, "Capturing was stopped; nothing was kept")
            return {"CANCELLED"}
        if job.state is State.FAILED or job.take is None:
            raise TakeError(job.error)
        text = keep_take(job, self._scene)
        if self._object is not None and not _exists(bpy.data.objects, self._object[1]):
            text += f" “{self._object[0]}” was deleted meanwhile: select another character to bake."
        self.report({"INFO"}, text)
        return {"FINISHED"}


class MIEN_OT_cancel_capture(ReportingOperator, Operator):
    """Stop the capture that is running; nothing of it is kept"""

    bl_idname = "mien.cancel_capture"
    bl_label = "Stop Capture"

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a capture."""
        return "" if JOBS.running else "No capture is running"

    def run(self, context: Context) -> set[str]:
        """Stop it; the operator that started it says so."""
        JOBS.stop()
        return {"FINISHED"}


def start_capture(scene: Scene) -> CaptureJob:
    """Start to capture the scene's footage. Raises MienError if that cannot be."""
    footage = as_absolute(scene.mien.footage)
    return JOBS.start(lambda: CaptureJob(footage, takes_folder(), footage.stem, options={}))


def keep_take(job: CaptureJob, scene_uid: int) -> str:
    """Use the job's take in the scene, and say in words what was captured."""
    take = job.take
    assert take is not None
    scene = _exists(bpy.data.scenes, scene_uid)
    if scene is None:
        return f"Captured into “{take.folder}”; its scene was deleted meanwhile."
    use_take(
        scene.mien,
        as_stored(take.folder),
        frames=take.frames,
        duration=take.duration,
        rate=take.rate,
        seen=take.seen,
        report=take.report,
    )
    return take.report


def redraw_sidebars(context: Context) -> None:
    """Show new progress in every window."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


def _exists(collection: Any, session_uid: int) -> Any:
    """The datablock of that identity, None if it was deleted."""
    return next((block for block in collection if block.session_uid == session_uid), None)


CLASSES = (
    MIEN_OT_choose_footage,
    MIEN_OT_load_take,
    MIEN_OT_capture,
    MIEN_OT_cancel_capture,
)
