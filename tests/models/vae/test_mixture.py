# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.errors import TrainingError
from mien.models.vae.config import PriorSettings
from mien.models.vae.mixture import Mixture
from mien.models.vae.prior import aggregated, fit_mixture


def some_mixture(seed=0, components=3, size=4):
    random = np.random.default_rng(seed)
    shares = random.random(components) + 0.1
    factors = np.tril(random.normal(0, 0.4, (components, size, size)))
    factors += 0.5 * np.eye(size)
    return Mixture(shares / shares.sum(), random.normal(0, 3, (components, size)), factors)


def density(mixture, at):
    """The mixture's density by its definition."""
    total = 0.0
    for share, mean, factor in zip(mixture.shares, mixture.means, mixture.factors, strict=True):
        covariance = factor @ factor.T
        off = at - mean
        height = np.sqrt(np.linalg.det(2 * np.pi * covariance))
        total += share * np.exp(-0.5 * off @ np.linalg.solve(covariance, off)) / height
    return total


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_the_density_is_its_definition(seed):
    mixture = some_mixture(seed)
    at = mixture.sample(5, np.random.default_rng(seed))
    expected = [np.log(density(mixture, one)) for one in at]
    np.testing.assert_allclose(mixture.log_density(at), expected, rtol=1e-6, atol=1e-8)


def test_responsibilities_are_shares_of_the_density():
    mixture = some_mixture()
    at = np.vstack([mixture.means, mixture.means + 0.3])
    shares = mixture.responsibilities(at)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert (shares[:3].argmax(axis=1) == [0, 1, 2]).all()


def test_samples_have_the_mixtures_mean_and_covariance():
    mixture = some_mixture()
    drawn = mixture.sample(200_000, np.random.default_rng(0))
    mean = mixture.shares @ mixture.means
    spread = np.einsum("kij,klj->kil", mixture.factors, mixture.factors)
    spread += np.einsum("ki,kj->kij", mixture.means - mean, mixture.means - mean)
    np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=0.05)
    covariance = np.einsum("k,kij->ij", mixture.shares, spread)
    np.testing.assert_allclose(np.cov(drawn, rowvar=False), covariance, atol=0.1)


def test_temperature_zero_gives_means():
    mixture = some_mixture()
    drawn = mixture.sample(50, np.random.default_rng(0), 0)
    off = np.abs(drawn[:, None] - mixture.means[None]).max(axis=2).min(axis=1)
    assert off.max() == 0


def test_what_continues_is_drawn_given_what_is_known():
    """One component: mean m₂ + C₂₁ C₁₁⁻¹ (known − m₁) (Bishop, 2.81)."""
    mixture = some_mixture(components=1)
    covariance = mixture.factors[0] @ mixture.factors[0].T
    known = mixture.means[0, :2] + [0.4, -0.2]
    random = np.random.default_rng(0)
    drawn = np.array([mixture.continued(known, random) for _ in range(20_000)])
    assert (drawn[:, :2] == known).all()
    slope = covariance[2:, :2] @ np.linalg.inv(covariance[:2, :2])
    expected = mixture.means[0, 2:] + slope @ [0.4, -0.2]
    np.testing.assert_allclose(drawn[:, 2:].mean(axis=0), expected, atol=0.02)
    left = covariance[2:, 2:] - slope @ covariance[:2, 2:]
    np.testing.assert_allclose(np.cov(drawn[:, 2:], rowvar=False), left, atol=0.03)


def test_what_continues_stays_with_the_component_it_began_in():
    mixture = some_mixture(size=4)
    far = Mixture(mixture.shares, 100 * mixture.means, mixture.factors)
    following = far.continued(far.means[1, :2], np.random.default_rng(0))
    np.testing.assert_allclose(following, far.means[1], atol=5)


def settings_for(components, **changes):
    values = {"shrinkage": 0.0, "floor": 1e-6, "rounds": 50, "draws": 1, "hop": 0.1}
    return PriorSettings(components, **(values | changes))


def test_the_fit_finds_the_mixture_that_was_drawn_from():
    true = Mixture(
        np.array([0.3, 0.7]),
        np.array([[-4.0, 0], [4, 1]]),
        np.array([[[1.0, 0], [0.5, 0.2]], [[0.3, 0], [0, 1]]]),
    )
    drawn = true.sample(5000, np.random.default_rng(0))
    fitted = fit_mixture(drawn, settings_for(2), np.random.default_rng(1))
    order = np.argsort(fitted.means[:, 0])
    np.testing.assert_allclose(fitted.shares[order], true.shares, atol=0.02)
    np.testing.assert_allclose(fitted.means[order], true.means, atol=0.08)
    np.testing.assert_allclose(fitted.factors[order], true.factors, atol=0.08)


def test_more_components_fit_better_and_the_same_seed_alike():
    drawn = some_mixture(components=6).sample(3000, np.random.default_rng(0))
    one, six = (
        fit_mixture(drawn, settings_for(count), np.random.default_rng(1)) for count in (1, 6)
    )
    assert six.log_density(drawn).mean() > one.log_density(drawn).mean() + 0.5
    again = fit_mixture(drawn, settings_for(6), np.random.default_rng(1))
    np.testing.assert_array_equal(again.means, six.means)


def test_a_few_latents_that_all_agree_make_no_flat_component():
    latents = np.repeat([[1.0, 2.0], [3.0, 4.0]], 3, axis=0)
    fitted = fit_mixture(latents, settings_for(2, floor=0.01), np.random.default_rng(0))
    np.testing.assert_allclose(fitted.factors, np.repeat(0.1 * np.eye(2)[None], 2, axis=0))
    assert np.isfinite(fitted.log_density(latents)).all()


def test_shrinkage_one_gives_every_component_the_same_spread():
    drawn = some_mixture().sample(2000, np.random.default_rng(0))
    fitted = fit_mixture(drawn, settings_for(3, shrinkage=1.0), np.random.default_rng(0))
    for factor in fitted.factors[1:]:
        np.testing.assert_allclose(factor, fitted.factors[0])


def test_too_few_latents_are_refused():
    with pytest.raises(TrainingError, match="too few for a prior of 8"):
        fit_mixture(np.zeros((7, 2)), settings_for(8), np.random.default_rng(0))


def test_the_aggregated_posterior_has_the_posteriors_variance():
    mean = np.array([[5.0, -1.0]])
    log_variance = np.log(np.array([[4.0, 0.25]]))
    drawn = aggregated(mean, log_variance, 20_000, np.random.default_rng(0))
    assert drawn.shape == (20_000, 2)
    np.testing.assert_allclose(drawn.mean(axis=0), mean[0], atol=0.05)
    np.testing.assert_allclose(drawn.std(axis=0), [2, 0.5], rtol=0.02)
