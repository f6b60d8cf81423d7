# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of takes in the panel "Take": those of the takes folder, and those the scenes used.

It is kept with the window and filled by a scan of the folder; drawing only reads it. Which of
them is in use is the scene's own data, so that Ctrl-Z takes a choice back.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
import bpy.utils.previews
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)
from bpy.types import PropertyGroup

from ..models.errors import MienError, TakeError
from .take_paths import as_absolute, as_stored, takes_folder

if TYPE_CHECKING:
    from ..models.take_summary import TakeSummary


class MienListedTake(PropertyGroup):
    """A take in the list; its `name` is what a person calls it."""

    path: StringProperty(name="Path", description="Where it lies, as the scene keeps it")
    frames: IntProperty(name="Frames", description="Samples in the take")
    duration: FloatProperty(
        name="Length",
        description="From first to last sample",
        subtype="TIME_ABSOLUTE",
        unit="TIME_ABSOLUTE",
    )
    rate: FloatProperty(name="Rate", description="Samples a second")
    seen: FloatProperty(name="Face Seen", description="Share in which a face was seen")
    remarks: StringProperty(name="Remarks", description="What the capture had to say")
    timecode: StringProperty(name="Timecode", description="Of the first sample, empty if unknown")
    exact: BoolProperty(name="Exact", description="Whether the figures come from the take itself")
    picture: StringProperty(name="Picture", description="File of its picture")
    problem: StringProperty(name="Problem", description="Why it cannot be used")


class MienTakeList(PropertyGroup):
    """All takes that are known here."""

    takes: CollectionProperty(type=MienListedTake)


class _Known:
    """What was read of takes, so that a second scan is quick, and their pictures as icons.

    Takes are never changed, so what was read of one stays true as long as it is the same file.
    """

    def __init__(self) -> None:
        self.summaries: dict[tuple[Path, int], TakeSummary] = {}
        self.pictures: Any = None


_KNOWN = _Known()


def add_list() -> None:
    """Add the list to the window; it is filled as soon as enabling is over."""
    pointer: Any = PointerProperty  # The stubs say that it returns nothing.
    bpy.types.WindowManager.mien_takes = pointer(type=MienTakeList)  # type: ignore[attr-defined]
    _KNOWN.pictures = bpy.utils.previews.new()
    bpy.app.timers.register(refresh)


def remove_list() -> None:
    """Take it away, and give back the memory."""
    if bpy.app.timers.is_registered(refresh):
        bpy.app.timers.unregister(refresh)
    bpy.utils.previews.remove(_KNOWN.pictures)
    _KNOWN.pictures = None
    _KNOWN.summaries.clear()
    del bpy.types.WindowManager.mien_takes  # type: ignore[attr-defined]


def listed_takes() -> Any:
    """The takes in the list, in its order."""
    return bpy.context.window_manager.mien_takes.takes


def refresh(*_: object) -> None:
    """Look again which takes there are."""
    from ..models.take_summary import takes_in

    here = [as_stored(folder) for folder in takes_in(takes_folder())]
    others = sorted(path for path in _used_takes() if path not in here)
    takes = listed_takes()
    takes.clear()
    for path in (*here, *others):
        _describe(takes.add(), path)


def place_of(stored_path: str) -> int:
    """Where a take stands in the list, -1 if it is not there."""
    return next((i for i, take in enumerate(listed_takes()) if take.path == stored_path), -1)


def picture_of(take: MienListedTake) -> int:
    """The number of its picture's icon, 0 if it has none."""
    pictures, file = _KNOWN.pictures, take.picture
    if not file or pictures is None:
        return 0
    if file not in pictures:
        # Blender reads the file when it first shows it, in a thread.
        pictures.load(file, file, "IMAGE")
    number: int = pictures[file].icon_id
    return number


def summary(folder: Path) -> TakeSummary:
    """What there is to tell of a take's folder. Raises TakeError if it is none, or damaged."""
    from ..models.formats.take_folder import DESCRIPTION
    from ..models.take_summary import summary_of

    try:
        key = folder, (folder / DESCRIPTION).stat().st_mtime_ns
    except OSError:
        raise TakeError(f"“{folder}” is no take: it has no “{DESCRIPTION}”.") from None
    if key not in _KNOWN.summaries:
        _KNOWN.summaries[key] = summary_of(folder)
    return _KNOWN.summaries[key]


def _used_takes() -> set[str]:
    """Takes that the scenes used, wherever they lie."""
    found: set[str] = set()
    for scene in bpy.data.scenes:
        if scene.library is None:
            settings: Any = scene.mien  # type: ignore[attr-defined]
            found |= {used.name for used in settings.takes_used} | {settings.take}
    return found - {""}


def _describe(listed: Any, path: str) -> None:
    """Fill a row of the list."""
    listed.path = listed.name = path
    try:
        absolute = as_absolute(path)
        listed.name = absolute.name
        if not absolute.exists():
            raise TakeError(f"There is no take at “{absolute}” any more.")
        if not absolute.is_dir():
            _describe_as_used(listed, path)
            return
        found = summary(absolute)
    except MienError as error:
        listed.problem = str(error)
        return
    listed.frames, listed.duration, listed.rate = found.frames, found.duration, found.rate
    listed.seen, listed.remarks, listed.exact = found.seen, found.remarks, found.exact
    listed.timecode = found.timecode
    listed.picture = str(found.picture or "")


def _describe_as_used(listed: Any, path: str) -> None:
    """A recording of another app: what was found when it was read."""
    for scene in bpy.data.scenes:
        settings: Any = scene.mien  # type: ignore[attr-defined]
        used = settings if settings.take == path else settings.takes_used.get(path)
        if used is not None:
            listed.frames, listed.duration = used.take_frames, used.take_duration
            listed.rate, listed.seen = used.take_rate, used.take_seen
            listed.remarks, listed.exact = used.take_report, used.take_frames > 0
            return


CLASSES = (MienListedTake, MienTakeList)
