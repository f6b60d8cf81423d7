# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel "Expression" and its operators, in Blender."""

import json
import sys

import bpy
import numpy as np
import pytest
from mien.addon.jobs.job import JOBS, State
from mien.addon.jobs.making import MakeTakeJob
from mien.addon.operators.expressions import MIEN_OT_direct_take
from mien.addon.panels.expressions import CLASSES as PANELS
from mien.blender_ops.animation import f_curves
from mien.blender_ops.character import find_character
from mien.blender_ops.mapping import match
from mien.blender_ops.posing import expression_of, put_on
from mien.models.arkit import CHANNELS
from mien.models.errors import TakeError
from mien.models.performance import Performance
from mien.models.recipe import Recipe
from mien.models.take import read_take, write_take
from mien.models.vae.emotions import emotion_weights, emotions


def _settings():
    return bpy.context.scene.mien


def _face():
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    face = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(face)
    for channel in ("Basis", *CHANNELS):
        face.shape_key_add(name=channel).value = 0.0
    bpy.context.view_layer.objects.active = face
    return face


@pytest.fixture
def take(tmp_path, mien_enabled):
    """A second of a mouth that opens and closes, in use, with no recipe."""
    times = np.arange(60) / 60
    weights = np.zeros((60, len(CHANNELS)), np.float32)
    weights[:, CHANNELS.index("jawOpen")] = 0.3 - 0.3 * np.cos(times * np.pi * 4)
    write_take(tmp_path / "talk", Performance(weights, times), recipe=Recipe())
    bpy.ops.mien.load_take(filepath=str(tmp_path / "talk" / "take.json"))
    return tmp_path / "talk"


def _steps():
    return {row["step"]: row["settings"] for row in json.loads(_settings().recipe)["steps"]}


def test_without_a_take_the_buttons_say_why(mien_enabled):
    assert "take" in MIEN_OT_direct_take.disabled_reason(bpy.context)
    for operator in ("direct_take", "vary_take", "find_moments", "bake_variations", "remove_step"):
        assert not getattr(bpy.ops.mien, operator).poll()
    assert bpy.ops.mien.sample_expressions.poll() and bpy.ops.mien.idle.poll()


def test_directing_and_varying_are_steps_that_can_be_taken_out(take):
    settings = _settings().expression
    settings.emotion, settings.intensity = "sadness", 0.75
    assert bpy.ops.mien.direct_take() == {"FINISHED"}
    step = _steps()["direct"]
    assert step == {"emotion": "sadness", "intensity": 0.75, "speech": True}
    assert bpy.ops.mien.direct_take(emotion="anger", intensity=0.25) == {"FINISHED"}
    assert _steps()["direct"]["emotion"] == "anger"
    settings.keep = {"mouth", "jaw"}
    assert bpy.ops.mien.vary_take(seed=4) == {"FINISHED"}
    assert _steps()["vary"]["seed"] == 4
    assert "mouth" not in _steps()["vary"]["regions"] and "brows" in _steps()["vary"]["regions"]
    assert bpy.ops.mien.remove_step(step="direct") == {"FINISHED"}
    assert set(_steps()) == {"vary"}
    assert bpy.ops.mien.remove_step(step="direct") == {"CANCELLED"}


def test_a_directed_take_is_baked_as_directed(take):
    face = _face()
    bpy.ops.mien.direct_take(emotion="sadness", intensity=1.0)
    assert bpy.ops.mien.bake() == {"FINISHED"}
    frown = f_curves(face.data.shape_keys)['key_blocks["mouthFrownLeft"].value', 0]
    assert frown.evaluate(10) > 0.2


def test_variations_are_baked_as_the_panel_says(take, monkeypatch):
    _face()
    _settings().neck_share, _settings().eyes, _settings().tolerance = 0.7, "KEYS", 0.02
    module = sys.modules["mien.blender_ops.bake"]
    whole, asked = module.bake_in_steps, []
    monkeypatch.setattr(
        module,
        "bake_in_steps",
        lambda *arguments: asked.append(arguments[3]) or whole(*arguments),
    )
    bpy.ops.mien.bake_variations(count=2)
    for options in asked:
        assert options.neck_share == pytest.approx(0.7)
        assert (options.eyes, options.tolerance) == ("KEYS", pytest.approx(0.02))
    assert len(asked) == 2


def test_variations_are_actions_of_their_own(take):
    face = _face()
    _settings().expression.keep = {"jaw"}
    assert bpy.ops.mien.bake_variations(count=3, seed=5, amount=1.0) == {"FINISHED"}
    names = {action.name for action in bpy.data.actions}
    assert {"talk 5", "talk 6", "talk 7"} <= names
    assert "3 variations" in _settings().bake_report
    assert _settings().recipe == ""
    curves = f_curves(face.data.shape_keys)
    assert max(curves['key_blocks["jawOpen"].value', 0].evaluate(f) for f in range(25)) > 0.5


