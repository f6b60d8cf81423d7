# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that a recipe can take, by name, and the check of their settings.

A step is a function from a performance to a performance; its keyword arguments are its
settings, their annotations the settings' types, their defaults what is used when a recipe
does not say. To add a step, write such a function and give it a row in `STEPS`.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .capture.calibration import find_neutral, neutral_at, remove_neutral
from .curves.clean import clean
from .curves.gain import gain
from .curves.mirror import mirror
from .curves.retime import retime, trim
from .curves.symmetry import symmetry
from .errors import RecipeError
from .gan import runtime as refiner
from .gan.refine import refine as refine_motion
from .performance import Performance
from .vae import direct as directing
from .vae import runtime as autoencoders
from .vae.vary import vary as vary_performance


@dataclass(frozen=True)
class Kind:
    """A kind of step.

    apply: the function; its keyword arguments are the settings.
    fingerprint: of the settings, what the result depends on besides them and the
        performance, such as the hash of a network's weights; a change of it makes cached
        results void.
    """

    apply: Callable[..., Performance]
    fingerprint: Callable[[Mapping[str, Any]], str] = lambda settings: ""


def neutral(performance: Performance, *, at: float | None = None, head: bool = True) -> Performance:
    """The performance relative to the face at rest.

    at: seconds at which the face rests; None finds it.
    head: whether the head's turn is relative to rest too.
    """
    rest = find_neutral(performance) if at is None else neutral_at(performance, at)
    return remove_neutral(performance, rest, head)


def refine(
    performance: Performance,
    *,
    strength: float = 0.9,
    regions: Mapping[str, float] | None = None,
    live: bool = False,
    weights: str = "",
) -> Performance:
    """The performance with its tremble, freezes and losses undone by the refiner.

    strength: 0 leaves it as it is, 1 trusts the network alone. regions: a factor on it for
    each region; those not named stay as they are; None: all. live: the causal refiner.
    weights: folder of the networks; "": Mien's own.
    """
    return refine_motion(performance, strength, regions, live, weights or None)


def _refiner(settings: Mapping[str, Any]) -> str:
    folder = settings.get("weights")
    return refiner.fingerprint(folder) if folder else refiner.fingerprint()


def vary(
    performance: Performance,
    *,
    amount: float = 1.0,
    seed: int = 0,
    regions: Mapping[str, float] | None = None,
    weights: str = "",
) -> Performance:
    """The performance given otherwise, by the expression model.

    amount: how far, 0 leaves it as it is. regions: a factor on it for each region; those not
    named stay as they are; None: all. weights: folder of the model; "": Mien's own.
    """
    return vary_performance(performance, amount, seed, regions, _expressions(weights))


def direct(
    performance: Performance,
    *,
    emotion: str = "joy",
    intensity: float = 0.5,
    speech: bool = True,
    weights: str = "",
) -> Performance:
    """The performance as someone would give it who feels so, by the expression model.

    emotion: a name or a blend such as “joy:0.7+surprise:0.3”. intensity: 0 leaves it as it is.
    speech: keep the course of the mouth's opening and every closure of the lips. weights:
    folder of the model; "": Mien's own.
    """
    return directing.direct(performance, emotion, intensity, speech, _expressions(weights))


def _expressions(weights: str) -> autoencoders.ExpressionModel | None:
    """The model in a folder; None for Mien's own, which is loaded where it is needed."""
    return autoencoders.ExpressionModel(Path(weights)) if weights else None


def _autoencoder(settings: Mapping[str, Any]) -> str:
    folder = settings.get("weights")
    return autoencoders.fingerprint(Path(folder) if folder else None) + directing.fingerprint()


STEPS: Mapping[str, Kind] = {
    "neutral": Kind(neutral),
    "clean": Kind(clean),
    "gain": Kind(gain),
    "mirror": Kind(mirror),
    "symmetry": Kind(symmetry),
    "trim": Kind(trim),
    "retime": Kind(retime),
    "refine": Kind(refine, _refiner),
    "vary": Kind(vary, _autoencoder),
    "direct": Kind(direct, _autoencoder),
}


def defaults(name: str) -> dict[str, Any]:
    """Every setting of a step with its default. Raises RecipeError for an unknown step."""
    parameters = inspect.signature(kind(name).apply).parameters.values()
    return {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY}


def kind(name: str) -> Kind:
    """The kind of step of a name. Raises RecipeError if there is none."""
    if name not in STEPS:
        raise RecipeError(f"There is no step “{name}”; there are {', '.join(STEPS)}.")
    return STEPS[name]


def checked(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in the types that the step wants: 8 becomes 8.0 where it wants a float.

    Raises RecipeError for an unknown step, a setting it does not have, or one of a type
    that does not fit.
    """
    known = defaults(name)
    hints = typing.get_type_hints(kind(name).apply)
    result = {}
    for setting, value in settings.items():
        if setting not in known:
            raise RecipeError(
                f"The step “{name}” has no setting “{setting}”; "
                f"it has {', '.join(known) or 'none'}."
            )
        try:
            result[setting] = _fitted(value, hints[setting])
        except TypeError as error:
            raise RecipeError(f"The step “{name}”: “{setting}” must be {error}.") from None
    return result


def _fitted(value: Any, hint: Any) -> Any:
    """The value as the annotated type; TypeError, in words, if it does not fit."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        if value not in arguments:
            raise TypeError("one of " + ", ".join(str(each) for each in arguments))
        return value
    if origin in (typing.Union, types.UnionType):
        if value is None and types.NoneType in arguments:
            return None
        return _fitted(value, next(each for each in arguments if each is not types.NoneType))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise TypeError("names with values")
        return {key: _fitted(each, arguments[1]) for key, each in sorted(value.items())}
    if hint is bool:
        if not isinstance(value, (bool, np.bool_)):
            raise TypeError("true or false")
        return bool(value)
    if hint in (int, float):
        number = isinstance(value, (int, float, np.integer, np.floating))
        if not number or isinstance(value, bool) or not np.isfinite(value) or hint(value) != value:
            raise TypeError("a whole number" if hint is int else "a number")
        return hint(value)
    if not isinstance(value, hint):
        raise TypeError(f"of type {hint.__name__}")
    return value
