# SPDX-License-Identifier: GPL-3.0-or-later
"""Work done in steps: a generator that yields the share done, 0–1, and returns the result.

An operator with a window runs a step at a time between redraws; a command runs all.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import TypeAlias, TypeVar

Result = TypeVar("Result")
Steps: TypeAlias = Generator[float, None, Result]


def finished(steps: Steps[Result]) -> Result:
    """Do all the steps at once; their result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def part_of(steps: Steps[Result], start: float, end: float) -> Steps[Result]:
    """The same steps as that part of a longer work which goes from `start` to `end`."""
    with contextlib.closing(steps):
        while True:
            try:
                share = next(steps)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
            yield start + (end - start) * share
