# SPDX-License-Identifier: GPL-3.0-or-later
"""A trained autoencoder and its prior as one ONNX file."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..training.export import export
from .mixture import Mixture
from .network import Autoencoder


class _Whole(nn.Module):
    """Encoder, decoder and prior, each output depending on what it needs only."""

    def __init__(self, network: Autoencoder, prior: Mixture) -> None:
        super().__init__()
        self.network = network
        # Cholesky factors in half precision: files half as large, samples as good.
        self.register_buffer("shares", torch.tensor(prior.shares).float())
        self.register_buffer("means", torch.tensor(prior.means).half().float())
        self.register_buffer("factors", torch.tensor(prior.factors).half().float())

    def forward(self, frames: Tensor, latents: Tensor) -> tuple[Tensor, ...]:
        """Mean and log-variance of frames; what latents decode to; the prior."""
        decoded = self.network.clipped(self.network.decode(latents))
        return (*self.network.encode(frames), decoded, self.shares, self.means, self.factors)


def export_autoencoder(network: Autoencoder, prior: Mixture, rate: float) -> bytes:
    """ONNX with rate and window in its metadata.

    Inputs: frames (count, 52) or (count, window, 55), and latents (count, size). Outputs:
    mean, log_variance, decoded, prior_shares, prior_means, prior_factors.

    Raises TrainingError if the export differs from the network.
    """
    random = torch.Generator().manual_seed(0)
    settings = network.settings
    shape = (settings.window,) if settings.window > 1 else ()
    inputs = {
        "frames": torch.rand(5, *shape, len(network.mean), generator=random),
        "latents": torch.randn(7, settings.latents, generator=random),
    }
    prior_outputs = ["prior_shares", "prior_means", "prior_factors"]
    return export(
        _Whole(network, prior),
        inputs,
        ["mean", "log_variance", "decoded", *prior_outputs],
        dict.fromkeys(["frames", "mean", "log_variance", "latents", "decoded"], 0),
        {"rate": str(rate), "window": str(settings.window)},
        {"latents": "samples", "decoded": "samples"},
    )
