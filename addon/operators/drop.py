# SPDX-License-Identifier: GPL-3.0-or-later
"""Files dropped on the 3D view: Blender offers to capture a video, and to load a recording.

Blender has handlers of its own for such files; Mien's become entries in its choice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.types import Context, FileHandler

from ..take_paths import as_stored
from .choosing import FileChoosingOperator
from .reporting import Outcome
from .take import MIEN_OT_load_take

VIDEOS = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi")
# Of those that `models.formats` reads; written here, as registering must not load the models.
RECORDINGS = (".csv", ".json", ".txt")


class MIEN_OT_capture_file(FileChoosingOperator):
    """Take up a video of a face as footage and capture it"""

    bl_idname = "mien.capture_file"
    bl_label = "Capture Face"
    bl_options = {"UNDO", "INTERNAL"}

    def run(self, context: Context) -> Outcome:
        """What Choose Footage and Capture do, one after the other."""
        context.scene.mien.footage = as_stored(Path(self.filepath))
        invoked: set[str] = bpy.ops.mien.capture("INVOKE_DEFAULT")  # type: ignore[attr-defined]
        return {"CANCELLED"} if "CANCELLED" in invoked else {"FINISHED"}


class Dropped:
    """Base of each handler: files dropped on a 3D view."""

    @classmethod
    def poll_drop(cls, context: Any) -> Any:
        """Only over the 3D view."""
        return context.area is not None and context.area.type == "VIEW_3D"


class MIEN_FH_footage(Dropped, FileHandler):
    """A video."""

    bl_idname = "MIEN_FH_footage"
    bl_label = "Capture Face"
    bl_import_operator = MIEN_OT_capture_file.bl_idname
    bl_file_extensions = ";".join(VIDEOS)


class MIEN_FH_recording(Dropped, FileHandler):
    """A recording of a face."""

    bl_idname = "MIEN_FH_recording"
    bl_label = "Load Take"
    bl_import_operator = MIEN_OT_load_take.bl_idname
    bl_file_extensions = ";".join(RECORDINGS)


CLASSES: tuple[type, ...] = (MIEN_OT_capture_file, MIEN_FH_footage, MIEN_FH_recording)
