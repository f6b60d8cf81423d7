# SPDX-License-Identifier: GPL-3.0-or-later
"""Face keys for a character that has none, and landmarks where Mien finds no face."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Object

from ...models.errors import MienError, TransferError
from ..active_character import forget
from ..jobs.job import JOBS, Job
from ..jobs.transfer import LandmarksJob, TransferJob
from ..translations.lookup import rpt_
from .watching import WatchingOperator

if TYPE_CHECKING:
    from ...models.transfer.transfer import Template


def _why_not(context: Context) -> str:
    if context.object is None or context.object.type not in ("MESH", "ARMATURE"):
        return "Select the head that is to get face keys"
    return "" if context.mode in ("OBJECT", "POSE") else "Go to Object Mode first"


class MIEN_OT_transfer_face_keys(WatchingOperator):
    """Add the face keys that this character lacks, carried over from a template head"""

    bl_idname = "mien.transfer_face_keys"
    bl_label = "Transfer Face Keys"
    bl_options = {"REGISTER", "UNDO"}

    template: StringProperty(
        name="Template",
        description="An object of the character to take face keys from; empty = the demo head",
        options={"SKIP_SAVE"},
    )
    selected_only: BoolProperty(
        name="Selected Meshes Only",
        description="Leave meshes alone that are not selected, such as clothes of the same rig",
        default=False,
    )

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a mesh, or while another job runs."""
        return _why_not(context) or super().disabled_reason(context)

    def start(self, context: Context) -> TransferJob:
        """Read the character and start to compute."""
        from ...blender_ops.transfer import add_keys_in_steps, computed, request_for
        from ...blender_ops.transfer.templates import demo_template

        meshes = [o for o in context.selected_objects if o.type == "MESH" and o.data.polygons]
        request = request_for(context.object, meshes if self.selected_only else ())
        if not request.missing:
            raise TransferError(f"“{request.name}” has all face keys already.")
        own = self._own_template(context)
        return JOBS.start(
            lambda: TransferJob(
                lambda progress: computed(request, own or demo_template(), progress),
                lambda deltas: add_keys_in_steps(request, deltas),
            )
        )

    def finish(self, context: Context, job: Job) -> str:
        """Say how many keys there are now."""
        assert isinstance(job, TransferJob) and job.result is not None
        forget()
        words: str = job.result.words()
        return words

    def _own_template(self, context: Context) -> Template | None:
        from ...blender_ops.character import find_character
        from ...blender_ops.transfer.templates import template_of

        if not self.template:
            return None
        found: Object | None = context.scene.objects.get(self.template)
        if found is None:
            raise MienError(f"This scene has no object “{self.template}”.")
        return template_of(find_character(found))


class MIEN_OT_add_face_landmarks(WatchingOperator):
    """Put empties on the face where Mien sees eyes, nose and mouth; move those that are wrong"""

    bl_idname = "mien.add_face_landmarks"
    bl_label = "Add Face Landmarks"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a mesh, or while another job runs."""
        return _why_not(context) or super().disabled_reason(context)

    def start(self, context: Context) -> LandmarksJob:
        """Read the character and look for its face."""
        from ...blender_ops.transfer.landmarks import (
            add_landmarks_in_steps,
            head_of,
            landmark_places,
        )

        scene, chosen = context.scene, context.object
        assert scene is not None and chosen is not None, "disabled_reason says so"
        mesh, head = head_of(chosen)
        return JOBS.start(
            lambda: LandmarksJob(
                lambda progress: landmark_places(head),
                lambda found: add_landmarks_in_steps(scene, mesh, found),
            )
        )

    def finish(self, context: Context, job: Job) -> str:
        """Say how many there are."""
        assert isinstance(job, LandmarksJob)
        words = rpt_("{count} landmarks added; Transfer Face Keys uses them")
        return words.format(count=len(job.result))


CLASSES = (MIEN_OT_transfer_face_keys, MIEN_OT_add_face_landmarks)
