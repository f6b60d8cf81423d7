# SPDX-License-Identifier: GPL-3.0-or-later
"""Training really trains: gradients, stabilisers, resuming."""

import dataclasses
import itertools
import json

import numpy as np
import pytest

pytestmark = pytest.mark.training
torch = pytest.importorskip("torch", reason="trains networks: needs torch")

from mien.models.gan import losses  # noqa: E402
from mien.models.gan.config import read_refiner_configuration  # noqa: E402
from mien.models.gan.examples import draw_examples  # noqa: E402
from mien.models.gan.network import Discriminator, Generator  # noqa: E402
from mien.models.gan.train import Refiner, train  # noqa: E402
from mien.models.training import run  # noqa: E402
from mien.models.training.clips import Clip  # noqa: E402

replace = dataclasses.replace


@pytest.fixture(scope="module")
def clips():
    random = np.random.default_rng(0)
    steps = random.normal(0, 0.05, (900, 52)).cumsum(axis=0)
    return [Clip("walk", (0.5 + 0.5 * np.sin(steps)).astype(np.float32), 60.0)]


@pytest.fixture
def tiny():
    return read_refiner_configuration("tiny")


def batch_of(module):
    examples = draw_examples(module.stretches, module.configuration, np.random.default_rng(0))
    return {name: torch.as_tensor(values) for name, values in examples.items()}


def test_the_adversary_moves_the_generator(tiny, clips, tmp_path):
    """The trap: on a detached fake the generator would get no gradient at all."""
    module = Refiner(tiny, clips, tmp_path)
    refined, _ = module.refine(batch_of(module))
    losses.generator_adversarial(module.discriminator(refined)[0]).backward()
    gradients = [values.grad for values in module.generator.parameters()]
    assert all(one is not None for one in gradients)
    assert all(torch.isfinite(one).all() for one in gradients)
    assert sum(float(one.abs().sum()) for one in gradients) > 1e-4


def test_with_nothing_but_the_adversary_a_step_changes_the_generator(tiny, clips, tmp_path):
    alone = replace(
        tiny.losses,
        reconstruction=0.0,
        velocity=0.0,
        steadiness=0.0,
        feature_matching=0.0,
        adversarial=1.0,
    )
    short = replace(tiny.training, epochs=1, adversary_from_epoch=0)
    module = Refiner(replace(tiny, losses=alone, training=short), clips, tmp_path)
    before = [values.detach().clone() for values in module.generator.parameters()]
    run.train(module, tmp_path, 1)
    # AdamW's decay alone would shrink weights by 1e-5; the adversary does more.
    moved = max(
        float((old - new).abs().max() / (old.abs().max() + 1e-3))
        for old, new in zip(before, module.generator.parameters(), strict=True)
    )
    assert moved > 1e-3


def test_killed_and_resumed_equals_never_killed(tiny, clips, tmp_path):
    whole = train(Refiner(tiny, clips, tmp_path / "whole"))
    stopped = Refiner(tiny, clips, tmp_path / "parts")
    run.train(stopped, tmp_path / "parts", 1)
    resumed = train(Refiner(tiny, clips, tmp_path / "parts"))
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert float((one - other).abs().max()) <= 1e-6
    history = [
        [json.loads(line) for line in (tmp_path / name / run.HISTORY).read_text().splitlines()]
        for name in ("whole", "parts")
    ]
    assert [entry["epoch"] for entry in history[0]] == [0, 1, 2]
    for one, other in zip(*history, strict=True):
        one.pop("seconds"), other.pop("seconds")
        assert one == pytest.approx(other, abs=1e-6)


def leave(module):
    return module.average.of_channel.leave.weight


def test_another_seed_gives_another_network(tiny, clips, tmp_path):
    short = replace(tiny.training, epochs=1)
    one = train(Refiner(replace(tiny, training=short), clips, tmp_path / "1"))
    other = train(Refiner(replace(tiny, training=replace(short, seed=2)), clips, tmp_path / "2"))
    assert float((leave(one) - leave(other)).abs().max()) > 1e-4


def test_reconstruction_improves_with_training(tiny, clips, tmp_path):
    longer = replace(
        tiny.training,
        epochs=3,
        steps_per_epoch=100,
        generator_learning_rate=0.005,
        adversary_from_epoch=9,
    )
    train(Refiner(replace(tiny, training=longer), clips, tmp_path))
    lines = (tmp_path / run.HISTORY).read_text().splitlines()
    first, last = json.loads(lines[0]), json.loads(lines[-1])
    assert last["steadiness"] < 0.95 * first["steadiness"]
    assert last["reconstruction"] < first["reconstruction"]


def test_the_averaged_weights_follow(tiny, clips, tmp_path):
    module = Refiner(tiny, clips, tmp_path)
    with torch.no_grad():
        module.generator.of_channel.leave.weight.fill_(1.0)
        leave(module).fill_(0.0)
    run.move_average(module.average, module.generator, 0.9)
    torch.testing.assert_close(leave(module), torch.full_like(leave(module), 0.1))


# Every stabiliser, switched on, acts.


