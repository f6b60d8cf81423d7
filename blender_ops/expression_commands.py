# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that invent: sample, vary, direct, between, idle, and find.

Each writes takes that say what made them, so that the same seed gives the same take again.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..models.errors import RecipeError, TakeError

if TYPE_CHECKING:
    from ..models.performance import Floats, Performance
    from ..models.take import Take
    from ..models.vae.runtime import ExpressionModel

Result = dict[str, Any]


def sample(options: argparse.Namespace) -> Result:
    """Nothing → takes with expressions, or with motions if --seconds is given."""
    import numpy as np

    from ..models.performance import Performance, Source
    from ..models.vae.runtime import MotionModel
    from ..models.vae.sample import sample_expressions, sample_motions

    name = _plain(options.emotion or ("motion" if options.seconds else "expression"))
    seeds = range(options.seed, options.seed + max(options.count, 0))
    places = _new_places(options.output, [f"{name}_{seed}" for seed in seeds])
    if options.seconds is None:
        weights = sample_expressions(
            options.count,
            options.seed,
            options.temperature,
            options.emotion,
            options.regions,
            _model(options),
        )
        made = [
            Performance(weights=each[None], times=np.zeros(1), source=Source(f"{name}, sampled"))
            for each in weights
        ]
    else:
        made = sample_motions(
            options.count,
            options.seconds,
            options.seed,
            options.temperature,
            options.emotion,
            regions=options.regions,
            rate=options.rate,
            motions=MotionModel(options.weights),
            expressions=_model(options) if options.emotion else None,
        )
    settings = {
        "seconds": options.seconds,
        "temperature": options.temperature,
        "emotion": options.emotion,
        "regions": options.regions,
    }
    takes = [
        _written(place, performance, "sample", {**settings, "seed": number}, options)
        for place, number, performance in zip(places, seeds, made, strict=True)
    ]
    print(f"Sampled {_count(len(takes), 'take')}: {options.output}")
    return {"takes": [str(take.folder) for take in takes], **settings, "seed": options.seed}


def vary(options: argparse.Namespace) -> Result:
    """Take → variations of it, as takes."""
    from ..models.vae.frames import all_but
    from ..models.vae.vary import variations

    performance, recipe = _prepared(options, changes=options.amount != 0)
    seeds = range(options.seed, options.seed + max(options.count, 0))
    name = _plain(options.take.stem)
    places = _new_places(options.output, [f"{name}_{seed}" for seed in seeds])
    made = variations(
        performance,
        options.count,
        options.amount,
        options.seed,
        all_but(options.keep or ()),
        None if options.amount == 0 else _model(options),
    )
    takes = [
        _written(
            place,
            one,
            "vary",
            {"of": options.take.name, "amount": options.amount, "keep": options.keep, "seed": seed},
            options,
            recipe,
        )
        for place, seed, one in zip(places, seeds, made, strict=True)
    ]
    print(f"Varied: {_count(len(takes), 'take')} in {options.output}")
    return {"takes": [str(take.folder) for take in takes], "amount": options.amount}


def direct(options: argparse.Namespace) -> Result:
    """Take → the same take as someone would give it who feels so."""
    from ..models.vae.direct import direct

    _new_places(options.output.parent, [options.output.name])
    performance, recipe = _prepared(options, changes=options.intensity != 0)
    directed = direct(
        performance,
        options.emotion,
        options.intensity,
        not options.silent,
        None if options.intensity == 0 else _model(options),
    )
    settings = {
        "of": options.take.name,
        "emotion": options.emotion,
        "intensity": options.intensity,
        "speech": not options.silent,
    }
    take = _written(options.output, directed, "direct", settings, options, recipe)
    print(f"Directed: {take.folder}")
    return {"take": str(take.folder), **settings}


def between(options: argparse.Namespace) -> Result:
    """Two expressions → a take that goes from one to the other."""
    from ..models.vae.between import between

    _new_places(options.output.parent, [options.output.name])
    start, end = _expression(options.start, last=True), _expression(options.end, last=False)
    made = between(start, end, options.seconds, options.rate, _model(options))
    settings = {"from": options.start, "to": options.end, "seconds": options.seconds}
    take = _written(options.output, made, "between", settings, options)
    print(f"From one to the other: {take.folder}")
    return {"take": str(take.folder), **settings}


