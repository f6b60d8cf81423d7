"""The recipe as a stack: it shows the recipe in use, and a change in either changes both."""

import types
import typing
from collections.abc import Mapping

import bpy
import numpy as np
import pytest
from mien.addon.operators.bake import prepared_performance
from mien.addon.recipe_stack import ICONS, KINDS, recipe_shown, selected_step
from mien.addon.scene_recipe import recipe_in_use
from mien.addon.step_groups import GROUPS
from mien.addon.step_settings import BESIDE
from mien.models.arkit import CHANNELS, REGIONS
from mien.models.performance import Performance
from mien.models.recipe import STANDARD, Recipe, Step
from mien.models.steps import STEPS, defaults, kind
from mien.models.take import write_take

EVERY = Recipe(
    (
        Step("trim", {"start": 0.1, "end": -0.1}),
        Step("neutral", {"at": 0.2345678901, "head": False}),
        Step("clean", {"method": "gaussian", "cutoff": 6}),
        Step("gain", {"regions": {"mouth": 1.2}, "offsets": {"brows": 0.1}, "head": 0.8}),
        Step("gain", {"channels": {"jawOpen": 1.1}, "offsets": {"jawOpen": 0.05}}, muted=True),
        Step("mirror"),
        Step("symmetry", {"amount": 0.5, "side": "left"}),
        Step("retime", {"rate": 23.976}),
        Step("refine", {"strength": 0.7, "regions": {"mouth": 0.5}, "live": True}),
        Step("vary", {"amount": 0.5, "seed": 3, "regions": {"brows": 1}}),
        Step("direct", {"emotion": "joy:0.7+surprise:0.3", "intensity": 0.5, "speech": False}),
    )
)


def settings():
    return bpy.context.scene.mien


def shown():
    return [(item.name, item.active) for item in settings().recipe_stack]


@pytest.fixture
def performance():
    """A second of a mouth that opens and closes."""
    times = np.arange(60) / 60
    weights = np.zeros((60, len(CHANNELS)), np.float32)
    weights[:, CHANNELS.index("jawOpen")] = 0.5 - 0.5 * np.cos(times * np.pi * 2)
    return Performance(weights=weights, times=times)


@pytest.fixture
def take(performance, tmp_path, mien_enabled):
    """That performance as the take in use, with the standard recipe of its own."""
    folder = tmp_path / "takes" / "mouth"
    write_take(folder, performance)
    bpy.ops.mien.load_take(filepath=str(folder / "take.json"))
    return folder


def test_every_step_is_in_the_menu_with_an_icon_of_blenders(mien_enabled):
    assert set(GROUPS) == {name for name, *_ in KINDS} == set(STEPS)
    icons = bpy.types.UILayout.bl_rna.functions["prop"].parameters["icon"].enum_items
    assert set(ICONS.values()) <= set(icons.keys())


@pytest.mark.parametrize("name", STEPS)
def test_every_setting_has_a_widget_of_its_type(take, name):
    bpy.ops.mien.add_recipe_step(kind=name)
    group = getattr(selected_step(settings()), name)
    hints = typing.get_type_hints(kind(name).apply)
    properties = {each.identifier: each for each in group.bl_rna.properties}
    widgets = {each for each in properties if each not in ("rna_type", "name")}
    switches = {each for each in widgets if each.startswith("use_")}
    assert widgets - switches == set(defaults(name)) - BESIDE.get(name, set())
    for setting in widgets - switches:
        found, hint = properties[setting], hints[setting]
        optional = typing.get_origin(hint) in (typing.Union, types.UnionType)
        parts = [each for each in typing.get_args(hint) if each is not type(None)]
        hint = parts[0] if optional else hint
        if typing.get_origin(hint) is typing.Literal:
            assert set(found.enum_items.keys()) == set(typing.get_args(hint))
        elif typing.get_origin(hint) is not None:
            assert issubclass(typing.get_origin(hint), Mapping)
            assert found.type == "FLOAT" and found.array_length == len(REGIONS)
        else:
            kinds = {float: "FLOAT", int: "INT", bool: "BOOLEAN", str: "STRING"}
            assert found.type == kinds[hint]
        assert found.name and found.description
    # With all at its default, the step has nothing to say.
    assert recipe_in_use(settings()).steps[-1] == recipe_shown(settings()).steps[-1] == Step(name)


def test_a_loaded_take_shows_its_own_recipe(take):
    assert not settings().recipe
    assert recipe_shown(settings()) == STANDARD
    assert shown() == [("neutral", True), ("clean", True), ("refine", True)]


def test_without_a_take_it_is_empty_and_its_buttons_say_why(mien_enabled):
    assert not settings().recipe_stack
    with pytest.raises(RuntimeError, match="Capture footage or load a take first"):
        bpy.ops.mien.add_recipe_step(kind="gain")


