"""After a bake: settings of keys, fewer keys, a layer for corrections; undo restores all."""

import bpy
import numpy as np
import pytest
from mien.addon import menus, registration
from mien.addon.key_settings import KEY_SETTINGS, WITH_TOLERANCE
from mien.blender_ops.animation import f_curves, read_keys
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import find_character
from mien.blender_ops.mapping import match
from mien.models.performance import Performance
from mien.models.recipe import Recipe, Step, evaluate
from mien.models.take import write_take

CHANNELS = ("jawOpen", "browInnerUp", "mouthFunnel", "cheekPuff")


@pytest.fixture
def face(mien_enabled):
    """The least that is a character: one mesh with a few face keys."""
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    made = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(made)
    for channel in ("Basis", *CHANNELS):
        made.shape_key_add(name=channel).value = 0
    bpy.context.view_layer.objects.active = made
    return made


@pytest.fixture
def performance():
    """Four seconds at 24 fps; one of the channels never moves."""
    times = np.arange(97) / 24
    weights = 0.5 - 0.5 * np.cos(times[:, None] * (3, 4, 5, 0))
    return Performance(weights, times, CHANNELS)


@pytest.fixture
def settings(performance, tmp_path, face):
    """The scene's settings, with that performance as the take, its recipe leaving it as it is."""
    write_take(tmp_path / "take", performance)
    bpy.ops.mien.load_take(filepath=str(tmp_path / "take" / "take.json"))
    found = bpy.context.scene.mien
    found.recipe = Recipe((Step("gain"),)).to_json()
    return found


def curves():
    return {
        path: read_keys(curve)
        for (path, _), curve in f_curves(bpy.data.objects["Face"].data.shape_keys).items()
    }


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for path, keys in expected.items():
        for name in ("frames", "values", "interpolation", "left", "right", "handle_types"):
            assert np.array_equal(getattr(found[path], name), getattr(keys, name)), (path, name)


def jaw(frame):
    bpy.context.scene.frame_set(frame)
    graph = bpy.context.evaluated_depsgraph_get()
    found = bpy.data.objects["Face"].evaluated_get(graph)
    return found.data.shape_keys.key_blocks["jawOpen"].value


@pytest.mark.parametrize("by", ["scene", "script"])
def test_settings_of_keys_reach_the_bake(settings, performance, face, by):
    tolerances = [0.005] * len(WITH_TOLERANCE)
    tolerances[WITH_TOLERANCE.index("jaw")] = 0.08
    chosen = {
        "drop_still": True,
        "use_region_tolerances": True,
        "region_tolerances": tolerances,
        "use_range": True,
        "range_start": 10,
        "range_end": 60,
        "blend_in": 5,
        "blend_out": 6,
    }
    if by == "scene":
        for name, value in chosen.items():
            setattr(settings, name, value)
        chosen = {}
    assert bpy.ops.mien.bake(**chosen) == {"FINISHED"}
    by_operator = curves()
    assert 'key_blocks["cheekPuff"].value' not in by_operator
    face.data.shape_keys.animation_data_clear()
    character = find_character(face)
    recipe = Recipe.from_json(settings.recipe)
    options = BakeOptions(
        drop_still=True,
        region_tolerance={"jaw": tolerances[WITH_TOLERANCE.index("jaw")]},
        frame_range=(10, 60),
        blend_in=5,
        blend_out=6,
    )
    bake(evaluate(recipe, performance), character, match(character), options)
    assert_same(by_operator, curves())


def test_held_poses_are_held(settings):
    settings.hold = 3
    bpy.ops.mien.bake()
    assert jaw(40) == jaw(41) == jaw(42) != jaw(43)


def test_settings_of_keys_are_saved_with_the_file(settings, tmp_path):
    settings.hold = 2
    settings.use_region_tolerances = True
    settings.region_tolerances[3] = 0.25
    before = {name: getattr(settings, name) for name in KEY_SETTINGS}
    before["region_tolerances"] = list(settings.region_tolerances)
    file = str(tmp_path / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.open_mainfile(filepath=file)
    found = bpy.context.scene.mien
    after = {name: getattr(found, name) for name in KEY_SETTINGS}
    after["region_tolerances"] = list(found.region_tolerances)
    assert after == before


def test_simplify_a_whole_character_and_undo(settings):
    bpy.ops.mien.bake(tolerance=0)
    bpy.ops.ed.undo_push(message="baked")
    before = curves()
    assert bpy.ops.mien.simplify_curves(of="CHARACTER", tolerance=0.01) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="simplified")
    few = curves()
    assert sum(map(len, few.values())) < sum(map(len, before.values())) / 5
    bpy.ops.ed.undo()
    assert_same(curves(), before)
    # What the panel of the last operator does: undo, and again with another tolerance.
    bpy.ops.mien.simplify_curves(of="CHARACTER", tolerance=0.001)
    more = curves()
    assert sum(map(len, few.values())) < sum(map(len, more.values()))
    bpy.ops.ed.undo_push(message="simplified again")
    bpy.ops.ed.undo()
    assert_same(curves(), before)


