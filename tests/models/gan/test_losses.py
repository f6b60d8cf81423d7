# SPDX-License-Identifier: GPL-3.0-or-later
"""Every loss against a value worked out by hand."""

import math

import pytest

pytestmark = pytest.mark.training
torch = pytest.importorskip("torch", reason="trains networks: needs torch")

from mien.models.gan import losses  # noqa: E402


def logits(*values):
    return torch.tensor(values).reshape(1, 1, -1)


def test_the_generator_pays_minus_log_d_of_its_fake():
    # D = sigmoid(0) = 1/2 and sigmoid(ln 3) = 3/4.
    assert losses.generator_adversarial([logits(0.0)]).item() == pytest.approx(math.log(2))
    assert losses.generator_adversarial([logits(math.log(3))]).item() == pytest.approx(
        -math.log(0.75)
    )


def test_the_discriminator_pays_for_both_mistakes():
    # −log(3/4) for the real one, −log(1 − 1/4) for the fake one.
    paid = losses.discriminator_adversarial([logits(math.log(3))], [logits(-math.log(3))])
    assert paid.item() == pytest.approx(-2 * math.log(0.75), rel=1e-6)


def test_scales_count_alike_whatever_their_length():
    one, long = logits(0.0), logits(*[math.log(3)] * 7)
    expected = (math.log(2) - math.log(0.75)) / 2
    assert losses.generator_adversarial([one, long]).item() == pytest.approx(expected)


def test_adversarial_losses_stay_finite_where_a_sigmoid_would_not():
    far = logits(1000.0)
    assert losses.generator_adversarial([-far]).item() == pytest.approx(1000)
    assert losses.discriminator_adversarial([-far], [far]).item() == pytest.approx(2000)


def test_reconstruction_is_the_mean_of_each_windows_root_mean_square():
    true = torch.zeros(2, 1, 4)
    refined = torch.tensor([[[3.0, 3, 3, 3]], [[1.0, 1, 1, 1]]])
    assert losses.reconstruction(refined, true, floor=1e-9).item() == pytest.approx(2.0)


def test_the_floor_takes_what_is_below_it_out_of_the_loss():
    true = torch.zeros(1, 1, 4)
    assert losses.reconstruction(true, true, floor=0.001).item() == pytest.approx(0, abs=1e-7)
    small = losses.reconstruction(true + 0.003, true, floor=0.004).item()
    assert small == pytest.approx(0.005 - 0.004)  # 3–4–5
    refined = torch.zeros(1, 1, 4, requires_grad=True)
    losses.reconstruction(refined, true).backward()
    assert torch.isfinite(refined.grad).all()


def test_relative_reconstruction_is_a_logarithm_of_the_error():
    true = torch.zeros(1, 1, 4)
    loss = losses.relative_reconstruction(true + 3.0, true, floor=1.0)
    assert loss.item() == pytest.approx(0.5 * math.log(10))
    assert losses.relative_reconstruction(true, true).item() == 0
    small, large = (losses.relative_reconstruction(true + one, true).item() for one in (0.1, 0.2))
    assert large - small == pytest.approx(math.log(2), rel=1e-3)


def test_velocity_compares_differences_only():
    true = torch.tensor([[[0.0, 1, 0, 1]]])
    assert losses.velocity(true + 5, true).item() == pytest.approx(0, abs=1e-7)
    # Differences 1, −1, 1 against 0, 0, 0.
    assert losses.velocity(true, torch.zeros(1, 1, 4), floor=1e-9).item() == pytest.approx(1.0)


def test_peaks_count_at_local_maxima_above_three_tenths_only():
    true = torch.tensor([[[0.0, 0.5, 0.0, 0.2, 0.0, 0.8, 0.8, 0.0]]])
    refined = true.clone()
    refined[..., 3] += 0.7  # a maximum that is too low
    refined[..., 6] += 0.7  # the second frame of a flat one
    assert float(losses.peaks(refined, true)) == pytest.approx(0, abs=1e-6)
    refined[..., 1] += 0.03
    refined[..., 5] -= 0.04
    expected = math.sqrt((0.03**2 + 0.04**2) / 2 + 1e-6) - 1e-3
    assert float(losses.peaks(refined, true)) == pytest.approx(expected, abs=1e-6)
    assert float(losses.peaks(refined, torch.zeros_like(true))) == pytest.approx(0, abs=1e-6)


def test_steadiness_is_the_mean_error_of_second_differences():
    true = torch.zeros(1, 1, 4)
    # Second differences of 0, 1, 0, 1 are −2 and 2.
    assert losses.steadiness(torch.tensor([[[0.0, 1, 0, 1]]]), true).item() == pytest.approx(2)
    line = torch.arange(4.0)[None, None]
    assert losses.steadiness(line, true).item() == 0


def test_features_are_matched_relative_to_their_size():
    real, fake = [torch.full((1, 2, 3), 4.0)], [torch.full((1, 2, 3), 3.0)]
    assert losses.feature_matching(real, fake).item() == pytest.approx(0.25)


def test_the_gradient_penalty_is_half_the_squared_slope():
    # D(x) = 3·Σx: slope 3 at each of 4 values, ½ · 4 · 9 = 18 a window.
    penalty = losses.gradient_penalty(lambda x: [3 * x], torch.zeros(5, 2, 2))
    assert penalty.item() == pytest.approx(18.0)


def test_the_gradient_penalty_has_a_gradient_of_its_own():
    slope = torch.tensor(3.0, requires_grad=True)
    losses.gradient_penalty(lambda x: [slope * x], torch.zeros(1, 2, 2)).backward()
    assert slope.grad.item() == pytest.approx(4 * 3.0)  # d(½·4·s²)/ds
