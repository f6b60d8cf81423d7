# SPDX-License-Identifier: GPL-3.0-or-later
"""The trained solver as two ONNX files with their cards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ...training.card import Card, write_network
from ...training.configuration import to_data
from ...training.export import export, round_to_half
from ..landmarks import COUNT
from .config import SolverConfiguration
from .network import FEATURES
from .solve import ENCODER, READER
from .train import Solver

LICENCE = "GPL-3.0-or-later"

_DATA = (
    {
        "name": "people rendered from ICT-FaceKit by benchmarks/known_truth",
        "licence": "MIT (ICT-FaceKit)",
        "sha256": "rendered anew by seed",
    },
    {
        "name": "expressions of performances/train, as benchmarks/README.md lists them",
        "licence": "as stated beside each recording",
        "sha256": "in the refiner's card",
    },
)


def publish(
    solver: Solver,
    configuration: SolverConfiguration,
    figures: Mapping[str, Any],
    output: Path,
    date: str,
) -> None:
    """Write `encoder.onnx`, `reader.onnx` and their cards.

    Raises TrainingError if an export differs from what was trained, WeightsError if the
    files cannot be written.
    """
    random = torch.Generator().manual_seed(0)
    appearance = configuration.network.appearance
    solver = solver.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    round_to_half(solver)
    parts = {
        ENCODER: (
            solver.encoder,
            {
                "features": torch.randn(5, FEATURES, 16, 16, generator=random),
                "landmarks": 128 + 50 * torch.randn(5, COUNT, 3, generator=random),
            },
            ["appearance"],
            "what one frame shows of a face",
        ),
        READER: (
            solver.reader,
            {
                "appearance": torch.randn(5, appearance, generator=random),
                "rest": torch.randn(5, appearance, generator=random),
            },
            ["weights", "expected_error", "unrest"],
            "weights of ARKit's 52 channels, from a frame's appearance and that of the rest",
        ),
    }
    for name, (network, inputs, outputs, words) in parts.items():
        content = export(network, inputs, outputs, dict.fromkeys([*inputs, *outputs], 0), {})
        card = Card(
            network=f"Mien's solver: {words}",
            data=_DATA,
            licence=LICENCE,
            date=date,
            seed=configuration.training.seed,
            configuration=to_data(configuration),
            figures=figures,
            notes=(
                "Reads inner features of MediaPipe's landmark network (Google, Apache-2.0).",
                "Figures: rendered people whom training never saw, single pictures, a rest known.",
            ),
        )
        write_network(output / name, content, card)
