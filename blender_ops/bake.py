# SPDX-License-Identifier: GPL-3.0-or-later
"""Bake a performance: it becomes keys on a character. Panel, command and batch call `bake`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import bpy
import numpy as np
from numpy.typing import NDArray

from ..models.arkit import region_of
from ..models.errors import MienError
from ..models.performance import Performance
from .animation import LINEAR, Curve, Keys, write_curves
from .character import Character, CharacterError, character_error_if_gone
from .head import Pivot, bone_pivot, empty_pivot, eye_turns, new_head_empty
from .mapping import Mapping
from .sampling import Samples, lost_spans, sample, scene_rate
from .splice import Before, before_of

Floats = NDArray[np.floating]


class BakeError(MienError):
    """A performance cannot be baked with these options."""


@dataclass(frozen=True)
class BakeOptions:
    """How a performance becomes keys.

    start_frame: the scene frame of the performance's second 0.
    subframes: key every sample at its own time, instead of the scene's whole frames.
    tolerance: how far a curve may be from the samples, in weight or radians; 0 keys
        every frame.
    frame_range: first and last scene frame to be keyed; what was animated outside stays.
        None keys the whole performance.
    blend_in, blend_out: frames over which the old animation gives way to the new one
        after the first keyed frame, and takes over again before the last.
    head: what turns with the head: BONE, EMPTY (made if need be), NONE, or AUTO: the
        head bone if there is one, else the empty.
    markers: mark where the face was lost, by pose markers of the new Action.
    action_name: "" takes the performance's source.
    """

    start_frame: float = 1
    subframes: bool = False
    tolerance: float = 0.005
    frame_range: tuple[float, float] | None = None
    blend_in: float = 0
    blend_out: float = 0
    head: Literal["BONE", "EMPTY", "NONE", "AUTO"] = "AUTO"
    markers: bool = True
    action_name: str = ""

    @property
    def keeps_outside(self) -> bool:
        """Whether old keys outside the keyed frames stay."""
        return self.frame_range is not None or self.blend_in > 0 or self.blend_out > 0


@dataclass(frozen=True)
class BakeResult:
    """What a bake did.

    actions: the new Actions.
    keys, curves: how many were written; samples: how many keys one a frame would be.
    largest_error: the largest distance of a curve from a sample, in weight or radians.
    missing: channels that move in the performance and that the character does not have.
    lost: where no face was seen, as (start, length) in seconds.
    notes: what else the animator should know, a sentence each.
    """

    actions: tuple[bpy.types.Action, ...]
    keys: int
    curves: int
    samples: int
    largest_error: float
    missing: tuple[str, ...]
    lost: tuple[tuple[float, float], ...]
    notes: tuple[str, ...] = ()

    def words(self) -> str:
        """The result in a line that a person reads."""
        parts = [f"{_count(self.keys)} keys on {self.curves} curves"]
        if self.keys != self.samples:
            parts[0] += (
                f" instead of {_count(self.samples)}, largest error {self.largest_error:.3g}"
            )
        if self.missing:
            noun = "channel" if len(self.missing) == 1 else "channels"
            parts.append(
                f"{len(self.missing)} {noun} not on this character: {', '.join(self.missing)}"
            )
        for start, length in self.lost[:3]:
            parts.append(f"no face for {length:.1f} s at {start:.1f} s")
        if len(self.lost) > 3:
            parts.append(f"and {len(self.lost) - 3} more times")
        return "; ".join([*parts, *self.notes]) + "."

    def to_json(self) -> dict[str, Any]:
        """The result as plain data."""
        return {
            "actions": [action.name for action in self.actions],
            "keys": self.keys,
            "curves": self.curves,
            "samples": self.samples,
            "largest_error": self.largest_error,
            "missing": list(self.missing),
            "lost": [list(span) for span in self.lost],
            "notes": list(self.notes),
        }


LOST_MARKER, FOUND_MARKER = "face lost", "face found"


def bake(
    performance: Performance,
    character: Character,
    mapping: Mapping,
    options: BakeOptions | None = None,
    scene: bpy.types.Scene | None = None,
) -> BakeResult:
    """Key a performance on a character, in a new Action; the old one stays in the file.

    Weights go on shape keys, limited to each key's slider range; the head on a bone or
    an empty; the eyes on eye bones and on the eyeLook keys, both where there are both.
    What the performance does not hold is not keyed. The scene is the context's unless
    given. Whatever is raised, the scene is as it was.

    Raises CharacterError if the character is linked, gone, or has nothing to key;
    BakeError if the performance lies outside the frame range; AnimationError if a
    data-block cannot be given an Action.
    """
    options = options or BakeOptions()
    scene = scene or bpy.context.scene
    with character_error_if_gone(character):
        bpy.context.view_layer.update()
        samples = _samples(performance, scene, options)
        _require_face_keys(character, mapping, performance)
        empty = _missing_head_empty(performance, character, options, scene)
        try:
            tracks = [
                *_weight_tracks(performance, mapping, samples),
                *_turn_tracks(performance, character, samples, options, empty),
            ]
            return _written(performance, mapping, samples, tracks, options, scene)
        except BaseException:
            if empty is not None:
                bpy.data.objects.remove(empty)
            raise


@dataclass(frozen=True, eq=False)
class _Track:
    """What one F-Curve is to show.

    values: (keys,), one for each sampled frame. before: what the property did so far.
    """

    datablock: bpy.types.ID
    data_path: str
    index: int
    values: Floats
    before: Before
    group: str
    lower: float = -np.inf
    upper: float = np.inf


def _samples(performance: Performance, scene: bpy.types.Scene, options: BakeOptions) -> Samples:
    rate = scene_rate(scene)
    samples = sample(performance, rate, options.start_frame, options.frame_range, options.subframes)
    if len(samples.frames) == 0:
        end = options.start_frame + performance.duration * rate
        raise BakeError(
            f"The performance lies on frames {options.start_frame:g} to {end:.0f}, none of them "
            "in the frame range; choose another range or start frame."
        )
    return samples


def _require_face_keys(character: Character, mapping: Mapping, performance: Performance) -> None:
    if not any(channel in mapping.found for channel in performance.channels):
        raise CharacterError(
            f"None of the shape keys of “{character.name}” has the name of a face channel such "
            "as jawOpen; choose another character or rename its keys."
        )


def _weight_tracks(
    performance: Performance, mapping: Mapping, samples: Samples
) -> Iterator[_Track]:
    channels = [channel for channel in performance.channels if channel in mapping.found]
    columns = [performance.index(channel) for channel in channels]
    rows = samples.of(performance.weights[:, columns])
    lookups: dict[bpy.types.ID, Any] = {}
    for channel, row in zip(channels, rows, strict=True):
        for target in mapping.found[channel]:
            keys = target.object.data.shape_keys
            block = keys.key_blocks.get(target.key) if keys else None
            if block is None:
                raise CharacterError(
                    f"“{target.object.name}” no longer has the shape key “{target.key}”; "
                    "select the character again and repeat."
                )
            if keys not in lookups:
                lookups[keys] = before_of(keys)
            path = f'key_blocks["{bpy.utils.escape_identifier(target.key)}"].value'
            yield _Track(
                datablock=keys,
                data_path=path,
                index=0,
                values=row,
                before=lookups[keys](path, None),
                group=region_of(channel).capitalize(),
                lower=block.slider_min,
                upper=block.slider_max,
            )


def _turn_tracks(
    performance: Performance,
    character: Character,
    samples: Samples,
    options: BakeOptions,
    new_empty: bpy.types.Object | None,
) -> Iterator[_Track]:
    """Head and eyes, where the performance and the character have them."""
    where = _head_goes_on(character, options)
    if performance.head is not None and where != "NONE":
        empty = new_empty or character.head_empty
        pivot = (
            bone_pivot(character, character.head_bone)
            if where == "BONE"
            else empty_pivot(character, empty)  # type: ignore[arg-type]
        )
        yield from _turned(pivot, samples.of_turns(performance.head[:, :4]), "Head")
    if character.left_eye_bone or character.right_eye_bone:
        turns = eye_turns(performance)
        for i, bone in enumerate((character.left_eye_bone, character.right_eye_bone)):
            if turns is not None and bone:
                yield from _turned(bone_pivot(character, bone), samples.of_turns(turns[i]), "Eyes")


def _turned(pivot: Pivot, turns: Floats, group: str) -> Iterator[_Track]:
    find = before_of(pivot.object)
    width = 3 if pivot.data_path.endswith("euler") else 4
    before = [find(pivot.data_path, index) for index in range(width)]
    values = pivot.values(turns)
    for index in range(width):
        yield _Track(pivot.object, pivot.data_path, index, values[:, index], before[index], group)


def _head_goes_on(character: Character, options: BakeOptions) -> str:
    if options.head == "BONE" and not character.head_bone:
        raise CharacterError(
            f"“{character.name}” has no head bone; bake the head onto an empty instead."
        )
    if options.head == "AUTO":
        return "BONE" if character.head_bone else "EMPTY"
    return options.head


def _missing_head_empty(
    performance: Performance,
    character: Character,
    options: BakeOptions,
    scene: bpy.types.Scene,
) -> bpy.types.Object | None:
    """The empty that has to be made first, if one has to."""
    wanted = performance.head is not None and _head_goes_on(character, options) == "EMPTY"
    if not wanted or character.head_empty is not None:
        return None
    return new_head_empty(character, scene)


def _written(
    performance: Performance,
    mapping: Mapping,
    samples: Samples,
    tracks: list[_Track],
    options: BakeOptions,
    scene: bpy.types.Scene,
) -> BakeResult:
    curves: dict[bpy.types.ID, list[Curve]] = {}
    for track in tracks:
        values = np.clip(track.values, track.lower, track.upper)
        keys = Keys(samples.frames, values, LINEAR)
        curves.setdefault(track.datablock, []).append(
            Curve(track.data_path, keys, track.index, track.group)
        )
    actions = write_curves(options.action_name or performance.source.text or "Mien", curves)
    count = sum(len(curve.keys) for own in curves.values() for curve in own)
    return BakeResult(
        actions=tuple(actions),
        keys=count,
        curves=len(tracks),
        samples=len(tracks) * len(samples.frames),
        largest_error=0.0,
        missing=tuple(c for c in mapping.missing if c in performance.channels),
        lost=lost_spans(performance),
    )


def _count(number: int) -> str:
    """A number with thin spaces between thousands."""
    return f"{number:,}".replace(",", " ") if number >= 10_000 else str(number)
