"""Baking, looked at through the eyes of Blender: what the dependency graph evaluates."""

import bpy
import numpy as np
import pytest
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import find_character
from mien.blender_ops.mapping import match


def baked(performance, chosen, **options):
    character = find_character(chosen)
    return bake(performance, character, match(character), BakeOptions(**options))


def played(mesh, key, frame):
    """A shape key's value as Blender evaluates it at a frame."""
    scene = bpy.context.scene
    scene.frame_set(int(frame // 1), subframe=frame % 1)
    graph = bpy.context.evaluated_depsgraph_get()
    return mesh.evaluated_get(graph).data.shape_keys.key_blocks[key].value


def at(performance, channel, seconds):
    return np.interp(seconds, performance.times, performance.channel(channel))


def test_a_bake_plays(puppet, performance):
    bpy.context.scene.render.fps = 24
    result = baked(performance, puppet, tolerance=0)
    for frame in (1, 2, 17, 49):
        seconds = (frame - 1) / 24
        for channel in ("jawOpen", "eyeBlinkLeft", "mouthFunnel"):
            assert played(puppet, channel, frame) == pytest.approx(
                at(performance, channel, seconds), abs=1e-4
            )
    tongue = bpy.data.objects["Tongue"]
    assert played(tongue, "jaw_open", 30) == pytest.approx(
        at(performance, "jawOpen", 29 / 24), abs=1e-4
    )
    assert result.curves == 53 + 12
    assert result.keys == result.samples == 65 * 49
