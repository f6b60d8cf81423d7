# SPDX-License-Identifier: GPL-3.0-or-later
"""What Mien does when Blender's data change under it or another file is opened."""

from __future__ import annotations

from bpy.app import handlers
from bpy.app.handlers import persistent

from . import active_character
from .jobs.job import JOBS


@persistent
def stop_jobs(*_: object) -> None:
    """The scene that waits for the job is about to go."""
    JOBS.stop()


@persistent
def stop_jobs_on_scene_data(*_: object) -> None:
    """An undo is about to replace the data that such a job holds."""
    if JOBS.running and JOBS.running.holds_scene_data:
        JOBS.stop()


@persistent
def forget_character(*_: object) -> None:
    """What the panels say of the character may be true no longer."""
    active_character.forget()


def add_handlers() -> None:
    """Listen."""
    for listeners, listener in _listeners():
        listeners.append(listener)


def remove_handlers() -> None:
    """Stop listening."""
    for listeners, listener in _listeners():
        listeners.remove(listener)


def _listeners() -> list[tuple[list, object]]:
    return [
        (handlers.load_pre, stop_jobs),
        (handlers.undo_pre, stop_jobs_on_scene_data),
        (handlers.redo_pre, stop_jobs_on_scene_data),
        (handlers.load_post, forget_character),
        (handlers.undo_post, forget_character),
        (handlers.redo_post, forget_character),
        (handlers.depsgraph_update_post, forget_character),
    ]
