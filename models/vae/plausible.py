# SPDX-License-Identifier: GPL-3.0-or-later
"""Latents drawn toward those that recordings have: what a face was meant to be.

Latents are taken for those of a real face that something displaced by normal noise. What the
face was, on average, is the mean of the posterior under the mixture that is the prior: in
each component a linear Gaussian model (C. Bishop, "Pattern recognition and machine learning",
2006, section 2.3.3), the components weighed by how likely each gave the latents.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .mixture import Mixture

Floats = NDArray[np.floating[Any]]


def drawn_in(prior: Mixture, latents: Floats, deviation: float) -> Floats:
    """(count, size) latents → the plausible ones that they most likely stand for.

    deviation: how far they may have been displaced, in each direction; 0 leaves them.
    """
    if deviation == 0:
        return latents
    covariances = prior.factors @ np.swapaxes(prior.factors, 1, 2)
    displaced = covariances + deviation**2 * np.eye(prior.size)
    shares = Mixture(prior.shares, prior.means, np.linalg.cholesky(displaced)).responsibilities(
        latents
    )
    result = np.zeros(latents.shape)
    gains = covariances @ np.linalg.inv(displaced)
    for share, mean, gain in zip(shares.T, prior.means, gains, strict=True):
        near = np.flatnonzero(share > 1e-6)
        result[near] += share[near, None] * (mean + (latents[near] - mean) @ gain.T)
    return result