@pytest.mark.parametrize(
    ("operator", "arguments", "name"),
    [
        ("sample_expressions", {"count": 3, "emotion": "joy", "seed": 2}, "joy_2"),
        ("sample_expressions", {"count": 1}, "expression_0"),
        ("idle", {"seconds": 1.0, "loop": True}, "idle_0"),
        ("between", {"end_emotion": "anger"}, "neutral_to_anger"),
    ],
)
def test_inventing_makes_a_take_and_uses_it(operator, arguments, name, saved_file):
    _settings().recipe = Recipe().to_json()
    assert getattr(bpy.ops.mien, operator)(**arguments) == {"FINISHED"}
    assert _settings().take == f"//takes/{name}"
    assert _settings().recipe == ""
    take = read_take(saved_file / "takes" / name)
    assert take.report["made"]["by"] == operator.partition("_")[0]
    assert _settings().take_frames == len(take.performance)
    face = _face()
    assert bpy.ops.mien.bake() == {"FINISHED"}
    assert face.data.shape_keys.animation_data.action is not None


def test_inventing_starts_with_what_the_panel_says(saved_file):
    settings = _settings().expression
    settings.any_emotion, settings.count, settings.seed = "disgust", 2, 9
    assert bpy.ops.mien.sample_expressions() == {"FINISHED"}
    made = read_take(saved_file / "takes" / "disgust_9")
    assert made.report["made"]["settings"]["emotion"] == "disgust"
    assert len(made.performance) == 2
    settings.mood, settings.idle_seconds = "sadness", 0.5
    assert bpy.ops.mien.idle() == {"FINISHED"}
    assert read_take(saved_file / "takes" / "idle_9").performance.duration < 0.6


def test_an_invention_that_is_stopped_leaves_nothing(saved_file):
    made = Performance(np.zeros((2, 52)), [0.0, 1.0])
    job = JOBS.start(lambda: MakeTakeJob(lambda: made, saved_file / "takes", "x", "idle", {}))
    job._thread.join()
    job.cancel()
    assert job.state is State.CANCELLED and job.take is None
    assert not any((saved_file / "takes").iterdir())


def test_what_goes_wrong_in_an_invention_is_a_report(saved_file):
    def fail():
        raise TakeError("No room.")

    job = JOBS.start(lambda: MakeTakeJob(fail, saved_file / "takes", "x", "idle", {}))
    job.wait()
    assert job.state is State.FAILED and str(job.error) == "No room."
    (saved_file / "takes").write_text("a file, not a folder")
    with pytest.raises(RuntimeError):
        bpy.ops.mien.between()
    assert _settings().take == ""


def test_moments_become_markers(take):
    write_take(
        take.parent / "faces",
        Performance(np.stack([emotion_weights("joy"), emotion_weights("anger")]), [0.0, 2.0]),
        recipe=Recipe(),
    )
    bpy.ops.mien.load_take(filepath=str(take.parent / "faces" / "take.json"))
    assert bpy.ops.mien.find_moments(emotion="anger", count=1) == {"FINISHED"}
    marker = bpy.context.scene.timeline_markers[0]
    assert marker.frame == 1 + 2 * 24 and marker.name.startswith("Anger 9")


def test_a_face_is_read_and_posed(mien_enabled):
    face = _face()
    character = find_character(face)
    joy = emotion_weights("joy")
    put_on(character, match(character), joy)
    np.testing.assert_allclose(expression_of(character, match(character)), joy, atol=1e-6)
    keys = face.data.shape_keys.key_blocks
    assert keys["mouthSmileLeft"].value == pytest.approx(joy[CHANNELS.index("mouthSmileLeft")])


class _Layout:
    """Stands in for Blender's layout, which only a window has: asks Blender for each property."""

    def __init__(self, drawn):
        self.drawn = drawn

    def __getattr__(self, name):
        return lambda *_, **__: _Layout(self.drawn)

    def prop(self, data, name, **_):
        assert name in data.bl_rna.properties
        self.drawn.append(name)

    def operator(self, idname, **_):
        module, name = idname.split(".")
        assert name in dir(getattr(bpy.ops, module))
        self.drawn.append(idname)
        return _Layout(self.drawn)


@pytest.mark.parametrize("panel", PANELS)
def test_panels_draw_what_there_is(panel, take):
    bpy.ops.mien.direct_take(emotion="joy")
    for kind in ("EXPRESSIONS", "MOTION", "IDLE", "BETWEEN"):
        _settings().expression.kind = kind
        drawn = []
        panel.draw_in(None, _Layout(drawn), bpy.context)
        assert any(name.startswith("mien.") for name in drawn)


def test_the_emotions_of_the_table_can_be_chosen(mien_enabled):
    for name in emotions():
        _settings().expression.emotion = name
        assert _settings().expression.emotion == name
    with pytest.raises(TypeError):
        _settings().expression.emotion = "glee"
