import json

import numpy as np
import pytest
from mien.blender_ops.commands import main
from mien.models import formats
from mien.models.formats import FORMATS, live_link
from mien.models.recipe import Recipe, Step, evaluate
from mien.models.take import read_take, write_take

WRITTEN = [kind for kind in FORMATS if kind.write]


@pytest.fixture
def recording(tmp_path, performance):
    """A recording of the Live Link Face app."""
    path = tmp_path / "recording.csv"
    live_link.write(path, performance)
    return path


@pytest.mark.parametrize("kind", WRITTEN, ids=lambda kind: kind.key)
def test_a_recording_is_converted_into_each_format(tmp_path, recording, performance, kind):
    output = tmp_path / f"converted{kind.suffixes[0]}"
    report = tmp_path / "report.json"
    arguments = ["convert", recording, "-o", output, "--format", kind.key, "--json", report]
    assert main([str(each) for each in arguments]) == 0
    assert formats.recognised(output) == kind
    result = formats.read(output)
    assert len(result) == len(performance)
    np.testing.assert_allclose(result.channel("jawOpen"), performance.channel("jawOpen"), atol=1e-6)
    assert json.loads(report.read_text())["format"] == kind.key


def test_the_outputs_name_tells_the_format_where_it_can(tmp_path, recording, capsys):
    def convert(name):
        return main(["convert", str(recording), "-o", str(tmp_path / name)])

    assert convert("a.csv") == convert("a.npz") == convert("take") == 0
    assert formats.recognised(tmp_path / "a.csv").key == "live-link"
    assert formats.recognised(tmp_path / "a.npz").key == "facegood"
    assert formats.recognised(tmp_path / "take").key == "take"
    assert convert("a.json") == 1
    assert "audio2face, arkit-json" in capsys.readouterr().err
    assert convert("a.mov") == 1
    assert convert("a.csv") == 1
    assert "already" in capsys.readouterr().err
    assert not (tmp_path / "a.json").exists()


def test_recipes_are_applied_first_if_asked(tmp_path, performance):
    own = Recipe((Step("gain", {"overall": 0.5}),))
    take = write_take(tmp_path / "take", performance, recipe=own)
    plain, cooked, other = (str(tmp_path / f"{name}.npz") for name in ("plain", "cooked", "other"))
    recipe = tmp_path / "recipe.json"
    recipe.write_text(Recipe((Step("mirror"),)).to_json())
    folder = str(take.folder)
    assert main(["convert", folder, "-o", plain]) == 0
    assert main(["convert", folder, "-o", cooked, "--own-recipe"]) == 0
    assert main(["convert", folder, "-o", other, "--recipe", str(recipe)]) == 0
    assert main(["convert", folder, "-o", plain + "x.npz", "--recipe", "missing.json"]) == 1
    np.testing.assert_array_equal(formats.read(plain).weights, performance.weights)
    np.testing.assert_array_equal(formats.read(cooked).weights, evaluate(own, performance).weights)
    np.testing.assert_array_equal(
        formats.read(other).channel("jawLeft"), performance.channel("jawRight")
    )


def test_a_takes_description_stands_for_its_folder(tmp_path, performance):
    take = write_take(tmp_path / "take", performance)
    description = take.folder / "take.json"
    assert read_take(description) == take
    assert formats.read(description) == performance
    assert main(["convert", str(description), "-o", str(tmp_path / "a.npz")]) == 0


def test_recordings_of_other_apps_are_inspected(tmp_path, performance, capsys):
    for kind in WRITTEN:
        path = tmp_path / f"{kind.key}.dat"
        kind.write(path, performance, False)
        assert main(["inspect", str(path)]) == 0
        assert "121 frames, 2.00 s at 60 fps" in capsys.readouterr().out


@pytest.mark.shared
def test_a_shared_recording_becomes_a_take_that_bakes(tmp_path, shared):
    source = shared / "performances" / "train" / "sentien"
    output = tmp_path / "sentien"
    assert main(["convert", str(source), "-o", str(output)]) == 0
    assert read_take(output).performance.weights.shape == (1628, 52)
