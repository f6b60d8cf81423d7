# SPDX-License-Identifier: GPL-3.0-or-later
"""A character in the scene: its face meshes, armature, head and eye bones."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bpy

from ..models.errors import MienError

if TYPE_CHECKING:
    from .bones import FaceBones


class CharacterError(MienError):
    """An object is no character, or one that cannot be animated as it stands."""


@dataclass(frozen=True)
class Character:
    """What belongs to one face.

    name: what a person calls it: that of the armature or of the topmost object.
    meshes: the meshes that have shape keys (head, lashes, teeth, tongue …), the one
        with most of them first; each set of shape keys once. None on a face that opens its
        mouth by a jaw bone and has no shape keys at all.
    armature: the armature that moves them, if any.
    head_bone, left_eye_bone, right_eye_bone, jaw_bone: its bones, "" where there are none.
    neck_bones: those that carry the head, from the shoulders up.
    left_eye_object, right_eye_object: what turns the eyeballs where no bones do, if anything.
    head_empty: the empty that an earlier bake made for the head's rotation, if any.
    instance: the empty that shows the collection of another file they lie in, if any.
    """

    name: str
    meshes: tuple[bpy.types.Object, ...]
    armature: bpy.types.Object | None = None
    head_bone: str = ""
    left_eye_bone: str = ""
    right_eye_bone: str = ""
    neck_bones: tuple[str, ...] = ()
    jaw_bone: str = ""
    left_eye_object: bpy.types.Object | None = None
    right_eye_object: bpy.types.Object | None = None
    head_empty: bpy.types.Object | None = None
    instance: bpy.types.Object | None = None


# The custom property by which the empty of a character is known again: it holds the face.
HEAD_EMPTY = "mien_head"


def find_character(chosen: bpy.types.Object | None) -> Character:
    """The character that an object belongs to: any mesh, armature, parent or instance of it.

    What shares the nearest armature, by parenting or by an Armature modifier, belongs
    together; without an armature, what hangs from the same topmost parent.

    Raises CharacterError if nothing is chosen, if it was deleted meanwhile, if it has neither
    shape keys nor a jaw bone, or if it holds several characters.
    """
    if chosen is None:
        raise CharacterError("No character is chosen: select a mesh with face shape keys.")
    try:
        return _find(chosen)
    except ReferenceError:
        raise CharacterError("The character was deleted; select another one.") from None


def find_characters(scene: bpy.types.Scene) -> list[Character]:
    """Every character in a scene, by name; empty if nothing in it has shape keys or a jaw bone."""
    found: dict[str, Character] = {}
    for candidate in scene.objects:
        if candidate.type == "ARMATURE" or _shape_keys(candidate) is not None:
            with contextlib.suppress(CharacterError):
                character = find_character(candidate)
                found.setdefault(character.name, character)
    return [found[name] for name in sorted(found)]


@contextlib.contextmanager
def character_error_if_gone(character: Character) -> Iterator[None]:
    """Turn the use of a deleted object or data-block into a CharacterError."""
    try:
        yield
    except ReferenceError:
        raise CharacterError(
            f"An object of “{character.name}” was deleted meanwhile; "
            "select the character again and repeat."
        ) from None


def is_saved_with_file(datablock: bpy.types.ID) -> bool:
    """Whether an animation given to a data-block is there after save and reload."""
    override = datablock.override_library
    return datablock.is_editable and not (override and override.is_system_override)


def linked_parts(character: Character) -> tuple[str, ...]:
    """Names of what is linked from another file, so that keys on it would be lost."""
    with character_error_if_gone(character):
        return tuple(
            datablock.name_full
            for datablock in _animated_datablocks(character)
            if not is_saved_with_file(datablock)
        )


def keyed_datablocks(character: Character) -> Iterator[bpy.types.ID]:
    """The data-blocks that a bake puts keys on: shape keys, armature, empty, eyeballs, controls."""
    # Imported here because the mapping, which knows the controls, builds on characters.
    from .mapping.geometry import Findings
    from .mapping.match import match_again

    objects = character.head_empty, character.left_eye_object, character.right_eye_object
    given = [*_animated_datablocks(character), *(each for each in objects if each is not None)]
    for targets in match_again(character, Findings()).found.values():
        given += [target.datablock for target in targets]
    yield from dict.fromkeys(given)


def make_face_keys_editable(
    character: Character, context: bpy.types.Context | None = None
) -> Character:
    """Override a linked character down to its meshes; the character to animate instead.

    An override of the objects alone leaves mesh and shape keys linked: keys on those
    play, and are gone after save and reload. A character that is already editable is
    returned as it is.

    Raises CharacterError if Blender cannot make the override.
    """
    context = context or bpy.context
    if not linked_parts(character):
        return character
    with character_error_if_gone(character):
        members = [*character.meshes, *([character.armature] if character.armature else [])]
        linked = [member for member in members if not is_saved_with_file(member)]
        if linked:
            members = [_overridden(member, character, context) for member in members]
        for member in members:
            if member.type == "MESH" and not is_saved_with_file(shape_keys_of(member)):
                _override_mesh(member)
        result = find_character(members[0])
    left = linked_parts(result)
    if left:
        raise CharacterError(
            f"Blender could not make {', '.join(left)} editable; append the character "
            "instead of linking it."
        )
    return result


def shape_keys_of(mesh: bpy.types.Object) -> Any:
    """The data-block that holds a mesh's shape keys, or None."""
    data: Any = mesh.data
    return data.shape_keys if mesh.type == "MESH" else None


