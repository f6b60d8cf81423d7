# SPDX-License-Identifier: GPL-3.0-or-later
"""The trained generator as an ONNX file, offline or live."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..training.export import export
from .network import Generator, Memory

_EXAMPLE_FRAMES = 96


class _Streaming(nn.Module):
    """The causal generator with its memory as inputs and outputs."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator

    def forward(
        self, motion: Tensor, confidence: Tensor, noise: Tensor, *before: Tensor
    ) -> tuple[Tensor, ...]:
        """Refined frames, then the memory for the next ones."""
        memory = Memory.of(before)
        refined = self.generator(motion, confidence, noise, memory=memory)
        return (refined, *memory.after)


def export_generator(generator: Generator, rate: float) -> bytes:
    """ONNX of a generator, with rate, context and delay in its metadata.

    Inputs: motion, confidence (1, channels, frames) and noise (1, noise channels, frames);
    an offline one has a curve as well, a causal one its memory, in and out.

    Raises TrainingError if the export differs from the network.
    """
    random = torch.Generator().manual_seed(0)
    settings = generator.settings

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random)

    inputs = {
        "motion": torch.rand(1, generator.channels, _EXAMPLE_FRAMES, generator=random),
        "confidence": torch.ones(1, generator.channels, _EXAMPLE_FRAMES),
        "noise": normal(1, settings.noise_channels, _EXAMPLE_FRAMES),
    }
    if not settings.causal:
        for name in ("curve", "shared"):
            inputs[name] = 0.1 * normal(1, generator.channels, _EXAMPLE_FRAMES)
    frames = dict.fromkeys([*inputs, "refined"], 2)
    metadata = {
        "rate": str(rate),
        "context": str(generator.context()),
        "delay": str(generator.delay),
    }
    if not settings.causal:
        return export(generator, inputs, ["refined"], frames, metadata)
    memory = [f"memory_{number}" for number, _ in enumerate(generator.memory_shapes())]
    for name, shape in zip(memory, generator.memory_shapes(), strict=True):
        inputs[name] = normal(1, *shape).abs()
    outputs = ["refined", *(f"{name}_after" for name in memory)]
    return export(_Streaming(generator), inputs, outputs, frames, metadata)
