# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Batch": a shot list becomes what it asks for."""

from __future__ import annotations

from bpy.types import Context, UILayout

from ..jobs.batch import BatchJob
from ..operators.batch import MIEN_OT_open_batch_report, MIEN_OT_run_batch
from .sidebar import SidebarPanel, draw_main_button, draw_words


class MIEN_PT_batch(SidebarPanel):
    """Many shots in one go."""

    bl_label = "Batch"
    manual_page = "batch"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_in(self, layout: UILayout, context: Context) -> None:
        """The list, the folder, Run, and what the last one did."""
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.mien_batch
        column = layout.column()
        for name in ("shots", "folder", "jobs"):
            column.prop(settings, name)
        draw_main_button(layout, MIEN_OT_run_batch.bl_idname, "RENDER_ANIMATION", BatchJob)
        layout.operator(MIEN_OT_open_batch_report.bl_idname, icon="URL")
        if settings.report:
            draw_words(layout, context, settings.report)


CLASSES = (MIEN_PT_batch,)
