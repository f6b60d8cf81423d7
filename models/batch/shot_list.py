# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot list: TOML, or CSV from a table program, read and checked whole.

    [defaults]                          name,footage,character,make
    character = "rigs/hero.blend"       *,,rigs/hero.blend,blend video
    make = ["blend", "video"]           s010,clips/s010.mp4,,
                                        s020,clips/s020.mp4,rigs/villain.blend,
    [[shot]]
    name = "s010"
    footage = "clips/s010.mp4"

Settings are those of `shot.Shot`. In a CSV the row named “*” holds the defaults, and an empty
cell says nothing. Paths are relative to the list.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import MienError
from ..recipe import Recipe
from .shot import NEED_CHARACTER, PATHS, SETTINGS, Shot, ShotListError, read_setting
from .toml_lines import key_lines, line_of

DEFAULTS_ROW = "*"
_MOST_PROBLEMS = 40


@dataclass
class _Row:
    """What a list says of one shot, or of all: settings with the line of each."""

    line: int
    values: dict[str, tuple[Any, int]] = field(default_factory=dict)


Problem = tuple[int, str]


def read_shot_list(path: Path) -> tuple[Shot, ...]:
    """The shots of a list, in its order.

    Raises ShotListError with a line for each thing that is wrong: in its form, in a setting,
    a file that is not there, a name that comes twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ShotListError(f"{path}: {error.strerror}; choose a shot list.") from None
    except UnicodeDecodeError:
        raise ShotListError(f"{path} is no UTF-8 text; save the list as UTF-8.") from None
    problems: list[Problem] = []
    read = _read_csv if path.suffix.lower() == ".csv" else _read_toml
    try:
        defaults, rows = read(text, problems)
    except ShotListError as error:
        raise ShotListError(f"{path}: {error}") from None
    shots = _shots(defaults, rows, path.absolute().parent, problems)
    if problems:
        problems = sorted(set(problems))
        lines = [f"{path}:{line}: {words}" for line, words in problems[:_MOST_PROBLEMS]]
        if len(problems) > _MOST_PROBLEMS:
            lines.append(f"{path}: and {len(problems) - _MOST_PROBLEMS} more.")
        raise ShotListError("\n".join(lines))
    if not shots:
        raise ShotListError(f"{path} names no shot; add a [[shot]] with its name.")
    return tuple(shots)


def _read_toml(text: str, problems: list[Problem]) -> tuple[_Row, list[_Row]]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ShotListError(f"this is no TOML: {error}.") from None
    lines = key_lines(text)
    for key in data:
        if key not in ("defaults", "shot"):
            problems.append((line_of(lines, (key,)), f"“{key}” is neither defaults nor shot."))
    defaults, shots = data.get("defaults", {}), data.get("shot", [])
    if not isinstance(defaults, dict):
        problems.append((line_of(lines, ("defaults",)), "“defaults” must be a table."))
        defaults = {}
    if not isinstance(shots, list) or not all(isinstance(each, dict) for each in shots):
        problems.append((line_of(lines, ("shot",)), "Shots are tables: write [[shot]] above each."))
        shots = []

    def row(path: tuple[str | int, ...], table: dict[str, Any]) -> _Row:
        values = {key: (value, line_of(lines, (*path, key))) for key, value in table.items()}
        return _Row(line_of(lines, path), values)

    return row(("defaults",), defaults), [row(("shot", n), each) for n, each in enumerate(shots)]


def _read_csv(text: str, problems: list[Problem]) -> tuple[_Row, list[_Row]]:
    dialect: type[csv.Dialect] | csv.Dialect = csv.excel
    first = text.partition("\n")[0]
    if first.count(";") > first.count(","):  # as table programs write where a comma is decimal
        dialect = _Semicolons()
    reader = csv.reader(io.StringIO(text), dialect, strict=True)
    names: list[str] | None = None
    defaults, rows = _Row(1), []
    line, following = 1, 1
    try:
        for cells in reader:
            # A cell may hold line breaks: a row begins after the one before.
            line, following = following, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = [cell.strip() for cell in cells]
                if "name" not in names or len(set(names)) < len(names):
                    problems.append((line, "The first row names the columns, “name” among them."))
                continue
            row = _csv_row(names, cells, line, problems)
            if row.values.get("name", ("", 0))[0] != DEFAULTS_ROW:
                rows.append(row)
                continue
            del row.values["name"]
            if rows or defaults.values:
                problems.append((line, "Defaults stand once, above all shots."))
            defaults = row
    except csv.Error as error:
        raise ShotListError(f"line {reader.line_num} is no CSV: {error}.") from None
    return defaults, rows


class _Semicolons(csv.excel):
    delimiter = ";"


def _csv_row(
    names: Sequence[str], cells: Sequence[str], line: int, problems: list[Problem]
) -> _Row:
    if len(cells) > len(names):
        problems.append((line, f"This row has {len(cells)} cells for {len(names)} columns."))
    pairs = zip(names, cells, strict=False)
    return _Row(line, {name: (cell.strip(), line) for name, cell in pairs if cell.strip()})


def _shots(
    defaults: _Row, rows: Sequence[_Row], folder: Path, problems: list[Problem]
) -> list[Shot]:
    """The shots that can be made of the rows; what is wrong is added to the problems."""
    common = _read_row(defaults, folder, problems)
    if "name" in common:
        problems.append((defaults.values["name"][1], "A name belongs to one shot, not to all."))
        del common["name"]
    shots: list[Shot] = []
    first_line: dict[str, int] = {}
    recipes: dict[Path, str] = {}
    for row in rows:
        own = _read_row(row, folder, problems)
        settings = _merged(common, own)
        if "name" not in settings:
            if "name" not in row.values:
                problems.append((row.line, "This shot has no name."))
            continue
        shot = Shot(**settings, line=row.line)
        # File systems may take “A” and “a” for the same.
        before = first_line.setdefault(shot.name.lower(), row.line)
        if before != row.line:
            problems.append((row.line, f"“{shot.name}” is the name of the shot of line {before}."))
        problems.extend((row.line, f"Shot “{shot.name}”: {words}") for words in _wrong(shot, row))
        if shot.recipe is not None:
            words = recipes.setdefault(shot.recipe, _recipe_problem(shot.recipe))
            if words:
                place = row.values.get("recipe") or defaults.values.get("recipe") or (0, row.line)
                problems.append((place[1], f"“recipe”: {words}"))
        shots.append(shot)
    return shots


def _read_row(row: _Row, folder: Path, problems: list[Problem]) -> dict[str, Any]:
    settings = {}
    for setting, (value, line) in row.values.items():
        if setting not in SETTINGS:
            known = ", ".join(SETTINGS)
            problems.append((line, f"There is no setting “{setting}”; there are {known}."))
            continue
        try:
            settings[setting] = read_setting(setting, value, folder)
        except ValueError as error:
            problems.append((line, f"“{setting}” {error}."))
    return settings


def _merged(common: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A shot's own settings above the defaults; its take replaces a default footage."""
    settings = {**common, **own}
    for one, other in (("footage", "take"), ("take", "footage")):
        if one in own and other in common and other not in own:
            del settings[other]
    return settings