def _animated_datablocks(character: Character) -> Iterator[bpy.types.ID]:
    for mesh in character.meshes:
        yield shape_keys_of(mesh)
    if character.armature is not None:
        yield character.armature


def _overridden(
    member: bpy.types.Object, character: Character, context: bpy.types.Context
) -> bpy.types.Object:
    """The local override of a linked object; made, with all that belongs to it, if need be."""
    if member.library is None:
        if member.override_library is not None:
            member.override_library.is_system_override = False
        return member
    made = _override_of(member)
    if made is None:
        _override_hierarchy(member, character.instance, context)
        made = _override_of(member)
    if made is None:
        raise CharacterError(
            f"Blender could not override “{member.name_full}”; append the character instead "
            "of linking it."
        )
    return made


def _override_hierarchy(
    member: bpy.types.Object, instance: Any, context: bpy.types.Context
) -> None:
    """Put an override in the place of a linked object and of what hangs together with it."""
    scene: Any = context.scene
    view_layer: Any = context.view_layer
    holders = {
        child: holder
        for holder in (scene.collection, *scene.collection.children_recursive)
        for child in holder.children
        if holder.library is None and child.library is not None
        if member in child.all_objects.values()
    }
    if instance is not None:
        instance.instance_collection.override_hierarchy_create(
            scene, view_layer, reference=instance, do_fully_editable=True
        )
    elif holders:
        for linked, holder in holders.items():
            linked.override_hierarchy_create(scene, view_layer, do_fully_editable=True)
            holder.children.unlink(linked)
    else:
        member.override_hierarchy_create(scene, view_layer, do_fully_editable=True)
        for original in [each for each in scene.collection.objects if each.library is not None]:
            if _override_of(original) is not None:
                scene.collection.objects.unlink(original)


def _override_of(member: bpy.types.Object) -> bpy.types.Object | None:
    return next(
        (
            each
            for each in bpy.data.objects
            if each.override_library and each.override_library.reference == member
        ),
        None,
    )


def _override_mesh(member: bpy.types.Object) -> None:
    if member.data.override_library is not None:
        member.data.override_library.is_system_override = False
    elif member.data.override_create(remap_local_usages=True) is None:
        raise CharacterError(
            f"Blender could not override the mesh of “{member.name}”; make it local by "
            "Object > Relations > Make Local."
        )