def test_what_a_recipe_says_is_shown_to_the_last_digit(take):
    settings().recipe = EVERY.to_json()
    assert recipe_shown(settings()) == EVERY
    settings().recipe_stack[0].active = False
    assert recipe_in_use(settings()).steps[1:] == EVERY.steps[1:]
    assert recipe_in_use(settings()).steps[0] == Step("trim", EVERY.steps[0].settings, muted=True)


def test_a_widget_changes_its_setting_and_nothing_else(take):
    settings().recipe = EVERY.to_json()
    stack = settings().recipe_stack
    stack[3].gain.regions[list(REGIONS).index("jaw")] = 1.5
    stack[4].gain.head = 0.5
    stack[1].neutral.use_at = False
    stack[10].direct.emotion = "sadness"
    expected = list(EVERY.steps)
    expected[3] = Step("gain", {**EVERY.steps[3].settings, "regions": {"mouth": 1.2, "jaw": 1.5}})
    expected[4] = Step("gain", {**EVERY.steps[4].settings, "head": 0.5}, muted=True)
    expected[1] = Step("neutral", {"at": None, "head": False})
    expected[10] = Step("direct", {**EVERY.steps[10].settings, "emotion": "sadness"})
    assert recipe_in_use(settings()).steps == tuple(expected)


def test_a_dragged_slider_leaves_its_step_where_it_is(take):
    """Blender's button keeps a pointer to what it changes."""
    refine = settings().recipe_stack[2].refine
    before = refine.as_pointer()
    for strength in (0.8, 0.7, 0.6):
        refine.strength = strength
        assert settings().recipe_stack[2].refine.as_pointer() == before
    assert recipe_in_use(settings()).steps[2] == Step("refine", {"strength": 0.6})


def test_steps_are_added_moved_doubled_and_removed(take):
    bpy.ops.mien.add_recipe_step(kind="mirror")
    assert selected_step(settings()).name == "mirror"
    bpy.ops.mien.move_recipe_step(direction="UP")
    assert [name for name, _ in shown()] == ["neutral", "clean", "mirror", "refine"]
    assert selected_step(settings()).name == "mirror"
    bpy.ops.mien.duplicate_recipe_step()
    assert [name for name, _ in shown()] == ["neutral", "clean", "mirror", "mirror", "refine"]
    bpy.ops.mien.remove_recipe_step(index=0)
    assert [name for name, _ in shown()] == ["clean", "mirror", "mirror", "refine"]
    settings().recipe_index = 3
    assert bpy.ops.mien.move_recipe_step(direction="DOWN") == {"CANCELLED"}
    bpy.ops.mien.remove_recipe_step()
    assert selected_step(settings()).name == "mirror"
    assert recipe_in_use(settings()) == recipe_shown(settings())
    bpy.ops.mien.reset_recipe()
    assert not settings().recipe
    assert recipe_shown(settings()) == STANDARD


def test_the_last_step_can_go(take):
    for _ in STANDARD.steps:
        bpy.ops.mien.remove_recipe_step()
    assert not shown() and selected_step(settings()) is None
    assert recipe_in_use(settings()) == Recipe()
    assert bpy.ops.mien.remove_recipe_step() == {"CANCELLED"}


def test_a_muted_step_is_not_done_and_keeps_its_settings(take, performance):
    settings().recipe = Recipe((Step("gain", {"overall": 0.5}),)).to_json()
    settings().recipe_stack[0].active = False
    recipe = recipe_in_use(settings())
    assert recipe == Recipe((Step("gain", {"overall": 0.5}, muted=True),))
    assert prepared_performance(take, recipe, lambda *_: None) == performance
    settings().recipe_stack[0].active = True
    halved = prepared_performance(take, recipe_in_use(settings()), lambda *_: None)
    assert halved.weights.max() == pytest.approx(performance.weights.max() / 2)


@pytest.mark.parametrize(
    "change",
    [
        lambda: bpy.ops.mien.add_recipe_step(kind="vary"),
        lambda: bpy.ops.mien.remove_recipe_step(),
        lambda: bpy.ops.mien.move_recipe_step(direction="DOWN"),
        lambda: bpy.ops.mien.duplicate_recipe_step(),
        lambda: bpy.ops.mien.refine(strength=0.3),
        lambda: bpy.ops.mien.refine(refined=False),
        lambda: bpy.ops.mien.direct_take(emotion="joy"),
        lambda: bpy.ops.mien.vary_take(seed=2),
        lambda: setattr(settings().recipe_stack[0], "active", False),
        lambda: setattr(settings().recipe_stack[0].neutral, "head", False),
    ],
)
def test_undo_takes_every_change_back_and_redo_does_it_again(take, change):
    bpy.ops.ed.undo_push(message="before")
    recipe, stack = settings().recipe, shown()
    change()
    bpy.ops.ed.undo_push(message="changed")
    changed, changed_recipe = shown(), recipe_shown(settings())
    assert settings().recipe
    bpy.ops.ed.undo()
    assert (settings().recipe, shown()) == (recipe, stack)
    assert recipe_shown(settings()) == STANDARD
    bpy.ops.ed.redo()
    assert shown() == changed
    assert recipe_in_use(settings()) == recipe_shown(settings()) == changed_recipe


