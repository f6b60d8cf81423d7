# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches that depend on nothing but seed, epoch and step.

No generator lives from one batch to the next, so a run that was killed and resumed sees
exactly what it would have seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch.utils.data import DataLoader, Dataset

Batch = dict[str, Any]


def generator(seed: int, epoch: int, step: int) -> np.random.Generator:
    """The source of randomness of one step."""
    return np.random.default_rng((seed, epoch, step))


class SeededBatches(Dataset[Batch]):
    """One epoch's batches; item `step` is made from (seed, epoch, step)."""

    def __init__(
        self, make: Callable[[np.random.Generator], Batch], seed: int, epoch: int, steps: int
    ) -> None:
        self._make = make
        self._seed, self._epoch, self._steps = seed, epoch, steps

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, step: int) -> Batch:
        if not 0 <= step < self._steps:
            raise IndexError(step)
        return self._make(generator(self._seed, self._epoch, step))


def loader(batches: SeededBatches) -> DataLoader[Batch]:
    """Whole batches, in order, as tensors, made in the training process itself."""
    return DataLoader(batches, batch_size=None, shuffle=False, num_workers=0)
