# SPDX-License-Identifier: GPL-3.0-or-later
"""The solver's networks: what one frame shows, and what it means beside the face at rest."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...arkit import CHANNELS
from ..landmarks import COUNT
from .config import NetworkSettings

FEATURES = 128
"""How many features the landmark network gives at each of its 16 × 16 places."""

_PLACES = 16
# Landmarks on bone, whose spread is the face's size: eye corners, nose, brow, temples.
_STEADY = (33, 133, 362, 263, 168, 6, 4, 10, 151, 9, 8, 127, 356)


class Encoder(nn.Module):
    """One frame's appearance, from features (frames, 128, 16, 16) and landmarks in pixels
    (frames, 478, 3) of the landmark network."""

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        width, later = settings.width, settings.later_width
        self.register_buffer("feature_mean", torch.zeros(FEATURES, 1, 1))
        self.register_buffer("feature_spread", torch.ones(FEATURES, 1, 1))
        self.register_buffer("landmark_mean", torch.zeros(COUNT * 3))
        self.register_buffer("landmark_spread", torch.ones(1))
        self.narrow = _convolution(FEATURES, width, 1)
        self.near = _convolution(width, width, 3)
        self.halve = _convolution(width, later, 3, stride=2)
        self.wide = _convolution(later, later, 3)
        self.squeeze = _convolution(later, settings.place_width, 1)
        self.dropout = nn.Dropout(settings.dropout)
        places = (_PLACES // 2) ** 2 * settings.place_width
        self.whole = nn.Linear(places, settings.appearance)
        self.landmarks = nn.Linear(COUNT * 3, settings.appearance)

    def forward(self, features: Tensor, landmarks: Tensor) -> Tensor:
        """(frames, appearance)."""
        x = self.narrow((features - self.feature_mean) / self.feature_spread)
        x = x + self.near(x)
        x = self.halve(x)
        x = x + self.wide(x)
        seen = self.whole(self.dropout(self.squeeze(x).flatten(1)))
        points = (of_one_size(landmarks) - self.landmark_mean) / self.landmark_spread
        result: Tensor = seen + self.landmarks(points)
        return result


class Reader(nn.Module):
    """Weights, from a frame's appearance and that of the same face at rest."""

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        channels, hidden = len(CHANNELS), settings.hidden
        self.rest = nn.Linear(settings.appearance, settings.rest)
        self.straight = nn.Linear(settings.appearance, channels)
        self.first = nn.Linear(settings.appearance + settings.rest, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.last = nn.Linear(hidden, channels)
        self.doubt = nn.Linear(hidden, channels)
        self.unrest = nn.Sequential(
            nn.Linear(settings.appearance, hidden), nn.GELU(), nn.Linear(hidden, 1)
        )
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, appearance: Tensor, rest: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Unclipped weights (frames, 52), the error expected of each (frames, 52), and how far
        each face seems from rest by itself (frames,): the sum of its weights."""
        change = appearance - rest
        x = nn.functional.gelu(self.first(torch.cat([change, self.rest(rest)], dim=1)))
        x = nn.functional.gelu(self.second(self.dropout(x)))
        weights = self.last(x) + self.straight(change)
        expected = nn.functional.softplus(self.doubt(x.detach()))
        return weights, expected, self.unrest(appearance.detach())[:, 0]


def of_one_size(landmarks: Tensor) -> Tensor:
    """(frames, 1434): landmarks about the middle of the steady ones, in their spread."""
    steady = landmarks[:, list(_STEADY)]
    centre = steady.mean(dim=1, keepdim=True)
    spread = ((steady - centre)[..., :2] ** 2).sum(dim=(1, 2), keepdim=True).sqrt()
    return (4 * (landmarks - centre) / spread).flatten(1)


def _convolution(before: int, after: int, size: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, size, stride=stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )
