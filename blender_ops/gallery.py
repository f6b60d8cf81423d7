# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions as pictures of the character itself, rendered from a copy of it.

The copies are plain numbers, made first; then each picture is taken at one stroke: temporary
scene, render, and all of it is gone again. Between two strokes nothing of the gallery is in the
file, so it can be stopped, saved or undone at any moment.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..models.performance import Floats
from .character import Character, CharacterError, character_error_if_gone
from .face_camera import FaceView, view_of_face
from .mapping import Mapping
from .posed_copy import Surface, mesh_of, shown_for_a_moment, surfaces_of, visible_parts
from .posing import Face
from .render import RenderError, RenderOptions, apply_options
from .stand_ins import plain_materials
from .steps import Steps, finished

SIZE = 128
"""Width and height of a picture in pixels."""

# Rendered so many times as large and averaged: one pass costs less than Workbench's samples.
_FINER = 2
_SHARE_OF_COPYING = 0.2
# Behind the face, from bottom to top, as the display shows them.
_BACKDROP = np.array([[0.21, 0.22, 0.24], [0.36, 0.38, 0.41]])


def pictures(
    character: Character,
    mapping: Mapping,
    expressions: Floats,
    view_layer: bpy.types.ViewLayer | None = None,
    size: int = SIZE,
) -> Floats:
    """Pictures of a character with each of these expressions: see `pictures_in_steps`."""
    return finished(pictures_in_steps(character, mapping, expressions, view_layer, size))


def pictures_in_steps(
    character: Character,
    mapping: Mapping,
    expressions: Floats,
    view_layer: bpy.types.ViewLayer | None = None,
    size: int = SIZE,
) -> Steps[Floats]:
    """Pictures of a character with each expression, (expressions, 52) weights.

    view_layer: in which it is shown; None: the window's. Yields the share done after each.

    (expressions, size, size, 4) red, green, blue and alpha in [0, 1] as a display takes them,
    the lowest row first.

    Raises CharacterError if the character is hidden or gone, RenderError if Blender cannot
    render.
    """
    view_layer = view_layer or bpy.context.view_layer
    assert view_layer is not None, "every scene has a view layer"
    copies: list[_Copy] = []
    for weights in expressions:
        with character_error_if_gone(character):
            copies.append(_copy(character, mapping, weights, view_layer, copies))
        yield _SHARE_OF_COPYING * len(copies) / len(expressions)
    made: list[Floats] = []
    for copy in copies:
        with character_error_if_gone(character):
            made.append(_picture(copy, size))
        yield _SHARE_OF_COPYING + (1 - _SHARE_OF_COPYING) * len(made) / len(copies)
    return np.stack(made) if made else np.zeros((0, size, size, 4), np.float32)


@dataclass(frozen=True, eq=False)
class _Copy:
    """What is seen of a character, and from where."""

    surfaces: list[Surface]
    view: FaceView


def _copy(
    character: Character,
    mapping: Mapping,
    weights: Floats,
    view_layer: bpy.types.ViewLayer,
    before: Sequence[_Copy],
) -> _Copy:
    """A character's looks with one expression. before: copies of it with others."""
    parts = visible_parts(character, view_layer)
    if not parts:
        raise CharacterError(f"“{character.name}” is hidden: show it and try again.")
    with shown_for_a_moment(Face(character, mapping), weights, view_layer) as depsgraph:
        surfaces = surfaces_of(parts, depsgraph, before[-1].surfaces if before else ())
        view = before[0].view if before else view_of_face(character, mapping, depsgraph)
    return _Copy(surfaces, view)


def _picture(copy: _Copy, size: int) -> Floats:
    """(size, size, 4) picture of a copy."""
    with _stage() as scene:
        for surface in copy.surfaces:
            mesh = mesh_of(surface)
            for material in plain_materials(surface.materials):
                mesh.materials.append(material)
            item = bpy.data.objects.new("Mien gallery", mesh)
            item.matrix_world = surface.matrix
            scene.collection.objects.link(item)
        _add_camera(scene, copy.view)
        return _finished_picture(_rendered(scene, size * _FINER), size)


@contextlib.contextmanager
def _stage() -> Iterator[bpy.types.Scene]:
    """A scene for a moment; whatever was added to Blender's data meanwhile goes with it."""
    before = set(_all_data())
    scene = bpy.data.scenes.new("Mien gallery")
    try:
        _set_look(scene)
        yield scene
    finally:
        bpy.data.batch_remove([each for each in _all_data() if each not in before])


def _all_data() -> Iterator[bpy.types.ID]:
    """Of the kinds that a picture may add."""
    data = bpy.data
    for each in (data.scenes, data.objects, data.meshes, data.cameras, data.materials, data.images):
        yield from each


