# SPDX-License-Identifier: GPL-3.0-or-later
import shutil
from pathlib import Path
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from mien.addon.operators.bake import prepared_performance
from mien.addon.preferences import MienPreferences, refiner_folder
from mien.addon.scene_recipe import recipe_in_use
from mien.models.arkit import CHANNELS
from mien.models.gan.refine import refine
from mien.models.performance import Performance
from mien.models.recipe import STANDARD, Recipe, Step
from mien.models.take import write_take

TINY = Path(__file__).parent.parent / "models" / "gan" / "tiny"


@pytest.fixture
def trembling():
    times = np.arange(120) / 60
    weights = np.zeros((120, len(CHANNELS)), np.float32)
    weights[:, CHANNELS.index("jawOpen")] = 0.5 - 0.3 * np.cos(times * np.pi * 2)
    weights += np.random.default_rng(0).normal(0, 0.02, weights.shape)
    return Performance(weights=weights, times=times)


@pytest.fixture
def take(trembling, tmp_path, mien_enabled):
    folder = tmp_path / "takes" / "mouth"
    write_take(folder, trembling, recipe=Recipe())
    bpy.ops.mien.load_take(filepath=str(folder / "take.json"))
    return folder


def settings():
    return bpy.context.scene.mien


def baked(folder, refiner=""):
    """What a bake would be made of now."""
    recipe = Recipe.from_json(settings().recipe) if settings().recipe else None
    return prepared_performance(folder, recipe, lambda *_: None, refiner=refiner)


def test_without_a_take_it_says_what_is_missing(mien_enabled):
    settings().take = ""
    with pytest.raises(RuntimeError, match="Capture footage or load a take first"):
        bpy.ops.mien.refine()


def test_refining_is_a_step_of_the_recipe(take, trembling):
    assert bpy.ops.mien.refine(strength=0.75) == {"FINISHED"}
    assert recipe_in_use(settings()) == Recipe((Step("refine", {"strength": 0.75}),))
    assert settings().refine_strength == pytest.approx(0.75)
    assert baked(take) == refine(trembling, 0.75)


def test_the_switch_shows_before_and_after(take, trembling):
    settings().refine_strength = 0.8
    bpy.ops.mien.refine()
    assert settings().refined
    assert baked(take) == refine(trembling, 0.8)
    bpy.ops.mien.refine(refined=False)
    assert not settings().refined
    assert baked(take) == trembling
    bpy.ops.mien.refine(refined=True)
    assert baked(take) == refine(trembling, 0.8)
    assert len(recipe_in_use(settings()).steps) == 1


def test_the_step_takes_its_place_in_the_standard_recipe(take):
    settings().recipe = STANDARD.to_json()
    bpy.ops.mien.refine(strength=0.4)
    names = [step.name for step in recipe_in_use(settings()).steps]
    assert names == [step.name for step in STANDARD.steps]


def test_undo_takes_the_step_back(take):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.mien.refine(strength=0.4)
    bpy.ops.ed.undo_push(message="refined")
    assert settings().recipe
    bpy.ops.ed.undo()
    assert not settings().recipe


def test_the_preferences_choose_the_weights(take, trembling, mien_enabled):
    bpy.ops.mien.refine(strength=1.0)
    own, tiny = baked(take), baked(take, str(TINY))
    assert tiny == refine(trembling, 1.0, weights=TINY)
    assert tiny != own


def test_weights_that_were_altered_are_refused_in_the_preferences(tmp_path):
    weights = tmp_path / "weights"
    shutil.copytree(TINY, weights)
    # What Blender's preferences hold, without the window that they are drawn in.
    chosen = SimpleNamespace(refiner_folder=str(weights), refiner_problem="as before")
    MienPreferences.check_refiner(chosen)
    assert chosen.refiner_problem == ""
    content = bytearray((weights / "offline.onnx").read_bytes())
    content[100] ^= 1
    (weights / "offline.onnx").write_bytes(content)
    MienPreferences.check_refiner(chosen)
    assert "altered" in chosen.refiner_problem
    chosen.refiner_folder = str(tmp_path / "nowhere")
    MienPreferences.check_refiner(chosen)
    assert "is missing" in chosen.refiner_problem
    chosen.refiner_folder = ""
    MienPreferences.check_refiner(chosen)
    assert chosen.refiner_problem == ""


def test_the_folder_of_the_preferences_is_what_bakes_use(mien_enabled, monkeypatch):
    assert refiner_folder() == ""
    monkeypatch.setattr(
        "mien.addon.preferences.preferences", lambda: SimpleNamespace(refiner_folder=str(TINY))
    )
    assert refiner_folder() == str(TINY)
