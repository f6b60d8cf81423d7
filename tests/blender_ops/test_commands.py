"""`mien …`: one take through every command, without a network, and what goes wrong on the way."""

import json
import os
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest
from mien.blender_ops import commands
from mien.blender_ops.animation import f_curves
from mien.models.capture.footage import open_footage
from mien.models.take import read_take

# Whatever tries to reach another machine ends the process at once.
WITHOUT_NETWORK = """
import os, sys

def no_network(event, arguments):
    # Blender 5.2 imports urllib3, which makes and binds a socket of its own to see what it can.
    if event.startswith("socket.") and event not in ("socket.__new__", "socket.bind"):
        os.write(2, f"network used: {event}".encode())
        os._exit(99)

sys.addaudithook(no_network)
from mien.blender_ops.commands import main
sys.exit(main(sys.argv[1:]))
"""


def mien(*arguments, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", WITHOUT_NETWORK, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("commands")


@pytest.fixture(scope="module")
def take(folder, carphone) -> Path:
    result = mien(
        "capture", carphone, "-o", folder / "take", "--end", "1.2", "--json", folder / "t"
    )
    assert result.returncode == 0, result.stderr
    return folder / "take"


@pytest.fixture(scope="module")
def character(folder, take) -> Path:
    result = mien("character", "-o", folder / "character.blend", "--rate-of", take)
    assert result.returncode == 0, result.stderr
    return folder / "character.blend"


@pytest.fixture(scope="module")
def baked(folder, take, character) -> Path:
    target = folder / "baked.blend"
    result = mien("bake", take, "--blend", character, "-o", target, "--fit-range")
    assert result.returncode == 0, result.stderr
    assert "keys on" in result.stdout
    return target


def test_capture_writes_a_take_and_says_what_it_saw(take, folder):
    performance = read_take(take).performance
    assert 30 <= len(performance) <= 37
    assert performance.seen.all()
    assert json.loads((folder / "t").read_text())["report"]["seen"] == len(performance)


def test_the_neutral_is_a_step_of_the_takes_recipe(folder, take, carphone):
    assert [step.name for step in read_take(take).recipe.steps] == ["neutral", "clean", "refine"]
    other = folder / "named neutral"
    result = mien("capture", carphone, "-o", other, "--end", "1.2", "--neutral", "0.5")
    assert result.returncode == 0, result.stderr
    assert read_take(other).recipe.steps[0].settings == {"at": 0.5}


def test_a_take_solved_from_another_rest_is_as_if_captured_so(folder, take):
    again = folder / "solved again"
    result = mien("solve", take, "-o", again, "--neutral", "0.5")
    assert result.returncode == 0, result.stderr
    assert "at rest at 0.50 s" in result.stdout
    captured, solved = (read_take(folder / name) for name in ("named neutral", "solved again"))
    assert solved.recipe.steps[0].settings == {"at": 0.5}
    assert np.abs(solved.performance.weights - captured.performance.weights).max() < 1e-5
    twice = mien("solve", take, "-o", again)
    assert twice.returncode == 1 and "already there" in twice.stderr


def test_the_character_has_the_rate_of_the_take(character):
    bpy.ops.wm.open_mainfile(filepath=str(character))
    render = bpy.context.scene.render
    assert render.fps / render.fps_base == pytest.approx(29.97, abs=0.01)


def test_bake_makes_the_face_move_over_the_whole_range(baked):
    bpy.ops.wm.open_mainfile(filepath=str(baked))
    scene = bpy.context.scene
    assert (scene.frame_start, scene.frame_end) == (1, 36)
    keys = bpy.data.objects["Mien Head"].data.shape_keys
    last = max(curve.range()[1] for curve in f_curves(keys).values())
    assert last == 36, "the last sample has its frame"
    blocks = keys.key_blocks
    values = []
    for frame in range(1, 37):
        scene.frame_set(frame)
        values.append([block.value for block in blocks])
    assert (np.ptp(values, axis=0) > 0.02).sum() > 5


def test_animators_options_reach_the_bake(take, character, folder):
    target, report = folder / "options.blend", folder / "options.json"
    arguments = ["bake", take, "--blend", character, "-o", target, "--json", report]
    arguments += ["--hold", "2", "--drop-still", "--region-tolerance", "eyes=0.03"]
    arguments += ["--range", "5", "20", "--blend-in", "3", "--blend-out", "4", "--head", "none"]
    assert commands.main([*map(str, arguments), "--corrections"]) == 0
    found = json.loads(report.read_text())
    # On twos in the frames 5–20 a curve has 8 keys at most.
    assert found["samples"] == 16 * found["curves"]
    assert found["keys"] < 8 * found["curves"]
    assert 0.005 < found["largest_error"] <= 0.03
    bpy.ops.wm.open_mainfile(filepath=str(target))
    keys = bpy.data.objects["Mien Head"].data.shape_keys
    animation_data = keys.animation_data
    assert animation_data.nla_tracks[0].strips[0].action.name == found["actions"][0]
    assert animation_data.action_blend_type == "ADD"
    curve = next(iter(f_curves(keys).values()))
    assert {point.interpolation for point in curve.keyframe_points} <= {"CONSTANT", "LINEAR"}


def test_simplify_leaves_few_keys_that_play_the_same(take, character, folder, capsys):
    dense, few = folder / "dense.blend", folder / "few.blend"
    start = ["bake", str(take), "--blend", str(character), "-o", str(dense), "--tolerance", "0"]
    assert commands.main(start) == 0
    before = played_weights(dense)
    report = folder / "simplify.json"
    arguments = ["simplify", dense, "-o", few, "--tolerance", "0.01", "--json", report]
    assert commands.main(list(map(str, arguments))) == 0
    found = json.loads(report.read_text())
    assert found["keys_after"] < found["keys_before"] / 3
    assert f"{found['keys_before']} keys → {found['keys_after']}" in capsys.readouterr().out
    after = played_weights(few)
    assert 0 < np.abs(after - before).max() <= 0.01 + 1e-6
    missing = ["simplify", dense, "-o", few, "--action", "Walk"]
    assert commands.main(list(map(str, missing))) == 1
    assert "no Action “Walk”. Its Actions: carphone" in capsys.readouterr().err


def played_weights(blend):
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    blocks = bpy.data.objects["Mien Head"].data.shape_keys.key_blocks
    values = []
    for frame in range(1, 37):
        bpy.context.scene.frame_set(frame)
        values.append([block.value for block in blocks])
    return np.array(values)


def test_a_region_that_is_none_is_bad_use(take, character, folder, capsys):
    start = ["bake", str(take), "--blend", str(character), "-o", str(folder / "no.blend")]
    for wrong, message in (("chin=0.1", "“chin” is none of eyes"), ("jaw=a", "jaw=0.002")):
        assert commands.main([*start, "--region-tolerance", wrong]) == 2
        assert message in capsys.readouterr().err


def test_render_shows_footage_and_character_side_by_side(baked, folder, carphone):
    bpy.ops.wm.open_mainfile(filepath=str(baked))
    bpy.context.scene.frame_end = 3
    short = folder / "short.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(short), copy=True)
    film = folder / "film.mp4"
    look = ("--engine", "workbench", "--size", "64x64", "--samples", "1")
    result = mien("render", short, "-o", film, *look, "--beside", carphone)
    assert result.returncode == 0, result.stderr
    frames = list(open_footage(film).frames())
    pictures = [frame.picture for frame in frames]
    assert len(pictures) == 3
    assert pictures[0].shape == (64, 128, 3)
    assert frames[2].time - frames[0].time == pytest.approx(2 / 29.97, abs=1e-4)
    left, right = pictures[0][:, :64], pictures[0][:, 64:]
    assert left.std() > 20 and right.std() > 20
    assert not list(folder.glob(".*"))


@pytest.mark.parametrize("kind", ["take", "blend", "footage"])
def test_inspect_tells_what_a_file_holds(kind, take, character, carphone, folder):
    path = {"take": take, "blend": character, "footage": carphone}[kind]
    facts = folder / f"{kind}.json"
    result = mien("inspect", path, "--json", facts)
    assert result.returncode == 0, result.stderr
    found = json.loads(facts.read_text())
    assert found["kind"] == kind
    if kind == "blend":
        assert len(found["characters"][0]["found"]) == 52
    if kind == "footage":
        assert (found["frames"], found["size"]) == (120, [176, 144])


def test_poor_footage_is_conditioned_before_it_is_tracked(take, carphone, tmp_path):
    arguments = ["capture", str(carphone), "-o", str(tmp_path / "t"), "--end", "1.2"]
    assert commands.main([*arguments, "--median", "3", "--contrast", "2"]) == 0
    conditioned = read_take(tmp_path / "t").performance
    assert conditioned.seen.all()
    assert 0 < np.abs(conditioned.weights - read_take(take).performance.weights).mean() < 0.1


def test_nothing_is_written_over_a_take(take, carphone):
    before = {path.name: path.read_bytes() for path in take.iterdir()}
    result = mien("capture", carphone, "-o", take)
    assert result.returncode == 1
    assert "already there" in result.stderr
    assert {path.name: path.read_bytes() for path in take.iterdir()} == before


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["capture", "clip.mp4"],
        ["render", "a.blend", "-o", "a.mp4", "--size", "huge"],
        ["bake", "take", "-o", "x.blend"],
    ],
)
def test_bad_use_is_2(arguments, capsys):
    assert commands.main(arguments) == 2
    assert "usage: mien" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["capture", "none.mp4", "-o", "t"], "none.mp4"),
        (["inspect", "none"], "There is no file none"),
        (["bake", "none", "--blend", "none.blend", "-o", "b.blend"], "none"),
        (["render", "none.blend", "-o", "film.mp4"], "none.blend"),
    ],
)
def test_what_is_not_there_is_one_clear_line(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert commands.main(arguments) == 1
    errors = capsys.readouterr().err
    assert words in errors
    assert errors.startswith("mien: ") and errors.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_blend_is_refused(tmp_path, take, capsys):
    fake = tmp_path / "fake.blend"
    fake.write_text("not a blend")
    assert commands.main(["bake", str(take), "--blend", str(fake), "-o", str(tmp_path / "b")]) == 1
    assert "cannot be opened" in capsys.readouterr().err


def test_a_blend_without_a_character_is_refused(tmp_path, take, capsys):
    empty = tmp_path / "empty.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(empty))
    assert commands.main(["bake", str(take), "--blend", str(empty), "-o", str(tmp_path / "b")]) == 1
    assert "shape keys" in capsys.readouterr().err


def test_an_unknown_character_is_refused_with_the_known_names(tmp_path, take, character, capsys):
    arguments = ["bake", str(take), "--blend", str(character), "-o", str(tmp_path / "b")]
    assert commands.main([*arguments, "--character", "Nobody"]) == 1
    assert "Mien Head" in capsys.readouterr().err


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
from mien.blender_ops.commands import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="file size limits are Unix's")
@pytest.mark.parametrize("command", ["capture", "bake", "render"])
def test_a_full_disk_leaves_nothing_half_written(
    command, take, character, baked, carphone, tmp_path
):
    look = ("--engine", "workbench", "--size", "64x64", "--samples", "1")
    arguments = {
        "capture": ["capture", carphone, "-o", "result", "--end", "1"],
        "bake": ["bake", take, "--blend", character, "-o", "result.blend"],
        "render": ["render", baked, "-o", "result.mp4", *look],
    }[command]
    full = [sys.executable, "-c", LIMITED, *map(str, arguments)]
    result = subprocess.run(full, capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert any(line.startswith("mien: ") for line in result.stderr.splitlines())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(take, character, tmp_path, capsys):
    target = tmp_path / "no" / "b.blend"
    arguments = ["bake", str(take), "--blend", str(character), "-o", str(target)]
    assert commands.main(arguments) == 1
    assert str(target) in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_rights_is_named(take, character, tmp_path, capsys):
    tmp_path.chmod(0o500)
    arguments = ["bake", str(take), "--blend", str(character), "-o", str(tmp_path / "b.blend")]
    assert commands.main(arguments) == 1
    assert "b.blend" in capsys.readouterr().err
