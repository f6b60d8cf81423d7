# SPDX-License-Identifier: GPL-3.0-or-later
"""From recordings to weights that can be used: train, measure, export, write the card."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

from ..errors import TrainingError
from ..training.card import Card, read_network, write_network
from ..training.clips import find_recordings, load_clip
from ..training.configuration import to_data
from ..training.export import round_to_half
from .config import RefinerConfiguration
from .export import export_generator
from .network import Generator
from .train import Refiner, train

LICENCE = "GPL-3.0-or-later"
_UNNAMED = "not stated beside the recording"


def train_refiner(
    data: Iterable[Path],
    output: Path,
    configuration: RefinerConfiguration,
    date: str,
    start: Path | None = None,
    threads: int = 1,
) -> Card:
    """Train on recordings and write `offline.onnx` or `live.onnx` with its card.

    data: takes, CSVs, or folders of them. output: gets the weights, and the run itself in a
    folder beside them, from which a run that was stopped goes on. date: written into the
    card, YYYY-MM-DD. start: folder of weights to start from instead of from nothing.

    Raises TrainingError for recordings or weights that cannot be used.
    """
    recordings = find_recordings(data)
    clips = [load_clip(path) for path in recordings]
    kind = kind_of(configuration)
    run_folder = output / f"{kind}-run"
    module = Refiner(configuration, clips, run_folder)
    if start is not None:
        for network in (module.generator, module.average):
            load_weights(network, start / f"{kind}.onnx")
    train(module, threads)
    return publish(module, recordings, output, date)


def kind_of(configuration: RefinerConfiguration) -> str:
    """ "live" for a causal refiner, else "offline": what its files are called."""
    return "live" if configuration.generator.causal else "offline"


def publish(
    module: Refiner,
    recordings: Sequence[Path],
    output: Path,
    date: str,
    notes: Sequence[str] = (),
) -> Card:
    """Write a trained refiner's averaged weights as ONNX, with a card. Returns the card."""
    configuration = module.configuration
    generator = module.average
    round_to_half(generator)
    generator.eval()
    figures = {f"validation rmse, {name}": round(v, 6) for name, v in module.validate().items()}
    figures["parameters"] = sum(values.numel() for values in generator.parameters())
    kind = kind_of(configuration)
    card = Card(
        network=f"Mien's refiner, {kind}: damaged motion of ARKit's 52 channels to refined",
        data=tuple(described(path) for path in recordings),
        licence=LICENCE,
        date=date,
        seed=configuration.training.seed,
        configuration=to_data(configuration),
        figures=figures,
        notes=(
            "Validation: blocks of the training recordings that training never saw.",
            *notes,
        ),
    )
    content = export_generator(generator, configuration.training.rate)
    return write_network(output / f"{kind}.onnx", content, card)


def described(recording: Path) -> dict[str, str]:
    """A recording's name, the first line of its licence, and its hash, for a card."""
    folder = recording if recording.is_dir() else recording.parent
    files = sorted(recording.rglob("*")) if recording.is_dir() else [recording]
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            digest.update(path.read_bytes())
    licences = sorted(path for path in folder.glob("LICEN*") if path.is_file())
    text = licences[0].read_text(encoding="utf-8", errors="replace").strip() if licences else ""
    return {
        "name": f"{folder.name}/{recording.name}" if recording.is_file() else folder.name,
        "licence": text.splitlines()[0].strip() if text else _UNNAMED,
        "sha256": digest.hexdigest(),
    }


def load_weights(generator: Generator, path: Path) -> None:
    """Give a generator the weights of an exported one.

    Raises WeightsError if the file is missing or altered, TrainingError if it is the
    weights of a network of another shape.
    """
    model = onnx.load_from_string(read_network(path))
    stored = {
        tensor.name.removesuffix(".half").removeprefix("generator."): numpy_helper.to_array(tensor)
        for tensor in model.graph.initializer
    }
    own = dict(generator.named_parameters())
    for name, values in own.items():
        if name not in stored or stored[name].shape != tuple(values.shape):
            raise TrainingError(
                f"“{path}” holds another kind of network than this configuration describes "
                f"({name}); start from weights trained with the same [generator] settings."
            )
    with torch.no_grad():
        for name, values in own.items():
            values.copy_(torch.as_tensor(stored[name].copy()).float())
