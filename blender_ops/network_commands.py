# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands around Mien's networks: refine a take, evaluate one, train on one's own.

`train` needs torch, so it runs from the environment that training is set up in, not from
inside Blender.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..models.errors import RecipeError, TrainingError
from ..models.training.card import Card
from .console import progress_line

if TYPE_CHECKING:
    from ..models.recipe import Recipe

Result = dict[str, Any]


def refine(options: argparse.Namespace) -> Result:
    """Take → a take whose motion is refined."""
    from ..models.gan.refine import refine
    from ..models.recipe import Recipe
    from ..models.take import read_take, write_take

    if options.output.exists():
        raise RecipeError(f"{options.output} is already there; takes are never overwritten.")
    take = read_take(options.take)
    line = progress_line("Refining")
    refined = refine(
        take.performance,
        strength=options.strength,
        regions=options.regions,
        live=options.live,
        weights=options.weights,
        rate=options.rate,
        progress=lambda share: line(share, ""),
    )
    recipe = Recipe(tuple(step for step in take.recipe.steps if step.name != "refine"))
    written = write_take(options.output, refined, recipe=recipe)
    if options.plot is not None:
        from .inspection import plot

        plot(take.performance, refined, options.plot)
    print(f"Refined: {written.folder}")
    return {"take": str(written.folder), "strength": options.strength}


def evaluate(options: argparse.Namespace) -> Result:
    """Take + reference → a report of how near they are."""
    from ..models.evaluate.comparison import compare
    from ..models.evaluate.report import data, write_report
    from ..models.gan.refine import refine
    from ..models.take import read_take

    comparison = compare(
        read_take(options.take).performance,
        read_take(options.reference).performance,
        restore=refine if options.refined else None,
    )
    title = f"{options.take.name} against {options.reference.name}"
    page = write_report(comparison, options.output, title)
    print(f"Report: {page}")
    return data(comparison)


def train(options: argparse.Namespace) -> Result:
    """Takes → weights of a network of one's own."""
    if find_spec("torch") is None or find_spec("lightning") is None:
        raise TrainingError(
            "Training needs torch and lightning, which this Python does not have; "
            "set them up by “python build.py setup --training” and run it from there."
        )
    date = options.date or datetime.date.today().isoformat()
    cards = (_train_autoencoders if options.network == "vae" else _train_refiner)(options, date)
    figures: Result = {}
    for card in cards:
        for figure, value in card.figures.items():
            print(f"{figure}: {value}")
        figures |= card.figures
    print(f"Weights: {options.output}")
    return {"weights": str(options.output), "figures": figures}


def _train_refiner(options: argparse.Namespace, date: str) -> list[Card]:
    from ..models.gan.config import read_refiner_configuration
    from ..models.gan.publish import train_refiner

    configuration = read_refiner_configuration(
        options.config or ("live" if options.live else "offline")
    )
    places = (options.data, options.output)
    return [train_refiner(*places, configuration, date, options.start, options.threads)]


def _train_autoencoders(options: argparse.Namespace, date: str) -> list[Card]:
    """That of the configuration; without one, of expressions and of motions."""
    from ..models.vae.config import read_autoencoder_configuration
    from ..models.vae.publish import train_autoencoder

    names = [options.config] if options.config else ["expression", "motion"]
    configurations = [read_autoencoder_configuration(name) for name in names]
    places = (options.data, options.output)
    return [
        train_autoencoder(*places, configuration, date, options.start, options.threads)
        for configuration in configurations
    ]


def with_refine(recipe: Recipe, strength: float | None, weights: Path | None) -> Recipe:
    """The recipe refined this strongly, by these weights; None changes nothing, 0 leaves it out.

    Raises RecipeError for a strength outside 0–1.
    """
    from ..models.recipe import Recipe, Step

    if strength is not None:
        if not 0 <= strength <= 1:
            raise RecipeError(f"--refine lies between 0 and 1; it is {strength:g}.")
        others = tuple(step for step in recipe.steps if step.name != "refine")
        recipe = Recipe((*others, Step("refine", {"strength": strength})) if strength else others)
    if weights is not None:
        recipe = recipe.where_unsaid("refine", weights=str(weights.resolve()))
    return recipe


def add_refine_arguments(command: Any) -> None:
    """What `with_refine` takes."""
    command.add_argument("--refine", type=float, metavar="0–1", help="strength; 0 leaves it out")
    command.add_argument("--weights", type=Path, metavar="DIR", help="of the refiner")


def add_network_commands(add: Callable[[str, Callable[[argparse.Namespace], Result]], Any]) -> None:
    """Give the parser these commands. add: makes the parser of a name and an action."""
    command = add("refine", refine)
    command.add_argument("take", type=Path, metavar="TAKE")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="TAKE")
    command.add_argument("--strength", type=float, default=1.0, metavar="0–1")
    command.add_argument("--regions", type=_names, metavar="REGION,…", help="only these")
    command.add_argument("--live", action="store_true", help="as it would run during capture")
    command.add_argument("--rate", type=float, metavar="FPS", help="of the result")
    command.add_argument("--weights", type=Path, metavar="DIR", help="instead of Mien's own")
    command.add_argument("--plot", type=Path, metavar="FILE.png", help="before and after")

    command = add("evaluate", evaluate)
    command.add_argument("take", type=Path, metavar="TAKE")
    command.add_argument("--reference", type=Path, required=True, metavar="TAKE")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    command.add_argument(
        "--refined", action="store_true", help="also damage the reference and refine it"
    )

    command = add("train", train)
    command.add_argument("network", choices=["gan", "vae"])
    command.add_argument("data", type=Path, nargs="+", metavar="DATA")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    command.add_argument("--from", dest="start", type=Path, metavar="WEIGHTS")
    command.add_argument("--config", metavar="FILE", help="instead of Mien's own")
    command.add_argument("--live", action="store_true", help="the causal refiner")
    command.add_argument("--date", metavar="YYYY-MM-DD", help="for the card; today if not given")
    command.add_argument("--threads", type=int, default=1, metavar="N")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
