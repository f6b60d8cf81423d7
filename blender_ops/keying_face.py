# SPDX-License-Identifier: GPL-3.0-or-later
"""Single faces keyed by hand: an expression, or the face as it stands, on one frame."""

from __future__ import annotations

import bpy

from ..models.performance import Floats
from .animation import animation_data_of
from .character import Character, CharacterError, is_saved_with_file
from .mapping import Mapping
from .posing import Face


def key_expression(
    character: Character, mapping: Mapping, values: Floats | None, frame: float
) -> int:
    """Key a face on a frame, as Blender's own Insert Keyframe does; how many keys were set.

    values: (52,) weights of the expression, which is put on first; None keys the face as it
    stands. Keys go into the Actions that are assigned, into new ones where there are none, in
    the groups that a bake uses. All that shows the face is keyed, at rest or not: shape keys,
    controls, eyes, jaw; not the head.

    Raises CharacterError if the character is gone, linked, or nothing of it can be keyed.
    """
    face = Face(character, mapping)
    free = [
        (track, place)
        for track, place in zip(face.tracks, face.places, strict=True)
        if not track.is_driven
    ]
    if not free:
        raise CharacterError(f"Nothing of the face of “{character.name}” can be keyed.")
    for datablock in dict.fromkeys(place.datablock for _, place in free):
        _require_keyable(datablock)
    if values is not None:
        face.show(face.values_for(values))
    for track, place in free:
        place.datablock.keyframe_insert(
            place.data_path,
            index=place.index if place.is_one_of_several else -1,
            frame=frame,
            group=track.region.capitalize(),
        )
    return len(free)


def _require_keyable(datablock: bpy.types.ID) -> None:
    if not is_saved_with_file(datablock):
        raise CharacterError(
            f"“{datablock.name_full}” is linked from another file, so keys on it would be lost; "
            "use “Make Face Keys Editable” first."
        )
    animation_data = animation_data_of(datablock)
    action = animation_data.action if animation_data else None
    if action is not None and not action.is_editable:
        raise CharacterError(
            f"The Action “{action.name_full}” is linked from another file; make it local to key "
            "the face."
        )
