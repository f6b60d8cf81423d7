"""Operators collect arguments, call one function of a lower floor, and report."""

import json
from pathlib import Path

import bpy
import numpy as np
import pytest
from mien.addon import properties, take_paths
from mien.addon.jobs.capture import CaptureJob
from mien.addon.jobs.job import JOBS, State
from mien.addon.operators.bake import FROM_SCENE, MIEN_OT_bake
from mien.addon.operators.character import (
    MIEN_OT_add_demo_character,
    MIEN_OT_make_face_keys_editable,
)
from mien.addon.operators.take import MIEN_OT_capture, MIEN_OT_stop_job
from mien.blender_ops.animation import f_curves
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import find_character
from mien.blender_ops.demo import build_demo_character
from mien.blender_ops.mapping import match
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance
from mien.models.recipe import Recipe, Step, evaluate
from mien.models.take import write_take


def _settings():
    return bpy.context.scene.mien


def _face(name="Face", channels=CHANNELS):
    """The least that is a character: one mesh with face keys."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    face = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(face)
    for channel in ("Basis", *channels):
        face.shape_key_add(name=channel)
    bpy.context.view_layer.objects.active = face
    return face


@pytest.fixture
def performance():
    """Two seconds of a mouth that opens and closes."""
    times = np.arange(120) / 60
    weights = np.zeros((120, len(CHANNELS)), np.float32)
    weights[:, CHANNELS.index("jawOpen")] = 0.5 - 0.5 * np.cos(times * np.pi * 2)
    return Performance(weights=weights, times=times)


@pytest.fixture
def take(performance, tmp_path, mien_enabled):
    """That performance as a take, in use in the scene, with a recipe that leaves it as it is."""
    folder = tmp_path / "takes" / "mouth"
    write_take(folder, performance)
    bpy.ops.mien.load_take(filepath=str(folder / "take.json"))
    _settings().recipe = Recipe((Step("gain"),)).to_json()
    return folder


def _values(face, channel="jawOpen"):
    curve = f_curves(face.data.shape_keys)[f'key_blocks["{channel}"].value', 0]
    return [curve.evaluate(frame) for frame in range(60)]


# Grey buttons


def test_what_is_missing_is_said(mien_enabled):
    reason = MIEN_OT_capture.disabled_reason
    assert "footage" in reason(bpy.context)
    assert not bpy.ops.mien.capture.poll()
    _settings().footage = "/somewhere/face.mp4"
    assert reason(bpy.context) == ""
    assert "take" in MIEN_OT_bake.disabled_reason(bpy.context)
    _settings().take = "//takes/face"
    assert MIEN_OT_bake.disabled_reason(bpy.context) == ""
    assert "running" in MIEN_OT_stop_job.disabled_reason(bpy.context)
    assert "character" in MIEN_OT_make_face_keys_editable.disabled_reason(bpy.context)
    assert MIEN_OT_add_demo_character.disabled_reason(bpy.context) == ""


def test_while_a_job_runs_no_other_starts(mien_enabled, carphone, tmp_path):
    _settings().footage = str(carphone)
    _settings().take = "//takes/face"
    JOBS.start(lambda: CaptureJob(carphone, tmp_path, "carphone", {}))
    assert "running" in MIEN_OT_capture.disabled_reason(bpy.context)
    assert "running" in MIEN_OT_bake.disabled_reason(bpy.context)
    with pytest.raises(RuntimeError, match="poll"):
        bpy.ops.mien.capture()
    assert bpy.ops.mien.stop_job() == {"FINISHED"}
    assert MIEN_OT_capture.disabled_reason(bpy.context) == ""


# Footage and takes


def test_footage_is_remembered_relative_to_the_file(saved_file):
    (saved_file / "face.mp4").write_bytes(b"")
    bpy.ops.mien.choose_footage(filepath=str(saved_file / "face.mp4"))
    assert _settings().footage == "//face.mp4"


def test_capture_of_a_saved_file_lies_beside_it(saved_file, carphone):
    _settings().footage = str(carphone)
    assert bpy.ops.mien.capture() == {"FINISHED"}
    settings = _settings()
    assert settings.take == f"//takes/{carphone.stem}"
    assert (saved_file / "takes" / carphone.stem / "take.json").is_file()
    assert settings.take_frames > 80
    assert settings.take_duration == pytest.approx(settings.take_frames / settings.take_rate, 0.05)
    assert settings.take_seen > 0.95
    assert str(settings.take_frames) in settings.take_report


def test_a_file_that_was_never_saved_captures_too(mien_enabled, carphone):
    _settings().footage = str(carphone)
    assert bpy.ops.mien.capture() == {"FINISHED"}
    take = Path(_settings().take)
    assert take.is_absolute() and (take / "take.json").is_file()
    assert Path(bpy.utils.user_resource("EXTENSIONS")) in take.parents


def test_relative_footage_in_a_file_that_was_never_saved_is_an_error(mien_enabled):
    _settings().footage = "//face.mp4"
    with pytest.raises(RuntimeError, match="not saved yet"):
        bpy.ops.mien.capture()


def test_footage_that_is_not_there_is_a_report_and_not_a_traceback(saved_file):
    _settings().footage = str(saved_file / "nothing.mp4")
    with pytest.raises(RuntimeError) as raised:
        bpy.ops.mien.capture()
    assert "nothing.mp4" in str(raised.value)
    assert "Traceback" not in str(raised.value)
    assert _settings().take == ""
    assert not (saved_file / "takes").exists()


def test_a_folder_in_the_way_of_the_takes_is_a_report(saved_file, carphone):
    (saved_file / "takes").write_text("a file, not a folder")
    _settings().footage = str(carphone)
    with pytest.raises(RuntimeError, match="cannot be written"):
        bpy.ops.mien.capture()


def test_the_object_is_deleted_while_capturing(saved_file, carphone):
    face = _face("Anna")
    operator = _OperatorInHand(MIEN_OT_capture)
    _settings().footage = str(carphone)
    job = operator.start(bpy.context)
    bpy.data.objects.remove(face)
    job.wait()
    words = operator.finish(bpy.context, job)
    assert "“Anna” was deleted" in words
    assert (saved_file / "takes" / carphone.stem / "take.json").is_file()
    assert _settings().take == f"//takes/{carphone.stem}"


def test_the_scene_is_deleted_while_capturing(saved_file, carphone):
    scene = bpy.context.scene
    scene.mien.footage = str(carphone)
    operator = _OperatorInHand(MIEN_OT_capture)
    job = operator.start(bpy.context)
    bpy.data.scenes.new("Another")
    bpy.data.scenes.remove(scene)
    job.wait()
    assert "scene was deleted" in operator.finish(bpy.context, job)
    assert (saved_file / "takes" / carphone.stem / "take.json").is_file()


class _OperatorInHand:
    """An operator's methods on an object that a test can hold, which Blender's own are not."""

    def __init__(self, operator):
        self.start = lambda context: operator.start(self, context)
        self.finish = lambda context, job: operator.finish(self, context, job)


def test_a_live_link_csv_is_loaded(mien_enabled, take):
    csv = next(take.glob("*.csv"))
    bpy.ops.mien.load_take(filepath=str(csv))
    assert Path(_settings().take) == csv
    assert _settings().take_frames == 120


def test_a_file_that_is_no_take_is_a_report(mien_enabled, tmp_path):
    text = tmp_path / "notes.csv"
    text.write_text("nothing, of, use\n1,2,3\n")
    with pytest.raises(RuntimeError, match=r"notes\.csv"):
        bpy.ops.mien.load_take(filepath=str(text))
    assert _settings().take == ""


def test_a_new_take_does_not_take_the_place_of_another(tmp_path):
    (tmp_path / "face").mkdir()
    (tmp_path / "face_2").mkdir()
    assert take_paths.free_place(tmp_path, "face").name == "face_3"
    assert take_paths.free_place(tmp_path, "a / b: *?").name == "a_b"
    assert take_paths.free_place(tmp_path, "..").name == "take"


# Bake


def test_the_operator_bakes_as_the_function_does(take, performance):
    _settings().start_frame = 5
    by_operator = _face("Operator")
    assert bpy.ops.mien.bake() == {"FINISHED"}
    by_function = _face("Function")
    character = find_character(by_function)
    recipe = properties.recipe_of(_settings())
    result = bake(
        evaluate(recipe, performance), character, match(character), BakeOptions(start_frame=5)
    )
    assert _values(by_operator) == pytest.approx(_values(by_function), abs=1e-6)
    assert max(_values(by_operator)) > 0.9
    assert _settings().bake_report == result.words()


def test_arguments_of_a_script_win_over_the_scene(take):
    first, second = _face("First"), _face("Second")
    bpy.ops.mien.bake(character="First", start_frame=20, tolerance=0)
    assert second.data.shape_keys.animation_data is None
    assert _values(first)[20] == pytest.approx(0, abs=0.01)
    assert _values(first)[32] == pytest.approx(1, abs=0.02)
    assert _settings().start_frame == 1


def test_the_recipe_is_baked(take):
    face = _face()
    _settings().recipe = Recipe((Step("gain", {"overall": 0.5}),)).to_json()
    bpy.ops.mien.bake(tolerance=0)
    assert max(_values(face)) == pytest.approx(0.5, abs=0.01)


def test_without_a_recipe_of_the_scene_the_takes_own_is_baked(take, performance, tmp_path):
    folder = tmp_path / "takes" / "half"
    write_take(folder, performance, recipe=Recipe((Step("gain", {"overall": 0.5}),)))
    face = _face()
    bpy.ops.mien.load_take(filepath=str(folder / "take.json"))
    _settings().recipe = ""
    bpy.ops.mien.bake(tolerance=0)
    assert max(_values(face)) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("recipe", ["no json", json.dumps({"mien_recipe": 1, "steps": [{}]})])
def test_a_damaged_recipe_is_a_report(take, recipe):
    _face()
    _settings().recipe = recipe
    with pytest.raises(RuntimeError, match="recipe"):
        bpy.ops.mien.bake()


def test_a_character_without_face_keys_is_a_report(take):
    _face(channels=())
    with pytest.raises(RuntimeError, match="shape keys"):
        bpy.ops.mien.bake()
    assert JOBS.running is None


def test_nothing_selected_is_a_report(take):
    with pytest.raises(RuntimeError, match="Select the character"):
        bpy.ops.mien.bake()
    with pytest.raises(RuntimeError, match="no object “Nobody”"):
        bpy.ops.mien.bake(character="Nobody")


def test_a_take_that_is_gone_is_a_report(take):
    face = _face()
    take.rename(take.with_name("elsewhere"))
    with pytest.raises(RuntimeError, match="mouth"):
        bpy.ops.mien.bake()
    assert face.data.shape_keys.animation_data is None


def test_a_bake_that_is_stopped_changes_nothing(take, monkeypatch):
    face = _face()
    bpy.ops.mien.bake()
    before, actions = _values(face), len(bpy.data.actions)
    monkeypatch.setattr("mien.addon.jobs.sliced.SECONDS_A_SLICE", 0)
    job = _bake_job(start_frame=9)
    while job.text != "Baking":
        job.poll()
    job.poll()
    job.cancel()
    assert job.state is State.CANCELLED
    assert _values(face) == before
    assert len(bpy.data.actions) == actions


def test_the_character_is_deleted_while_baking(take):
    face = _face()
    job = _bake_job(start_frame=1)
    bpy.data.objects.remove(face)
    job.wait()
    assert job.state is State.FAILED
    assert "deleted" in str(job.error)
    assert len(bpy.data.actions) == 0


def _bake_job(**arguments):
    """The job of the Bake operator, to be driven by hand."""
    hand = _OperatorInHand(MIEN_OT_bake)
    settings = _settings()
    for name in FROM_SCENE:
        setattr(hand, name, arguments.get(name, getattr(settings, name)))
    hand.properties = type("Given", (), {"is_property_set": lambda self, name: True})()
    hand.character = ""
    hand._target = lambda context: context.object
    return hand.start(bpy.context)


# Characters


def test_the_demo_character_is_the_one_to_bake_on(take):
    assert bpy.ops.mien.add_demo_character() == {"FINISHED"}
    assert len(match(find_character(bpy.context.object)).found) == 52
    assert bpy.ops.mien.bake() == {"FINISHED"}


def test_a_linked_character_is_made_editable_and_baked(take, tmp_path):
    library = tmp_path / "library.blend"
    demo = build_demo_character()
    bpy.data.libraries.write(str(library), {demo.collection}, fake_user=True)
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.mien.load_take(filepath=str(take / "take.json"))
    with bpy.data.libraries.load(str(library), link=True) as (source, target):
        target.collections = list(source.collections)
    bpy.context.scene.collection.children.link(target.collections[0])
    bpy.context.view_layer.objects.active = next(
        item for item in target.collections[0].all_objects if item.type == "MESH"
    )
    with pytest.raises(RuntimeError, match="linked"):
        bpy.ops.mien.bake()
    assert bpy.ops.mien.make_face_keys_editable() == {"FINISHED"}
    assert bpy.ops.mien.bake() == {"FINISHED"}


def test_every_operator_has_a_tooltip_and_the_name_of_mien(mien_enabled):
    found = [name for name in dir(bpy.ops.mien) if not name.startswith("__")]
    assert len(found) >= 7
    for name in found:
        kind = getattr(bpy.ops.mien, name).get_rna_type()
        assert kind.description and not kind.description.endswith("."), name


def test_undo_brings_the_recipe_and_the_animation_back(take):
    face = _face()
    first = _settings().recipe
    bpy.ops.ed.undo_push(message="before")
    _settings().recipe = Recipe().to_json()
    bpy.ops.ed.undo_push(message="another recipe")
    bpy.ops.mien.bake()
    bpy.ops.ed.undo_push(message="baked")
    bpy.ops.ed.undo()
    face = bpy.data.objects["Face"]
    assert face.data.shape_keys.animation_data is None
    assert _settings().bake_report == ""
    bpy.ops.ed.undo()
    assert _settings().recipe == first
    bpy.ops.ed.redo()
    bpy.ops.ed.redo()
    assert max(_values(bpy.data.objects["Face"])) > 0.9


# Paths


def test_saving_into_another_folder_keeps_the_take(saved_file, tmp_path):
    _settings().take = "//takes/face"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    assert _settings().take == "//project/takes/face"
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    assert _settings().take == "//project/takes/face"


def test_saving_a_copy_elsewhere_keeps_the_take_in_both(saved_file, tmp_path):
    _settings().take = "//takes/face"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "copy.blend"), copy=True)
    assert _settings().take == "//takes/face"
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "copy.blend"))
    assert _settings().take == "//project/takes/face"


def test_the_first_saving_keeps_what_was_captured_before(mien_enabled, take, tmp_path):
    before = _settings().take
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    assert _settings().take == before
    assert take_paths.as_absolute(before) == take
