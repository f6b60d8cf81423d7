# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage is chosen and captured; a take is taken up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Event

from ..jobs.capture import CaptureJob
from ..jobs.job import JOBS, Job
from ..take_in_use import use_take, use_take_at
from ..take_paths import as_absolute, as_stored, takes_folder
from ..translations.lookup import rpt_
from .choosing import FileChoosingOperator
from .reporting import Outcome, ReportingOperator
from .watching import WatchingOperator


class MIEN_OT_choose_footage(FileChoosingOperator):
    """Choose a video of a face, or the first picture of a sequence"""

    bl_idname = "mien.choose_footage"
    bl_label = "Choose Footage"
    bl_options = {"REGISTER", "UNDO"}

    filter_movie: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_image: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def run(self, context: Context) -> Outcome:
        """Remember the file in the scene."""
        context.scene.mien.footage = as_stored(Path(self.filepath))
        return {"FINISHED"}


class MIEN_OT_load_take(FileChoosingOperator):
    """Use a take that is already there: a take of Mien, or a recording of another app"""

    bl_idname = "mien.load_take"
    bl_label = "Load Take"
    bl_options = {"REGISTER", "UNDO"}

    filter_glob: StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: Context, event: Event) -> Outcome:
        """Open the file browser on files of every format that is read."""
        from ...models.formats import suffixes

        self.filter_glob = ";".join(f"*{suffix}" for suffix in suffixes())
        return super().invoke(context, event)

    def run(self, context: Context) -> Outcome:
        """Read the take and show its figures."""
        from ...models.formats.take_folder import folder_of

        # Blender's browser chooses files: a take's description stands for its folder.
        place = folder_of(Path(bpy.path.abspath(self.filepath)).absolute())
        seconds = use_take_at(context.scene.mien, as_stored(place))
        words = rpt_("“{name}” is in use: {seconds:.1f} s")
        self.report({"INFO"}, words.format(name=place.stem, seconds=seconds))
        return {"FINISHED"}


class MIEN_OT_capture(WatchingOperator):
    """Track the face in the footage and keep its movement as a take. Esc stops it"""

    bl_idname = "mien.capture"
    bl_label = "Capture"
    # No REGISTER: the redo panel would capture again at each change.
    bl_options = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without footage, or while another job runs."""
        if not context.scene.mien.footage:
            return "Choose footage first"
        return super().disabled_reason(context)

    def start(self, context: Context) -> CaptureJob:
        """Capture the scene's footage."""
        scene, character = context.scene, context.object
        # Numbers outlive the data: an undo meanwhile replaces scene and object.
        self._scene_uid = scene.session_uid
        self._character = (character.session_uid, character.name) if character else None
        footage = as_absolute(scene.mien.footage)
        face = scene.mien.face
        name = footage.stem if face == 1 else f"{footage.stem} face {face}"
        options = {"face": face - 1, "solver": scene.mien.solver}
        return JOBS.start(lambda: CaptureJob(footage, takes_folder(), name, options))

    def finish(self, context: Context, job: Job) -> str:
        """Use the new take in the scene that asked for it."""
        assert isinstance(job, CaptureJob) and job.take is not None
        take = job.take
        scene = _living(bpy.data.scenes, self._scene_uid)
        if scene is None:
            words = rpt_("The take is in “{folder}”, but its scene was deleted meanwhile")
            return words.format(folder=take.folder)
        use_take(
            scene.mien,
            as_stored(take.folder),
            frames=take.frames,
            duration=take.duration,
            rate=take.rate,
            seen=take.seen,
            report=take.report,
        )
        if self._character and not _living(bpy.data.objects, self._character[0]):
            words = rpt_(
                "{report} “{name}” was deleted meanwhile: select another character to bake on"
            )
            return words.format(report=take.report, name=self._character[1])
        return take.report


class MIEN_OT_stop_job(ReportingOperator):
    """Stop what is running; nothing of it is kept"""

    bl_idname = "mien.stop_job"
    bl_label = "Stop"

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a running job."""
        return "" if JOBS.running else "Nothing is running"

    def run(self, context: Context) -> Outcome:
        """Stop it; the operator that started it says so."""
        JOBS.stop()
        return {"FINISHED"}


def _living(collection: Any, session_uid: int) -> Any:
    """The datablock of that identity, None if it was deleted."""
    return next((block for block in collection if block.session_uid == session_uid), None)


CLASSES = (MIEN_OT_choose_footage, MIEN_OT_load_take, MIEN_OT_capture, MIEN_OT_stop_job)
