# SPDX-License-Identifier: GPL-3.0-or-later
"""Where takes lie on the disk, and how a scene remembers it.

Takes go next to the .blend file, into `//takes`, or where the preferences say. A file
that was never saved has no place of its own: its takes go into the extension's folder
among the user's Blender files, so that capturing always works, and are found there
again after the file is saved.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import bpy

from ..models.errors import TakeError
from .preferences import BASE_PACKAGE, preferences


def takes_folder() -> Path:
    """The folder for new takes, an absolute path. It may not exist yet."""
    chosen = preferences().takes_folder or "//"
    if chosen.startswith("//") and not bpy.data.filepath:
        return _user_folder() / "takes"
    return Path(bpy.path.abspath(chosen)).absolute()


def free_place(folder: Path, name: str) -> Path:
    """A path in `folder` that nothing has yet: `name`, or `name_2`, `name_3` …"""
    name = re.sub(r"[^\w.-]+", "_", name).strip("._") or "take"
    place, number = folder / name, 1
    while place.exists():
        number += 1
        place = folder / f"{name}_{number}"
    return place


def as_stored(path: Path) -> str:
    """The path as a scene keeps it: relative to the .blend file where that is saved."""
    return _relative(str(path)) if bpy.data.filepath else str(path)


def as_absolute(stored: str) -> Path:
    """The path that a scene keeps, as an absolute one.

    Raises TakeError if it is relative to a .blend file that was never saved.
    """
    if stored.startswith("//") and not bpy.data.filepath:
        raise TakeError(
            f"“{stored}” is relative to the .blend file, which is not saved yet. "
            "Save it, or choose the file again."
        )
    return Path(bpy.path.abspath(stored)).absolute()


def rebase(old: Path, new: Path) -> None:
    """Rewrite every scene's relative paths, which start at `old`, to start at `new`."""
    if old == new:
        return
    here = [scene for scene in bpy.data.scenes if scene.library is None]
    for settings in (scene.mien for scene in here):  # type: ignore[attr-defined]
        for owner, name in _stored_paths(settings):
            stored = getattr(owner, name)
            if stored.startswith("//"):
                absolute = bpy.path.abspath(stored, start=str(old))
                setattr(owner, name, _relative(absolute, str(new)))


def _stored_paths(settings: Any) -> list[tuple[Any, str]]:
    """Every path of a scene's settings: whose it is, and the property's name."""
    used = [(each, name) for each in settings.takes_used for name in ("name", "footage")]
    return [(settings, "footage"), (settings, "take"), *used]


def _relative(path: str, start: str | None = None) -> str:
    try:
        return bpy.path.relpath(path, start=start)
    except ValueError:  # Another drive on Windows: no relative path leads there.
        return path


def _user_folder() -> Path:
    """The extension's own folder among the user's files, which upgrades leave alone."""
    try:
        return Path(bpy.utils.extension_path_user(BASE_PACKAGE))
    except ValueError:  # Run from a checkout, not installed as an extension.
        return Path(bpy.utils.user_resource("EXTENSIONS")) / ".user" / "mien"
