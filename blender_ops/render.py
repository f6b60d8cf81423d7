# SPDX-License-Identifier: GPL-3.0-or-later
"""Stills and video of a scene, with no window needed.

Engines, sequencer and output settings differ between Blender versions; the differences
are resolved here.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
from mathutils import Vector

from ..models.errors import MienError
from . import side_by_side
from .sequencer import strips_of

Progress = Callable[[float, str], None]

# Workbench's numbers of samples, by Blender's names for them.
_WORKBENCH_SAMPLES = {1: "OFF", 5: "5", 8: "8", 11: "11", 16: "16", 32: "32"}

ENGINES = ("workbench", "eevee", "cycles")


class RenderError(MienError):
    """A picture or video cannot be rendered or written."""


@dataclass(frozen=True)
class RenderOptions:
    """What a render looks like.

    engine: "workbench", "eevee" or "cycles"; None keeps the scene's.
    size: width and height in pixels; None keeps the scene's.
    samples: samples a pixel; Workbench takes the next lower number that it has (1, 5, 8,
        11, 16, 32). None keeps the scene's.
    """

    engine: str | None = None
    size: tuple[int, int] | None = None
    samples: int | None = None


def apply_options(scene: bpy.types.Scene, options: RenderOptions) -> None:
    """Set engine, size and samples on a scene. Raises RenderError for an unknown engine."""
    render = scene.render
    if options.engine is not None:
        if options.engine not in ENGINES:
            known = ", ".join(ENGINES)
            raise RenderError(f"There is no engine “{options.engine}”. Choose one of: {known}.")
        render.engine = _engine_identifier(options.engine)
    if options.size is not None:
        render.resolution_x, render.resolution_y = options.size
        render.resolution_percentage = 100
    if options.samples is not None:
        _set_samples(scene, options.samples)


def _set_samples(scene: Any, samples: int) -> None:
    """Raises RenderError if there is less than one."""
    if samples < 1:
        raise RenderError(f"A picture needs at least one sample a pixel, not {samples}.")
    scene.cycles.samples = samples
    scene.eevee.taa_render_samples = samples
    fitting = [count for count in _WORKBENCH_SAMPLES if count <= samples]
    scene.display.render_aa = _WORKBENCH_SAMPLES[fitting[-1]]


def _engine_identifier(engine: str) -> Any:
    if engine == "eevee":
        return "BLENDER_EEVEE" if bpy.app.version >= (5, 0) else "BLENDER_EEVEE_NEXT"
    return {"workbench": "BLENDER_WORKBENCH", "cycles": "CYCLES"}[engine]


def ensure_camera(scene: bpy.types.Scene, meshes: Sequence[bpy.types.Object]) -> None:
    """Frame the face from the front if the scene has no camera.

    Characters face −Y, as Blender's front view has it. Raises RenderError if there is
    neither a camera nor a mesh to look at.
    """
    if scene.camera is not None:
        return
    corners = [mesh.matrix_world @ Vector(corner) for mesh in meshes for corner in mesh.bound_box]
    if not corners:
        raise RenderError("The scene has no camera and no character to look at: add a camera.")
    low = Vector([min(corner[axis] for corner in corners) for axis in range(3)])
    high = Vector([max(corner[axis] for corner in corners) for axis in range(3)])
    add_camera(scene, low, high)


def add_camera(scene: bpy.types.Scene, low: Vector, high: Vector) -> None:
    """A camera that looks along +Y at a box, by its lowest and highest corner.

    The box fits into the picture's size as it is now.
    """
    centre, size = (low + high) / 2, high - low
    data = bpy.data.cameras.new("Mien camera")
    data.lens = 85
    camera = bpy.data.objects.new("Mien camera", data)
    scene.collection.objects.link(camera)
    # The angle is that of the picture's longer side.
    width, height = scene.render.resolution_x, scene.render.resolution_y
    longer = max(width, height)
    needed = max(size.x * longer / width, size.z * longer / height)
    distance = 1.2 * needed / (2 * math.tan(data.angle / 2))
    camera.location = centre + Vector((0, -distance - size.y / 2, 0))
    camera.rotation_euler = (math.pi / 2, 0, 0)
    data.clip_start = distance / 100
    data.clip_end = distance * 100
    scene.camera = camera


def render_frames(
    scene: bpy.types.Scene,
    folder: Path,
    frames: Sequence[int],
    progress: Progress | None = None,
) -> list[Path]:
    """Render frames of a scene to PNG files in a folder; their paths, in order.

    Raises RenderError if Blender cannot render or write one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _set_image_output(scene)
    paths = []
    for count, frame in enumerate(frames):
        path = folder / f"{frame:06d}.png"
        scene.frame_set(frame)
        scene.render.filepath = str(path)
        try:
            bpy.ops.render.render(write_still=True, scene=scene.name)
        except RuntimeError as error:
            raise RenderError(f"Frame {frame} could not be rendered: {_reason(error)}") from None
        if not path.is_file():
            raise RenderError(f"Frame {frame} was not written to {folder}; is the disk full?")
        paths.append(path)
        if progress is not None:
            progress((count + 1) / len(frames), f"frame {frame}")
    return paths


