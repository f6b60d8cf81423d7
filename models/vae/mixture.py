# SPDX-License-Identifier: GPL-3.0-or-later
"""A mixture of Gaussians over latents: the prior that is sampled.

C. Bishop, "Pattern recognition and machine learning", 2006: sections 2.3.1 (conditional
Gaussians) and 2.3.9 (mixtures).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

_ROWS = 512


@dataclass(frozen=True, eq=False)
class Mixture:
    """Σ shares · N(means, factors · factorsᵀ).

    shares: (components,) how likely each is; they sum to 1.
    means: (components, latents).
    factors: (components, latents, latents) lower triangular (Cholesky).
    """

    shares: Floats
    means: Floats
    factors: Floats

    @property
    def size(self) -> int:
        """Latents of one sample."""
        return int(self.means.shape[1])

    def sample(self, count: int, random: np.random.Generator, temperature: float = 1.0) -> Floats:
        """(count, latents) drawn at random.

        temperature: factor on each component's spread; 0 gives means of components.
        """
        chosen = random.choice(len(self.shares), count, p=self.shares)
        noise = temperature * random.standard_normal((count, self.size))
        spread = np.einsum("nij,nj->ni", self.factors[chosen], noise)
        return np.asarray(self.means[chosen] + spread)

    def continued(
        self, known: Floats, random: np.random.Generator, temperature: float = 1.0
    ) -> Floats:
        """(latents,) whose first ones are `known`, the others drawn given these.

        known: (fewer than latents,) the first latents. temperature: as for `sample`.
        """
        first = len(known)
        chosen = int(random.choice(len(self.shares), p=self.responsibilities(known[None])[0]))
        factor = self.factors[chosen]
        noise = np.linalg.solve(factor[:first, :first], known - self.means[chosen, :first])
        fresh = temperature * random.standard_normal(self.size - first)
        rest = factor[first:, :first] @ noise + factor[first:, first:] @ fresh
        return np.concatenate([known, self.means[chosen, first:] + rest])

    def log_densities(self, latents: Floats) -> Floats:
        """(count, components): ln(share · density) of each component, in nats.

        latents: (count, size), or fewer columns: the density of the first latents alone.
        """
        first = latents.shape[1]
        inverse = np.linalg.inv(self.factors[:, :first, :first])
        diagonal = np.diagonal(self.factors, axis1=1, axis2=2)[:, :first]
        height = np.log(np.maximum(self.shares, 1e-300)) - np.log(np.abs(diagonal)).sum(axis=1)
        height -= 0.5 * first * np.log(2 * np.pi)
        # One product whitens by all components; in parts that fit the processor's cache.
        whitening = inverse.transpose(2, 0, 1).reshape(first, -1)
        middles = np.einsum("kij,kj->ki", inverse, self.means[:, :first]).ravel()
        result = np.empty((len(latents), len(self.shares)))
        for start in range(0, len(latents), _ROWS):
            white = latents[start : start + _ROWS] @ whitening - middles
            square = np.square(white).reshape(len(white), -1, first).sum(axis=2)
            result[start : start + _ROWS] = height - 0.5 * square
        return result

    def log_density(self, latents: Floats) -> Floats:
        """(count,) ln of the mixture's density, in nats."""
        return total_density(self.log_densities(latents))

    def responsibilities(self, latents: Floats) -> Floats:
        """(count, components) how likely each component gave each latent; rows sum to 1."""
        return normalised_shares(self.log_densities(latents))


def total_density(each: Floats) -> Floats:
    """(count,) ln Σ exp of (count, components) log densities."""
    top = each.max(axis=1, keepdims=True)
    return np.asarray(top[:, 0] + np.log(np.exp(each - top).sum(axis=1)))


def normalised_shares(each: Floats) -> Floats:
    """(count, components) log densities as shares that sum to 1 in each row."""
    likely = np.exp(each - each.max(axis=1, keepdims=True))
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))
