# SPDX-License-Identifier: GPL-3.0-or-later
"""The losses of the autoencoders: small pure functions of tensors.

D. Kingma and M. Welling, "Auto-encoding variational Bayes", arXiv:1312.6114; β on the
divergence: I. Higgins et al., "β-VAE", 2017, raised slowly against posterior collapse:
S. Bowman et al., arXiv:1511.06349; free bits: D. Kingma et al., arXiv:1606.04934.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def log_likelihood(decoded: Tensor, true: Tensor, deviation: float) -> Tensor:
    """ln N(true; decoded, deviation²), summed over an example's values, mean over examples.

    In nats. Shapes (batch, …); deviation: how far a value may be off, in weights.
    """
    values = true[0].numel()
    square = (decoded - true).square().flatten(1).sum(dim=1)
    constant = values * math.log(deviation * math.sqrt(2 * math.pi))
    return -(0.5 * square / deviation**2 + constant).mean()


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """(latents,) KL(N(mean, variance) ‖ N(0, 1)) of each latent, mean over the batch.

    In nats: ½ (μ² + σ² − 1 − ln σ²). Shapes (batch, latents).
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean(dim=0)


def with_free_bits(each: Tensor, least: float) -> Tensor:
    """The sum of divergences, where one below `least` nats costs as if it had these.

    What is free is used: a latent gains nothing by falling silent.
    """
    return each.clamp_min(least).sum()


def warmed_up(progress: float, share: float) -> float:
    """Factor on the divergence: from 0 to 1 over the first `share` of training."""
    return min(progress / share, 1.0) if share > 0 else 1.0


def drawn(mean: Tensor, log_variance: Tensor, noise: Tensor) -> Tensor:
    """A sample of the posterior that gradients pass: mean + deviation · noise."""
    return mean + torch.exp(0.5 * log_variance) * noise
