# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that invent, from the command line to takes and bakes."""

import json
from pathlib import Path

import bpy
import numpy as np
import pytest
from mien.blender_ops.animation import f_curves
from mien.blender_ops.commands import main
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance
from mien.models.recipe import STANDARD, Recipe, evaluate
from mien.models.take import read_take, write_take

TINY = Path(__file__).parent.parent / "models" / "vae" / "tiny"


@pytest.fixture
def take(tmp_path):
    """Two seconds of speech that begin at rest, as a capture would leave them."""
    times = np.arange(120) / 60
    weights = np.zeros((120, 52), np.float32)
    opened = np.maximum(np.sin(2 * np.pi * 2 * (times - 0.5)), 0) * (times > 0.5)
    weights[:, CHANNELS.index("jawOpen")] = 0.05 + 0.4 * opened
    weights[:, CHANNELS.index("mouthClose")] = 0.04
    write_take(tmp_path / "talk", Performance(weights, times))
    return tmp_path / "talk"


def run(*arguments):
    return main([str(argument) for argument in arguments])


def test_sample_writes_expressions_that_say_what_made_them(tmp_path):
    output, figures = tmp_path / "faces", tmp_path / "faces.json"
    arguments = ("--emotion", "joy", "--count", 3, "--seed", 7)
    assert run("sample", *arguments, "-o", output, "--json", figures) == 0
    assert sorted(path.name for path in output.iterdir()) == ["joy_7", "joy_8", "joy_9"]
    take = read_take(output / "joy_8")
    assert len(take.performance) == 1
    assert take.performance.channel("mouthSmileLeft")[0] > 0.3
    assert take.report["made"]["by"] == "sample"
    assert take.report["made"]["settings"]["seed"] == 8
    assert take.recipe == Recipe()
    assert json.loads(figures.read_text())["takes"][0] == str(output / "joy_7")
    assert run("sample", "--emotion", "joy", "--seed", 8, "-o", tmp_path / "again") == 0
    again = read_take(tmp_path / "again" / "joy_8").performance
    np.testing.assert_array_equal(again.weights, take.performance.weights)


def test_sample_writes_motions(tmp_path):
    arguments = ("--seconds", 1.5, "--weights", TINY, "--rate", 30)
    assert run("sample", "--count", 2, *arguments, "-o", tmp_path / "m") == 0
    performance = read_take(tmp_path / "m" / "motion_1").performance
    assert performance.duration == pytest.approx(1.5) and performance.head is not None


def test_vary_writes_variations_that_keep_what_is_kept(take, tmp_path):
    output = tmp_path / "varied"
    arguments = ("--count", 2, "--amount", 1.5, "--keep", "mouth,jaw", "--seed", 3)
    assert run("vary", take, *arguments, "-o", output) == 0
    assert sorted(path.name for path in output.iterdir()) == ["talk_3", "talk_4"]
    # Its own recipe is done first, and so it is not done again.
    source = evaluate(read_take(take).recipe, read_take(take).performance)
    varied = read_take(output / "talk_4")
    assert varied.recipe == Recipe()
    np.testing.assert_allclose(
        varied.performance.channel("jawOpen"), source.channel("jawOpen"), atol=1e-6
    )
    assert not np.allclose(varied.performance.channel("browInnerUp"), source.channel("browInnerUp"))


def test_nothing_changed_is_the_take_with_its_recipe(take, tmp_path):
    assert run("direct", take, "--emotion", "joy", "--intensity", 0, "-o", tmp_path / "same") == 0
    assert run("vary", take, "--count", 1, "--amount", 0, "-o", tmp_path / "v") == 0
    for folder in (tmp_path / "same", tmp_path / "v" / "talk_0"):
        same = read_take(folder)
        np.testing.assert_array_equal(same.performance.weights, read_take(take).performance.weights)
        assert same.recipe == STANDARD


def test_direct_writes_a_take_that_speaks_the_same_words(take, tmp_path):
    output = tmp_path / "sad"
    arguments = ("--emotion", "sadness:0.8+fear:0.2", "--intensity", 1, "--as-captured")
    assert run("direct", take, *arguments, "-o", output) == 0
    before, after = read_take(take).performance, read_take(output).performance
    assert after.channel("mouthFrownLeft").mean() > 0.2

    def opening(performance):
        return performance.channel("jawOpen") - performance.channel("mouthClose")

    assert np.corrcoef(opening(before), opening(after))[0, 1] > 0.95


