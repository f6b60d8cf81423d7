# SPDX-License-Identifier: GPL-3.0-or-later
"""What all networks' losses share, against values worked out by hand."""

import pytest

pytestmark = pytest.mark.training
torch = pytest.importorskip("torch", reason="trains networks: needs torch")

from mien.models.training.losses import soft_clip  # noqa: E402


def test_a_soft_clip_holds_values_and_keeps_a_little_slope():
    values = torch.tensor([-1.0, 0.5, 2.0], requires_grad=True)
    clipped = soft_clip(values, leak=0.1)
    assert clipped.tolist() == pytest.approx([-0.1, 0.5, 1.1])
    clipped.sum().backward()
    assert values.grad.tolist() == pytest.approx([0.1, 1.0, 0.1])
