# SPDX-License-Identifier: GPL-3.0-or-later
"""Bake a performance: it becomes keys on a character. Panel, command and batch call `bake`."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ..models.performance import Performance
from .animation import Curve, write_curves_in_steps
from .bake_options import BakeError, BakeOptions
from .bake_tracks import PlannedTracks, tracks_in_steps
from .bones_tracks import Plan
from .character import (
    Character,
    CharacterError,
    character_error_if_gone,
    is_saved_with_file,
)
from .figures import grouped
from .keying import keyed
from .mapping import Mapping, Row
from .sampling import Samples, lost_spans, scene_rate
from .splice import spliced
from .steps import Steps, finished, part_of
from .tracks import Track

__all__ = ["BakeError", "BakeOptions", "BakeResult", "bake", "bake_in_steps"]


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
        parts = [f"{grouped(self.keys)} keys on {self.curves} curves"]
        if self.keys != self.samples:
            parts[0] += (
                f" instead of {grouped(self.samples)}, largest error {self.largest_error:.3g}"
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
    an empty, a share of it on the neck; the eyes on eye bones or on the eyeLook keys; the
    jaw on a bone where there are no jaw keys.
    What the performance does not hold is not keyed. The scene is the context's unless
    given. Whatever is raised, the scene is as it was.

    Raises CharacterError if the character is linked, gone, or has nothing to key;
    BakeError if the performance lies outside the frame range; AnimationError if a
    data-block cannot be given an Action.
    """
    return finished(bake_in_steps(performance, character, mapping, options, scene))


def bake_in_steps(
    performance: Performance,
    character: Character,
    mapping: Mapping,
    options: BakeOptions | None = None,
    scene: bpy.types.Scene | None = None,
) -> Steps[BakeResult]:
    """What `bake` does, in short steps; yields the share done.

    For a window that must not freeze: with ten minutes of 60 frames a second a step
    takes less than 0.1 s. Closed before its end, it leaves the scene as it
    was; the animation changes in the last step only.
    """
    options = options or BakeOptions()
    scene = scene or bpy.context.scene
    assert scene is not None, "Blender always has a scene"
    with character_error_if_gone(character), contextlib.ExitStack() as if_it_fails:
        planned = yield from tracks_in_steps(
            performance, character, mapping, options, scene, if_it_fails
        )
        _require_saved_with_file(planned.tracks)
        result = yield from _written(performance, mapping, planned, options, scene_rate(scene))
        if_it_fails.pop_all()
        return _with_bones(result, planned.plan)


def _with_bones(result: BakeResult, plan: Plan) -> BakeResult:
    """The result, with what bones did."""
    missing = tuple(channel for channel in result.missing if channel not in plan.channels)
    return dataclasses.replace(result, missing=missing, notes=(*plan.notes, *result.notes))


def _require_saved_with_file(tracks: Sequence[Track]) -> None:
    for track in tracks:
        if not is_saved_with_file(track.datablock):
            raise CharacterError(
                f"“{track.datablock.name_full}” is linked from another file, so keys on it "
                "would be lost; use “Make Face Keys Editable” first."
            )


def _written(
    performance: Performance,
    mapping: Mapping,
    planned: PlannedTracks,
    options: BakeOptions,
    rate: float,
) -> Steps[BakeResult]:
    """Write the tracks and say what was done."""
    samples, tracks = planned.samples, planned.tracks
    curves: dict[bpy.types.ID, list[Curve]] = {}
    count, error, done = 0, 0.0, 0
    for some in keyed(tracks, samples.frames, options):
        for each in some:
            track, keys = each.track, each.keys
            count, error = count + len(keys), max(error, each.error / track.share)
            if options.keeps_outside:
                keys = spliced(keys, track.before)
            curve = Curve(track.data_path, keys, track.index, track.region.capitalize())
            curves.setdefault(track.datablock, []).append(curve)
        done += len(some)
        yield 0.05 + 0.45 * done / len(tracks)
    name = options.action_name or performance.source.text or "Mien"
    actions = yield from part_of(write_curves_in_steps(name, curves), 0.5, 1)
    lost = lost_spans(performance)
    for action in actions:
        _mark(action, lost if options.markers else (), samples, options.start_frame, rate)
    return BakeResult(
        actions=tuple(actions),
        keys=count,
        curves=len(tracks),
        samples=len(tracks) * len(samples.frames),
        largest_error=error,
        missing=_missing(performance, mapping),
        lost=lost,
        notes=tuple(_notes(tracks, options, _moved_rows(performance, mapping))),
    )


def _missing(performance: Performance, mapping: Mapping) -> tuple[str, ...]:
    """Channels that the performance moves and the character does not have."""
    return tuple(
        row.channel
        for row in _moved_rows(performance, mapping)
        if not row.targets and not row.unreachable
    )


def _moved_rows(performance: Performance, mapping: Mapping) -> list[Row]:
    """The rows of the channels that the performance moves."""
    return [
        mapping.row(channel)
        for channel in performance.channels
        if np.ptp(performance.channel(channel)) > 0
    ]


def _mark(
    action: bpy.types.Action,
    lost: tuple[tuple[float, float], ...],
    samples: Samples,
    start_frame: float,
    rate: float,
) -> None:
    """Pose markers where the face was lost and found again, in place of an earlier bake's."""
    for marker in [m for m in action.pose_markers if m.name in (LOST_MARKER, FOUND_MARKER)]:
        action.pose_markers.remove(marker)
    for start, length in lost:
        for name, seconds in ((LOST_MARKER, start), (FOUND_MARKER, start + length)):
            frame = start_frame + seconds * rate
            if samples.frames[0] <= frame <= samples.frames[-1]:
                action.pose_markers.new(name).frame = round(frame)


def _notes(tracks: Sequence[Track], options: BakeOptions, rows: Sequence[Row]) -> Iterator[str]:
    """What else the animator should know."""
    unreachable = [each for row in rows for each in row.unreachable]
    yield from _first_of(unreachable, "cannot be moved", "cannot be moved")
    silent = [each for row in rows for each in row.silent]
    yield from _first_of(silent, "shows nothing", "show nothing")
    driven = [track for track in tracks if track.is_driven]
    if driven:
        noun = "1 curve has" if len(driven) == 1 else f"{len(driven)} curves have"
        yield (
            f"{noun} no effect, because drivers move what they animate, "
            f"such as {driven[0].data_path} of “{driven[0].datablock.name}”"
        )
    if options.keeps_outside and any(track.before.has_modifiers for track in tracks):
        yield "F-Curve modifiers outside the range became keys"
    empty = next((t.datablock for t in tracks if t.region == "head" and _is_empty(t)), None)
    if empty is not None:
        yield f"the empty “{empty.name}” turns as the head does: parent the head to it"


def _first_of(reasons: Sequence[str], one: str, several: str) -> Iterator[str]:
    """One of several reasons in full, and how many there are."""
    reasons = list(dict.fromkeys(reasons))
    if len(reasons) == 1:
        yield f"1 face key {one}: {reasons[0]}"
    elif reasons:
        yield f"{len(reasons)} face keys {several}, such as {reasons[0]}"


def _is_empty(track: Track) -> bool:
    return isinstance(track.datablock, bpy.types.Object) and track.datablock.type == "EMPTY"
