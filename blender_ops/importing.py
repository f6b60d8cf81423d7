# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters from files of other programs, through Blender's own importers."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy

from ..models.errors import MienError
from .blend_files import current_scene
from .vrm import expressions_of, keep_expressions


class ModelImportError(MienError):
    """A character's file cannot be imported."""


def import_model(path: Path) -> bpy.types.Scene:
    """Import a character's file into a new, empty file; its scene.

    Raises ModelImportError if it is not there, of another kind, or refused by Blender.
    """
    if not path.is_file():
        raise ModelImportError(f"There is no file {path}. Check its name and folder.")
    importers: dict[str, Callable[[Path], Any]] = {
        ".fbx": _import_fbx,
        ".vrm": _import_vrm,
        ".glb": _import_gltf,
        ".gltf": _import_gltf,
    }
    importer = importers.get(path.suffix.lower())
    if importer is None:
        raise ModelImportError(f"{path} is none of {', '.join(importers)}.")
    bpy.ops.wm.read_homefile(use_empty=True)
    try:
        done = importer(path.absolute())
    except RuntimeError as error:
        reason = str(error).strip().splitlines()
        raise ModelImportError(
            f"Blender cannot import {path}: {reason[-1] if reason else 'the file is damaged'}"
        ) from None
    if "FINISHED" not in done:
        raise ModelImportError(f"Blender did not import {path}: the file is damaged.")
    return current_scene()


def _import_fbx(path: Path) -> Any:
    # Blender 4.5 has an importer of its own, which also reads FBX as text.
    if bpy.app.version >= (4, 5, 0):
        return bpy.ops.wm.fbx_import(filepath=str(path))
    with _enabled("io_scene_fbx"):
        return bpy.ops.import_scene.fbx(filepath=str(path))


def _import_gltf(path: Path) -> Any:
    with _enabled("io_scene_gltf2"):
        return bpy.ops.import_scene.gltf(filepath=str(path))


def _import_vrm(path: Path) -> Any:
    # A .vrm is a glTF file (https://github.com/vrm-c/vrm-specification), but the importer
    # goes by the ending.
    with tempfile.TemporaryDirectory(prefix="mien-") as folder:
        copy = Path(folder) / f"{path.stem}.glb"
        shutil.copyfile(path, copy)
        done = _import_gltf(copy)
    keep_expressions(current_scene(), expressions_of(path))
    return done


@contextlib.contextmanager
def _enabled(addon: str) -> Iterator[None]:
    """Have one of Blender's own add-ons at hand, which a user may have turned off."""
    # Blender's own module is found once bpy has been imported.
    import addon_utils

    was_loaded = addon_utils.check(addon)[1]
    enable: Any = addon_utils.enable  # The stubs say that it returns nothing.
    if not was_loaded and enable(addon) is None:
        raise ModelImportError(f"Blender's add-on {addon} is missing; reinstall Blender.")
    try:
        yield
    finally:
        if not was_loaded:
            addon_utils.disable(addon)
