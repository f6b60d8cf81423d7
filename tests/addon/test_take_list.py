"""The list of takes: filled by a scan, a click makes a take the one in use."""

import time

import bpy
import numpy as np
import pytest
from mien.addon import take_list
from mien.addon.take_in_use import use_take_at
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance, Source
from mien.models.recipe import STANDARD, Recipe, Step, resting_at
from mien.models.take import write_take

PICTURE = np.full((192, 192, 3), (40, 90, 200), np.uint8)


def write(folder, seconds=2.0, rest=None, picture=None, timecode=""):
    times = np.arange(round(seconds * 60) + 1) / 60
    weights = np.zeros((len(times), len(CHANNELS)), np.float32)
    weights[:, CHANNELS.index("jawOpen")] = times / times[-1]
    return write_take(
        folder,
        Performance(weights, times, source=Source("", timecode)),
        recipe=resting_at(STANDARD, rest),
        picture=picture,
    )


def settings():
    return bpy.context.scene.mien


def listed():
    return [(take.name, round(take.duration, 3)) for take in take_list.listed_takes()]


@pytest.fixture
def takes(saved_file):
    folder = saved_file / "takes"
    write(folder / "anna", 2.0, rest=0.5, picture=PICTURE)
    write(folder / "ben", 3.0, rest=1.0)
    take_list.refresh()
    return folder


def test_takes_of_the_folder_are_listed(takes):
    assert listed() == [("anna", 2.0), ("ben", 3.0)]
    write(takes / "carl", 1.0)
    assert bpy.ops.mien.refresh_takes() == {"FINISHED"}
    assert [name for name, _ in listed()] == ["anna", "ben", "carl"]
    assert settings().take_index == -1, "none is in use"


def test_choosing_one_makes_it_the_take_in_use(takes):
    settings().take_index = 1
    assert settings().take == "//takes/ben" and settings().take_index == 1
    assert settings().take_duration == pytest.approx(3) and settings().take_frames == 181
    assert settings().take_rate == pytest.approx(60)
    by_click = [getattr(settings(), f"take_{name}") for name in ("frames", "rate", "seen")]
    settings().take_index = 0
    use_take_at(settings(), "//takes/ben")
    assert [getattr(settings(), f"take_{name}") for name in ("frames", "rate", "seen")] == by_click


def test_choosing_is_undone(takes):
    settings().take_index = 0
    bpy.ops.ed.undo_push(message="anna")
    settings().take_index = 1
    bpy.ops.ed.undo_push(message="ben")
    bpy.ops.ed.undo()
    assert settings().take == "//takes/anna" and settings().take_index == 0
    assert [name for name, _ in listed()] == ["anna", "ben"]
    bpy.ops.ed.redo()
    assert settings().take_index == 1


def test_a_take_is_chosen_again_as_it_was_left(takes):
    settings().take_index = 0
    settings().start_frame = 101
    settings().recipe = Recipe((Step("mirror"),)).to_json()
    settings().take_index = 1
    settings().start_frame = 7
    settings().take_index = 0
    assert settings().start_frame == 101
    assert [item.name for item in settings().recipe_stack] == ["mirror"]
    settings().take_index = 1
    assert settings().start_frame == 7


def test_another_take_gets_the_recipe_with_its_own_rest_and_untrimmed(takes):
    settings().take_index = 0
    bpy.context.scene.render.fps = 30
    steps = (*resting_at(STANDARD, 0.5).steps, Step("direct", {"emotion": "joy"}))
    settings().recipe = Recipe(steps).to_json()
    bpy.ops.mien.trim_take(start=0.5, end=1.5)
    assert settings().start_frame == 16
    settings().take_index = 1
    now = Recipe.from_json(settings().recipe)
    assert [step.name for step in now.steps] == ["neutral", "clean", "refine", "direct"]
    assert now.steps[0].settings["at"] == 1.0
    assert settings().start_frame == 1


def test_a_take_from_elsewhere_is_listed_once_it_was_used(takes, tmp_path):
    csv = next(write(tmp_path / "elsewhere" / "eve", 1.5).folder.glob("*.csv"))
    bpy.ops.mien.load_take(filepath=str(csv))
    assert listed() == [("anna", 2.0), ("ben", 3.0), (csv.name, 1.5)]
    assert settings().take_index == 2
    settings().take_index = 0
    bpy.ops.mien.refresh_takes()
    settings().take_index = 2
    assert settings().take_duration == pytest.approx(1.5)


def test_a_take_that_is_gone_or_damaged_says_so_and_is_not_used(takes):
    settings().take_index = 0
    (takes / "anna").rename(takes.parent / "moved")
    (takes / "ben" / "take.json").write_text("no json")
    take_list.refresh()
    problems = {take.name: take.problem for take in take_list.listed_takes()}
    assert "any more" in problems["anna"] and "damaged" in problems["ben"]
    settings().take_index = take_list.place_of("//takes/ben")
    assert settings().take == "//takes/anna"


def test_saving_elsewhere_keeps_what_is_remembered(takes, tmp_path):
    settings().take_index = 0
    settings().start_frame = 101
    settings().take_index = 1
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    assert settings().take == "//project/takes/ben"
    settings().take_index = take_list.place_of("//project/takes/anna")
    assert settings().start_frame == 101
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    assert {take.path for take in take_list.listed_takes()} == {
        "//project/takes/anna",
        "//project/takes/ben",
    }


def test_a_picture_is_an_icon(takes):
    by_name = {take.name: take for take in take_list.listed_takes()}
    assert by_name["anna"].picture.endswith("thumbnail.jpg")
    assert take_list.picture_of(by_name["anna"]) == take_list.picture_of(by_name["anna"])
    assert take_list.picture_of(by_name["ben"]) == 0
    if not bpy.app.background:
        assert take_list.picture_of(by_name["anna"]) > 0


def test_a_hundred_takes_are_listed_at_once(saved_file):
    folder = saved_file / "takes"
    first = write(folder / "take_0", 60.0, picture=PICTURE).folder
    for number in range(1, 100):
        copy = folder / f"take_{number}"
        copy.mkdir()
        for file in first.iterdir():
            (copy / file.name).hardlink_to(file)
    start = time.process_time()
    take_list.refresh()
    assert len(listed()) == 100
    assert time.process_time() - start < 0.4, "0.2 s where nothing else runs"
    start = time.process_time()
    take_list.refresh()
    assert time.process_time() - start < 0.1


@pytest.mark.shared
def test_the_apps_own_take_is_read_when_it_is_chosen(saved_file, shared):
    source = shared / "performances" / "train" / "sentien"
    copy = saved_file / "takes" / "sentien"
    copy.mkdir(parents=True)
    for file in source.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    take_list.refresh()
    assert take_list.listed_takes()[0].timecode.startswith("11:25:20")
    settings().take_index = 0
    assert settings().take == "//takes/sentien" and settings().take_frames > 1600


def test_no_folder_is_opened_before_there_are_takes(mien_enabled):
    take_list.refresh()
    if not len(take_list.listed_takes()):
        with pytest.raises(RuntimeError, match="no takes yet"):
            bpy.ops.mien.open_takes_folder()
