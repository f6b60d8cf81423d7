# SPDX-License-Identifier: GPL-3.0-or-later
"""What the losses of all networks share."""

from __future__ import annotations

from torch import Tensor


def soft_clip(values: Tensor, leak: float = 0.02) -> Tensor:
    """Values held in [0, 1] as the result will be, with a little slope left outside."""
    inside = values.clamp(0, 1)
    return inside + leak * (values - inside)
