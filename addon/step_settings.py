# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a step read from a recipe into the widgets of its group, and back."""

from __future__ import annotations

import functools
import inspect
import math
import typing
from collections.abc import Mapping
from typing import Any

from ..models.arkit import REGIONS

DIGITS = 6
_REGIONS = tuple(REGIONS)

BESIDE: Mapping[str, frozenset[str]] = {"gain": frozenset({"channels"})}
"""Settings that no widget shows, since they are many; what a recipe says of them stays."""


def read_settings(group: Any, name: str, settings: Mapping[str, Any]) -> None:
    """Show a step's settings in its group. Values that are there already are not set again."""
    from ..models.steps import defaults

    for setting, value in {**defaults(name), **settings}.items():
        if setting in BESIDE.get(name, ()):
            continue
        switch = f"use_{setting}"
        if hasattr(group, switch):
            _set(group, switch, value is not None)
            if value is None:
                continue
        if setting in _mappings(name):
            idle = _idle(group, setting)
            value = [(value or {}).get(region, idle) for region in _REGIONS]
        _set(group, setting, value)


def settings_shown(group: Any, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a group shows, as a recipe says them.

    said: what the recipe said before; what was not changed stays in its words: numbers to
    their last digit, factors of single channels, settings that are at their defaults.
    """
    from ..models.steps import defaults

    result = dict(said)
    for setting, default in defaults(name).items():
        if setting in BESIDE.get(name, ()):
            continue
        value = _shown(group, name, setting, said.get(setting))
        if not _same(value, said.get(setting, default)):
            result[setting] = value
    return result


def _shown(group: Any, name: str, setting: str, said: Any) -> Any:
    """The value of one setting."""
    if not getattr(group, f"use_{setting}", True):
        return None
    value = getattr(group, setting)
    if setting in _mappings(name):
        factors = {
            region: round(each, DIGITS) for region, each in zip(_REGIONS, value, strict=True)
        }
        switched = hasattr(group, f"use_{setting}")
        idle = _idle(group, setting)
        single = {key: each for key, each in (said or {}).items() if key not in REGIONS}
        named = {**single, **{key: each for key, each in factors.items() if each != idle}}
        return named if named or switched else None
    return round(value, DIGITS) if isinstance(value, float) else value


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same to Blender's precision of numbers."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)
    return bool(one == other)


def _set(group: Any, name: str, value: Any) -> None:
    now = getattr(group, name)
    same = (
        all(_same(float(a), b) for a, b in zip(now, value, strict=True))
        if isinstance(value, list)
        else _same(now, value)
    )
    if not same:
        setattr(group, name, value)


def _idle(group: Any, setting: str) -> float:
    """The number of a region that a recipe does not name.

    Where the mapping has a switch, regions that it does not name get nothing of the step.
    """
    if hasattr(group, f"use_{setting}"):
        return 0.0
    return float(group.bl_rna.properties[setting].default_array[0])


@functools.cache
def _mappings(name: str) -> frozenset[str]:
    """The settings of a step that are mappings."""
    from ..models.steps import kind

    apply = kind(name).apply
    hints = typing.get_type_hints(apply)
    return frozenset(
        setting
        for setting in inspect.signature(apply).parameters
        for each in (hints[setting], *typing.get_args(hints[setting]))
        if isinstance(typing.get_origin(each), type)
        and issubclass(typing.get_origin(each), Mapping)
    )
