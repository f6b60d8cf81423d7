# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch's folder: which steps are done, where their products are, and what they said.

    takes/       a take for each film
    shots/NAME/  what was asked for
    work/        what other steps need: frames, files that were not asked for
    logs/        what each step said
    .steps/      a record of each product, with the key of the step that made it

A step writes beside its product; what is complete is moved into place, and then recorded.
Whatever ends the batch in between, the step is done again and gives the same.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..formats import atomic
from .fingerprint import combined
from .plan import Step

_PLACES = ("takes", "work", "shots", "shots/*", "shots/*/*", "work/*")

# What `Store.target` calls unfinished products, and what the commands and Blender call theirs.
_UNFINISHED = re.compile(r"^\.\.?[0-9a-f]{8}\b|^\.mien-|\.part$|^\.unfinished")

_RUNNING = ".running"


@dataclass(frozen=True)
class Record:
    """What is kept of a step: what it said, and how long it took."""

    facts: Mapping[str, Any]
    seconds: float
    attempts: int


class Store:
    """The products and records in a batch's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._records = folder / ".steps"

    @property
    def memory(self) -> Path:
        """The file in which hashes of contents are remembered."""
        return self._records / "contents.json"

    @property
    def is_used(self) -> bool:
        """Whether a batch ran here."""
        return self._records.is_dir()

    def open(self) -> None:
        """Make the folders, and clear away what an interrupted batch was writing."""
        for place in ("takes", "work", "shots", "logs"):
            (self.folder / place).mkdir(parents=True, exist_ok=True)
        self._records.mkdir(exist_ok=True)
        self.clear()

    def clear(self) -> None:
        """Remove what nobody finished: no step may be under way."""
        for place in _PLACES:
            for left in self.folder.glob(f"{place}/.*"):
                if _UNFINISHED.search(left.name):
                    _remove(left)
        for left in (
            *self._records.glob(".*.part"),
            *self._records.glob(f"*{_RUNNING}"),
            *(self.folder / "logs").glob(".*.json"),
        ):
            _remove(left)

    def mark(self, run: str) -> Path:
        """The file that is there while a run goes on, for machines that help with it."""
        return self._records / f"{run}{_RUNNING}"

    def log(self, step: Step) -> Path:
        """Where a step says what it does."""
        return self.folder / "logs" / f"{step.shot}.{step.kind}.log"

    def record(self, step: Step) -> Record | None:
        """The record of a step that is done and whose product is there; None otherwise."""
        data = self._read(step)
        if data is None:
            return None
        found = set(_state(self.folder / step.product))
        if not found or not set(data["files"]) <= found:
            return None
        return Record(data["facts"], data["seconds"], data["attempts"])

    def was_changed(self, step: Step) -> bool:
        """Whether someone changed the product of a step that is done."""
        data = self._read(step)
        return data is not None and data["files"] != _state(self.folder / step.product)

    def target(self, step: Step) -> Path:
        """Where a step is to write: beside its product, or into it if it is continued."""
        product = self.folder / step.product
        product.parent.mkdir(parents=True, exist_ok=True)
        if step.continued:
            self._leave_to_its_own(step, product)
            return product
        token = f".{secrets.token_hex(4)}"
        if step.kind == "capture":
            # A take knows its own name: it is written under it, in a folder of its own.
            (product.parent / token).mkdir()
            return product.parent / token / product.name
        # Beside the product: relative paths in a .blend stay right when it is moved.
        return product.parent / f"{token}{''.join(product.suffixes)}"

    def keep(self, step: Step, target: Path, record: Record) -> None:
        """Move what a step wrote into place and record it. Raises OSError, FormatError."""
        product = self.folder / step.product
        if target != product:
            if product.exists():
                self._make_way(product)
            target.replace(product)
            if step.kind == "capture":
                target.parent.rmdir()
        data = {
            "key": step.key,
            "files": _state(product),
            "facts": dict(record.facts),
            "seconds": record.seconds,
            "attempts": record.attempts,
        }
        with atomic.file(self._file(step.product), overwrite=True) as stream:
            stream.write(json.dumps(data).encode())

    def discard(self, target: Path, step: Step) -> None:
        """Remove what a failed step wrote."""
        if target != self.folder / step.product:
            _remove(target.parent if step.kind == "capture" else target)

    def _make_way(self, product: Path) -> None:
        """Remove an older product; one that someone changed since is kept under another name."""
        known = _read(self._file(product.relative_to(self.folder).as_posix()))
        if known is None or known["files"] == _state(product):
            _remove(product)
            return
        number = 1
        while (
            kept := product.with_name(f"{product.stem}.changed-{number}{product.suffix}")
        ).exists():
            number += 1
        product.rename(kept)

    def _leave_to_its_own(self, step: Step, product: Path) -> None:
        """Frames that another step made are no part of this one's."""
        mark = self._file(step.product).with_suffix(".begun")
        if product.exists() and (not mark.is_file() or mark.read_text() != step.key):
            self._make_way(product)
        product.mkdir(exist_ok=True)
        if not mark.is_file() or mark.read_text() != step.key:
            with atomic.file(mark, overwrite=True) as stream:
                stream.write(step.key.encode())

    def _file(self, product: str) -> Path:
        return self._records / f"{combined([product])[:32]}.json"

    def _read(self, step: Step) -> dict[str, Any] | None:
        data = _read(self._file(step.product))
        return data if data is not None and data["key"] == step.key else None


def _read(file: Path) -> dict[str, Any] | None:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) and {"key", "files"} <= set(data) else None


def _state(product: Path) -> dict[str, list[int]]:
    """Size and time of change of each file of a product, by its name."""
    return {
        file.relative_to(product.parent).as_posix(): [file.stat().st_size, file.stat().st_mtime_ns]
        for file in sorted(_files(product))
    }


def _files(product: Path) -> Iterator[Path]:
    if product.is_dir():
        yield from (file for file in product.rglob("*") if file.is_file())
    elif product.exists():
        yield product


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