def test_the_gradient_penalty_flattens_the_discriminator(tiny, clips, tmp_path):
    def slope(penalty):
        configuration = replace(
            tiny,
            losses=replace(tiny.losses, gradient_penalty=penalty, gradient_penalty_every=1),
            discriminator=replace(tiny.discriminator, spectral_normalisation=False),
            training=replace(
                tiny.training,
                epochs=1,
                steps_per_epoch=60,
                adversary_from_epoch=0,
                discriminator_learning_rate=0.01,
                final_learning_rate=1.0,
            ),
        )
        module = Refiner(configuration, clips, tmp_path / str(penalty))
        run.train(module, tmp_path / str(penalty), 1)
        real = batch_of(module)["true"]
        return losses.gradient_penalty(lambda x: module.discriminator(x)[0], real).item()

    assert slope(10.0) < 0.5 * slope(0.0)


def test_spectral_normalisation_holds_every_layers_norm_near_one(tiny):
    settings = replace(tiny.discriminator, spectral_normalisation=True)
    judge = Discriminator(settings)
    for scale in judge.scales:
        for layer in scale.layers:
            with torch.no_grad():
                layer.parametrizations.weight.original.mul_(50)
    for _ in range(30):
        judge(torch.rand(1, 52, 32))
    for scale in judge.scales:
        for layer in scale.layers:
            norm = torch.linalg.matrix_norm(layer.weight.detach().flatten(1), 2)
            assert float(norm) == pytest.approx(1, abs=0.1)


def test_batch_normalisation_standardises_each_hidden_channel(tiny):
    generator = Generator(replace(tiny.generator, batch_normalisation=True)).train()
    seen = {}
    generator.blocks[0].norm.register_forward_hook(lambda *call: seen.update(out=call[2]))
    motion = torch.rand(8, 52, 40)
    nothing = torch.zeros_like(motion)
    generator(motion, torch.ones_like(motion), torch.randn(8, 2, 40), nothing, nothing)
    assert seen["out"].mean(dim=(0, 2)).abs().max() < 1e-4
    assert (seen["out"].var(dim=(0, 2)) - 1).abs().max() < 0.05


def test_gradient_clipping_bounds_a_step(tiny, clips, tmp_path, monkeypatch):
    norms = []
    real = torch.nn.utils.clip_grad_norm_

    def watched(parameters, limit):
        parameters = list(parameters)
        before = real(parameters, limit)
        after = torch.sqrt(sum(p.grad.square().sum() for p in parameters if p.grad is not None))
        norms.append((float(before), float(after)))
        return before

    monkeypatch.setattr("mien.models.gan.train.clip_grad_norm_", watched)
    small = replace(tiny.training, epochs=1, gradient_clip=1e-4)
    train(Refiner(replace(tiny, training=small), clips, tmp_path))
    assert max(before for before, _ in norms) > 1e-3
    assert max(after for _, after in norms) <= 1.01e-4


def test_two_learning_rates_rise_and_fall():
    rates = [run.learning_rate(step / 100, 0.2, 0.1) for step in range(101)]
    assert rates[0] == 0
    assert max(rates) == pytest.approx(0.2)
    assert rates[-1] == pytest.approx(0.02)
    assert all(late <= early for early, late in itertools.pairwise(rates[2:]))


def test_a_training_can_close_before_its_rates_have_fallen(tiny, clips, tmp_path):
    longer = replace(
        tiny.training, epochs=4, falling_epochs=8, closing_epochs=2, steps_per_epoch=10
    )
    module = Refiner(replace(tiny, training=longer), clips, tmp_path)
    rates = []
    for epoch in range(4):
        for step in range(10):
            rates.append(module.learning_rates(epoch + step / 10)[0])
    largest, final = longer.generator_learning_rate, longer.final_learning_rate
    assert rates[20] == pytest.approx(run.learning_rate(2 / 8, largest, final))
    np.testing.assert_allclose(np.diff(rates[22:38], 2), 0, atol=largest * 0.02)
    assert rates[-1] < 0.06 * largest
    assert module.learning_rates(4.0)[0] == pytest.approx(largest * final)


def test_both_rates_reach_their_optimizers(tiny, clips, tmp_path):
    quick = replace(
        tiny.training,
        epochs=1,
        steps_per_epoch=10,
        adversary_from_epoch=0,
        generator_learning_rate=0.004,
        discriminator_learning_rate=0.001,
        final_learning_rate=1.0,
    )
    module = Refiner(replace(tiny, training=quick), clips, tmp_path)
    run.train(module, tmp_path, 1)
    generator, discriminator = module.optimizers()
    assert generator.param_groups[0]["lr"] == pytest.approx(0.004)
    assert discriminator.param_groups[0]["lr"] == pytest.approx(0.001)


def test_more_scales_see_slower_motion(tiny):
    fine = Discriminator(replace(tiny.discriminator, scales=1))
    coarse = Discriminator(replace(tiny.discriminator, scales=3))
    assert len(coarse(torch.rand(1, 52, 64))[0]) == 3 * len(fine(torch.rand(1, 52, 64))[0])


def test_without_adversarial_losses_the_discriminator_does_nothing(tiny, clips, tmp_path):
    off = replace(tiny.losses, adversarial=0.0, feature_matching=0.0)
    short = replace(tiny.training, epochs=1, adversary_from_epoch=0)
    module = Refiner(replace(tiny, losses=off, training=short), clips, tmp_path)
    before = [values.detach().clone() for values in module.discriminator.parameters()]
    run.train(module, tmp_path, 1)
    for old, new in zip(before, module.discriminator.parameters(), strict=True):
        assert torch.equal(old, new)
