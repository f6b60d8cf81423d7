import bpy
import numpy as np
import pytest
from mien.addon import menus, registration
from mien.addon.operators.take_export import MIEN_OT_export_take, MIEN_OT_take_from_action
from mien.addon.scene_recipe import recipe_in_use
from mien.models import formats
from mien.models.formats import FORMATS
from mien.models.performance import Performance
from mien.models.recipe import Recipe, Step, evaluate
from mien.models.take import read_take, write_take

WRITTEN = [kind for kind in FORMATS if kind.write]


@pytest.fixture
def performance():
    times = np.arange(60) / 30
    weights = 0.5 + 0.5 * np.sin(times[:, None] * np.linspace(1, 5, 52) + np.arange(52))
    return Performance(weights=weights * 0.8, times=times)


@pytest.fixture
def take(performance, tmp_path, mien_enabled):
    """That performance as a take in use, with a recipe that halves the mouth."""
    folder = tmp_path / "takes" / "speech"
    write_take(folder, performance, recipe=Recipe((Step("gain", {"regions": {"mouth": 0.5}}),)))
    bpy.ops.mien.load_take(filepath=str(folder / "take.json"))
    return folder


@pytest.fixture
def face(mien_enabled):
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(1, 0, 0), (-1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    made = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(made)
    for name in ("Basis", "jawOpen", "mouthSmileLeft"):
        block = made.shape_key_add(name=name, from_mix=False)
        block.data[0].co.z += 1 if name != "Basis" else 0
        block.value = 0
    bpy.context.view_layer.objects.active = made
    return made


def settings():
    return bpy.context.scene.mien


# --- Out -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WRITTEN, ids=lambda kind: kind.key)
def test_the_take_goes_out_in_each_format_and_comes_in_again(take, performance, tmp_path, kind):
    path = tmp_path / f"out{kind.suffixes[0]}"
    assert bpy.ops.mien.export_take(filepath=str(path), format=kind.key) == {"FINISHED"}
    assert formats.recognised(path) == kind
    expected = evaluate(read_take(take).recipe, performance)
    np.testing.assert_allclose(
        formats.read(path).channel("mouthPucker"), expected.channel("mouthPucker"), atol=1e-6
    )
    bpy.ops.mien.load_take(filepath=str(path))
    assert settings().take_frames == 60
    assert settings().take_duration == pytest.approx(59 / 30, abs=1e-3)


def test_without_its_recipe_it_goes_out_as_captured(take, performance, tmp_path):
    path = tmp_path / "raw.npz"
    bpy.ops.mien.export_take(filepath=str(path), format="facegood", with_recipe=False)
    np.testing.assert_array_equal(formats.read(path).weights, performance.weights)


def test_nothing_is_overwritten_and_errors_are_reports(take, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("mine")
    with pytest.raises(RuntimeError, match="already"):
        bpy.ops.mien.export_take(filepath=str(path), format="live-link")
    assert path.read_text() == "mine"
    with pytest.raises(RuntimeError, match="folder"):
        bpy.ops.mien.export_take(filepath=str(tmp_path), format="live-link")


def test_the_name_follows_the_format(mien_enabled):
    class Operator:
        format = "face-cap"
        filepath = "/somewhere/speech.csv"
        _suffix = MIEN_OT_export_take._suffix
        check = MIEN_OT_export_take.check

    operator = Operator()
    assert operator.check(bpy.context) and operator.filepath.endswith("speech.txt")
    assert not operator.check(bpy.context)
    operator.filepath = "/somewhere/speech v1.2"
    assert operator.check(bpy.context) and operator.filepath.endswith("speech v1.2.txt")


def test_grey_buttons_say_why(mien_enabled):
    assert "take" in MIEN_OT_export_take.disabled_reason(bpy.context)
    assert "character" in MIEN_OT_take_from_action.disabled_reason(bpy.context).lower()
    settings().take = "//takes/face"
    assert MIEN_OT_export_take.disabled_reason(bpy.context) == ""


def test_file_import_and_export_have_an_entry_while_mien_is_enabled():
    def drawn(menu):
        return getattr(menu.draw, "_draw_funcs", ())

    entries = ((menus.IMPORT_MENU, menus.draw_import), (menus.EXPORT_MENU, menus.draw_export))
    for enabled in (True, False):
        (registration.register if enabled else registration.unregister)()
        for menu, draw in entries:
            assert (draw in drawn(menu)) == enabled


# --- In ------------------------------------------------------------------------------------


def test_a_recording_named_json_is_no_take_of_ours(mien_enabled, performance, tmp_path):
    path = tmp_path / "recording.json"
    formats.write(path, performance, "arkit-json")
    assert bpy.ops.mien.load_take(filepath=str(path)) == {"FINISHED"}
    assert settings().take_frames == 60


def test_an_action_becomes_the_take_in_use(face, saved_file):
    face.data.shape_keys.key_blocks["jawOpen"].value = 0.0
    face.data.shape_keys.key_blocks["jawOpen"].keyframe_insert("value", frame=1)
    face.data.shape_keys.key_blocks["jawOpen"].value = 1.0
    face.data.shape_keys.key_blocks["jawOpen"].keyframe_insert("value", frame=25)
    name = face.data.shape_keys.animation_data.action.name
    bpy.context.scene.render.fps = 24
    bpy.context.view_layer.objects.active = face
    assert MIEN_OT_take_from_action.disabled_reason(bpy.context) == ""
    assert bpy.ops.mien.take_from_action() == {"FINISHED"}
    assert settings().take.startswith("//takes")
    assert settings().take_duration == pytest.approx(1)
    taken = read_take(bpy.path.abspath(settings().take))
    assert taken.performance.channel("jawOpen").max() == pytest.approx(1)
    assert taken.performance.source.text == name
    assert recipe_in_use(settings()).steps == ()
    with pytest.raises(RuntimeError, match="no Action"):
        bpy.ops.mien.take_from_action(action="None of this name")
