# SPDX-License-Identifier: GPL-3.0-or-later
"""New face keys on a character, from a template: read, compute, write.

Reading and writing touch Blender's data and are quick; what lies between does not, so that
it can run in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from ...models.arkit import CHANNELS
from ...models.errors import TransferError
from ...models.performance import Floats
from ...models.transfer.hand_marks import face_from_marks
from ...models.transfer.transfer import HeadShape, Template, found_face, transferred
from ..blend_files import current_scene
from ..character import CharacterError, find_character, is_saved_with_file, shape_keys_of
from ..mapping import match
from ..steps import Steps, finished
from .heads import MeshPart, meshes_of, read_head
from .landmarks import placed_landmarks

Progress = Callable[[float, str], None]

# Displacements below this share of a head's largest are left out.
_NOTHING = 1e-2


@dataclass(frozen=True, eq=False)
class Request:
    """What is wanted of a character.

    head, parts: its meshes at rest. missing: the channels that nothing moves with yet.
    marks: landmarks placed by hand, number → place in the head's axes; may be empty.
    turn_eyes: eyeLook turns the eyeballs, as no bones do.
    """

    name: str
    head: HeadShape
    parts: tuple[MeshPart, ...]
    missing: tuple[str, ...]
    marks: Mapping[int, Floats] = field(default_factory=dict)
    turn_eyes: bool = False


@dataclass(frozen=True)
class TransferResult:
    """added: the channels that have keys now. meshes: on how many meshes."""

    name: str
    added: tuple[str, ...]
    meshes: int

    def words(self) -> str:
        """What was done, as a sentence."""
        if not self.added:
            return f"“{self.name}” has all face keys already; nothing was changed"
        plural = "mesh" if self.meshes == 1 else "meshes"
        return f"{len(self.added)} face keys added on {self.meshes} {plural} of “{self.name}”"


def request_for(
    chosen: bpy.types.Object | None, meshes: Sequence[bpy.types.Object] = ()
) -> Request:
    """Read the character that an object belongs to, or just these meshes of it.

    Raises TransferError if there is none, or one that cannot be changed.
    """
    if chosen is None:
        raise TransferError("Select the head that is to get face keys.")
    own = tuple(meshes) or meshes_of(chosen)
    for mesh in own:
        data: Any = mesh.data
        if not is_saved_with_file(data) or (
            shape_keys_of(mesh) is not None and not is_saved_with_file(shape_keys_of(mesh))
        ):
            raise TransferError(
                f"“{mesh.name}” is linked from another file: append it, or make it local."
            )
        if mesh.mode == "EDIT":
            raise TransferError(f"“{mesh.name}” is in Edit Mode: leave it first.")
    missing, turn_eyes = CHANNELS, True
    try:
        character = find_character(own[0])
        missing = match(character).missing
        turn_eyes = not (character.left_eye_bone or character.right_eye_bone)
    except CharacterError:
        turn_eyes = not _has_eye_bones(own)
    head, parts = read_head(own)
    return Request(
        chosen.name, head, parts, missing, placed_landmarks(current_scene(), own), turn_eyes
    )


def computed(
    request: Request,
    template: Template,
    progress: Progress = lambda share, text: None,
) -> dict[str, Floats]:
    """(n, 3) displacements of the head by channel. Touches nothing of Blender's data.

    Raises TransferError if a face is not found.
    """
    wanted = [channel for channel in template.channels if channel in request.missing]
    if not wanted:
        return {}
    # The whole template says where the jaw is, so its rows stay even if they are not wanted.
    rows = [i for i, name in enumerate(template.channels) if name in wanted or name == "jawOpen"]
    some = Template(template.head, tuple(template.channels[i] for i in rows), template.deltas[rows])
    theirs = found_face(template.head, lambda s, t: progress(0.15 * s, "looking at the template"))
    if request.marks:
        face = face_from_marks(
            request.head,
            request.marks,
            theirs,
            lambda s, t: progress(0.15 + 0.15 * s, t),
        )
    else:
        face = found_face(request.head, lambda s, t: progress(0.15 + 0.15 * s, t))
    deltas = transferred(
        some,
        theirs,
        request.head,
        face,
        turn_eyes=request.turn_eyes,
        progress=lambda s, t: progress(0.3 + 0.7 * s, t),
    )
    return {name: deltas[some.channels.index(name)] for name in wanted}


def add_keys_in_steps(request: Request, deltas: Mapping[str, Floats]) -> Steps[TransferResult]:
    """Add the keys, a step each. Closed before its end it takes away what it added."""
    added: list[tuple[bpy.types.Object, str]] = []
    changed: set[str] = set()
    done = False
    try:
        least = _NOTHING * max((float(np.abs(d).max()) for d in deltas.values()), default=0)
        main = _main_part(request, deltas)
        for count, (channel, delta) in enumerate(deltas.items()):
            for part in request.parts:
                own = delta[part.start : part.end]
                if (part is main or np.abs(own).max(initial=0) > least) and _add(
                    part, channel, own, added
                ):
                    changed.add(part.mesh.name)
            yield (count + 1) / len(deltas)
        done = True
    finally:
        if not done:
            _take_away(added)
    channels = tuple(dict.fromkeys(name for _, name in added if name in CHANNELS))
    return TransferResult(request.name, channels, len(changed))


def transfer_face_keys(
    chosen: bpy.types.Object | None,
    template: Template,
    progress: Progress = lambda share, text: None,
) -> TransferResult:
    """All at once: for commands and scripts. Raises TransferError as its parts do."""
    request = request_for(chosen)
    return finished(add_keys_in_steps(request, computed(request, template, progress)))


def _main_part(request: Request, deltas: Mapping[str, Floats]) -> MeshPart:
    """The mesh that most moves: it gets every key, so that all are found in one place."""
    total = sum(np.abs(delta).max(axis=1) for delta in deltas.values())
    if not isinstance(total, np.ndarray):
        return request.parts[0]
    return max(request.parts, key=lambda part: float(total[part.start : part.end].sum()))


def _add(
    part: MeshPart, channel: str, delta: Floats, added: list[tuple[bpy.types.Object, str]]
) -> bool:
    """Add one key to one mesh, unless one of that name is there."""
    mesh: Any = part.mesh
    keys = shape_keys_of(mesh)
    if keys is None:
        added.append((mesh, mesh.shape_key_add(name="Basis", from_mix=False).name))
        keys = shape_keys_of(mesh)
    if channel in keys.key_blocks:
        return False
    basis = np.empty(len(keys.reference_key.data) * 3, np.float32)
    keys.reference_key.data.foreach_get("co", basis)
    if len(basis) != delta.size:
        raise TransferError(f"“{mesh.name}” was changed while the keys were computed: start again.")
    block = mesh.shape_key_add(name=channel, from_mix=False)
    added.append((mesh, block.name))
    block.value, block.slider_min, block.slider_max = 0.0, 0.0, 1.0
    block.relative_key = keys.reference_key
    block.data.foreach_set("co", basis + part.local(delta).astype(np.float32).ravel())
    return True


def _take_away(added: list[tuple[bpy.types.Object, str]]) -> None:
    for mesh, name in reversed(added):
        keys = shape_keys_of(mesh)
        if keys is not None and name in keys.key_blocks:
            mesh.shape_key_remove(keys.key_blocks[name])


def _has_eye_bones(meshes: Sequence[bpy.types.Object]) -> bool:
    from ..bones import find_face_bones

    for mesh in meshes:
        modifiers: list[Any] = list(mesh.modifiers)
        for modifier in modifiers:
            if modifier.type == "ARMATURE" and modifier.object is not None:
                bones = find_face_bones(modifier.object)
                return bool(bones.left_eye or bones.right_eye)
    return False
