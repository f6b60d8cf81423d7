# SPDX-License-Identifier: GPL-3.0-or-later
"""Every loss against a value worked out by hand."""

import math

import pytest

pytestmark = pytest.mark.training
torch = pytest.importorskip("torch", reason="trains networks: needs torch")

from mien.models.vae import losses  # noqa: E402


def test_the_likelihood_is_that_of_a_normal_distribution():
    true = torch.zeros(1, 2)
    # ln N(x; 0, 0.5²) = −½ (x / 0.5)² − ln(0.5 √2π), for x = 0.5 and x = 1.
    expected = -0.5 - 2.0 - 2 * math.log(0.5 * math.sqrt(2 * math.pi))
    likelihood = losses.log_likelihood(torch.tensor([[0.5, 1.0]]), true, 0.5)
    assert likelihood.item() == pytest.approx(expected)


def test_the_likelihood_sums_values_and_averages_examples():
    true = torch.zeros(2, 3, 4)
    decoded = torch.stack([torch.ones(3, 4), torch.zeros(3, 4)])
    constant = 12 * math.log(math.sqrt(2 * math.pi))
    likelihood = losses.log_likelihood(decoded, true, 1.0)
    assert likelihood.item() == pytest.approx(-(6 + 0) / 2 - constant)


def test_the_divergence_is_zero_only_for_the_prior():
    assert losses.divergence(torch.zeros(3, 2), torch.zeros(3, 2)).tolist() == [0, 0]


def test_the_divergence_is_the_closed_form_of_each_latent():
    mean = torch.tensor([[2.0, 0.0], [0.0, 0.0]])
    log_variance = torch.tensor([[0.0, math.log(4)], [0.0, math.log(4)]])
    # ½ · 2² in one of two examples; ½ (4 − 1 − ln 4) in both.
    expected = [1.0, 0.5 * (3 - math.log(4))]
    assert losses.divergence(mean, log_variance).tolist() == pytest.approx(expected)


def test_the_divergence_is_what_sampling_finds():
    torch.manual_seed(0)
    mean, deviation = 0.7, 0.3
    here = torch.distributions.Normal(mean, deviation)
    there = torch.distributions.Normal(0.0, 1.0)
    draws = here.sample((400_000,))
    found = (here.log_prob(draws) - there.log_prob(draws)).mean().item()
    each = losses.divergence(torch.tensor([[mean]]), torch.tensor([[2 * math.log(deviation)]]))
    assert each.item() == pytest.approx(found, rel=0.01)


def test_free_bits_cost_the_same_used_or_not():
    each = torch.tensor([0.02, 0.5], requires_grad=True)
    total = losses.with_free_bits(each, 0.1)
    assert total.item() == pytest.approx(0.6)
    total.backward()
    assert each.grad.tolist() == [0, 1]


def test_the_divergence_is_warmed_up():
    assert [losses.warmed_up(one, 0.4) for one in (0, 0.1, 0.4, 0.9)] == [0, 0.25, 1, 1]
    assert losses.warmed_up(0.0, 0.0) == 1


def test_gradients_pass_a_drawn_latent():
    mean = torch.zeros(1, 2, requires_grad=True)
    log_variance = torch.full((1, 2), math.log(9.0), requires_grad=True)
    latent = losses.drawn(mean, log_variance, torch.tensor([[1.0, -1.0]]))
    assert latent.tolist() == [pytest.approx([3, -3])]
    latent.sum().backward()
    assert mean.grad.tolist() == [[1, 1]]
    # d(exp(v / 2) · ε)/dv = ½ · 3 · ε
    assert log_variance.grad.tolist() == [pytest.approx([1.5, -1.5])]
