# SPDX-License-Identifier: GPL-3.0-or-later
"""The obvious alternatives: principal components, with mixtures, and latents that wander."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from mien.models.vae.config import PriorSettings
from mien.models.vae.mixture import Mixture
from mien.models.vae.prior import fit_mixture


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components of flattened examples.

    mean: (columns,). axes: (components, columns).
    """

    mean: np.ndarray
    axes: np.ndarray

    @classmethod
    def of(cls, examples: np.ndarray, count: int) -> Components:
        """The first `count` of (examples, columns)."""
        examples = np.asarray(examples, np.float64)
        mean = examples.mean(axis=0)
        if len(examples) < examples.shape[1]:
            return cls(mean, np.linalg.svd(examples - mean, full_matrices=False)[2][:count])
        covariance = np.cov(examples - mean, rowvar=False)
        return cls(mean, np.linalg.eigh(covariance)[1][:, ::-1][:, :count].T)

    def encode(self, examples: np.ndarray) -> np.ndarray:
        """(examples, components)."""
        return (examples - self.mean) @ self.axes.T

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """(examples, columns), clipped to weights."""
        return np.clip(self.mean + latents @ self.axes, 0, 1)

    def reconstructed(self, examples: np.ndarray) -> np.ndarray:
        """There and back."""
        return self.decode(self.encode(examples))


def gaussian(latents: np.ndarray) -> Mixture:
    """One Gaussian with the mean and covariance of these latents."""
    factor = np.linalg.cholesky(np.cov(latents, rowvar=False) + 1e-9 * np.eye(latents.shape[1]))
    return Mixture(np.ones(1), latents.mean(axis=0)[None], factor[None])


def mixture(latents: np.ndarray, components: int, seed: int) -> Mixture:
    """So many Gaussians, by expectation maximisation."""
    settings = PriorSettings(components, 0.1, 1e-5, 30, 1, 0.0)
    return fit_mixture(latents, settings, np.random.default_rng(seed))


@dataclass(frozen=True, eq=False)
class Wandering:
    """First-order autoregressive latents: z' = mean + (z − mean) · past + noise.

    past: (latents, latents). noise, start: Cholesky factors of the noise of a frame and of
    where latents are to begin with.
    """

    mean: np.ndarray
    past: np.ndarray
    noise: np.ndarray
    start: np.ndarray

    @classmethod
    def of(cls, paths: list[np.ndarray]) -> Wandering:
        """Least squares over (frames, latents) of each recording."""
        everything = np.concatenate(paths)
        mean = everything.mean(axis=0)
        before = np.concatenate([path[:-1] for path in paths]) - mean
        after = np.concatenate([path[1:] for path in paths]) - mean
        past = np.linalg.lstsq(before, after, rcond=None)[0]
        small = 1e-9 * np.eye(len(mean))
        noise = np.linalg.cholesky(np.cov(after - before @ past, rowvar=False) + small)
        start = np.linalg.cholesky(np.cov(everything, rowvar=False) + small)
        return cls(mean, past, noise, start)

    def sample(self, frames: int, random: np.random.Generator) -> np.ndarray:
        """(frames, latents)."""
        size = len(self.mean)
        state = self.start @ random.standard_normal(size)
        path = np.empty((frames, size))
        for frame in range(frames):
            path[frame] = self.mean + state
            state = state @ self.past + self.noise @ random.standard_normal(size)
        return path
