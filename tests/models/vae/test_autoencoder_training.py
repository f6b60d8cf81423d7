# SPDX-License-Identifier: GPL-3.0-or-later
"""Training really trains: gradients, free bits, resuming, export, cards, commands."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.training
torch = pytest.importorskip("torch", reason="trains networks: needs torch")
onnx = pytest.importorskip("onnx")

from mien.blender_ops.commands import main  # noqa: E402
from mien.models.errors import TrainingError  # noqa: E402
from mien.models.performance import Performance  # noqa: E402
from mien.models.take import write_take  # noqa: E402
from mien.models.training import run  # noqa: E402
from mien.models.training.card import read_card  # noqa: E402
from mien.models.training.clips import Clip  # noqa: E402
from mien.models.training.configuration import from_data  # noqa: E402
from mien.models.training.export import LATEST_IR, OPSET, largest_difference  # noqa: E402
from mien.models.vae.config import (  # noqa: E402
    AutoencoderConfiguration,
    read_autoencoder_configuration,
)
from mien.models.vae.export import _Whole  # noqa: E402
from mien.models.vae.publish import fit_prior, publish, train_autoencoder  # noqa: E402
from mien.models.vae.runtime import ExpressionModel, MotionModel  # noqa: E402
from mien.models.vae.train import AutoencoderTraining, train  # noqa: E402

KINDS = ("expression", "motion")
TINY = Path(__file__).parent / "tiny"
replace = dataclasses.replace


@pytest.fixture(scope="module")
def clips():
    random = np.random.default_rng(0)
    steps = random.normal(0, 0.05, (900, 52)).cumsum(axis=0)
    turns = random.normal(0, 0.01, (900, 3)).cumsum(axis=0).astype(np.float32)
    return [Clip("walk", (0.5 + 0.5 * np.sin(steps)).astype(np.float32), 30.0, turns)]


@pytest.fixture(params=KINDS)
def tiny(request):
    return read_autoencoder_configuration(f"tiny_{request.param}")


@pytest.fixture
def take(tmp_path):
    times = np.arange(600) / 60
    weights = 0.5 + 0.4 * np.sin(times[:, None] * np.arange(1, 53) / 8)
    folder = tmp_path / "performer" / "take"
    write_take(folder, Performance(weights, times))
    (folder / "LICENSE").write_text("MIT License\n\nCopyright")
    return folder


def with_training(configuration, **changes):
    return replace(configuration, training=replace(configuration.training, **changes))


def with_losses(configuration, **changes):
    return replace(configuration, losses=replace(configuration.losses, **changes))


def test_killed_and_resumed_equals_never_killed(tiny, clips, tmp_path):
    whole = train(AutoencoderTraining(tiny, clips, tmp_path / "whole"))
    stopped = AutoencoderTraining(tiny, clips, tmp_path / "parts")
    run.train(stopped, tmp_path / "parts", 1)
    resumed = train(AutoencoderTraining(tiny, clips, tmp_path / "parts"))
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert float((one - other).abs().max()) <= 1e-6
    history = [
        [json.loads(line) for line in (tmp_path / name / run.HISTORY).read_text().splitlines()]
        for name in ("whole", "parts")
    ]
    assert [entry["epoch"] for entry in history[0]] == [0, 1, 2]
    for one, other in zip(*history, strict=True):
        one.pop("seconds"), other.pop("seconds")
        assert one == pytest.approx(other, rel=1e-5, abs=1e-6)


def test_the_same_seed_gives_the_same_file_and_another_another(tiny, take, tmp_path):
    short = with_training(tiny, epochs=1)
    hashes = [
        train_autoencoder(
            [take], tmp_path / name, with_training(short, seed=seed), "2000-01-31"
        ).sha256
        for name, seed in (("one", 1), ("again", 1), ("other", 2))
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_reconstruction_improves_with_training(tiny, clips, tmp_path):
    longer = with_training(tiny, steps_per_epoch=60, learning_rate=0.01)
    module = AutoencoderTraining(longer, clips, tmp_path)
    before = module.validate()["validation rmse"]
    train(module)
    assert module.validate()["validation rmse"] < 0.9 * before


def test_the_likelihood_reaches_encoder_and_decoder(tiny, clips, tmp_path):
    module = AutoencoderTraining(with_losses(tiny, divergence=0.0), clips, tmp_path)
    frames = torch.as_tensor(module.draw(4, np.random.default_rng(0)))
    noise = torch.zeros(4, tiny.network.latents)
    module._loss(frames, noise, 1.0).backward()
    sums = {name: float(p.grad.abs().sum()) for name, p in module.network.named_parameters()}
    assert all(np.isfinite(one) for one in sums.values())
    assert all(one > 0 for one in sums.values())


def test_a_heavy_divergence_silences_latents_and_free_bits_keep_them(clips, tmp_path):
    tiny = with_training(
        read_autoencoder_configuration("tiny_expression"), steps_per_epoch=80, learning_rate=0.02
    )

    def divergences(folder, **changes):
        losses = {"warm_up": 0.0, "divergence": 1e5, "free_bits": 0.0} | changes
        module = train(AutoencoderTraining(with_losses(tiny, **losses), clips, tmp_path / folder))
        return fit_prior(module)[1]["divergence of each latent, nats"]

    assert max(divergences("silent")) < 0.05
    assert min(divergences("kept", free_bits=0.5)) > 0.2


def test_a_card_reports_what_each_latent_says(tiny, clips, tmp_path):
    module = AutoencoderTraining(tiny, clips, tmp_path)
    with torch.no_grad():
        for values in module.average.parameters():
            values.zero_()
    figures = fit_prior(module)[1]
    each = figures["divergence of each latent, nats"]
    assert each == [0] * tiny.network.latents
    assert figures["active latents"] == 0


def test_examples_are_weights_with_a_head_where_they_move(tiny, clips, tmp_path):
    module = AutoencoderTraining(tiny, clips, tmp_path)
    one, again, other = (module.draw(64, np.random.default_rng(seed)) for seed in (1, 1, 2))
    shape = (64, 52) if tiny.kind == "expression" else (64, tiny.network.window, 55)
    assert one.shape == shape
    assert one.dtype == np.float32
    assert one[..., :52].min() >= 0
    assert one[..., :52].max() <= 1
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    if tiny.kind == "motion":
        still = np.abs(one[..., 52:]).max(axis=(1, 2)) == 0
        assert 0 < still.mean() < 0.6


def test_recordings_become_weights_that_can_be_used(tiny, take, tmp_path):
    card = train_autoencoder([take], tmp_path, with_training(tiny, epochs=1), "2000-01-31")
    path = tmp_path / f"{tiny.kind}.onnx"
    assert read_card(path) == card
    assert card.data[0]["licence"] == "MIT License"
    assert (card.date, card.seed) == ("2000-01-31", tiny.training.seed)
    written = from_data(card.configuration, AutoencoderConfiguration, "card")
    assert written == with_training(tiny, epochs=1)
    assert len(card.figures["divergence of each latent, nats"]) == tiny.network.latents
    model = onnx.load(path)
    assert model.opset_import[0].version == OPSET <= 18
    assert model.ir_version <= LATEST_IR == 10
    kind = ExpressionModel if tiny.kind == "expression" else MotionModel
    used = kind(tmp_path)
    assert used.decode(used.sample(3, np.random.default_rng(0))).shape[0] == 3


def test_the_file_is_the_network_that_was_trained(tiny, clips, tmp_path):
    module = train(AutoencoderTraining(tiny, clips, tmp_path))
    publish(module, [], tmp_path, "2000-01-31")
    kind = ExpressionModel if tiny.kind == "expression" else MotionModel
    used = kind(tmp_path)
    frames = module.draw(9, np.random.default_rng(3))
    mean, log_variance = module.posterior(frames)
    np.testing.assert_allclose(used.encode(frames)[0], mean, atol=1e-4)
    np.testing.assert_allclose(used.encode(frames)[1], log_variance, atol=1e-4)
    np.testing.assert_allclose(used.decode(mean), module.reconstructed(frames), atol=1e-4)
    prior, _ = fit_prior(module)
    np.testing.assert_allclose(used.prior.means, prior.means, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(used.prior.factors, prior.factors, rtol=1e-3, atol=1e-3)
    content = (tmp_path / f"{tiny.kind}.onnx").read_bytes()
    inputs = {
        "frames": torch.as_tensor(frames),
        "latents": torch.randn(2, tiny.network.latents),
    }
    whole = _Whole(module.average, used.prior)
    assert largest_difference(whole, content, inputs) < 1e-4
    with torch.no_grad():
        whole.network.mean += 0.01
    assert largest_difference(whole, content, inputs) > 1e-3


def test_training_can_start_from_weights(tiny, take, tmp_path):
    still = with_training(tiny, learning_rate=0.0, epochs=1)
    train_autoencoder([take], tmp_path, still, "2000-01-31", start=TINY)
    kind = ExpressionModel if tiny.kind == "expression" else MotionModel
    old, new = kind(TINY), kind(tmp_path)
    latents = old.sample(5, np.random.default_rng(0))
    np.testing.assert_allclose(old.decode(latents), new.decode(latents), atol=1e-3)


def test_weights_of_another_shape_are_no_start(tiny, take, tmp_path):
    wider = replace(tiny, network=replace(tiny.network, width=12))
    with pytest.raises(TrainingError, match="same \\[network\\] settings"):
        train_autoencoder([take], tmp_path, wider, "2000-01-31", start=TINY)


def test_recordings_shorter_than_a_window_are_refused(clips, tmp_path):
    tiny = read_autoencoder_configuration("tiny_motion")
    short = Clip("short", clips[0].weights[:10], 30.0)
    with pytest.raises(TrainingError, match="no stretch of 16 frames"):
        AutoencoderTraining(tiny, [short], tmp_path)


def test_a_window_that_does_not_halve_is_refused(tmp_path):
    text = (Path(run.__file__).parents[1] / "vae" / "tiny_motion.toml").read_text()
    path = tmp_path / "odd.toml"
    path.write_text(text.replace("window = 12", "window = 18"))
    with pytest.raises(TrainingError, match="even number of steps"):
        read_autoencoder_configuration(path)


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_trains_from_weights(kind, take, tmp_path):
    output = tmp_path / "own"
    arguments = ["train", "vae", str(take), "-o", str(output), "--config", f"tiny_{kind}"]
    assert main([*arguments, "--date", "2000-01-31", "--from", str(TINY)]) == 0
    assert read_card(output / f"{kind}.onnx").date == "2000-01-31"
