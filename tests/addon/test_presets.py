"""Presets of Bake and of the recipe: those that come with Mien, and those that the user adds."""

from pathlib import Path

import bpy
import numpy as np
import pytest
from mien.addon.operators.presets import BAKE, BAKE_SETTINGS, FOLDER, RECIPE
from mien.addon.panels.presets import CLASSES as PANELS
from mien.addon.recipe_stack import recipe_shown
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance
from mien.models.recipe import STANDARD, Recipe, Step
from mien.models.take import write_take

SHIPPED = ("Feature_Film", "Game", "Streaming")


def settings():
    return bpy.context.scene.mien


def use(name, of):
    menu = {BAKE: "MIEN_PT_bake_presets", RECIPE: "MIEN_PT_recipe_presets"}[of]
    found = bpy.utils.preset_find(name, of)
    return bpy.ops.mien.use_preset(filepath=found, menu_idname=menu)


@pytest.fixture(autouse=True)
def labels(monkeypatch):
    """Blender calls a list by the preset that was chosen last: other tests read its own name."""
    for panel in PANELS:
        monkeypatch.setattr(panel, "bl_label", panel.bl_label)


@pytest.fixture
def users_presets(mien_enabled, tmp_path, monkeypatch):
    """A scripts folder of the user's that is not the real one."""
    folder = tmp_path / "scripts"

    def user_resource(kind, *, path="", create=False):
        place = folder / path
        if create:
            place.mkdir(parents=True, exist_ok=True)
        return str(place)

    monkeypatch.setattr(bpy.utils, "user_resource", user_resource)
    bpy.utils.register_preset_path(str(folder))
    yield folder / "presets"
    bpy.utils.unregister_preset_path(str(folder))


@pytest.fixture
def take(tmp_path, mien_enabled):
    """Half a second at rest, whose own recipe says when it rests."""
    weights = np.zeros((30, len(CHANNELS)), np.float32)
    recipe = Recipe((Step("neutral", {"at": 0.25}), *STANDARD.steps[1:]))
    write_take(tmp_path / "take", Performance(weights, np.arange(30) / 60), recipe=recipe)
    bpy.ops.mien.load_take(filepath=str(tmp_path / "take" / "take.json"))


@pytest.mark.parametrize("of", [BAKE, RECIPE])
def test_the_shipped_presets_are_in_blenders_list(mien_enabled, of):
    files = {file.name for place in bpy.utils.preset_paths(of) for file in Path(place).iterdir()}
    assert {f"{name}.py" for name in SHIPPED} <= files
    assert all((FOLDER / "presets" / of / f"{name}.py").is_file() for name in SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_bake_preset_says_every_setting_but_the_regions_tolerances(mien_enabled, name):
    odd = {"hold": 3, "drop_still": True, "blend_in": 7, "blend_out": 7, "markers": False}
    for setting, value in odd.items():
        setattr(settings(), setting, value)
    settings().start_frame, settings().range_start = 99, 12
    use(name, BAKE)
    first = {each: getattr(settings(), each) for each in BAKE_SETTINGS}
    for setting in odd:
        settings().property_unset(setting)
    use(name, BAKE)
    second = {each: getattr(settings(), each) for each in BAKE_SETTINGS}
    first["region_tolerances"] = second["region_tolerances"] = None
    assert first == second
    assert (settings().start_frame, settings().range_start) == (99, 12)


def test_the_shipped_bake_presets_differ_where_their_use_does(mien_enabled):
    tolerances = []
    for name in SHIPPED:
        use(name, BAKE)
        tolerances.append(settings().tolerance)
        assert settings().drop_still == (name != "Feature_Film")
    assert tolerances == sorted(tolerances)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_recipe_is_a_recipe_and_keeps_when_the_face_rests(take, name):
    use(name, RECIPE)
    recipe = Recipe.from_json(settings().recipe)
    assert recipe.steps[0] == Step("neutral", {"at": 0.25})
    assert recipe_shown(settings()) == recipe


def test_using_a_preset_is_one_undo_step(take):
    bpy.ops.ed.undo_push(message="before")
    before = settings().recipe, settings().tolerance
    use("Game", RECIPE)
    bpy.ops.ed.undo_push(message="preset")
    bpy.ops.ed.undo()
    assert (settings().recipe, settings().tolerance) == before
    assert [item.name for item in settings().recipe_stack] == ["neutral", "clean", "refine"]


def test_a_bake_preset_of_the_users_own(users_presets):
    settings().tolerance, settings().hold = 0.25, 2
    settings().region_tolerances[2] = 0.125
    bpy.ops.mien.add_bake_preset(name="On Twos")
    for name in ("tolerance", "hold", "region_tolerances"):
        settings().property_unset(name)
    use("On_Twos", BAKE)
    assert (settings().tolerance, settings().hold) == (0.25, 2)
    assert settings().region_tolerances[2] == 0.125
    bpy.ops.mien.add_bake_preset(name="On Twos", remove_name=True)
    assert not list((users_presets / BAKE).glob("*.py"))


def test_a_recipe_preset_of_the_users_own_leaves_out_when_a_take_rests(users_presets, take):
    bpy.ops.mien.add_recipe_step(kind="direct")
    settings().recipe_stack[0].neutral.head = False
    settings().recipe_stack[3].active = False
    recipe = recipe_shown(settings())
    bpy.ops.mien.add_recipe_preset(name="Mine")
    bpy.ops.mien.reset_recipe()
    use("Mine", RECIPE)
    assert recipe_shown(settings()) == recipe
    assert "0.25" not in (users_presets / RECIPE / "Mine.py").read_text(encoding="utf-8")


def test_a_preset_that_is_gone_is_a_report(mien_enabled):
    with pytest.raises(RuntimeError, match="is gone"):
        bpy.ops.mien.use_preset(filepath="/nowhere/x.py", menu_idname="MIEN_PT_bake_presets")
