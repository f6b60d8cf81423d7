# SPDX-License-Identifier: GPL-3.0-or-later
"""The losses of the refiner: small pure functions of tensors.

Adversarial losses are those of I. Goodfellow et al., "Generative adversarial nets", 2014
(the generator's in its non-saturating form), computed from logits: with D = sigmoid(s),
−log D = softplus(−s) and −log(1 − D) = softplus(s), exact where a sigmoid would be 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional


def generator_adversarial(fake: Sequence[Tensor]) -> Tensor:
    """−log D(G(z)), the mean over a scale's logits and over scales."""
    return torch.stack([functional.softplus(-logits).mean() for logits in fake]).mean()


def discriminator_adversarial(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """−log D(x) − log(1 − D(G(z))), means over a scale's logits and over scales."""
    return torch.stack(
        [
            functional.softplus(-one).mean() + functional.softplus(other).mean()
            for one, other in zip(real, fake, strict=True)
        ]
    ).mean()


def reconstruction(refined: Tensor, true: Tensor, floor: float = 1e-3) -> Tensor:
    """The mean over windows of each one's root mean square error.

    The root makes a slightly damaged window count as much as a ruined one. floor: below
    this error, in weights, a window has no more to gain; it keeps the gradient finite.
    """
    square = (refined - true).square().mean(dim=(1, 2))
    return (square + floor**2).sqrt().mean() - floor


def relative_reconstruction(refined: Tensor, true: Tensor, floor: float = 5e-4) -> Tensor:
    """The mean over windows of ½ ln(1 + mean square error / floor²).

    Halving a small error counts as much as halving a large one: what separates a refiner
    from a spline where little was lost.
    """
    square = (refined - true).square().mean(dim=(1, 2))
    return 0.5 * torch.log1p(square / floor**2).mean()


def velocity(refined: Tensor, true: Tensor, floor: float = 1e-3) -> Tensor:
    """`reconstruction` of the differences between neighbouring frames."""
    return reconstruction(refined.diff(dim=2), true.diff(dim=2), floor)


def peaks(refined: Tensor, true: Tensor, least: float = 0.3, floor: float = 1e-3) -> Tensor:
    """Root mean square error at every local maximum of the truth above `least`; 0 without any.

    Blinks and plosives are a few frames in hundreds: in a mean over all they do not count.
    """
    middle = true[:, :, 1:-1]
    at = (middle > true[:, :, :-2]) & (middle >= true[:, :, 2:]) & (middle > least)
    square = (refined - true).square()[:, :, 1:-1] * at
    return (square.sum() / at.sum().clamp_min(1) + floor**2).sqrt() - floor


def steadiness(refined: Tensor, true: Tensor) -> Tensor:
    """Mean |error of the second difference|: it counts where the face rests, too.

    A square would let a small tremble pass for the sake of large motion.
    """
    return (refined.diff(n=2, dim=2) - true.diff(n=2, dim=2)).abs().mean()


def feature_matching(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """Mean |difference| of the discriminator's features, the mean over its layers.

    T. Salimans et al., arXiv:1606.03498; each layer is measured in its own real mean |x|.
    """
    return torch.stack(
        [
            (one.detach() - other).abs().mean() / one.detach().abs().mean().clamp_min(1e-6)
            for one, other in zip(real, fake, strict=True)
        ]
    ).mean()


def gradient_penalty(judge: Callable[[Tensor], Sequence[Tensor]], real: Tensor) -> Tensor:
    """½ |∂ΣD(x)/∂x|², the mean over windows, on real motion: R1.

    L. Mescheder, A. Geiger and S. Nowozin, arXiv:1801.04406.
    """
    motion = real.detach().requires_grad_(True)
    total = torch.stack([logits.sum() for logits in judge(motion)]).sum()
    (slope,) = torch.autograd.grad(total, motion, create_graph=True)
    return 0.5 * slope.square().sum(dim=(1, 2)).mean()