def _wrong(shot: Shot, row: _Row) -> Iterator[str]:
    """What does not fit together."""
    unread = [setting for setting in PATHS if setting in row.values]
    if (shot.footage is None) == (shot.take is None) and not (
        shot.footage is None and {"footage", "take"} & set(unread)
    ):
        yield "name footage or a take: one of the two."
    wanted = [product for product in shot.make if product in NEED_CHARACTER]
    if wanted and shot.character is None and "character" not in unread:
        yield f"{wanted[0]} needs a character."
    if shot.character is not None and not _is_blend(shot.character):
        yield f"{shot.character} is no .blend file."
    if shot.start is not None and shot.end is not None and shot.end <= shot.start:
        yield "the footage's end must lie after its start."
    if shot.take is not None and (shot.start is not None or shot.end is not None):
        yield "start and end are of footage; a take is used whole."


def _is_blend(path: Path) -> bool:
    """Whether a file begins as a .blend does: plain, or packed by zstd or gzip."""
    try:
        with path.open("rb") as file:
            start = file.read(7)
    except OSError:
        return False
    return start == b"BLENDER" or start[:4] == b"\x28\xb5\x2f\xfd" or start[:2] == b"\x1f\x8b"


def _recipe_problem(path: Path) -> str:
    try:
        Recipe.from_json(path.read_text(encoding="utf-8"))
    except MienError as error:
        return f"{path.name}: {error}"
    except (OSError, UnicodeDecodeError):
        return f"{path.name} cannot be read."
    return ""
