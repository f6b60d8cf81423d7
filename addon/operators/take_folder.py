# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of takes: looked at again, opened, and its takes put where their timecode says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty
from bpy.types import Context

from ...models.errors import TakeError
from .. import take_list, take_memory
from ..take_paths import as_absolute, takes_folder
from ..translations.lookup import rpt_
from .reporting import NEEDS_TAKE, Outcome, ReportingOperator

if TYPE_CHECKING:
    from ...models.take_summary import TakeSummary

# Blender's own limit.
LAST_FRAME = 1_048_574


class MIEN_OT_refresh_takes(ReportingOperator):
    """Look again which takes there are"""

    bl_idname = "mien.refresh_takes"
    bl_label = "Refresh Takes"

    def run(self, context: Context) -> Outcome:
        """Read the takes folder."""
        take_list.refresh()
        words = rpt_("{count} takes")
        self.report({"INFO"}, words.format(count=len(take_list.listed_takes())))
        return {"FINISHED"}


class MIEN_OT_open_takes_folder(ReportingOperator):
    """Open the folder with the takes in your file manager, to rename or delete them there"""

    bl_idname = "mien.open_takes_folder"
    bl_label = "Open Takes Folder"

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """As long as there are no takes."""
        return "" if len(take_list.listed_takes()) else "There are no takes yet"

    def run(self, context: Context) -> Outcome:
        """Open where the take in use lies, otherwise where new ones go."""
        stored: str = context.scene.mien.take
        folder = as_absolute(stored).parent if stored else takes_folder()
        if not folder.is_dir():
            raise TakeError(f"There is no folder “{folder}” any more.")
        bpy.ops.wm.path_open(filepath=str(folder))
        return {"FINISHED"}


class MIEN_OT_align_by_timecode(ReportingOperator):
    """Begin takes on the frames that their timecodes say: those of one shoot fit together"""

    bl_idname = "mien.align_by_timecode"
    bl_label = "Align by Timecode"
    bl_options = {"REGISTER", "UNDO"}

    reference: EnumProperty(
        name="Reference",
        description="Which time lies on the reference frame",
        items=(
            ("EARLIEST", "Earliest Take", "The beginning of the earliest take in the list"),
            ("TIMECODE", "Timecode", "A time of your own, such as the beginning of the scene"),
        ),
        default="EARLIEST",
    )
    timecode: StringProperty(
        name="Timecode",
        description="The time that lies on the reference frame, such as 13:04:31:00",
        default="00:00:00:00",
    )
    base: IntProperty(
        name="Counts To",
        description="How many frames of the timecode make a second",
        default=24,
        min=1,
        soft_max=120,
    )
    frame: IntProperty(
        name="Frame", description="The scene frame on which the reference lies", default=1
    )

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take that has a timecode."""
        settings = context.scene.mien
        if not settings.take:
            return NEEDS_TAKE
        place = take_list.place_of(settings.take)
        known = place >= 0 and take_list.listed_takes()[place].timecode
        return "" if known else "The take in use has no timecode"

    def draw(self, context: Context) -> None:
        """Only what the chosen reference needs."""
        layout: Any = self.layout
        layout.use_property_split = True
        layout.prop(self, "reference")
        if self.reference == "TIMECODE":
            layout.prop(self, "timecode")
            layout.prop(self, "base")
        layout.prop(self, "frame")

    def run(self, context: Context) -> Outcome:
        """Set the start frame of the take in use, and of all others for when they are chosen."""
        from ...blender_ops.footage_view import move_footage
        from ...blender_ops.sampling import scene_rate
        from ...models.timecode import apart, earliest, seconds

        scene: Any = context.scene
        settings = scene.mien
        takes = takes_with_timecode()
        reference = (
            earliest(each.clock for each in takes.values())
            if self.reference == "EARLIEST"
            else seconds(self.timecode, self.base) / takes[settings.take].pace
        )
        rate = scene_rate(scene)
        frames = {
            path: self.frame + apart(reference, each.clock) * rate for path, each in takes.items()
        }
        here = frames[settings.take]
        if abs(here) > LAST_FRAME:
            raise TakeError(
                f"The take begins {abs(here) / rate / 3600:.1f} hours from the reference, beyond "
                "Blender's last frame; choose a timecode nearer to it as reference."
            )
        before = take_memory.first_frame(settings)
        settings.start_frame += round(here - before)
        move_footage(scene, round(here - before))
        take_memory.place_others(settings, frames)
        words = rpt_("The take begins on frame {frame}")
        self.report({"INFO"}, words.format(frame=settings.start_frame))
        return {"FINISHED"}


def takes_with_timecode() -> dict[str, TakeSummary]:
    """The takes of the list that say when they began, by where they lie."""
    return {
        take.path: take_list.summary(as_absolute(take.path))
        for take in take_list.listed_takes()
        if take.timecode
    }


CLASSES = (MIEN_OT_refresh_takes, MIEN_OT_open_takes_folder, MIEN_OT_align_by_timecode)
