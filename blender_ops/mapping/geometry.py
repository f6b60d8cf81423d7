# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the shapes do what their names claim: left is left, and nothing is dead.

Left is the subject's own, as seen from where the face itself looks: brows and eyes lie above
mouth and jaw, and both before the middle of the head. So neither a character that was turned
in the scene nor an importer's axes count, and no name of a side does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import bpy
import numpy as np

from ...models.arkit import mirrored
from .key_conventions import DIRECTIONS
from .shapes import Floats, Movement, movements, points_of
from .target import Target

# A pair of shapes is told apart if its centres lie so far from each other, as a share of the
# face's height from mouth to eyes; a shape that moves sideways, if it does by this share of
# its movement.
_APART, _SIDEWAYS = 0.1, 0.3
# So much of what can be told must be swapped for the whole rig to be a mirror image.
_MOST = 0.8
# … and at least so many channels.
_ENOUGH = 4


@dataclass(frozen=True)
class Findings:
    """What geometry says of a mapping.

    looks: the directions (left, up, forward) of the face in world axes, (3, 3); None where
        they cannot be told from the shapes.
    is_mirrored: whether the rig calls the subject's right side left throughout.
    swapped: the channels whose names claim the other side, both of a pair.
    right: the channels whose shapes are where their names say.
    one_sided: channels that alone claim a side where they move the other: not swapped.
    both_sides: channels of one side that move both.
    dead: (object name, key) of shapes that move nothing.
    """

    looks: Floats | None = None
    is_mirrored: bool = False
    swapped: frozenset[str] = frozenset()
    right: frozenset[str] = frozenset()
    one_sided: frozenset[str] = frozenset()
    both_sides: frozenset[str] = frozenset()
    dead: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def look_at(shapes: Mapping[str, Sequence[Target]]) -> Findings:
    """Look at the shape keys that move with each channel; what is no key is left out."""
    keys = {
        channel: [target for target in targets if target.key] for channel, targets in shapes.items()
    }
    wanted: dict[bpy.types.Object, set[str]] = {}
    for target in (target for targets in keys.values() for target in targets):
        wanted.setdefault(target.mesh, set()).add(target.key)
    seen = {mesh: movements(mesh, names) for mesh, names in wanted.items()}
    dead = frozenset(
        (mesh.name, name)
        for mesh, each in seen.items()
        for name, movement in each.items()
        if movement.is_dead
    )
    moved = {
        channel: movement
        for channel, targets in keys.items()
        if (movement := _together([seen[t.mesh][t.key] for t in targets if t.weight > 0]))
    }
    # A shape for both sides says nothing of sides.
    shared = {
        channel
        for channel, targets in keys.items()
        if _places(targets) == _places(keys.get(mirrored(channel), ()))
    }
    face = max(seen, key=lambda mesh: len(seen[mesh]), default=None)
    looks = _looks(face, moved) if face is not None else None
    if looks is None:
        return Findings(dead=dead)
    return _sides(moved, shared, looks, dead)


def _places(targets: Iterable[Target]) -> set[tuple[str, str]]:
    return {(target.object.name, target.key) for target in targets}


def _together(parts: list[Movement]) -> Movement | None:
    """Several shapes as one: the one that moves furthest says where."""
    living = [part for part in parts if not part.is_dead]
    return max(living, key=lambda part: part.reach) if living else None


def _looks(face: bpy.types.Object, moved: Mapping[str, Movement]) -> Floats | None:
    """Left, up and forward of a face in world axes, from what its shapes move."""
    above = _middle(moved, ("brow", "eyeBlink", "eyeWide", "eyeSquint"))
    below = _middle(moved, ("jaw", "mouth"))
    if above is None or below is None:
        return None
    up = above - below
    height = float(np.linalg.norm(up))
    if height < 1e-9:
        return None
    up /= height
    points = points_of(face)
    level = points @ up
    head = points[(level > below @ up - height) & (level < above @ up + height)]
    if len(head) < 4:
        return None
    forward = (above + below) / 2 - (head.min(axis=0) + head.max(axis=0)) / 2
    forward -= (forward @ up) * up
    depth = float(np.linalg.norm(forward))
    if depth < _APART * height:
        return None
    forward /= depth
    return np.array([np.cross(up, forward), up, forward])


def _middle(moved: Mapping[str, Movement], prefixes: tuple[str, ...]) -> Floats | None:
    """The middle of what the channels of these prefixes move, both sides counted alike."""
    centres = [movement.centre for name, movement in moved.items() if name.startswith(prefixes)]
    return np.mean(centres, axis=0) if centres else None


def _sides(
    moved: Mapping[str, Movement],
    shared: set[str],
    looks: Floats,
    dead: frozenset[tuple[str, str]],
) -> Findings:
    left, up = looks[0], looks[1]
    height = float(np.ptp([movement.centre @ up for movement in moved.values()])) or 1.0
    centred = [m for channel, m in moved.items() if _has_no_side(channel)] or list(moved.values())
    middle = float(np.mean([movement.centre @ left for movement in centred]))
    told: dict[str, bool] = {}
    both = set()
    for channel, movement in moved.items():
        if _has_no_side(channel) or channel in shared:
            continue
        other = moved.get(mirrored(channel))
        if channel in DIRECTIONS:
            shift = float(movement.direction @ left)
            least = _SIDEWAYS * float(np.linalg.norm(movement.direction))
        else:
            against = middle if other is None else float(other.centre @ left)
            shift, least = float(movement.centre @ left) - against, _APART * height
        if abs(shift) < least:
            both.add(channel)
        else:
            told[channel] = (shift > 0) == channel.endswith("Left")
    wrong = {channel for channel, is_right in told.items() if not is_right}
    pairs = {channel for channel in wrong if mirrored(channel) in wrong}
    return Findings(
        looks=looks,
        is_mirrored=len(pairs) >= _ENOUGH and len(pairs) >= _MOST * len(told),
        swapped=frozenset(pairs),
        right=frozenset(told) - wrong,
        one_sided=frozenset(wrong - pairs),
        both_sides=frozenset(both),
        dead=dead,
    )


def _has_no_side(channel: str) -> bool:
    return mirrored(channel) == channel