def idle(options: argparse.Namespace) -> Result:
    """Nothing → a take of someone who listens."""
    from ..models.vae.idle import idle

    _new_places(options.output.parent, [options.output.name])
    made = idle(
        options.seconds,
        options.seed,
        options.loop,
        options.emotion,
        options.intensity,
        options.rate,
        _model(options),
    )
    settings = {
        "seconds": options.seconds,
        "seed": options.seed,
        "loop": options.loop,
        "emotion": options.emotion,
        "intensity": options.intensity,
        "rate": options.rate,
    }
    take = _written(options.output, made, "idle", settings, options)
    print(f"Idle: {take.folder}")
    return {"take": str(take.folder), **settings}


def find(options: argparse.Namespace) -> Result:
    """Takes + an expression → the moments most like it."""
    from ..models.take import read_take
    from ..models.vae.find import find

    takes = [read_take(path).performance for path in options.takes]
    moments = find(
        takes,
        _expression(options.like, last=False),
        options.count,
        options.by,
        options.regions,
        model=_model(options) if options.by == "latents" else None,
    )
    rows = [
        {
            "take": str(options.takes[moment.take]),
            "time": round(moment.time, 3),
            "likeness": round(moment.likeness, 4),
        }
        for moment in moments
    ]
    for row in rows:
        print(f"{row['time']:8.2f} s  {row['likeness']:6.3f}  {row['take']}")
    return {"moments": rows}


# --- Steps that several commands share -----------------------------------------------------


def _model(options: argparse.Namespace) -> ExpressionModel:
    from ..models.vae.runtime import ExpressionModel

    return ExpressionModel(options.weights)


def _prepared(options: argparse.Namespace, changes: bool) -> tuple[Performance, Any]:
    """The take's performance, and the recipe that the result is to have.

    What its own recipe makes of it, which then has been done; where nothing changes, the take
    itself with its recipe.
    """
    from ..models.recipe import Recipe, evaluate
    from ..models.take import read_take

    take = read_take(options.take)
    if not changes:
        return take.performance, take.recipe
    if options.as_captured:
        return take.performance, Recipe()
    return evaluate(take.recipe, take.performance), Recipe()


def _expression(text: str, last: bool) -> Floats:
    """(52,) weights of what a text names: an emotion, or a moment of a take.

    text: ``joy``, ``joy:0.5+surprise``, ``TAKE@SECONDS``, or ``TAKE`` for its last or its
    first frame.
    """
    import numpy as np

    from ..models.recipe import evaluate
    from ..models.take import read_take
    from ..models.vae.emotions import emotion_weights, emotions
    from ..models.vae.frames import frames_of

    name = text.partition("+")[0].partition(":")[0].strip()
    if name in emotions() and not Path(text).exists():
        return emotion_weights(text)
    path, _, seconds = text.rpartition("@")
    try:
        moment = float(seconds) if path else None
    except ValueError:
        path, moment = "", None
    place = Path(path or text)
    if not place.exists():
        raise TakeError(
            f"“{text}” is neither an emotion ({', '.join(emotions())}) nor a take; "
            "a moment of a take is written TAKE@SECONDS."
        )
    take = read_take(place)
    performance = evaluate(take.recipe, take.performance)
    if moment is None:
        frame = len(performance) - 1 if last else 0
    elif 0 <= moment <= performance.duration + 0.5 / max(performance.rate, 1):
        frame = int(np.argmin(np.abs(performance.times - moment)))
    else:
        raise TakeError(f"“{place}” lasts {performance.duration:.2f} s; it has no {moment:g} s.")
    return np.asarray(np.clip(frames_of(performance)[frame], 0, 1))


def _new_places(folder: Path, names: Sequence[str]) -> list[Path]:
    """Where takes go. Raises RecipeError if one of them is there already."""
    places = [folder / name for name in names]
    for place in places:
        if place.exists():
            raise RecipeError(f"{place} is already there; takes are never overwritten.")
    return places


