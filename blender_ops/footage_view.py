# SPDX-License-Identifier: GPL-3.0-or-later
"""The footage seen behind the camera's view, and heard when the timeline is scrubbed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ..models.errors import MienError
from .sequencer import add_sound_strip, remove_strips, strips_named

# By these names Mien knows its own again.
IMAGE = "Mien Footage"
SOUND = "Mien Sound"


class FootageViewError(MienError):
    """Footage cannot be shown in a scene."""


@dataclass(frozen=True)
class Shown:
    """What is shown: how many frames, and whether there is sound."""

    frames: int
    sound: bool


def show_footage(
    scene: bpy.types.Scene, pictures: Path, start_frame: int, sound: Path | None = None
) -> Shown:
    """Show a video behind what the scene's camera sees, one of its pictures a frame.

    pictures: a video of the scene's rate. start_frame: where its first picture stands. sound:
    the file whose sound is heard; None for none. What Mien showed before goes.
    Raises FootageViewError if the scene has no camera or the video cannot be loaded.
    """
    camera = scene.camera
    if camera is None or not isinstance(camera.data, bpy.types.Camera):
        raise FootageViewError("The scene has no camera to show footage behind; add one.")
    if camera.data.library is not None:
        raise FootageViewError(f"“{camera.name}” is linked; choose a camera of this file.")
    try:
        image = bpy.data.images.load(str(pictures), check_existing=False)
    except RuntimeError as error:
        raise FootageViewError(f"{pictures.name} cannot be shown: {error}") from None
    hide_footage(scene)
    image.name = IMAGE
    image.source = "MOVIE"
    frames = max(1, image.frame_duration)
    background = camera.data.background_images.new()
    background.image = image
    background.frame_method = "FIT"
    background.display_depth = "BACK"
    background.alpha = 1.0
    user: Any = background.image_user
    user.frame_duration, user.frame_start, user.frame_offset = frames, start_frame, 0
    user.use_auto_refresh, user.use_cyclic = True, False
    camera.data.show_background_images = True
    heard = None if sound is None else add_sound_strip(scene, sound, SOUND, start_frame)
    if heard is not None:
        scene.use_audio_scrub = True
        scene.sync_mode = "AUDIO_SYNC"
    return Shown(frames, heard is not None)


def hide_footage(scene: bpy.types.Scene) -> bool:
    """Take away what `show_footage` added; whether there was something."""
    removed = remove_strips(scene, SOUND) > 0
    for background, camera in _backgrounds(scene):
        image = background.image
        background.image = None  # To remove it alone leaves the image counted as used.
        camera.background_images.remove(background)
        if not image.users:
            bpy.data.images.remove(image)
        removed = True
    return removed


def move_footage(scene: bpy.types.Scene, frames: int) -> None:
    """Let footage that is shown begin so many frames later, with its sound."""
    for background, _ in _backgrounds(scene):
        background.image_user.frame_start += frames
    for strip in strips_named(scene, SOUND):
        strip.frame_start += frames


def background_of(scene: bpy.types.Scene) -> Any:
    """The camera's background image that shows the footage, None if none is shown."""
    found = _backgrounds(scene)
    return found[0][0] if found else None


def is_shown(scene: bpy.types.Scene) -> bool:
    """Whether footage is shown; quick enough for drawing."""
    return bool(_backgrounds(scene))


def _backgrounds(scene: bpy.types.Scene) -> list[tuple[Any, Any]]:
    """Mien's background images of the scene's camera, with the camera's data."""
    camera: Any = scene.camera.data if scene.camera is not None else None
    if camera is None or not hasattr(camera, "background_images"):
        return []
    return [
        (each, camera)
        for each in camera.background_images
        if each.image is not None and each.image.name.partition(".")[0] == IMAGE
    ]
