# SPDX-License-Identifier: GPL-3.0-or-later
"""More or less of each region, both sides alike, left for right: steps of the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpy.props import BoolProperty, EnumProperty, FloatProperty, FloatVectorProperty
from bpy.types import Context, Event

from ...models.arkit import REGIONS
from ..scene_recipe import put_step, recipe_in_use, remove_step, settings_of
from .reporting import Outcome, ReportingOperator

_REGIONS = tuple(REGIONS)


class MIEN_OT_adjust_take(ReportingOperator):
    """Scale and offset regions, make both sides alike or swap them: the next bake follows"""

    bl_idname = "mien.adjust_take"
    bl_label = "Adjust Take"
    bl_options = {"REGISTER", "UNDO"}

    gains: FloatVectorProperty(
        name="Gain",
        description="Factor on all that a region does",
        size=len(_REGIONS),
        default=(1.0,) * len(_REGIONS),
        min=0.0,
        soft_max=2.0,
        precision=2,
        step=5,
        options={"SKIP_SAVE"},
    )
    offsets: FloatVectorProperty(
        name="Offset",
        description="What is added to each weight of a region; below 0 takes away what rest shows",
        size=len(_REGIONS),
        default=(0.0,) * len(_REGIONS),
        min=-1.0,
        max=1.0,
        soft_min=-0.5,
        soft_max=0.5,
        precision=2,
        step=5,
        options={"SKIP_SAVE"},
    )
    head: FloatProperty(
        name="Head",
        description="Factor on how far the head turns",
        default=1.0,
        min=0.0,
        soft_max=2.0,
        precision=2,
        step=5,
        options={"SKIP_SAVE"},
    )
    symmetry: FloatProperty(
        name="Symmetry",
        description="How alike both sides of the face move; gaze stays as it is",
        default=0.0,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
        options={"SKIP_SAVE"},
    )
    side: EnumProperty(
        name="Side",
        description="Which side leads, the character's own left or right",
        items=(
            ("both", "Both", "They meet in the middle"),
            ("left", "Left", "The right side follows the left one"),
            ("right", "Right", "The left side follows the right one"),
        ),
        default="both",
        options={"SKIP_SAVE"},
    )
    mirror: BoolProperty(
        name="Mirror",
        description="Left becomes right: face, head and eyes",
        default=False,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def disabled_reason(cls, context: Context) -> str:
        """Without a take."""
        return "" if context.scene.mien.take else "Capture footage or load a take first"

    def invoke(self, context: Context, event: Event) -> Outcome:
        """Show what the recipe says now, to be changed."""
        return self.reporting(self._ask, context)

    def draw(self, context: Context) -> None:
        """A row a region, then what concerns all of it."""
        layout = self.layout
        assert layout is not None
        column = layout.column(align=True)
        titles = column.split(factor=0.3)
        for title in ("", "Gain", "Offset"):
            titles.label(text=title)
        for place, region in enumerate(_REGIONS):
            row = column.split(factor=0.3, align=True)
            row.label(text=region.capitalize())
            row.prop(self, "gains", index=place, text="")
            row.prop(self, "offsets", index=place, text="")
        row = column.split(factor=0.3, align=True)
        row.label(text="Head turn")
        row.prop(self, "head", text="")
        row.label()
        layout.prop(self, "symmetry", slider=True)
        row = layout.row(align=True)
        row.active = self.symmetry > 0
        row.prop(self, "side", expand=True)
        layout.prop(self, "mirror")

    def run(self, context: Context) -> Outcome:
        """Put the steps into the scene's recipe; what changes nothing is taken out of it."""
        settings = context.scene.mien
        regions = _differing(self.gains, 1.0)
        offsets = _differing(self.offsets, 0.0)
        # What else a recipe says of gain, such as single channels, stays.
        gain = {**settings_of(settings, "gain"), "head": round(self.head, 4)}
        gain["regions"] = regions or None
        gain["offsets"] = {
            **{
                key: each for key, each in (gain.get("offsets") or {}).items() if key not in REGIONS
            },
            **offsets,
        } or None
        _put(settings, "gain", {key: each for key, each in gain.items() if not _is_idle(key, each)})
        symmetric = {"amount": round(self.symmetry, 4), "side": self.side}
        _put(settings, "symmetry", symmetric if self.symmetry > 0 else {})
        if self.mirror:
            put_step(settings, "mirror", {})
        else:
            remove_step(settings, "mirror")
        self.report({"INFO"}, "The next bake follows")
        return {"FINISHED"}

    def _ask(self, context: Context) -> Outcome:
        settings = context.scene.mien
        gain = settings_of(settings, "gain")
        symmetric = settings_of(settings, "symmetry")
        regions, offsets = gain.get("regions") or {}, gain.get("offsets") or {}
        self.gains = [regions.get(region, 1.0) for region in _REGIONS]
        self.offsets = [offsets.get(region, 0.0) for region in _REGIONS]
        self.head = gain.get("head", 1.0)
        has_symmetry = any(step.name == "symmetry" for step in recipe_in_use(settings).steps)
        self.symmetry = symmetric.get("amount", 1.0) if has_symmetry else 0.0
        self.side = symmetric.get("side", "both")
        self.mirror = any(step.name == "mirror" for step in recipe_in_use(settings).steps)
        return context.window_manager.invoke_props_dialog(self, width=340)


def _differing(values: Any, neutral: float) -> dict[str, float]:
    """The regions whose value says something. Blender keeps float32: round what it added."""
    return {
        region: round(float(value), 4)
        for region, value in zip(_REGIONS, values, strict=True)
        if round(float(value), 4) != neutral
    }


def _is_idle(setting: str, value: Any) -> bool:
    """Whether a setting of gain says what it does by default."""
    return value is None or (setting in ("head", "overall") and value == 1)


def _put(settings: Any, name: str, values: Mapping[str, Any]) -> None:
    """Give the recipe the step, or take it out where there is nothing to say."""
    if values:
        put_step(settings, name, values)
    else:
        remove_step(settings, name)


CLASSES = (MIEN_OT_adjust_take,)
