# SPDX-License-Identifier: GPL-3.0-or-later
"""What moves with which channel, put right by hand: rows corrected, kept, forgotten, solved."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Object
from bpy.utils import escape_identifier

from ...models.arkit import CHANNELS
from ...models.errors import MienError
from ..active_character import forget, summary_of
from ..channel_list import ONLY_MISSING, REFERENCE, chosen_channel, draw_solving
from ..row_correction import CORRECTION_SETTINGS, RowCorrection, draw_correction, holder_meant
from ..translations.lookup import rpt_
from .reporting import Outcome, ReportingOperator

if TYPE_CHECKING:
    from ...blender_ops.character import Character
    from ...blender_ops.mapping import Target


class MappingOperator(ReportingOperator):
    """Base of each operator that changes the selected character's mapping."""

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a character."""
        summary = summary_of(context.object)
        return "" if summary.name else summary.problem

    def run(self, context: Context) -> Outcome:
        """Change the mapping; the panel then looks anew."""
        from ...blender_ops.character import find_character

        try:
            return self.change(context, find_character(context.object))
        finally:
            forget()

    def change(self, context: Context, character: Character) -> Outcome:
        """Change it. Raises MienError for what the user can put right."""
        raise NotImplementedError


class OneChannel:
    """What the operators for a single row share."""

    channel: StringProperty(
        name="Channel",
        description="One of ARKit's channels; empty = the one selected in the list",
        options={"SKIP_SAVE"},
    )

    def channel_meant(self, context: Context) -> str:
        """The channel. Raises MienError if there is none of this name."""
        channel = self.channel or chosen_channel(context)
        if channel not in CHANNELS:
            raise MienError(f"“{channel}” is none of the face's channels.")
        return channel


def take_prepared(operator: Any, prepared: Any, names: Collection[str]) -> None:
    """Give an operator what the panel has prepared, if its caller said nothing of it."""
    if not any(operator.properties.is_property_set(name) for name in names):
        for name in names:
            setattr(operator, name, getattr(prepared, name))


class MIEN_OT_correct_mapping(RowCorrection, OneChannel, MappingOperator):
    """Say by hand what moves with a channel, and keep that with the character"""

    bl_idname = "mien.correct_mapping"
    bl_label = "Correct Row"
    bl_options = {"REGISTER", "UNDO"}

    def draw(self, context: Context) -> None:
        """The settings, after it ran."""
        assert self.layout is not None
        draw_correction(self.layout, context, self)

    def change(self, context: Context, character: Character) -> Outcome:
        """Keep the row."""
        from ...blender_ops.mapping import match
        from ...blender_ops.mapping.saved import correct

        channel = self.channel_meant(context)
        take_prepared(self, context.window_manager.mien_mapping.correction, CORRECTION_SETTINGS)
        now = match(character).row(channel).shapes if self.add else ()
        correct(character, channel, (*now, self._target(context, character)))
        return {"FINISHED"}

    def _target(self, context: Context, character: Character) -> Target:
        from ...blender_ops.mapping import Target

        holder = self._holder(context, character)
        named = {"KEY": self.key, "BONE": self.bone, "PROPERTY": self.data_path}
        if not named[self.kind]:
            raise MienError(f"Choose what moves on “{holder.name}”.")
        if self.kind == "KEY":
            return Target(holder, key=self.key, weight=self.weight)
        if self.kind == "PROPERTY":
            return Target(holder, data_path=self.data_path, weight=self.weight, rest=self.rest)
        path, _, index = self.bone_channel.partition(".")
        return Target(
            holder,
            data_path=f'pose.bones["{escape_identifier(self.bone)}"].{path}',
            index=int(index),
            weight=self.weight,
            rest=self.rest if path != "scale" or self.rest else 1.0,
        )

    def _holder(self, context: Context, character: Character) -> Object:
        found = holder_meant(self, context)
        if found is None and not self.holder:
            found = character.armature if self.kind == "BONE" else character.meshes[0]
        if found is None:
            raise MienError(
                f"This scene has no object “{self.holder}”."
                if self.holder
                else f"“{character.name}” has no armature."
            )
        return found


class MIEN_OT_leave_channel_out(OneChannel, MappingOperator):
    """Let nothing move with a channel, and keep that with the character"""

    bl_idname = "mien.leave_channel_out"
    bl_label = "Leave Out"
    bl_options = {"REGISTER", "UNDO"}

    def change(self, context: Context, character: Character) -> Outcome:
        """Keep an empty row."""
        from ...blender_ops.mapping.saved import correct

        correct(character, self.channel_meant(context), ())
        return {"FINISHED"}


class MIEN_OT_uncorrect_mapping(OneChannel, MappingOperator):
    """Let the names say again what moves with a channel"""

    bl_idname = "mien.uncorrect_mapping"
    bl_label = "By Name"
    bl_options = {"REGISTER", "UNDO"}

    def change(self, context: Context, character: Character) -> Outcome:
        """Forget the row."""
        from ...blender_ops.mapping.saved import uncorrect

        uncorrect(character, self.channel_meant(context))
        return {"FINISHED"}


class MIEN_OT_save_mapping(MappingOperator):
    """Keep all rows with the character as they are now, whatever its keys are called later"""

    bl_idname = "mien.save_mapping"
    bl_label = "Save Mapping"
    bl_options = {"REGISTER", "UNDO"}

    def change(self, context: Context, character: Character) -> Outcome:
        """Keep them."""
        from ...blender_ops.mapping import match
        from ...blender_ops.mapping.saved import save

        rows = {row.channel: row.shapes for row in match(character).rows if row.shapes}
        save(character, rows)
        words = rpt_("{count} rows are saved with “{name}”")
        self.report({"INFO"}, words.format(count=len(rows), name=character.name))
        return {"FINISHED"}


class MIEN_OT_reset_mapping(MappingOperator):
    """Forget all corrections: names and shapes say again what moves with what"""

    bl_idname = "mien.reset_mapping"
    bl_label = "Reset Mapping"
    bl_options = {"REGISTER", "UNDO"}

    def change(self, context: Context, character: Character) -> Outcome:
        """Forget them."""
        from ...blender_ops.mapping.saved import reset

        if not reset(character):
            self.report({"INFO"}, "Nothing was corrected")
            return {"CANCELLED"}
        return {"FINISHED"}


class MIEN_OT_solve_mapping(MappingOperator):
    """Find the nearest combination of shapes for each channel, by a head that has ARKit's"""

    bl_idname = "mien.solve_mapping"
    bl_label = "Solve from Another Head"
    bl_options = {"REGISTER", "UNDO"}

    reference: StringProperty(**REFERENCE, options={"SKIP_SAVE"})
    only_missing: BoolProperty(**ONLY_MISSING, options={"SKIP_SAVE"})

    def draw(self, context: Context) -> None:
        """Which head, and for which channels."""
        assert self.layout is not None
        draw_solving(self.layout, context, self)

    def change(self, context: Context, character: Character) -> Outcome:
        """Solve, and keep the rows."""
        from ...blender_ops.mapping import match
        from ...blender_ops.mapping.nearest import nearest_rows
        from ...blender_ops.mapping.saved import save, saved_rows

        take_prepared(self, context.window_manager.mien_mapping, ("reference", "only_missing"))
        reference = context.scene.objects.get(self.reference)
        if reference is None:
            raise MienError("Choose the head that has ARKit's face keys.")
        channels = match(character).missing if self.only_missing else CHANNELS
        found = nearest_rows(character, reference, channels)
        save(character, {**saved_rows(character), **{c: row.targets for c, row in found.items()}})
        met = math.fsum(row.met for row in found.values()) / max(len(found), 1)
        words = rpt_(
            "{found} of {all} channels have a combination, which makes {met:.0%} of their movement"
        )
        self.report({"INFO"}, words.format(found=len(found), all=len(channels), met=met))
        return {"FINISHED"}


class MIEN_OT_open_conventions(ReportingOperator):
    """Open the folder for naming conventions of your own, files like those that Mien brings"""

    bl_idname = "mien.open_conventions"
    bl_label = "Own Naming Conventions"

    def run(self, context: Context) -> Outcome:
        """Make the folder if need be, and show it."""
        from ...blender_ops.mapping.key_conventions import user_folder

        folder = user_folder()
        if folder is None:
            raise MienError("There is no folder for this: Mien is not installed as an extension.")
        folder.mkdir(parents=True, exist_ok=True)
        bpy.ops.wm.path_open(filepath=str(folder))
        return {"FINISHED"}


CLASSES = (
    MIEN_OT_correct_mapping,
    MIEN_OT_leave_channel_out,
    MIEN_OT_uncorrect_mapping,
    MIEN_OT_save_mapping,
    MIEN_OT_reset_mapping,
    MIEN_OT_solve_mapping,
    MIEN_OT_open_conventions,
)
