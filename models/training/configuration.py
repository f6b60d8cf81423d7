# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations: a readable TOML file into frozen dataclasses, and nothing unnoticed."""

from __future__ import annotations

import dataclasses
import tomllib
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..errors import TrainingError

Settings = TypeVar("Settings")


def read_configuration(path: Path, kind: type[Settings]) -> Settings:
    """The file's tables and keys as an instance of `kind`, a dataclass of dataclasses.

    Raises TrainingError if the file is missing or no TOML, or if a key is unknown,
    missing, or of the wrong type.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise TrainingError(
            f"The configuration “{path}” cannot be read ({problem.strerror})."
        ) from None
    except ValueError as problem:
        raise TrainingError(f"The configuration “{path}” is no TOML: {problem}.") from None
    return from_data(data, kind, path.name)


def from_data(data: Mapping[str, Any], kind: type[Settings], place: str) -> Settings:
    """Plain data as an instance of a dataclass. Raises TrainingError, see above."""
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for name in data:
        if name not in fields:
            raise TrainingError(f"{place}: there is no setting “{name}”; known: {_listed(fields)}.")
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in data:
            values[name] = _converted(data[name], hints[name], f"{place}, “{name}”")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise TrainingError(f"{place}: the setting “{name}” is missing.")
    return kind(**values)


def to_data(settings: Any) -> dict[str, Any]:
    """A configuration as plain data, for a card: what `from_data` reads."""
    return dataclasses.asdict(settings)


def _converted(value: Any, wanted: Any, place: str) -> Any:
    if dataclasses.is_dataclass(wanted):
        if not isinstance(value, Mapping):
            raise TrainingError(f"{place} must be a table of settings.")
        return from_data(value, typing.cast(type[Any], wanted), place)
    origin = typing.get_origin(wanted)
    if origin is tuple:
        item = typing.get_args(wanted)[0]
        if not isinstance(value, list | tuple):
            raise TrainingError(f"{place} must be a list.")
        return tuple(_converted(one, item, place) for one in value)
    if origin in (typing.Union, types.UnionType):
        wanted = next(kind for kind in typing.get_args(wanted) if kind is not type(None))
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise TrainingError(f"{place} must be {wanted.__name__}, not {value!r}.")
    return value


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(names)