@pytest.mark.parametrize("kind", ["refine", "vary", "direct", "clean", "mirror", "retime", "gain"])
def test_each_kind_is_added_moved_muted_and_removed_in_an_undo_step_each(take, kind):
    """What the panel's buttons do; Blender pushes an undo step after each."""
    settings().recipe = Recipe((Step("trim"), Step("symmetry"))).to_json()
    changes = (
        lambda: bpy.ops.mien.add_recipe_step(kind=kind),
        lambda: bpy.ops.mien.move_recipe_step(direction="UP"),
        lambda: setattr(selected_step(settings()), "active", False),
        lambda: bpy.ops.mien.remove_recipe_step(),
    )
    states = [(settings().recipe, shown())]
    bpy.ops.ed.undo_push(message="before")
    for change in changes:
        change()
        states.append((settings().recipe, shown()))
        bpy.ops.ed.undo_push(message="changed")
    assert len({repr(each) for each in states[:-1]}) == len(states) - 1
    assert states[-1] == states[0]
    for state in reversed(states[:-1]):
        bpy.ops.ed.undo()
        assert (settings().recipe, shown()) == state
    for state in states[1:]:
        bpy.ops.ed.redo()
        assert (settings().recipe, shown()) == state


def test_other_operators_change_the_same_stack(take):
    bpy.ops.mien.refine(strength=0.4)
    assert settings().recipe_stack[2].refine.strength == pytest.approx(0.4)
    bpy.ops.mien.add_recipe_step(kind="symmetry")
    bpy.ops.mien.add_recipe_step(kind="mirror")
    bpy.ops.mien.direct_take(emotion="joy", intensity=0.3)
    names = [name for name, _ in shown()]
    assert names == ["neutral", "clean", "refine", "symmetry", "mirror", "direct"]
    assert recipe_shown(settings()) == recipe_in_use(settings())
    bpy.ops.mien.remove_step(step="direct")
    assert [name for name, _ in shown()] == names[:-1]


def test_before_and_after_mute_the_step_and_keep_what_it_says(take):
    settings().recipe_stack[2].refine.live = True
    bpy.ops.mien.refine(refined=False)
    assert shown()[2] == ("refine", False)
    bpy.ops.mien.refine(refined=True)
    assert shown()[2] == ("refine", True)
    assert recipe_in_use(settings()).steps[2].settings["live"] is True


def test_a_file_without_a_stack_gets_one_when_it_is_opened(take, tmp_path):
    settings().recipe = EVERY.to_json()
    settings().recipe_stack.clear()
    file = str(tmp_path / "older.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.open_mainfile(filepath=file)
    assert recipe_shown(settings()) == EVERY


def test_a_take_that_is_gone_leaves_an_empty_stack(take):
    settings().take = str(take.parent / "nowhere")
    assert not settings().recipe_stack


def test_the_face_rests_at_the_current_frame(take):
    scene = bpy.context.scene
    scene.render.fps, settings().start_frame = 24, 11
    scene.frame_set(17)
    settings().recipe_stack[0].neutral.head = False
    bpy.ops.mien.rest_at_frame()
    expected = Step("neutral", {"at": 0.25, "head": False})
    assert recipe_in_use(settings()) == Recipe((expected, *STANDARD.steps[1:]))
    settings().recipe = Recipe((Step("mirror"),)).to_json()
    bpy.ops.mien.rest_at_frame()
    assert [name for name, _ in shown()] == ["neutral", "mirror"]
    scene.frame_set(5)
    with pytest.raises(RuntimeError, match="outside the take"):
        bpy.ops.mien.rest_at_frame()
    scene.frame_set(11)
    bpy.ops.mien.rest_at_frame()
    assert recipe_in_use(settings()).steps[0].settings["at"] == 0.0


def test_the_face_rests_at_the_current_frame_of_a_trimmed_take(take):
    scene = bpy.context.scene
    scene.render.fps, settings().start_frame = 24, 11
    scene.frame_set(17)
    bpy.ops.mien.trim_at_frame(edge="START")
    assert settings().start_frame == 17, "what the take shows left its frame"
    bpy.ops.mien.rest_at_frame()
    assert recipe_in_use(settings()).steps[0].settings["at"] == pytest.approx(0.25)
    scene.frame_set(14)
    bpy.ops.mien.rest_at_frame()
    assert recipe_in_use(settings()).steps[0].settings["at"] == pytest.approx(0.125)
