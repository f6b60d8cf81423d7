# SPDX-License-Identifier: GPL-3.0-or-later
import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.training
torch = pytest.importorskip("torch", reason="trains networks: needs torch")
onnx = pytest.importorskip("onnx")

from mien.blender_ops.commands import main  # noqa: E402
from mien.models.errors import TrainingError  # noqa: E402
from mien.models.gan.config import RefinerConfiguration, read_refiner_configuration  # noqa: E402
from mien.models.gan.network import Generator  # noqa: E402
from mien.models.gan.publish import load_weights, train_refiner  # noqa: E402
from mien.models.gan.refine import refine  # noqa: E402
from mien.models.performance import Performance  # noqa: E402
from mien.models.take import write_take  # noqa: E402
from mien.models.training.card import read_card  # noqa: E402
from mien.models.training.configuration import from_data  # noqa: E402
from mien.models.training.export import (  # noqa: E402
    LATEST_IR,
    OPSET,
    largest_difference,
    round_to_half,
)

TINY = Path(__file__).parent / "tiny"
replace = dataclasses.replace


@pytest.fixture
def tiny():
    configuration = read_refiner_configuration("tiny")
    return replace(
        configuration, training=replace(configuration.training, epochs=1, steps_per_epoch=2)
    )


@pytest.fixture
def take(tmp_path):
    times = np.arange(600) / 60
    weights = 0.5 + 0.4 * np.sin(times[:, None] * np.arange(1, 53) / 8)
    folder = tmp_path / "performer" / "take"
    write_take(folder, Performance(weights, times))
    (folder / "LICENSE").write_text("MIT License\n\nCopyright")
    return folder


@pytest.mark.parametrize("causal", [False, True])
def test_recordings_become_weights_that_refine(causal, tiny, take, tmp_path):
    generator = replace(tiny.generator, causal=causal, delay=2 if causal else 0)
    configuration = replace(tiny, generator=generator)
    card = train_refiner([take], tmp_path / "out", configuration, "2000-01-31")
    name = "live" if causal else "offline"
    assert read_card(tmp_path / "out" / f"{name}.onnx") == card
    assert card.data[0]["name"] == "take"
    assert card.data[0]["licence"] == "MIT License"
    assert (card.date, card.seed) == ("2000-01-31", configuration.training.seed)
    assert from_data(card.configuration, RefinerConfiguration, "card") == configuration
    assert card.figures["validation rmse, white"] > 0
    model = onnx.load(tmp_path / "out" / f"{name}.onnx")
    assert model.opset_import[0].version == OPSET <= 18
    assert model.ir_version <= LATEST_IR == 10
    one = Performance(np.random.default_rng(0).random((30, 52)), np.arange(30) / 60)
    assert len(refine(one, weights=tmp_path / "out", live=causal)) == 30


def test_training_can_start_from_weights(tiny, take, tmp_path):
    still = replace(tiny.training, generator_learning_rate=0.0)
    train_refiner([take], tmp_path, replace(tiny, training=still), "2000-01-31", start=TINY)
    old, new = (Generator(tiny.generator), Generator(tiny.generator))
    load_weights(old, TINY / "offline.onnx")
    load_weights(new, tmp_path / "offline.onnx")
    for one, other in zip(old.parameters(), new.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-3, rtol=0)


def test_weights_of_another_shape_are_no_start(tiny):
    with pytest.raises(TrainingError, match="same \\[generator\\] settings"):
        load_weights(Generator(replace(tiny.generator, width=16)), TINY / "offline.onnx")


def test_loaded_weights_are_those_of_the_file(tiny):
    generator = Generator(tiny.generator).eval()
    load_weights(generator, TINY / "offline.onnx")
    shape = (1, 52, 70)
    inputs = {
        "motion": torch.rand(shape),
        "confidence": torch.rand(shape),
        "noise": torch.randn(1, 2, 70),
        "curve": torch.randn(shape),
        "shared": 0.1 * torch.randn(shape),
    }
    content = (TINY / "offline.onnx").read_bytes()
    assert largest_difference(generator, content, inputs) < 1e-4
    with torch.no_grad():
        generator.of_channel.leave.bias += 0.01
    assert largest_difference(generator, content, inputs) > 5e-4


def test_rounding_to_half_is_exact_afterwards():
    layer = round_to_half(torch.nn.Linear(5, 5))
    torch.testing.assert_close(layer.weight.half().float(), layer.weight, atol=0, rtol=0)


def test_the_command_trains_from_weights_and_its_result_refines(take, tmp_path):
    output, refined = tmp_path / "own", tmp_path / "refined"
    arguments = ["train", "gan", str(take), "-o", str(output), "--config", "tiny"]
    assert main([*arguments, "--date", "2000-01-31", "--from", str(TINY)]) == 0
    assert read_card(output / "offline.onnx").date == "2000-01-31"
    assert main(["refine", str(take), "-o", str(refined), "--weights", str(output)]) == 0
