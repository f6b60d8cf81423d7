# SPDX-License-Identifier: GPL-3.0-or-later
"""The footage in the scene: behind the camera's view, in true time, with its sound."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty
from bpy.types import Context

from ...models.errors import TakeError
from ..jobs.footage import FootageJob
from ..jobs.job import JOBS, Job
from ..take_memory import first_frame
from ..take_paths import as_absolute, takes_folder
from ..translations import CONTEXT
from ..translations.lookup import rpt_
from .reporting import Outcome, ReportingOperator
from .watching import WatchingOperator

if TYPE_CHECKING:
    from ...models.capture.constant_rate import Marks


class MIEN_OT_show_footage(WatchingOperator):
    """Show the footage behind the camera's view, from the start frame on, in true time"""

    bl_idname = "mien.show_footage"
    bl_label = "Show Footage"
    bl_options = {"UNDO"}

    landmarks: BoolProperty(
        name="Landmarks",
        translation_context=CONTEXT,
        description="Draw what was tracked of the face onto the footage",
        default=False,
        options={"SKIP_SAVE"},
    )
    sound: BoolProperty(
        name="Sound",
        description="Put the footage's sound into the sequencer, to be heard while scrubbing",
        default=True,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without footage or a camera, or while another job runs."""
        if not context.scene.mien.footage:
            return "Choose footage first"
        if context.scene.camera is None:
            return "Add a camera first: the footage is shown behind what it sees"
        return super().disabled_reason(context)

    def start(self, context: Context) -> FootageJob:
        """Prepare a video of the scene's rate."""
        from ...blender_ops.sampling import scene_rate

        scene: Any = context.scene
        self._scene_uid = scene.session_uid
        footage, rate = as_absolute(scene.mien.footage), scene_rate(scene)
        take = as_absolute(scene.mien.take) if scene.mien.take else None
        if self.landmarks and take is None:
            raise TakeError("Landmarks belong to a take; capture the footage first.")
        drawn = f" {take.stem}" if self.landmarks and take else ""
        # Footage of another folder may have the same name.
        place = hashlib.sha256(str(footage).encode()).hexdigest()[:6]
        name = f"{footage.stem} {place} {rate:.6g} fps{drawn}.avi"
        target = takes_folder() / "footage" / name
        marks = (lambda: _marks(take, footage)) if self.landmarks and take else None
        return JOBS.start(lambda: FootageJob(footage, target, rate, marks))

    def finish(self, context: Context, job: Job) -> str:
        """Show it."""
        from ...blender_ops.footage_view import show_footage

        assert isinstance(job, FootageJob) and job.video is not None
        scene = next((s for s in bpy.data.scenes if s.session_uid == self._scene_uid), None)
        if scene is None:
            return "The scene was deleted meanwhile."
        # The footage begins with the take, whether or not its beginning is used.
        start = round(first_frame(scene.mien))  # type: ignore[attr-defined]
        is_file = job.footage.is_file()
        shown = show_footage(
            scene, job.video, start, job.footage if self.sound and is_file else None
        )
        words = (
            rpt_("{frames} frames of “{name}” are shown behind the camera's view; it has no sound")
            if self.sound and not shown.sound
            else rpt_("{frames} frames of “{name}” are shown behind the camera's view")
        )
        return words.format(frames=shown.frames, name=job.footage.name)


class MIEN_OT_hide_footage(ReportingOperator):
    """Take the footage and its sound out of the scene"""

    bl_idname = "mien.hide_footage"
    bl_label = "Hide Footage"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Where none is shown."""
        from ...blender_ops.footage_view import is_shown

        scene: Any = context.scene
        return "" if is_shown(scene) else "No footage is shown"

    def run(self, context: Context) -> Outcome:
        """Take away what Show Footage added; the prepared file stays."""
        from ...blender_ops.footage_view import hide_footage

        scene: Any = context.scene
        hide_footage(scene)
        return {"FINISHED"}


def _marks(take_path: Path, footage: Path) -> Marks:
    """The landmarks of a take of that footage. Raises TakeError if it has none."""
    from ...models.capture.constant_rate import Marks
    from ...models.take import read_take

    take = read_take(take_path)
    if take.footage != footage.name:
        raise TakeError(
            f"The take “{take.folder.stem}” is of other footage than “{footage.name}”; "
            "capture this footage or choose the take's."
        )
    points = take.landmarks
    if points is None:
        raise TakeError(f"The take “{take.folder.stem}” has no landmarks; capture it again.")
    return Marks(take.performance.times, points)


CLASSES = (MIEN_OT_show_footage, MIEN_OT_hide_footage)