def _set_look(scene: bpy.types.Scene) -> None:
    """Soft studio light that shows folds and lips, in the colours of the materials."""
    apply_options(scene, RenderOptions("workbench", samples=1))
    scene.render.film_transparent = True
    scene.view_settings.view_transform = "Standard"
    shading = scene.display.shading
    shading.light, shading.studio_light = "STUDIO", "paint.sl"
    shading.color_type = "TEXTURE"
    shading.show_specular_highlight = True
    shading.show_cavity = True
    shading.cavity_type = "SCREEN"
    shading.curvature_valley_factor = 0.8
    shading.curvature_ridge_factor = 0.3


def _add_camera(scene: bpy.types.Scene, view: FaceView) -> None:
    data = bpy.data.cameras.new("Mien gallery")
    data.angle = view.angle
    data.clip_start, data.clip_end = view.near, view.far
    camera = bpy.data.objects.new("Mien gallery", data)
    camera.matrix_world = view.matrix
    scene.collection.objects.link(camera)
    scene.camera = camera


def _rendered(scene: bpy.types.Scene, size: int) -> Floats:
    """(size, size, 4) what Workbench renders, the lowest row first."""
    apply_options(scene, RenderOptions(size=(size, size)))
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_mode = "TARGA_RAW", "RGBA"
    with tempfile.TemporaryDirectory(prefix="mien-gallery-") as folder:
        path = Path(folder) / "picture.tga"
        scene.render.filepath = str(path)
        try:
            bpy.ops.render.render(write_still=True, scene=scene.name)
        except RuntimeError as error:
            raise RenderError(f"The picture could not be rendered: {error}") from None
        if not path.is_file():
            raise RenderError(f"A picture was not written to {folder}; is the disk full?")
        return read_targa(path.read_bytes(), size)


def read_targa(content: bytes, size: int) -> Floats:
    """(size, size, 4) of an uncompressed Targa file of 32 bits a pixel, the lowest row first.

    Its header has 18 bytes and the length of a text that follows it in the first; pixels are
    blue, green, red, alpha. Truevision, "TGA File Format Specification 2.0", 1991.
    Raises RenderError if it is another kind of file.
    """
    kind, width, height, bits = content[2], content[12:14], content[14:16], content[16]
    expected = size.to_bytes(2, "little")
    if (kind, bits) != (2, 32) or (width, height) != (expected, expected):
        raise RenderError("Blender wrote the picture in a form that Mien does not know.")
    start = 18 + content[0]
    flat = np.frombuffer(content, np.uint8, 4 * size * size, start)
    rows = flat.reshape(size, size, 4)[..., [2, 1, 0, 3]].astype(np.float32) / 255
    is_from_top = bool(content[17] & 0x20)
    return rows[::-1] if is_from_top else rows


def _finished_picture(rows: Floats, size: int) -> Floats:
    """The rendered face, made smaller, before a backdrop."""
    weighted = rows[..., :3] * rows[..., 3:]
    colour = _smaller(weighted, size)
    cover = _smaller(rows[..., 3:], size)
    height = np.linspace(0, 1, size)[:, None]
    backdrop = _BACKDROP[0] * (1 - height) + _BACKDROP[1] * height
    result = np.ones((size, size, 4), np.float32)
    result[..., :3] = colour + (1 - cover) * backdrop[:, None]
    return result


def _smaller(rows: Floats, size: int) -> Floats:
    step = len(rows) // size
    blocks = rows.reshape(size, step, size, step, rows.shape[-1])
    return np.asarray(blocks.mean(axis=(1, 3)))


def contact_sheet(made: Sequence[Floats] | Floats, columns: int = 4) -> Floats:
    """(height, width, 4) pictures side by side, the first at the top left, lowest row first."""
    size = len(made[0])
    rows = -(-len(made) // columns)
    sheet = np.zeros((rows * size, columns * size, 4), np.float32)
    for number, each in enumerate(made):
        row, column = divmod(number, columns)
        bottom = (rows - 1 - row) * size
        sheet[bottom : bottom + size, column * size : (column + 1) * size] = each
    return sheet


def write_picture(rows: Floats, path: Path) -> None:
    """Write a picture, (height, width, 4), as a PNG file, which appears when it is complete.

    Raises RenderError if it cannot be written.
    """
    if not path.parent.is_dir():  # Blender would make one.
        raise RenderError(f"The folder {path.parent} does not exist: create it first.")
    height, width = rows.shape[:2]
    part = path.with_name(f".{path.stem}.part.png")
    image: Any = bpy.data.images.new(part.name, width, height, alpha=True)
    try:
        image.pixels.foreach_set(np.ascontiguousarray(rows, np.float32).ravel())
        image.file_format = "PNG"
        image.filepath_raw = str(part.absolute())
        image.save()
        part.replace(path)
    except (RuntimeError, OSError):
        raise RenderError(
            f"{path} could not be written; check the disk's space and the folder's rights."
        ) from None
    finally:
        bpy.data.images.remove(image)
        part.unlink(missing_ok=True)
