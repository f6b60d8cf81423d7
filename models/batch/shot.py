# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot: what a list may say of it, and how each word of the list is read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..errors import MienError

PRODUCTS = ("blend", "action", "video", "stills", "fbx", "gltf", "live_link")
NEED_CHARACTER = frozenset(PRODUCTS) - {"live_link"}
ENGINES = ("workbench", "eevee", "cycles")
PATHS = ("footage", "take", "character", "recipe")

Frames = tuple[int, ...]


class ShotListError(MienError):
    """A shot list cannot be read; the message has a line for each thing to put right."""


@dataclass(frozen=True)
class Shot:
    """One shot.

    name: a file's name without its ending. footage or take: where the performance comes from.
    character: the .blend file of the character; object: an object of it, where the file has
        several. recipe: file; None: the take's own.
    make: what is wanted, of `PRODUCTS`.
    seed: of every step of the recipe that takes one. tolerance: of the bake, in weight.
        start_frame: scene frame of the performance's second 0. refine: 0–1. neutral: "auto",
        "none" or seconds. start, end: seconds of the footage.
    engine, size, samples: of renders; None: the file's own. frames: (first, last) scene frame
        of the video; None: the whole performance. still_frames: those of stills; empty: first,
        middle and last. stamp: shot's name and timecode in the picture. audio: the footage's
        under the video.
    line: of the list.
    """

    name: str
    footage: Path | None = None
    take: Path | None = None
    character: Path | None = None
    object: str | None = None
    recipe: Path | None = None
    make: tuple[str, ...] = ("blend",)
    seed: int | None = None
    tolerance: float = 0.005
    start_frame: float = 1.0
    refine: float | None = None
    neutral: str | None = None
    start: float | None = None
    end: float | None = None
    engine: str | None = None
    size: tuple[int, int] | None = None
    samples: int | None = None
    frames: tuple[int, int] | None = None
    still_frames: Frames = ()
    stamp: bool = False
    audio: bool = True
    line: int = 1


SETTINGS = tuple(field.name for field in fields(Shot) if field.name != "line")


def read_setting(setting: str, value: Any, folder: Path) -> Any:
    """A value of a list, or its text in a CSV, as `Shot` keeps it.

    folder: what paths are relative to. Raises ValueError, in words that follow the
    setting's name, for a value that does not fit.
    """
    if setting in PATHS:
        return _existing(_text(value), folder)
    return _READERS[setting](value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be text")
    return value.strip()


def _existing(text: str, folder: Path) -> Path:
    path = folder / Path(text).expanduser()
    if not path.exists():
        raise ValueError(f"names {path}, which is not there")
    return path.resolve()


def _name(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(r"[\w-][\w.-]*", text):
        raise ValueError(
            f"is “{' '.join(text.split())}”; it becomes a file's name: letters, digits, _ - . only"
        )
    return text


def _make(value: Any) -> tuple[str, ...]:
    words = re.split(r"[\s,;+]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(words, list) or not words:
        raise ValueError(f"must list some of {', '.join(PRODUCTS)}")
    unknown = [str(word) for word in words if word not in PRODUCTS]
    if unknown:
        raise ValueError(f"has “{unknown[0]}”, which is none of {', '.join(PRODUCTS)}")
    return tuple(product for product in PRODUCTS if product in words)


def _number(low: float, high: float = math.inf) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ValueError(f"must be a number, not “{value}”") from None
        if isinstance(value, bool) or not math.isfinite(number) or not low <= number <= high:
            bounds = f"from {low:g} to {high:g}" if high < math.inf else f"of {low:g} or more"
            raise ValueError(f"must be a number{'' if low == -math.inf else ' ' + bounds}")
        return number

    return read


def _whole(low: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise ValueError(f"must be a whole number, not “{value}”") from None
        if isinstance(value, bool) or (isinstance(value, float) and number != value):
            raise ValueError("must be a whole number")
        if number < low:
            raise ValueError(f"must be {low} or more")
        return number

    return read


def _yes(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    known = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if str(value).strip().lower() not in known:
        raise ValueError("must be true or false")
    return known[str(value).strip().lower()]


def _neutral(value: Any) -> str:
    if value in ("auto", "none"):
        return str(value)
    try:
        return repr(_number(0)(value))
    except ValueError:
        raise ValueError("must be auto, none or seconds") from None


def _engine(value: Any) -> str:
    if value not in ENGINES:
        raise ValueError(f"must be one of {', '.join(ENGINES)}")
    return str(value)


def _size(value: Any) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)\s*[x×]\s*(\d+)", str(value).strip().lower())
    if not found or not int(found[1]) or not int(found[2]):
        raise ValueError("must be like 1280x720")
    return int(found[1]), int(found[2])


def _span(value: Any) -> tuple[int, int]:
    found = re.fullmatch(r"(-?\d+)\s*[-–:]\s*(-?\d+)", str(value).strip())
    if not found or int(found[1]) > int(found[2]):
        raise ValueError("must be like 1-48: first and last frame")
    return int(found[1]), int(found[2])


def _frame_numbers(value: Any) -> Frames:
    words = re.split(r"[\s,;]+", value.strip()) if isinstance(value, str) else value
    frames: set[int] = set()
    for word in words if isinstance(words, list) else [words]:
        try:
            frames.add(_whole(-1_000_000)(word))
        except ValueError:
            first, last = _span(word)
            frames.update(range(first, last + 1))
    return tuple(sorted(frames))


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "name": _name,
    "object": _text,
    "make": _make,
    "seed": _whole(0),
    "tolerance": _number(0),
    "start_frame": _number(-math.inf),
    "refine": _number(0, 1),
    "neutral": _neutral,
    "start": _number(0),
    "end": _number(0),
    "engine": _engine,
    "size": _size,
    "samples": _whole(1),
    "frames": _span,
    "still_frames": _frame_numbers,
    "stamp": _yes,
    "audio": _yes,
}