def _find(chosen: bpy.types.Object) -> Character:
    instanced = chosen.instance_collection if chosen.instance_type == "COLLECTION" else None
    if instanced is not None:
        inside = next((each for each in instanced.all_objects if _shape_keys(each)), None)
        if inside is not None:
            return dataclasses.replace(_find(inside), instance=chosen)
    armature = _armature_of(chosen) or _armature_below(chosen)
    root = armature or _topmost(chosen)
    members = [root, *root.children_recursive]
    if armature is not None:
        members += [
            other
            for other in bpy.data.objects
            if _modifier_armature(other) == armature and other not in members
        ]
    meshes = _with_shape_keys(members)
    bones = _bones(armature)
    if not meshes and not (bones.head and bones.jaw) and not _has_face_controls(armature):
        raise CharacterError(
            f"“{root.name}” has no shape keys; choose a character whose face has shape keys."
        )
    has_eye_bones = bones.left_eye or bones.right_eye
    left_eye, right_eye = (None, None) if has_eye_bones else _eye_objects(members)
    holders = meshes or (armature,)
    return Character(
        name=root.name,
        meshes=meshes,
        armature=armature,
        head_bone=bones.head,
        left_eye_bone=bones.left_eye,
        right_eye_bone=bones.right_eye,
        neck_bones=bones.neck,
        jaw_bone=bones.jaw,
        left_eye_object=left_eye,
        right_eye_object=right_eye,
        head_empty=next(
            (each for each in bpy.data.objects if each.get(HEAD_EMPTY) in holders), None
        ),
    )


def _armature_of(chosen: bpy.types.Object) -> bpy.types.Object | None:
    """The armature that moves an object: itself, by a modifier, or by a parent."""
    if chosen.type == "ARMATURE":
        return chosen
    ancestor: bpy.types.Object | None = chosen
    while ancestor is not None:
        if ancestor.type == "ARMATURE":
            return ancestor
        if (armature := _modifier_armature(ancestor)) is not None:
            return armature
        ancestor = ancestor.parent
    return None


def _armature_below(chosen: bpy.types.Object) -> bpy.types.Object | None:
    """The armature of the one face that hangs from the same topmost parent.

    None for a face that no armature moves. Raises CharacterError if there are several.
    """
    if _shape_keys(chosen) is not None:
        return None
    top = _topmost(chosen)
    faces = [each for each in top.children_recursive if _shape_keys(each) is not None]
    armatures = {_armature_of(face) for face in faces}
    if len(armatures) > 1:
        raise CharacterError(
            f"“{top.name}” holds several characters; select the face of one of them."
        )
    return armatures.pop() if armatures else None


def _modifier_armature(chosen: bpy.types.Object) -> bpy.types.Object | None:
    modifiers: list[Any] = [each for each in chosen.modifiers if each.type == "ARMATURE"]
    return next((each.object for each in modifiers if each.object is not None), None)


def _topmost(chosen: bpy.types.Object) -> bpy.types.Object:
    while chosen.parent is not None:
        chosen = chosen.parent
    return chosen


def _with_shape_keys(members: list[bpy.types.Object]) -> tuple[bpy.types.Object, ...]:
    sets: dict[bpy.types.Key, bpy.types.Object] = {}
    for member in members:
        if (keys := _shape_keys(member)) is not None:
            sets.setdefault(keys, member)
    return tuple(sorted(sets.values(), key=lambda mesh: -len(mesh.data.shape_keys.key_blocks)))


def _shape_keys(member: bpy.types.Object) -> bpy.types.Key | None:
    """The shape keys of a mesh that has more than the one it starts from."""
    keys = shape_keys_of(member)
    return keys if keys is not None and len(keys.key_blocks) > 1 else None


def _eye_objects(
    members: list[bpy.types.Object],
) -> tuple[bpy.types.Object | None, bpy.types.Object | None]:
    from .eyes_objects import find_eye_objects

    return find_eye_objects(members)


def _has_face_controls(armature: bpy.types.Object | None) -> bool:
    """Whether the armature's custom properties are named as a face's channels are."""
    from .mapping.properties import names_a_face

    return armature is not None and names_a_face(armature)


def _bones(armature: bpy.types.Object | None) -> FaceBones:
    # Imported here because the mapping, which knows the names, builds on characters.
    from .bones import FaceBones, find_face_bones

    return FaceBones() if armature is None else find_face_bones(armature)
