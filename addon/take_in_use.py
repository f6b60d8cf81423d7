# SPDX-License-Identifier: GPL-3.0-or-later
"""Which take a scene uses: a capture makes its own the one in use, a click in the list another."""

from __future__ import annotations

from typing import Any

from ..models.errors import MienError
from . import take_list, take_memory
from .last_error import LAST_ERROR
from .take_paths import as_absolute


def use_take(
    settings: Any,
    stored_path: str,
    *,
    frames: int,
    duration: float,
    rate: float,
    seen: float,
    report: str,
) -> None:
    """Make a take the one in use, with the figures that the panel shows of it."""
    take_memory.change_take(settings, stored_path)
    settings.take_frames = frames
    settings.take_duration = duration
    settings.take_rate = rate
    settings.take_seen = seen
    settings.take_report = report
    settings.bake_report = ""
    take_list.refresh()


def use_take_at(settings: Any, stored_path: str) -> float:
    """Read a take, a folder or a file of another app, and make it the one in use.

    Returns how many seconds it is long. Raises TakeError if it cannot be read.
    """
    from ..models.take import read_take

    take = read_take(as_absolute(stored_path))
    performance = take.performance
    use_take(
        settings,
        stored_path,
        frames=len(performance),
        duration=performance.duration,
        rate=performance.rate,
        seen=float(performance.seen.mean()),
        report=" ".join(str(warning) for warning in take.report.get("warnings", ())),
    )
    return performance.duration


def chosen_place(settings: Any) -> int:
    """Where the take in use stands in the list, -1 if it is not there."""
    return take_list.place_of(settings.take)


def choose_place(settings: Any, place: int) -> None:
    """A row of the list was clicked. A take that cannot be used says why in its row."""
    takes = take_list.listed_takes()
    if not 0 <= place < len(takes) or takes[place].path == settings.take:
        return
    listed = takes[place]
    path = listed.path
    if listed.problem:
        return
    if listed.exact:
        use_take(
            settings,
            path,
            frames=listed.frames,
            duration=listed.duration,
            rate=listed.rate,
            seen=listed.seen,
            report=listed.remarks,
        )
        return
    try:
        use_take_at(settings, path)
    except MienError as error:
        LAST_ERROR.remember("mien.take_list", error)
        listed.problem = str(error)
