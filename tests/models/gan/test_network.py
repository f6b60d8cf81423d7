# SPDX-License-Identifier: GPL-3.0-or-later
import dataclasses

import pytest

pytestmark = pytest.mark.training
torch = pytest.importorskip("torch", reason="trains networks: needs torch")

from mien.models.gan.config import read_refiner_configuration  # noqa: E402
from mien.models.gan.network import Discriminator, FilterBank, Generator, Memory  # noqa: E402
from mien.models.training.run import seed_initial_weights  # noqa: E402

FRAMES = 90


def settings(**changes):
    return dataclasses.replace(read_refiner_configuration("tiny").generator, **changes)


def refined(generator, motion, confidence, noise):
    nothing = torch.zeros_like(motion)
    both_sides = () if generator.settings.causal else (nothing, nothing)
    return generator(motion, confidence, noise, *both_sides)


def stirred(generator):
    """With heads that are not near zero, so that outputs show what they depend on."""
    with torch.no_grad():
        for values in generator.parameters():
            values.add_(0.1 * torch.randn_like(values))
    return generator.eval()


@pytest.fixture(autouse=True)
def seeded():
    seed_initial_weights(0)


@pytest.fixture
def inputs():
    return torch.rand(1, 52, FRAMES), torch.ones(1, 52, FRAMES), torch.randn(1, 2, FRAMES)


@pytest.mark.parametrize("frames", [1, 2, 7, 500])
@pytest.mark.parametrize("causal", [False, True])
def test_any_length_comes_back_as_it_went_in(frames, causal):
    generator = Generator(settings(causal=causal, delay=2 if causal else 0))
    motion = torch.rand(3, 52, frames)
    result = refined(generator, motion, torch.ones_like(motion), torch.zeros(3, 2, frames))
    assert result.shape == motion.shape


def test_a_fresh_generator_leaves_motion_almost_as_it_is(inputs):
    motion, confidence, noise = inputs
    assert (refined(Generator(settings()), motion, confidence, noise) - motion).abs().max() < 0.05


def test_filters_keep_what_is_constant_and_smooth_more_and_more():
    bank = FilterBank(4, None)
    length = 200 + bank.past + bank.future
    torch.testing.assert_close(
        bank(torch.full((1, 2, length), 0.3)), torch.full((1, 4, 2, 200), 0.3)
    )
    spread = bank(torch.randn(1, 30, length)).std(dim=(0, 2, 3))
    assert (spread[1:] < spread[:-1]).all()


def test_centred_filters_do_not_move_a_line():
    bank = FilterBank(4, None)
    line = torch.arange(200.0 + bank.past + bank.future)[None, None]
    expected = torch.arange(200.0) + bank.past
    torch.testing.assert_close(bank(line), expected.expand(1, 4, 1, 200))


def depends_on(generator, inputs, frame):
    """The frames of motion that one refined frame depends on, first and last."""
    motion, confidence, noise = inputs
    motion = motion.clone().requires_grad_(True)
    with torch.enable_grad():
        # The bank's gradient is left out of training; differences show what it sees.
        base = refined(generator, motion.detach(), confidence, noise)[0, :, frame]
    changed = []
    for at in range(FRAMES):
        other = motion.detach().clone()
        other[0, :, at] += 1
        if not torch.equal(refined(generator, other, confidence, noise)[0, :, frame], base):
            changed.append(at)
    return changed[0], changed[-1]


@torch.no_grad()
def test_the_offline_generator_sees_both_sides_as_far_as_its_context(inputs):
    generator = stirred(Generator(settings()))
    first, last = depends_on(generator, inputs, 45)
    assert (45 - first, last - 45) == (generator.context(), generator.context())


@torch.no_grad()
def test_the_live_generator_sees_two_frames_ahead_and_no_more(inputs):
    generator = stirred(Generator(settings(causal=True, delay=2)))
    assert generator.delay == 2
    first, last = depends_on(generator, inputs, 60)  # answers for frame 58
    assert last == 60
    assert 60 - first <= generator.context()


@torch.no_grad()
def test_confidence_and_noise_count(inputs):
    motion, confidence, noise = inputs
    generator = stirred(Generator(settings()))
    base = refined(generator, motion, confidence, noise)
    assert not torch.equal(refined(generator, motion, 0.3 * confidence, noise), base)
    assert not torch.equal(refined(generator, motion, confidence, noise + 1), base)


@torch.no_grad()
def test_a_fresh_generator_believes_the_spline_between_samples(inputs):
    motion, confidence, noise = inputs
    generator = Generator(settings())
    curve = 0.1 * torch.randn_like(motion)
    shared = 0.1 * torch.randn_like(motion)
    answer = generator(motion, confidence, noise, curve, shared)
    assert (answer - motion - curve).abs().max() < 0.05


@torch.no_grad()
def test_what_all_channels_say_together_counts(inputs):
    motion, confidence, noise = inputs
    generator = stirred(Generator(settings()))
    nothing, shared = torch.zeros_like(motion), 0.1 * torch.randn_like(motion)
    base = generator(motion, confidence, noise, nothing, nothing)
    assert not torch.equal(generator(motion, confidence, noise, nothing, shared), base)


@torch.no_grad()
def test_every_channel_is_judged_alike(inputs):
    generator = stirred(Generator(settings())).of_channel
    values = torch.rand(1, generator.enter.in_channels, 3, 40)
    turned = values[:, :, [2, 0, 1]]
    torch.testing.assert_close(generator(turned), generator(values)[:, :, [2, 0, 1]])


@torch.no_grad()
def test_chunks_with_memory_equal_one_pass(inputs):
    generator = stirred(Generator(settings(causal=True, delay=2)))
    whole = generator(*inputs)
    memory = [torch.zeros(1, *shape) for shape in generator.memory_shapes()]
    memory[0][:] = inputs[0][:, :, :1]
    parts = []
    for start, stop in ((0, 1), (1, 40), (40, 41), (41, FRAMES)):
        held = Memory.of(memory)
        parts.append(generator(*(one[:, :, start:stop] for one in inputs), memory=held))
        memory = held.after
    torch.testing.assert_close(torch.cat(parts, dim=2), whole, atol=1e-5, rtol=0)


def test_the_discriminator_judges_every_scale():
    configuration = read_refiner_configuration("tiny").discriminator
    logits, features = Discriminator(configuration)(torch.rand(2, 52, 64))
    assert len(logits) == configuration.scales
    assert logits[0].shape[2] > logits[1].shape[2]
    assert len(features) == configuration.scales * (configuration.layers + 1)


def test_the_discriminator_hears_velocity():
    judge = Discriminator(read_refiner_configuration("tiny").discriminator).eval()
    still = torch.full((1, 52, 64), 0.5)
    trembling = still.clone()
    trembling[:, :, ::2] += 0.02
    calm, shaken = judge(still)[0][0], judge(trembling)[0][0]
    assert not torch.allclose(calm, shaken, atol=1e-4)
