# SPDX-License-Identifier: GPL-3.0-or-later
"""A character to bake on: the demo, or one's own made editable."""

from __future__ import annotations

import math

import bpy
from bpy.types import Context, Event, Object, SpaceView3D
from mathutils import Quaternion

from .reporting import Outcome, ReportingOperator

ROOM_AROUND_IT = 1.35
# The view that Blender's numpad 1 gives, a little from above.
FROM_THE_FRONT = Quaternion((1, 0, 0), math.radians(80))


class MIEN_OT_add_demo_character(ReportingOperator):
    """Add Mien's demo character: a head with all 52 face keys"""

    bl_idname = "mien.add_demo_character"
    bl_label = "Add Demo Character"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Outside Object Mode."""
        return "" if context.mode == "OBJECT" else "Go to Object Mode first"

    def invoke(self, context: Context, event: Event) -> Outcome:
        """After a click the view turns to it: it is as small as a real head."""
        outcome = self.execute(context)
        if outcome == {"FINISHED"}:
            look_it_in_the_face(context)
        return outcome

    def run(self, context: Context) -> Outcome:
        """Build it and make it the active object."""
        from ...blender_ops.demo import build_demo_character

        activate(context, build_demo_character().head)
        return {"FINISHED"}


class MIEN_OT_make_face_keys_editable(ReportingOperator):
    """Override the linked character's mesh and face keys, so that animation on them is saved"""

    bl_idname = "mien.make_face_keys_editable"
    bl_label = "Make Face Keys Editable"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without an object."""
        return "" if context.object else "Select a character first"

    def run(self, context: Context) -> Outcome:
        """Make library overrides of what is still linked."""
        from ...blender_ops.character import find_character, make_face_keys_editable

        character = make_face_keys_editable(find_character(context.object), context)
        activate(context, character.meshes[0])
        return {"FINISHED"}


def activate(context: Context, chosen: Object) -> None:
    """Select an object alone and make it the active one."""
    for other in context.selected_objects:
        other.select_set(False)
    chosen.select_set(True)
    context.view_layer.objects.active = chosen


def look_it_in_the_face(context: Context) -> None:
    """Turn the 3D view that was clicked in toward what is selected, from the front."""
    space = context.space_data
    if not isinstance(space, SpaceView3D) or space.region_3d is None:
        return
    space.region_3d.view_rotation = FROM_THE_FRONT
    window_region = next(region for region in context.area.regions if region.type == "WINDOW")
    with context.temp_override(region=window_region):  # type: ignore[attr-defined]
        bpy.ops.view3d.view_selected()
    # Hair and shoulders are objects of their own: leave them room, too.
    space.region_3d.view_distance *= ROOM_AROUND_IT


CLASSES = (MIEN_OT_add_demo_character, MIEN_OT_make_face_keys_editable)
