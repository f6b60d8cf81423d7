# SPDX-License-Identifier: GPL-3.0-or-later
"""The redo panel (F9): an operator done again with other settings gives another result.

Blender undoes the step and executes the operator again with what the panel says; so do these.
"""

import bpy
import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance
from mien.models.take import write_take


@pytest.fixture
def head(tmp_path, demo_head):
    """The demo character, and a take of a mouth that opens and closes."""
    times = np.arange(120) / 60
    weights = np.zeros((120, len(CHANNELS)), np.float32)
    weights[:, CHANNELS.index("jawOpen")] = 0.3 - 0.3 * np.cos(times * np.pi * 4)
    write_take(tmp_path / "talk", Performance(weights, times))
    bpy.ops.mien.load_take(filepath=str(tmp_path / "talk" / "take.json"))
    return demo_head


def state():
    """What an operator may change: the recipe, markers, the face."""
    settings = bpy.context.scene.mien
    keys = bpy.data.objects["Mien Head"].data.shape_keys
    return (
        settings.recipe,
        tuple(marker.name for marker in bpy.context.scene.timeline_markers),
        tuple(round(block.value, 4) for block in keys.key_blocks),
        settings.preview.on,
    )


@pytest.mark.parametrize(
    ("operator", "first", "second"),
    [
        ("direct_take", {"emotion": "joy"}, {"emotion": "anger"}),
        ("direct_take", {"intensity": 0.2}, {"intensity": 0.8}),
        ("vary_take", {"seed": 1}, {"seed": 2}),
        ("refine", {"strength": 0.2}, {"strength": 0.8}),
        ("refine", {"refined": True}, {"refined": False}),
        ("add_recipe_step", {"kind": "gain"}, {"kind": "mirror"}),
        ("remove_recipe_step", {"index": 0}, {"index": 1}),
        ("remove_step", {"step": "refine"}, {"step": "clean"}),
        ("find_moments", {"count": 1}, {"count": 2}),
        ("preview_on_character", {"on": True}, {"on": False}),
    ],
)
def test_other_settings_give_another_result(head, operator, first, second):
    run = getattr(bpy.ops.mien, operator)
    options = getattr(bpy.types, f"MIEN_OT_{operator}").bl_options
    assert {"REGISTER", "UNDO"} <= options
    bpy.ops.ed.undo_push(message="before")
    before = state()
    run(**first)
    bpy.ops.ed.undo_push(message="first")
    once = state()
    bpy.ops.ed.undo()
    assert state() == before
    run(**second)
    assert state() != once
    # Every setting has a name to read in the panel.
    for each in getattr(bpy.ops.mien, operator).get_rna_type().properties:
        assert each.identifier == "rna_type" or each.name
