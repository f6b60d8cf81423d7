# SPDX-License-Identifier: GPL-3.0-or-later
"""What was tracked of the face, drawn over the footage behind the camera's view, on request.

It follows the timeline as the footage does. Drawing reads no file: where other landmarks are
needed than are in memory, they are read from a timer, and the view is drawn again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ..models.errors import MienError
from .take_paths import as_absolute

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..models.landmark_track import LandmarkTrack
    from ..models.performance import Floats

COLOR = (0.3, 1.0, 0.45, 0.8)
HALF_A_MARK = 0.9
"""Pixels, at an interface scale of 1."""


class _Overlay:
    """The landmarks in memory, whose they are, and the handler that draws them."""

    def __init__(self) -> None:
        self.handler: Any = None
        self.take = ""
        self.track: LandmarkTrack | None = None
        self.problem = ""


_OVERLAY = _Overlay()


def add_overlay() -> None:
    """Draw in 3D views from now on, as soon as a scene asks for it."""
    _OVERLAY.handler = bpy.types.SpaceView3D.draw_handler_add(_draw, (), "WINDOW", "POST_PIXEL")


def remove_overlay() -> None:
    """Draw no more, and give the memory back."""
    if bpy.app.timers.is_registered(_read):
        bpy.app.timers.unregister(_read)
    bpy.types.SpaceView3D.draw_handler_remove(_OVERLAY.handler, "WINDOW")
    _OVERLAY.handler, _OVERLAY.take, _OVERLAY.track, _OVERLAY.problem = None, "", None, ""


def problem_of(settings: Any) -> str:
    """Why nothing is drawn although it is asked for, as a sentence; "" if there is no reason."""
    if not settings.show_landmarks:
        return ""
    if not settings.take:
        return "Landmarks belong to a take: capture the footage"
    if _OVERLAY.take != settings.take:
        return ""
    if _OVERLAY.track is not None and _OVERLAY.track.footage != _name(settings.footage):
        return "The take in use is of other footage"
    return _OVERLAY.problem


def marks_at(scene: bpy.types.Scene, frame: float) -> Floats | None:
    """(points, 2) pixels of the footage on a scene frame, y down; None where there are none."""
    from ..blender_ops.footage_view import background_of
    from ..blender_ops.sampling import scene_rate

    settings: Any = scene.mien  # type: ignore[attr-defined]
    background, track = background_of(scene), _OVERLAY.track
    if background is None or track is None or _OVERLAY.take != settings.take:
        return None
    if track.footage != _name(settings.footage):
        return None
    points = track.at((frame - background.image_user.frame_start) / scene_rate(scene))
    return points if len(points) else None


def read_now(settings: Any) -> None:
    """Read the landmarks of the take in use. What is wrong with them the panel tells."""
    from ..models.landmark_track import read_landmarks

    _OVERLAY.take, _OVERLAY.track, _OVERLAY.problem = settings.take, None, ""
    try:
        _OVERLAY.track = read_landmarks(as_absolute(settings.take))
    except MienError as error:
        _OVERLAY.problem = str(error)


def _read() -> None:
    """Called once by a timer, as drawing asked for it."""
    for scene in bpy.data.scenes:
        settings: Any = scene.mien  # type: ignore[attr-defined]
        if settings.show_landmarks and settings.take and settings.take != _OVERLAY.take:
            read_now(settings)
            break
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def _draw() -> None:
    """Blender draws a 3D view."""
    context: Any = bpy.context
    scene, space = context.scene, context.space_data
    settings = scene.mien
    if not settings.show_landmarks or not settings.take or not space.overlay.show_overlays:
        return
    if _OVERLAY.take != settings.take:
        if not bpy.app.timers.is_registered(_read):
            bpy.app.timers.register(_read)
        return
    points = marks_at(scene, scene.frame_current)
    if points is not None:
        _draw_marks(context, points)


def _draw_marks(context: Any, points: Floats) -> None:
    from ..blender_ops.footage_marks import frame_in_view, places_in_view, placing_of
    from ..blender_ops.footage_view import background_of

    assert _OVERLAY.track is not None
    frame = frame_in_view(context.scene, context.region, context.space_data.region_3d)
    if frame is None:
        return
    placing = placing_of(background_of(context.scene))
    places = places_in_view(points, _OVERLAY.track.size, frame, placing)
    _draw_squares(places, HALF_A_MARK * context.preferences.system.ui_scale)


def _draw_squares(places: Floats, half: float) -> None:
    import gpu
    from gpu_extras.batch import batch_for_shader

    vertices, triangles = squares(places, half)
    content: Any = {"pos": vertices}
    indices: Any = triangles
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    batch = batch_for_shader(shader, "TRIS", content, indices=indices)
    gpu.state.blend_set("ALPHA")
    shader.bind()
    shader.uniform_float("color", COLOR)
    batch.draw(shader)
    gpu.state.blend_set("NONE")


def squares(places: Floats, half: float) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Corners and triangles of small squares: graphics cards differ in how they draw points."""
    import numpy as np

    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    vertices = (places[:, None] + corners).reshape(-1, 2).astype(np.float32)
    one = np.array([(0, 1, 2), (0, 2, 3)], np.int32)
    first = 4 * np.arange(len(places), dtype=np.int32)
    return vertices, (first[:, None, None] + one).reshape(-1, 3)


def _name(path: str) -> str:
    return Path(path.removeprefix("//")).name
