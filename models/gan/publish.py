# SPDX-License-Identifier: GPL-3.0-or-later
"""From recordings to weights that can be used: train, measure, export, write the card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..training.card import Card, described, write_network
from ..training.clips import find_recordings, load_clip
from ..training.configuration import to_data
from ..training.export import load_stored, round_to_half
from .config import RefinerConfiguration
from .damage import OWN_TRACKER
from .export import export_generator
from .network import Generator
from .train import Refiner, train

LICENCE = "GPL-3.0-or-later"


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


def notes_of(configuration: RefinerConfiguration) -> tuple[str, ...]:
    """What is true of every refiner that is trained so, in words."""
    own = OWN_TRACKER
    notes = [
        "Validation: blocks of the training recordings that training never saw.",
        "Trained on recordings only, damaged as models/gan/damage.py draws it: white and "
        "lingering noise, dropouts, frozen frames, low rates, channels that stop short, and the "
        f"own tracker's; {configuration.training.protocol_share:.0%} of the windows exactly as "
        "table 3 damages.",
        f"The own tracker's damage: noise of {0.3 * own.tracker:.3f} at rest to "
        f"{1.3 * own.tracker:.3f} in motion, correlated by {own.correlation:g} from one sixtieth "
        f"of a second to the next, at {own.low_rate:g} frames a second, as measured on rendered "
        "faces of known weights. Gain, bias and crosstalk of the solver are larger there, and are "
        "not undone: a network that guessed at them would change good takes as well.",
    ]
    if configuration.generator.causal:
        notes.append(
            f"Answers {configuration.generator.delay} frames late; figures compare each answer "
            "with the frame it is for."
        )
    if not configuration.losses.adversarial:
        notes.append("Trained without the adversary: see adversary.toml for its turn.")
    return tuple(notes)


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
        notes=(*notes_of(configuration), *notes),
    )
    content = export_generator(generator, configuration.training.rate)
    return write_network(output / f"{kind}.onnx", content, card)


def load_weights(generator: Generator, path: Path) -> None:
    """Give a generator the weights of an exported one.

    Raises WeightsError if the file is missing or altered, TrainingError if it is the
    weights of a network of another shape.
    """
    load_stored(generator, path, "generator")
