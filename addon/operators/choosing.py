# SPDX-License-Identifier: GPL-3.0-or-later
"""What operators share that begin with Blender's file browser."""

from __future__ import annotations

from bpy.props import StringProperty
from bpy.types import Context, Event

from .reporting import Outcome, ReportingOperator


class FileChoosingOperator(ReportingOperator):
    """Base of each operator for a file; a script passes `filepath` and sees no browser."""

    filepath: StringProperty(
        name="File",
        description="The file that is read or written",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )

    def invoke(self, context: Context, event: Event) -> Outcome:
        """Open the file browser, unless the file is known, as it is when one was dropped."""
        if self.filepath:
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}