def test_simplify_the_curves_that_are_selected(settings, face):
    bpy.ops.mien.bake(tolerance=0)
    before = curves()
    chosen = f_curves(face.data.shape_keys)['key_blocks["jawOpen"].value', 0]
    with bpy.context.temp_override(selected_visible_fcurves=[chosen]):
        bpy.ops.mien.simplify_curves(tolerance=0.01)
    after = curves()
    assert len(after.pop(chosen.data_path)) < 20
    before.pop(chosen.data_path)
    assert_same(after, before)


def test_nothing_to_simplify_is_a_report(settings):
    with pytest.raises(RuntimeError, match="Select curves in the Graph Editor"):
        bpy.ops.mien.simplify_curves()
    with pytest.raises(RuntimeError, match="no curves to simplify"):
        bpy.ops.mien.simplify_curves(of="CHARACTER")
    with pytest.raises(RuntimeError, match="bake before"):
        bpy.ops.mien.add_corrections()
    bpy.context.view_layer.objects.active = None
    assert not bpy.ops.mien.simplify_curves.poll()
    assert not bpy.ops.mien.add_corrections.poll()


def test_corrections_stay_when_the_take_is_baked_again(settings, performance, face):
    bpy.ops.mien.bake(tolerance=0)
    bpy.ops.ed.undo_push(message="baked")
    assert bpy.ops.mien.add_corrections() == {"FINISHED"}
    assert bpy.ops.mien.add_corrections() == {"CANCELLED"}
    block = face.data.shape_keys.key_blocks["jawOpen"]
    for frame, value in ((20, jaw(20)), (30, 0.9), (40, 0.0), (50, jaw(50))):
        bpy.context.scene.frame_set(frame)
        block.value = value
        block.keyframe_insert("value", frame=frame)
    assert jaw(30) == pytest.approx(0.9, abs=1e-6)
    assert jaw(40) == pytest.approx(0.0, abs=1e-6)
    animation_data = face.data.shape_keys.animation_data
    by_hand = animation_data.action
    kept = [tuple(point.co) for point in list(_keys_of(by_hand))]
    below = animation_data.nla_tracks[0].strips[0].action
    bpy.ops.mien.bake(tolerance=0.02)
    animation_data = face.data.shape_keys.animation_data
    assert animation_data.action == by_hand
    assert [tuple(point.co) for point in list(_keys_of(by_hand))] == kept
    assert animation_data.nla_tracks[0].strips[0].action != below
    assert jaw(30) == pytest.approx(0.9, abs=0.02)
    assert jaw(80) == pytest.approx(performance.weights[79, 0], abs=0.02)
    # Fewer keys below, the same corrections above.
    bpy.ops.mien.simplify_curves(of="CHARACTER", tolerance=0.05)
    assert [tuple(point.co) for point in list(_keys_of(by_hand))] == kept
    assert jaw(30) == pytest.approx(0.9, abs=0.07)


def _keys_of(action):
    from mien.blender_ops.animation import curves_of_action

    return (point for curve in curves_of_action(action) for point in curve.keyframe_points)


def test_undo_takes_the_corrections_layer_away(settings, face):
    bpy.ops.mien.bake()
    bpy.ops.ed.undo_push(message="baked")
    before, at = curves(), jaw(33)
    bpy.ops.mien.add_corrections()
    bpy.ops.ed.undo_push(message="layer")
    bpy.ops.ed.undo()
    animation_data = bpy.data.objects["Face"].data.shape_keys.animation_data
    assert len(animation_data.nla_tracks) == 0
    assert_same(curves(), before)
    assert jaw(33) == at


def test_the_entry_in_the_graph_editors_menu_comes_and_goes():
    def entries():
        return getattr(bpy.types.GRAPH_MT_key_density.draw, "_draw_funcs", [])

    assert menus.draw_simplify not in entries()
    registration.register()
    assert menus.draw_simplify in entries()
    registration.unregister()
    assert menus.draw_simplify not in entries()
