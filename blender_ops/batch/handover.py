# SPDX-License-Identifier: GPL-3.0-or-later
"""What other programs and files take over from a baked .blend: its Actions, a model with keys."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from ...models.errors import MienError
from ..character import Character


class HandoverError(MienError):
    """An Action or a model cannot be written."""


def write_actions(target: Path, character: Character) -> list[str]:
    """Write the Actions that the character plays, and nothing else, into a .blend; their names.

    Raises HandoverError if it plays none or the file cannot be written.
    """
    actions = {action for action in map(_action_of, _animated(character)) if action is not None}
    if not actions:
        raise HandoverError(f"“{character.name}” plays no Action; bake one first.")

    def write(path: Path) -> None:
        bpy.data.libraries.write(str(path), set(actions), fake_user=True, path_remap="ABSOLUTE")

    _whole(target, write)
    return sorted(action.name for action in actions)


def write_model(target: Path, scene: bpy.types.Scene, character: Character) -> int:
    """Write the character with its animation as .fbx or .glb; how many objects that are.

    Raises HandoverError for another ending, or if the file cannot be written.
    """
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        raise HandoverError(f"“{target.name}” must end in {' or '.join(_WRITERS)}.")
    objects = _objects(scene, character)
    for item in scene.objects:
        item.select_set(item in objects)
    _whole(target, write)
    return len(objects)


def _fbx(path: Path) -> None:
    bpy.ops.export_scene.fbx(
        filepath=str(path),
        use_selection=True,
        add_leaf_bones=False,
        bake_anim_use_all_actions=False,
        bake_anim_use_nla_strips=False,
        # As baked: thinning them would be a second tolerance on top of the first.
        bake_anim_simplify_factor=0.0,
    )


def _gltf(path: Path) -> None:
    bpy.ops.export_scene.gltf(
        filepath=str(path),
        export_format="GLB",
        use_selection=True,
        export_animation_mode="ACTIVE_ACTIONS",
    )


_WRITERS: dict[str, Callable[[Path], None]] = {".fbx": _fbx, ".glb": _gltf}


def _whole(target: Path, write: Callable[[Path], None]) -> None:
    """Let a file be written beside its target and move it there when it is complete."""
    part = target.with_name(f".{secrets.token_hex(4)}{target.suffix}")
    try:
        write(part)
        part.replace(target)
    except (RuntimeError, OSError) as error:
        reason = " ".join(str(error).removeprefix("Error: ").split())
        raise HandoverError(
            f"{target} cannot be written: {reason}. Check the disk's space."
        ) from None
    finally:
        part.unlink(missing_ok=True)


def _animated(character: Character) -> list[Any]:
    """The data-blocks of a character that can play an Action."""
    objects = [
        *character.meshes,
        character.armature,
        character.head_empty,
        character.left_eye_object,
        character.right_eye_object,
    ]
    found: list[Any] = [item for item in objects if item is not None]
    keys: list[Any] = [mesh.data.shape_keys for mesh in character.meshes]  # type: ignore[union-attr]
    return [*found, *(each for each in keys if each is not None)]


def _action_of(datablock: Any) -> bpy.types.Action | None:
    data = datablock.animation_data
    return data.action if data is not None else None


def _objects(scene: bpy.types.Scene, character: Character) -> set[bpy.types.Object]:
    """The character's own objects and what hangs on them, as far as the scene can select them."""
    roots = {item for item in _animated(character) if isinstance(item, bpy.types.Object)}
    found = {item for item in scene.objects if item in roots or _hangs_on(item, roots)}
    return {item for item in found if not item.hide_get() and not item.hide_select}


def _hangs_on(item: bpy.types.Object, roots: set[bpy.types.Object]) -> bool:
    parent = item.parent
    while parent is not None:
        if parent in roots:
            return True
        parent = parent.parent
    return False
