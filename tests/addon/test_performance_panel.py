# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Performance" and those below it: what they show when."""

from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from mien.addon.expression_model import MODEL
from mien.addon.face_preview import FACE_PREVIEW
from mien.addon.panels import CLASSES as PANELS
from mien.addon.panels.expressions import MIEN_PT_expression, MIEN_PT_vary
from mien.addon.panels.live_face import MIEN_PT_live_axes, MIEN_PT_live_face
from mien.addon.panels.performance import MIEN_PT_performance, MIEN_PT_recipe
from mien.addon.panels.preview import MIEN_PT_preview
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance
from mien.models.take import write_take


class Layout:
    """Stands in for Blender's layout, which only a window has: asks Blender for each property."""

    def __init__(self, drawn):
        self.__dict__["drawn"] = drawn

    def __getattr__(self, name):
        return lambda *_, **__: Layout(self.drawn)

    def __setattr__(self, name, value):
        if name == "enabled" and not value:
            self.drawn.append("grey")

    def prop(self, data, name, **settings):
        assert name in data.bl_rna.properties
        self.drawn.append(settings.get("text") or data.bl_rna.properties[name].name)

    def operator(self, idname, **_):
        module, name = idname.split(".")
        assert name in dir(getattr(bpy.ops, module))
        self.drawn.append(idname)
        return Layout(self.drawn)

    def progress(self, text, **_):
        self.drawn.append(text)

    def label(self, text="", **_):
        self.drawn.append(text)


class Context:
    """Blender's context with the sidebar that a window would have."""

    region = SimpleNamespace(width=280)
    preferences = SimpleNamespace(system=SimpleNamespace(ui_scale=1))

    def __getattr__(self, name):
        return getattr(bpy.context, name)


def drawn(panel):
    result = []
    panel.draw_in(None, Layout(result), Context())
    return result


@pytest.fixture
def take(tmp_path, demo_head):
    """A second of a mouth that opens, in use."""
    weights = np.zeros((60, len(CHANNELS)), np.float32)
    weights[:, CHANNELS.index("jawOpen")] = np.linspace(0, 1, 60)
    write_take(tmp_path / "talk", Performance(weights, np.arange(60) / 60))
    bpy.ops.mien.load_take(filepath=str(tmp_path / "talk" / "take.json"))
    return demo_head


def test_what_lies_below_it_is_closed_and_in_the_order_of_work(mien_enabled):
    below = [
        panel for panel in PANELS if getattr(panel, "bl_parent_id", "") == "MIEN_PT_performance"
    ]
    assert [panel.bl_label for panel in below] == [
        "Recipe",
        "Expression",
        "Live Face",
        "Gallery",
        "Curves",
    ]
    assert all("DEFAULT_CLOSED" in panel.bl_options for panel in below)
    assert "DEFAULT_CLOSED" not in getattr(MIEN_PT_performance, "bl_options", ())


def test_without_a_take_it_says_what_is_missing(demo_head):
    assert drawn(MIEN_PT_performance)[0].startswith("Capture footage")
    assert not any(each.startswith("mien.") for each in drawn(MIEN_PT_performance))
    for panel in (MIEN_PT_recipe, MIEN_PT_vary, MIEN_PT_preview):
        assert not panel.poll(Context())
    assert not drawn(MIEN_PT_expression)
    assert MIEN_PT_live_face.poll(Context())


def test_without_a_face_there_is_nothing_to_slide(mien_enabled):
    assert not MIEN_PT_live_face.poll(Context())


def test_refining_has_before_after_and_a_strength(take):
    shown = drawn(MIEN_PT_performance)
    assert shown.count("mien.refine") == 2 and "Refine" in shown
    while bpy.context.scene.mien.recipe_stack:
        bpy.ops.mien.remove_recipe_step()
    assert drawn(MIEN_PT_performance).count("mien.refine") == 1
    for panel in (MIEN_PT_recipe, MIEN_PT_preview, MIEN_PT_expression, MIEN_PT_vary):
        assert drawn(panel)
    for panel in (MIEN_PT_recipe, MIEN_PT_preview, MIEN_PT_vary):
        assert panel.poll(Context())


def test_the_preview_shows_how_far_it_is_and_what_is_wrong(take):
    bpy.ops.mien.preview_on_character()
    assert "mien.preview_on_character" in drawn(MIEN_PT_performance)
    bpy.ops.mien.refine(strength=0.5)
    FACE_PREVIEW.follow()
    FACE_PREVIEW.follow()
    assert any("%" in each for each in drawn(MIEN_PT_performance))
    FACE_PREVIEW.wait()
    bpy.context.scene.mien.take = "/nowhere"
    FACE_PREVIEW.wait()
    assert "nowhere" in " ".join(drawn(MIEN_PT_performance))
    # Without a take it can still be switched off.
    bpy.context.scene.mien.take = ""
    assert "mien.preview_on_character" in drawn(MIEN_PT_performance)
    assert bpy.ops.mien.preview_on_character(on=False) == {"FINISHED"}


def test_sliders_have_names_and_are_grey_while_the_preview_holds_the_face(take):
    assert {"Joy", "Sadness", "mien.key_live_face"} <= set(drawn(MIEN_PT_live_face))
    MODEL.get()
    axes = drawn(MIEN_PT_live_axes)
    assert axes == [name.title() for name in MODEL.axis_names]
    bpy.ops.mien.preview_on_character()
    shown = drawn(MIEN_PT_live_face)
    assert "grey" in shown and "preview" in " ".join(shown)
    assert not bpy.ops.mien.key_live_face.poll()
    face = take.data.shape_keys.key_blocks["mouthSmileLeft"].value
    bpy.context.scene.mien.live.emotions[1] = 1
    assert take.data.shape_keys.key_blocks["mouthSmileLeft"].value == face
