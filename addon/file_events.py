# SPDX-License-Identifier: GPL-3.0-or-later
"""What Mien does when Blender's data change under it or another file is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
from bpy.app import handlers
from bpy.app.handlers import persistent

from . import active_character, channel_list, recipe_stack, take_list, take_paths
from .face_preview import FACE_PREVIEW
from .gallery_pictures import drop_pictures
from .jobs.job import JOBS
from .live_face import LIVE_FACE


def stop_jobs(*_: object) -> None:
    """The scene that waits for the job is about to go."""
    JOBS.stop()


def stop_jobs_on_scene_data(*_: object) -> None:
    """An undo is about to replace the data that such a job holds."""
    if JOBS.running and JOBS.running.holds_scene_data:
        JOBS.stop()


def follow_saving(path: str, *_: object) -> None:
    """The file goes to another folder: paths relative to it lead on to the same files."""
    if path and bpy.data.filepath:
        take_paths.rebase(Path(bpy.data.filepath).parent, Path(path).parent)


def follow_saving_of_a_copy(path: str, *_: object) -> None:
    """Only a copy went there; the file that stays open keeps its paths."""
    if path and bpy.data.filepath:
        take_paths.rebase(Path(path).parent, Path(bpy.data.filepath).parent)


def forget_character(*_: object) -> None:
    """What the panels say of the character may be true no longer."""
    active_character.forget()


def forget_live_face(*_: object) -> None:
    """What the live sliders have looked up may be gone."""
    LIVE_FACE.forget()


def live_face_follows_data(scene: bpy.types.Scene, *_: object) -> None:
    """Another character may be selected, or the face changed by other means."""
    LIVE_FACE.data_changed(scene)


def live_face_follows_frame(scene: bpy.types.Scene, *_: object) -> None:
    """Animation may have moved the face on."""
    LIVE_FACE.frame_changed(scene)


def forget_face_preview(*_: object) -> None:
    """What the preview holds of Blender's data is about to go."""
    FACE_PREVIEW.forget()


def face_preview_goes_on(*_: object) -> None:
    """After an undo the scene may say that there is a preview."""
    FACE_PREVIEW.keep_following()


def recover_from_face_preview(*_: object) -> None:
    """A file that Blender saved by itself may hold a preview."""
    FACE_PREVIEW.recover()


def face_preview_follows_frame(scene: bpy.types.Scene, *_: object) -> None:
    """The next frame of the preview is shown."""
    FACE_PREVIEW.show(scene)


def save_without_face_preview(*_: object) -> None:
    """A file holds the face as it is without a preview."""
    for scene in bpy.data.scenes:
        FACE_PREVIEW.pause(scene)


def show_face_preview_again(*_: object) -> None:
    """The file is saved."""
    for scene in bpy.data.scenes:
        FACE_PREVIEW.go_on(scene)


def render_without_face_preview(scene: bpy.types.Scene, *_: object) -> None:
    """Pictures show the face as it is without a preview."""
    FACE_PREVIEW.pause(scene)


def show_face_preview_after_rendering(scene: bpy.types.Scene, *_: object) -> None:
    """The picture is made."""
    FACE_PREVIEW.go_on(scene)


def add_handlers() -> None:
    """Listen."""
    for listeners, listener in _listeners():
        listeners.append(persistent(listener))


def remove_handlers() -> None:
    """Stop listening."""
    FACE_PREVIEW.stop_everywhere()
    for listeners, listener in _listeners():
        listeners.remove(listener)


def _listeners() -> list[tuple[list[Any], Callable[..., None]]]:
    return [
        (handlers.load_pre, stop_jobs),
        (handlers.save_pre, follow_saving),
        (handlers.save_post, follow_saving_of_a_copy),
        (handlers.save_post_fail, follow_saving_of_a_copy),
        (handlers.undo_pre, stop_jobs_on_scene_data),
        (handlers.redo_pre, stop_jobs_on_scene_data),
        (handlers.load_post, forget_character),
        (handlers.load_post, drop_pictures),
        (handlers.load_post, channel_list.fill),
        (handlers.load_post, recipe_stack.fill_stacks),
        (handlers.load_post, take_list.refresh),
        (handlers.save_post, take_list.refresh),
        (handlers.undo_post, forget_character),
        (handlers.redo_post, forget_character),
        (handlers.depsgraph_update_post, forget_character),
        (handlers.load_post, forget_live_face),
        (handlers.undo_pre, forget_live_face),
        (handlers.undo_post, forget_live_face),
        (handlers.redo_pre, forget_live_face),
        (handlers.redo_post, forget_live_face),
        (handlers.depsgraph_update_post, live_face_follows_data),
        (handlers.frame_change_post, live_face_follows_frame),
        (handlers.load_pre, forget_face_preview),
        (handlers.load_post, recover_from_face_preview),
        (handlers.undo_pre, forget_face_preview),
        (handlers.undo_post, face_preview_goes_on),
        (handlers.redo_pre, forget_face_preview),
        (handlers.redo_post, face_preview_goes_on),
        (handlers.save_pre, save_without_face_preview),
        (handlers.save_post, show_face_preview_again),
        (handlers.save_post_fail, show_face_preview_again),
        (handlers.render_init, render_without_face_preview),
        (handlers.render_complete, show_face_preview_after_rendering),
        (handlers.render_cancel, show_face_preview_after_rendering),
        (handlers.frame_change_post, face_preview_follows_frame),
    ]
