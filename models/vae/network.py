# SPDX-License-Identifier: GPL-3.0-or-later
"""Encoder and decoder of both autoencoders, standardisation included.

An expression goes through two perceptrons, each beside a plain linear layer: what is linear
in faces need not be learnt twice. A motion's frames go through the same, and what comes out
through convolutions over time beside slow cosines, so that a window's latents stand for
moments of it, in order (C. Lea et al., "Temporal convolutional networks", arXiv:1611.05267).

The decoder's raw values go a little past 0 and 1, where recorded channels rest; what leaves
the model is clipped.
"""

from __future__ import annotations

import dataclasses
import math

import torch
from torch import Tensor, nn

from ..arkit import CHANNELS
from .config import NetworkSettings

WEIGHTS = len(CHANNELS)
# A head's turn of so many radians counts like a weight of 1.
TURN = 0.25
_LEAST_LOG_VARIANCE, _MOST_LOG_VARIANCE = -12.0, 4.0


class Autoencoder(nn.Module):
    """What both kinds share: standardised columns in, clipped weights out.

    mean, deviation: (columns,) of the training data.
    """

    def __init__(self, settings: NetworkSettings, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        self.settings = settings
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)

    def encode(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Frames or windows → mean and log-variance, each (batch, latents)."""
        raise NotImplementedError

    def decode(self, latents: Tensor) -> Tensor:
        """(batch, latents) → frames or windows, not clipped."""
        raise NotImplementedError

    def clipped(self, values: Tensor) -> Tensor:
        """Weights held in [0, 1]; the head's turn stays as it is."""
        return torch.cat([values[..., :WEIGHTS].clamp(0, 1), values[..., WEIGHTS:]], dim=-1)


class ExpressionAutoencoder(Autoencoder):
    """One frame, (batch, 52)."""

    def __init__(self, settings: NetworkSettings, mean: Tensor, deviation: Tensor) -> None:
        super().__init__(settings, mean, deviation)
        latents, columns = settings.latents, len(mean)
        self.encoder = _perceptron(columns, settings.width, 2 * latents, settings.layers)
        self.encoder_line = nn.Linear(columns, latents)
        self.decoder = _perceptron(latents, settings.width, columns, settings.layers)
        self.decoder_line = nn.Linear(latents, columns)

    def encode(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, 52) → mean and log-variance."""
        values = (frames - self.mean) / self.deviation
        mean, log_variance = self.encoder(values).chunk(2, dim=1)
        mean = mean + self.encoder_line(values)
        return mean, log_variance.clamp(_LEAST_LOG_VARIANCE, _MOST_LOG_VARIANCE)

    def decode(self, latents: Tensor) -> Tensor:
        """(batch, latents) → (batch, 52), not clipped."""
        return self.mean + self.deviation * (self.decoder(latents) + self.decoder_line(latents))


class MotionAutoencoder(Autoencoder):
    """A window, (batch, frames, 55). Latents are ordered by step, then by latent.

    Each frame's face becomes tracks by layers like an expression's; those and the head's
    turn are brought from frames to steps and back over time.
    """

    def __init__(self, settings: NetworkSettings, mean: Tensor, deviation: Tensor) -> None:
        super().__init__(settings, mean, deviation)
        of_face = dataclasses.replace(
            settings, window=1, strides=(), latents_a_step=settings.tracks, tracks=0
        )
        self.face = ExpressionAutoencoder(of_face, mean[:WEIGHTS], deviation[:WEIGHTS])
        tracks = settings.tracks + len(mean) - WEIGHTS
        between = smooth_between(settings.window, settings.steps)
        self.to_steps = nn.Parameter(torch.linalg.pinv(between).T.contiguous())
        self.to_frames = nn.Parameter(between.T.contiguous())
        latents, width = settings.latents_a_step, settings.time_width
        self.mix = nn.Conv1d(tracks, latents, 1)
        self.unmix = nn.Conv1d(latents, tracks, 1)
        nn.init.dirac_(self.mix.weight)
        nn.init.dirac_(self.unmix.weight)
        down: list[nn.Module] = [nn.Conv1d(tracks, width, 1)]
        up: list[nn.Module] = [nn.Conv1d(latents, width, 1), _Block(width)]
        for stride in settings.strides:
            down += [nn.Conv1d(width, width, stride + 2, stride, padding=1), _Block(width)]
        for stride in reversed(settings.strides):
            up += [nn.ConvTranspose1d(width, width, stride + 2, stride, padding=1)]
            up += [_Block(width)]
        self.encoder = nn.Sequential(*down, nn.SiLU(), _silent(nn.Conv1d(width, 2 * latents, 1)))
        self.decoder = nn.Sequential(*up[:-1], nn.SiLU(), _silent(nn.Conv1d(width, tracks, 1)))

    def encode(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, frames, 55) → mean and log-variance."""
        faces, _ = self.face.encode(frames[..., :WEIGHTS].flatten(0, 1))
        turns = (frames - self.mean) / self.deviation
        tracks = torch.cat(
            [faces.reshape(-1, self.settings.window, faces.shape[1]), turns[..., WEIGHTS:]], dim=2
        ).transpose(1, 2)
        mean, log_variance = self.encoder(tracks).chunk(2, dim=1)
        mean = mean + self.mix(_over_time(tracks, self.to_steps))
        log_variance = log_variance.clamp(_LEAST_LOG_VARIANCE, _MOST_LOG_VARIANCE)
        return mean.transpose(1, 2).flatten(1), log_variance.transpose(1, 2).flatten(1)

    def decode(self, latents: Tensor) -> Tensor:
        """(batch, latents) → (batch, frames, 55), not clipped."""
        steps = latents.reshape(-1, self.settings.steps, self.settings.latents_a_step)
        steps = steps.transpose(1, 2)
        tracks = _over_time(self.unmix(steps), self.to_frames) + self.decoder(steps)
        tracks = tracks.transpose(1, 2)
        faces = self.face.decode(tracks[..., : self.settings.tracks].flatten(0, 1))
        turns = self.mean[WEIGHTS:] + self.deviation[WEIGHTS:] * tracks[..., self.settings.tracks :]
        return torch.cat([faces.reshape(-1, self.settings.window, WEIGHTS), turns], dim=2)


def smooth_between(frames: int, steps: int) -> Tensor:
    """(frames, steps): what each step adds to each frame, where steps are joined by cosines.

    As many of the slowest cosines (N. Ahmed, T. Natarajan and K. Rao, "Discrete cosine
    transform", 1974) as steps, through the values in the middle of each step.
    """
    orders = torch.arange(steps, dtype=torch.float64)
    at_frames = (torch.arange(frames, dtype=torch.float64) + 0.5) / frames
    at_steps = (orders + 0.5) / steps
    whole = torch.cos(math.pi * at_frames[:, None] * orders)
    middles = torch.cos(math.pi * at_steps[:, None] * orders)
    return (whole @ torch.linalg.inv(middles)).float()


def _over_time(tracks: Tensor, matrix: Tensor) -> Tensor:
    """(batch, tracks, times) → (batch, tracks, other times) by a (times, other times) matrix.

    As one flat product: ONNX Runtime multiplies no batch of nothing.
    """
    return (tracks.flatten(0, 1) @ matrix).reshape(-1, tracks.shape[1], matrix.shape[1])


def _silent(layer: nn.Conv1d) -> nn.Conv1d:
    """The layer with small weights: what it adds begins near nothing."""
    with torch.no_grad():
        layer.weight.mul_(0.1)
    return layer


def build(settings: NetworkSettings, mean: Tensor, deviation: Tensor) -> Autoencoder:
    """The autoencoder of a window's length: one frame, or several."""
    kind = ExpressionAutoencoder if settings.window == 1 else MotionAutoencoder
    return kind(settings, mean, deviation)


class _Block(nn.Module):
    """Two convolutions beside a way past them; edges are held."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.SiLU(),
            nn.Conv1d(width, width, 3, padding=1, padding_mode="replicate"),
            nn.SiLU(),
            nn.Conv1d(width, width, 3, padding=1, padding_mode="replicate"),
        )

    def forward(self, values: Tensor) -> Tensor:
        """(batch, width, steps) → the same shape."""
        return values + self.layers(values)


def _perceptron(inputs: int, width: int, outputs: int, layers: int) -> nn.Sequential:
    parts: list[nn.Module] = []
    for number in range(layers):
        parts += [nn.Linear(inputs if number == 0 else width, width), nn.SiLU()]
    return nn.Sequential(*parts, nn.Linear(width, outputs))