def test_between_goes_from_a_take_to_an_emotion(take, tmp_path):
    output = tmp_path / "way"
    assert run("between", f"{take}@1.0", "anger", "--seconds", 0.4, "-o", output) == 0
    way = read_take(output).performance
    assert way.duration == pytest.approx(0.4, abs=1e-3)
    assert way.channel("browDownLeft")[-1] > 0.9
    assert run("between", take, take, "-o", tmp_path / "back") == 0


def test_idle_and_find(tmp_path, capsys):
    assert run("idle", "--seconds", 4, "--loop", "--seed", 2, "-o", tmp_path / "idle") == 0
    idle = read_take(tmp_path / "idle").performance
    assert idle.duration == pytest.approx(4)
    np.testing.assert_array_equal(idle.weights[0], idle.weights[-1])
    assert run("sample", "--emotion", "joy", "-o", tmp_path / "faces") == 0
    capsys.readouterr()
    figures = tmp_path / "found.json"
    faces = (tmp_path / "idle", tmp_path / "faces" / "joy_0")
    assert run("find", *faces, "--like", "joy", "--count", 2, "--json", figures) == 0
    best = json.loads(figures.read_text())["moments"][0]
    assert best["take"].endswith("joy_0") and best["time"] == 0
    assert "joy_0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sample", "--count", "0"], "at least 1"),
        (["sample", "--emotion", "glee"], "no emotion “glee”"),
        (["sample", "--regions", "chin"], "no region “chin”"),
        (["sample", "--temperature", "-1"], "0 or more"),
        (["sample", "--seconds", "-1", "--weights", str(TINY)], "seconds"),
        (["sample", "--seed", "-4"], "seed"),
        (["sample", "--weights", "nowhere"], "nowhere"),
        (["vary", "TAKE", "--count", "0"], "at least 1"),
        (["vary", "TAKE", "--count", "1", "--amount", "-1"], "0 or more"),
        (["vary", "TAKE", "--count", "1", "--keep", "chin"], "no region “chin”"),
        (["vary", "nothing", "--count", "1"], "nothing"),
        (["direct", "TAKE", "--emotion", "joy", "--intensity", "2"], "between 0 and 1"),
        (["direct", "TAKE", "--emotion", "glee"], "no emotion “glee”"),
        (["between", "joy", "glee"], "neither an emotion"),
        (["between", "joy", "TAKE@99"], "it has no 99 s"),
        (["between", "joy", "fear", "--seconds", "0"], "seconds"),
        (["idle", "--seconds", "0"], "seconds"),
        (["idle", "--rate", "1"], "frames a second"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(
    arguments, message, take, tmp_path, capsys
):
    output = tmp_path / "output"
    arguments = [str(take) if one == "TAKE" else one for one in arguments]
    arguments = [one.replace("TAKE@", f"{take}@") for one in arguments]
    assert run(*arguments, "-o", output) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not output.exists()


def test_takes_are_never_overwritten(take, tmp_path, capsys):
    for arguments in (
        ["direct", take, "--emotion", "joy", "-o", take],
        ["idle", "--seconds", 1, "-o", take],
        ["vary", take, "--count", 1, "--seed", 0, "-o", tmp_path],
    ):
        (tmp_path / "talk_0").mkdir(exist_ok=True)
        assert run(*arguments) == 1
        assert "already there" in capsys.readouterr().err


def test_what_was_invented_is_baked_on_the_demo_character(take, tmp_path):
    blend = tmp_path / "demo.blend"
    assert run("character", "-o", blend) == 0
    invented = tmp_path / "invented"
    assert run("idle", "--seconds", 2, "-o", invented / "idle") == 0
    assert run("between", "neutral", "joy", "-o", invented / "between") == 0
    assert run("sample", "--emotion", "joy", "-o", invented) == 0
    assert run("sample", "--seconds", 1, "--weights", TINY, "-o", invented) == 0
    assert run("vary", take, "--count", 1, "-o", invented) == 0
    assert run("direct", take, "--emotion", "joy", "-o", invented / "joyful") == 0
    shown = {}
    for folder in sorted(invented.iterdir()):
        baked = tmp_path / f"{folder.name}.blend"
        assert run("bake", folder, "--blend", blend, "-o", baked) == 0, folder
        keys = next(
            mesh.shape_keys
            for mesh in bpy.data.meshes
            if mesh.shape_keys and "mouthSmileLeft" in mesh.shape_keys.key_blocks
        )
        smile = f_curves(keys)['key_blocks["mouthSmileLeft"].value', 0]
        shown[folder.name] = max(smile.evaluate(frame) for frame in range(1, 49))
    assert set(shown) == {"between", "idle", "joy_0", "joyful", "motion_0", "talk_0"}
    assert shown["between"] > 0.7 and shown["joy_0"] > 0.3 and shown["joyful"] > 0.15
