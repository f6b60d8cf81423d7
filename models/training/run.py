# SPDX-License-Identifier: GPL-3.0-or-later
"""One training run: seeded, shown by a progress bar, saved at each epoch, resumable."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import ModelCheckpoint, TQDMProgressBar
from torch import Tensor, nn

from ..errors import TrainingError

CHECKPOINT = "last.ckpt"
HISTORY = "history.jsonl"


def train(module: lightning.LightningModule, folder: Path, epochs: int, threads: int = 1) -> None:
    """Train to the end, from the folder's checkpoint if it has one.

    folder: gets `last.ckpt` after every epoch. threads: of torch, on the processor; with
        one thread a resumed run equals an uninterrupted one.

    Raises TrainingError if the checkpoint cannot be read.
    """
    torch.set_num_threads(threads)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / CHECKPOINT
    keep = ModelCheckpoint(
        dirpath=folder,
        filename=CHECKPOINT.removesuffix(".ckpt"),
        every_n_epochs=1,
        save_on_train_epoch_end=True,
        enable_version_counter=False,
    )
    with warnings.catch_warnings():
        # Batches are made in this process on purpose.
        warnings.filterwarnings("ignore", message=".*does not have many workers.*")
        trainer = lightning.Trainer(
            max_epochs=epochs,
            callbacks=[keep, TQDMProgressBar(refresh_rate=10)],
            logger=False,
            reload_dataloaders_every_n_epochs=1,
            num_sanity_val_steps=0,
            default_root_dir=folder,
            enable_model_summary=False,
        )
        try:
            trainer.fit(module, ckpt_path=str(checkpoint) if checkpoint.is_file() else None)
        except (RuntimeError, KeyError, EOFError) as problem:
            if checkpoint.is_file() and "state_dict" in str(problem):
                raise TrainingError(
                    f"“{checkpoint}” does not fit this configuration; choose another folder."
                ) from problem
            raise


def seed_initial_weights(seed: int) -> None:
    """Make the networks built next start from weights that depend on `seed` alone."""
    torch.manual_seed(seed)


def learning_rate(progress: float, largest: float, final: float, warm_up: float = 0.02) -> float:
    """A linear rise, then a half cosine down to `final` · largest; progress from 0 to 1."""
    if progress < warm_up:
        return largest * (progress / warm_up)
    falling = (progress - warm_up) / (1 - warm_up)
    return largest * (final + (1 - final) * 0.5 * (1 + math.cos(math.pi * min(falling, 1.0))))


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Use this rate from the next step on."""
    for group in optimizer.param_groups:
        group["lr"] = rate


@torch.no_grad()
def move_average(average: nn.Module, network: nn.Module, past: float) -> None:
    """Move averaged weights toward the network's: past · average + (1 − past) · network."""
    for old, new in zip(average.parameters(), network.parameters(), strict=True):
        old.lerp_(new.detach(), 1 - past)
    for kept, latest in zip(average.buffers(), network.buffers(), strict=True):
        kept.copy_(latest)


def note(folder: Path, figures: Mapping[str, Any]) -> None:
    """Add a line to the run's history."""
    with (folder / HISTORY).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({name: plain(value) for name, value in figures.items()}) + "\n")


def plain(value: Any) -> Any:
    """A figure as JSON can hold it."""
    return round(float(value), 7) if isinstance(value, Tensor | float) else value