def _written(
    place: Path,
    performance: Performance,
    made_by: str,
    settings: Mapping[str, Any],
    options: argparse.Namespace,
    recipe: Any = None,
) -> Take:
    """Write a take that says what made it; it needs no recipe unless one is given."""
    from ..models.recipe import Recipe
    from ..models.take import write_take
    from ..models.vae.provenance import report

    place.parent.mkdir(parents=True, exist_ok=True)
    return write_take(
        place,
        performance,
        report=report(performance, made_by, settings, options.weights),
        recipe=recipe or Recipe(),
    )


def _plain(name: str) -> str:
    """A name for a folder: “joy:0.5+fear” becomes “joy-0.5-fear”."""
    return "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in name)


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


# --- The command line ----------------------------------------------------------------------


def add_expression_commands(
    add: Callable[[str, Callable[[argparse.Namespace], Result]], Any],
) -> None:
    """Give the parser these commands. add: makes the parser of a name and an action."""
    command = add("sample", sample)
    command.add_argument("--emotion", metavar="NAME", help="such as joy, or joy:0.7+surprise:0.3")
    command.add_argument("--count", type=int, default=1, metavar="N")
    command.add_argument("--seconds", type=float, metavar="S", help="motions this long")
    command.add_argument("--temperature", type=float, default=1.0, metavar="T", help="0 = usual")
    command.add_argument("--regions", type=_names, metavar="REGION,…", help="only these")
    command.add_argument("--rate", type=float, default=60.0, metavar="FPS", help="of motions")
    _add_common(command, "DIR")

    command = add("vary", vary)
    command.add_argument("take", type=Path, metavar="TAKE")
    command.add_argument("--count", type=int, required=True, metavar="N")
    command.add_argument("--amount", type=float, default=1.0, metavar="A", help="how far; 0 = not")
    command.add_argument("--keep", type=_names, metavar="REGION,…", help="these stay as they are")
    _add_as_captured(command)
    _add_common(command, "DIR")

    command = add("direct", direct)
    command.add_argument("take", type=Path, metavar="TAKE")
    command.add_argument("--emotion", required=True, metavar="NAME", help="or joy:0.7+surprise:0.3")
    command.add_argument("--intensity", type=float, default=0.5, metavar="0–1")
    command.add_argument("--silent", action="store_true", help="need not keep speech readable")
    _add_as_captured(command)
    _add_common(command, "TAKE", seed=False)

    command = add("between", between)
    command.add_argument("start", metavar="FROM", help="an emotion, TAKE or TAKE@SECONDS")
    command.add_argument("end", metavar="TO", help="an emotion, TAKE or TAKE@SECONDS")
    command.add_argument("--seconds", type=float, default=0.4, metavar="S")
    command.add_argument("--rate", type=float, default=60.0, metavar="FPS")
    _add_common(command, "TAKE", seed=False)

    command = add("idle", idle)
    command.add_argument("--seconds", type=float, default=60.0, metavar="S")
    command.add_argument("--loop", action="store_true", help="the end meets the beginning")
    command.add_argument("--emotion", default="neutral", metavar="NAME", help="what it rests in")
    command.add_argument("--intensity", type=float, default=0.3, metavar="0–1")
    command.add_argument("--rate", type=float, default=60.0, metavar="FPS")
    _add_common(command, "TAKE")

    command = add("find", find)
    command.add_argument("takes", type=Path, nargs="+", metavar="TAKE")
    command.add_argument("--like", required=True, metavar="EXPRESSION", help="as for between")
    command.add_argument("--count", type=int, default=10, metavar="N")
    command.add_argument("--by", choices=["cosine", "latents", "weights"], default="cosine")
    command.add_argument("--regions", type=_names, metavar="REGION,…", help="compare only these")
    command.add_argument("--weights", type=Path, metavar="DIR", help="instead of Mien's own")


def _add_common(command: Any, output: str, seed: bool = True) -> None:
    command.add_argument("-o", "--output", type=Path, required=True, metavar=output)
    command.add_argument("--weights", type=Path, metavar="DIR", help="instead of Mien's own")
    if seed:
        command.add_argument(
            "--seed", type=int, default=0, metavar="S", help="same seed, same result"
        )


def _add_as_captured(command: Any) -> None:
    command.add_argument(
        "--as-captured", action="store_true", help="without what the take's recipe does first"
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
