# SPDX-License-Identifier: GPL-3.0-or-later
"""From components of what a face does, as landmarks show it, to weights and their errors."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .config import SolverConfig

CHANNEL_COUNT = 52
IMPRESSIONS = 104


class Solver(nn.Module):
    """Moves (n, times, components), shapes (n, components), poses (n, 6) and impressions
    (n, 104) → weights and their expected errors.

    A linear part in the present moves and impressions, and two hidden layers that also know
    the past, the shape and the poses. What it says to no move at all is taken off: rest is 0.
    """

    def __init__(self, config: SolverConfig) -> None:
        super().__init__()
        times = len(config.past)
        inputs = times * config.moves + config.shapes + 6 + IMPRESSIONS
        self.direct = nn.Linear(config.moves + IMPRESSIONS, CHANNEL_COUNT, bias=False)
        self.hidden = nn.Sequential(
            nn.Linear(inputs, config.width),
            nn.SiLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.width, config.width),
            nn.SiLU(),
            nn.Dropout(config.dropout),
        )
        self.weights = nn.Linear(config.width, CHANNEL_COUNT)
        self.spreads = nn.Linear(config.width, CHANNEL_COUNT)

    def forward(
        self, moves: Tensor, shapes: Tensor, poses: Tensor, impressions: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Weights (n, 52), not clipped, and their expected errors (n, 52), above 0."""
        done = torch.cat([moves.flatten(1), impressions], dim=1)
        known = torch.cat([shapes, poses], dim=1)
        seen = self.hidden(torch.cat([done, known], dim=1))
        still = self.hidden(torch.cat([torch.zeros_like(done), known], dim=1))
        linear = self.direct(torch.cat([moves[:, 0], impressions], dim=1))
        weights = linear + self.weights(seen) - self.weights(still)
        return weights, nn.functional.softplus(self.spreads(seen)) + 1e-3
