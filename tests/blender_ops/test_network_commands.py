# SPDX-License-Identifier: GPL-3.0-or-later
import json
from pathlib import Path

import numpy as np
import pytest
from mien.blender_ops.commands import main
from mien.blender_ops.network_commands import with_refine
from mien.models.errors import RecipeError
from mien.models.performance import Performance
from mien.models.recipe import Recipe, Step
from mien.models.take import read_take, write_take

TINY = Path(__file__).parent.parent / "models" / "gan" / "tiny"


@pytest.fixture
def take(tmp_path):
    times = np.arange(240) / 60
    weights = 0.5 + 0.4 * np.sin(times[:, None] * np.arange(1, 53) / 10)
    noise = np.random.default_rng(0).normal(0, 0.02, weights.shape)
    write_take(tmp_path / "true", Performance(weights, times))
    write_take(tmp_path / "take", Performance(weights + noise, times))
    return tmp_path / "take"


def test_refine_writes_another_take(take, tmp_path):
    output = tmp_path / "refined"
    arguments = ["refine", str(take), "-o", str(output), "--weights", str(TINY)]
    assert main([*arguments, "--regions", "mouth,jaw", "--json", str(tmp_path / "a.json")]) == 0
    before, after = read_take(take).performance, read_take(output).performance
    assert not np.array_equal(before.channel("jawOpen"), after.channel("jawOpen"))
    np.testing.assert_array_equal(before.channel("browInnerUp"), after.channel("browInnerUp"))
    assert json.loads((tmp_path / "a.json").read_text())["take"] == str(output)


def test_refine_never_overwrites(take, capsys):
    assert main(["refine", str(take), "-o", str(take), "--weights", str(TINY)]) == 1
    assert "already there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (["--strength", "2"], "strength"),
        (["--regions", "chin"], "no region"),
        (["--rate", "0"], "rate"),
        (["--weights", "nowhere"], "is missing: copy a network"),
    ],
)
def test_what_cannot_be_refined_is_one_line(extra, message, take, tmp_path, capsys):
    output = tmp_path / "refined"
    arguments = ["refine", str(take), "-o", str(output), "--weights", str(TINY), *extra]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not output.exists()


def test_evaluate_writes_a_report(take, tmp_path, capsys):
    output, figures = tmp_path / "report", tmp_path / "figures.json"
    arguments = ["evaluate", str(take), "--reference", str(tmp_path / "true"), "-o", str(output)]
    assert main([*arguments, "--json", str(figures)]) == 0
    assert (output / "report.html").is_file()
    assert json.loads(figures.read_text())["figures"]["rmse"] == pytest.approx(0.02, rel=0.05)
    assert main(arguments) == 1
    assert "there already" in capsys.readouterr().err


def test_train_says_when_there_is_nothing_to_train_on(tmp_path, capsys):
    assert main(["train", "gan", str(tmp_path), "-o", str(tmp_path / "own")]) == 1
    error = capsys.readouterr().err
    assert "torch" in error or "holds no recording" in error


def test_a_bake_can_be_refined_otherwise():
    plain = Recipe((Step("neutral"), Step("refine"), Step("mirror")))
    stronger = with_refine(plain, 1.0, TINY)
    assert [step.name for step in stronger.steps] == ["neutral", "mirror", "refine"]
    assert dict(stronger.steps[-1].settings) == {"strength": 1.0, "weights": str(TINY.resolve())}
    assert "refine" not in [step.name for step in with_refine(plain, 0.0, TINY).steps]
    assert with_refine(plain, None, None) == plain
    with pytest.raises(RecipeError, match="between 0 and 1"):
        with_refine(plain, 1.5, None)