def _set_image_output(scene: bpy.types.Scene) -> None:
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format = "PNG"
    settings.color_mode = "RGB"
    settings.color_depth = "8"
    scene.render.use_file_extension = True


@dataclass(frozen=True)
class Sound:
    """What is heard under pictures. begins: the picture, from 0, at which the file begins."""

    file: Path
    begins: float = 0.0


def encode_video(
    pictures: Sequence[Path],
    rate: tuple[int, float],
    size: tuple[int, int],
    target: Path,
    sound: Sound | None = None,
) -> str:
    """Write pictures, one a frame, as an H.264 video in an mp4 file.

    rate: Blender's fps and fps_base; frames a second are their quotient.
    size: width and height of the pictures; made even, as H.264 asks.
    sound: a file with sound, which may be a video.

    Why the video is silent though it should not be, "" if it is as asked. The file appears
    when it is complete. Raises RenderError if it cannot be written.
    """
    silence = ""
    _check_target(target)
    scene = bpy.data.scenes.new("Mien encoding")
    working = Path(tempfile.mkdtemp(prefix=".mien-", dir=target.parent))
    try:
        scene.render.fps, scene.render.fps_base = rate
        _fill_sequencer(scene, pictures)
        if sound is not None:
            silence = _add_sound(scene, sound)
        scene.frame_start, scene.frame_end = 1, len(pictures)
        scene.render.resolution_x = size[0] + size[0] % 2
        scene.render.resolution_y = size[1] + size[1] % 2
        scene.render.resolution_percentage = 100
        scene.view_settings.view_transform = "Standard"
        _set_video_output(scene, working / "video.mp4")
        if sound is not None and not silence:
            _set_audio_output(scene)
        try:
            bpy.ops.render.render(animation=True, scene=scene.name)
        except RuntimeError as error:
            raise RenderError(f"{target} could not be written: {_reason(error)}") from None
        written = working / "video.mp4"
        if not written.is_file() or not written.stat().st_size:
            raise RenderError(f"{target} could not be written; is the disk full?")
        written.replace(target)
    finally:
        bpy.data.scenes.remove(scene)
        shutil.rmtree(working, ignore_errors=True)
    return silence


def _check_target(target: Path) -> None:
    if not target.parent.is_dir():
        raise RenderError(f"The folder {target.parent} does not exist: create it first.")


def _fill_sequencer(scene: bpy.types.Scene, pictures: Sequence[Path]) -> None:
    strips = strips_of(scene)
    strip = strips.new_image("pictures", str(pictures[0]), 1, 1)
    for picture in pictures[1:]:
        strip.elements.append(picture.name)
    strip.frame_final_duration = len(pictures)


def _add_sound(scene: bpy.types.Scene, sound: Sound) -> str:
    """Put a file's sound under the pictures; why there is none, or ""."""
    try:
        strip = strips_of(scene).new_sound("sound", str(sound.file.absolute()), 2, 1)
    except RuntimeError:
        return f"{sound.file.name} has no sound"
    if strip.frame_final_duration <= 1:
        return f"{sound.file.name} has no sound"
    # A float: sound begins between frames where it must.
    strip.frame_start = 1 + sound.begins
    return ""


def _set_audio_output(scene: bpy.types.Scene) -> None:
    settings = scene.render.ffmpeg
    settings.audio_codec = "AAC"
    settings.audio_bitrate = 192
    settings.audio_mixrate = 48000
    settings.audio_channels = "STEREO"


def _set_video_output(scene: bpy.types.Scene, path: Path) -> None:
    render = scene.render
    if hasattr(render.image_settings, "media_type"):
        render.image_settings.media_type = "VIDEO"
    render.image_settings.file_format = "FFMPEG"
    render.image_settings.color_mode = "RGB"
    render.ffmpeg.format = "MPEG4"
    render.ffmpeg.codec = "H264"
    render.ffmpeg.constant_rate_factor = "HIGH"
    render.use_file_extension = False
    render.use_sequencer = True
    render.filepath = str(path)


def _reason(error: RuntimeError) -> str:
    """Blender's own words without their prefix and line breaks."""
    return " ".join(str(error).removeprefix("Error: ").split())


def render_video(
    scene: bpy.types.Scene,
    target: Path,
    options: RenderOptions,
    beside: Path | None = None,
    progress: Progress | None = None,
) -> int:
    """Render a scene's frame range to an mp4; the number of frames written.

    beside: footage that is shown to the left of the render, in time: at the scene's first
        frame stands its first picture.

    Raises RenderError or FootageError; nothing is left half-written.
    """
    _check_target(target)
    apply_options(scene, options)
    frames = range(scene.frame_start, scene.frame_end + 1)
    rate = (scene.render.fps, scene.render.fps_base)
    with tempfile.TemporaryDirectory(prefix="mien-render-") as name:
        pictures = render_frames(scene, Path(name) / "frames", frames, progress)
        if beside is not None:
            seconds = [count * rate[1] / rate[0] for count in range(len(frames))]
            pictures = side_by_side.compose(pictures, beside, seconds, Path(name) / "composed")
        encode_video(pictures, rate, picture_size(pictures[0]), target)
    return len(frames)


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height of a picture file."""
    image: Any = bpy.data.images.load(str(path))
    try:
        return int(image.size[0]), int(image.size[1])
    finally:
        bpy.data.images.remove(image)
