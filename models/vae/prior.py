# SPDX-License-Identifier: GPL-3.0-or-later
"""Fitting the prior: a mixture of Gaussians to where the encoder puts the recordings.

N(0, I) is what training pulls toward, not where faces lie; sampling the aggregated posterior
instead: M. Hoffman and M. Johnson, "ELBO surgery", 2016; a mixture for it: J. Tomczak and
M. Welling, arXiv:1705.07120. Expectation maximisation: A. Dempster, N. Laird and D. Rubin,
1977; first means drawn far apart: D. Arthur and S. Vassilvitskii, "k-means++", 2007.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import TrainingError
from .config import PriorSettings
from .mixture import Mixture, normalised_shares, total_density

Floats = NDArray[np.floating[Any]]

# Rounds stop when the mean log density grows by less, in nats.
_ENOUGH = 1e-3
# A latent that belongs to a component by less than this leaves it as it is.
_NEGLIGIBLE = 1e-6


def aggregated(
    mean: Floats, log_variance: Floats, draws: int, random: np.random.Generator
) -> Floats:
    """(draws · count, latents): so many samples of each recorded frame's posterior."""
    deviation = np.exp(0.5 * log_variance.astype(np.float64))
    noise = random.standard_normal((draws, *mean.shape))
    return (mean + deviation * noise).reshape(-1, mean.shape[1])


def fit_mixture(latents: Floats, settings: PriorSettings, random: np.random.Generator) -> Mixture:
    """The mixture under which these (count, latents) are likely.

    Each covariance is drawn toward the mean of all by the settings' shrinkage, and its
    variances raised by their floor, so that few latents do not make it flat. A component
    that is left with nothing starts again from a random latent.

    Raises TrainingError for fewer latents than components.
    """
    latents = np.asarray(latents, np.float64)
    if len(latents) < settings.components:
        raise TrainingError(
            f"{len(latents)} frames or windows are too few for a prior of "
            f"{settings.components} components; add longer takes or ask for fewer components."
        )
    mixture = _beginning(latents, settings, random)
    before = -np.inf
    for _ in range(settings.rounds):
        each = mixture.log_densities(latents)
        density = float(total_density(each).mean())
        if density - before < _ENOUGH:
            break
        before = density
        mixture = _updated(latents, normalised_shares(each), settings, random)
    return mixture


def _beginning(latents: Floats, settings: PriorSettings, random: np.random.Generator) -> Mixture:
    """Means far apart, each with the latents nearest to it."""
    means = latents[[int(random.integers(len(latents)))]]
    distance = np.square(latents - means[0]).sum(axis=1)
    nearest = np.zeros(len(latents), int)
    for number in range(1, settings.components):
        total = distance.sum()
        chances = distance / total if total > 0 else None
        chosen = latents[int(random.choice(len(latents), p=chances))]
        means = np.concatenate([means, chosen[None]])
        to_chosen = np.square(latents - chosen).sum(axis=1)
        nearest[to_chosen < distance] = number
        distance = np.minimum(distance, to_chosen)
    return _updated(latents, np.eye(settings.components)[nearest], settings, random)


def _updated(
    latents: Floats, shares: Floats, settings: PriorSettings, random: np.random.Generator
) -> Mixture:
    """The mixture of latents that belong to its components by these (count, components) shares."""
    count, size = latents.shape
    total = shares.sum(axis=0)
    means = np.empty((settings.components, size))
    covariances = np.zeros((settings.components, size, size))
    for number, weight in enumerate(total):
        if weight < 1:
            means[number] = latents[int(random.integers(count))]
            continue
        near = shares[:, number] > _NEGLIGIBLE
        own, here = shares[near, number], latents[near]
        means[number] = own @ here / weight
        centred = here - means[number]
        covariances[number] = (own[:, None] * centred).T @ centred / weight
    pooled = np.einsum("k,kij->ij", total / total.sum(), covariances)
    mixed = (1 - settings.shrinkage) * covariances + settings.shrinkage * pooled
    mixed[total < 1] = pooled
    mixed += settings.floor * np.eye(size)
    sizes = np.maximum(total, 1e-6)
    return Mixture(sizes / sizes.sum(), means, np.linalg.cholesky(mixed))
