# SPDX-License-Identifier: GPL-3.0-or-later
"""A character's face as one expression: read from it, and put on it, without keys."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator

import bpy
import numpy as np

from ..models.arkit import CHANNELS
from ..models.capture.gaze import eyes_from_weights
from ..models.performance import Floats, Performance
from .bake_options import BakeOptions
from .bones_tracks import bone_tracks, plan_bones, with_bones_first
from .character import Character, CharacterError, character_error_if_gone
from .mapping import Mapping
from .places import Place, set_values, values_of
from .sampling import sample
from .tracks import Track, weight_tracks

# Frames a second of the one frame that is shown: any will do.
_RATE = 24.0
_OPTIONS = BakeOptions(head="NONE")


def expression_of(character: Character, mapping: Mapping) -> Floats:
    """(52,) weights that the character shows now, in the order of `arkit.CHANNELS`.

    Channels that it does not have are 0. Raises CharacterError if it is gone, or a shape key
    was removed meanwhile.
    """
    with character_error_if_gone(character):
        # What a property shows for each channel's 0 and 1, and so for what it shows now.
        none, full = (list(_weight_tracks(mapping, np.full(len(CHANNELS), w))) for w in (0, 1))
        weights = np.zeros(len(CHANNELS), np.float32)
        channels = _channel_of_each(mapping)
        for rest, most in zip(none, full, strict=True):
            place = place_of(rest)
            channel = channels.get((place.datablock, place.data_path, place.index))
            span = float(most.values[0] - rest.values[0])
            if channel is not None and span:
                shown = (place.value - float(rest.values[0])) / span
                weights[CHANNELS.index(channel)] = np.clip(shown, 0, 1)
        return weights


def put_on(character: Character, mapping: Mapping, weights: Floats) -> None:
    """Make the character show an expression, (52,) weights, on the frame that is shown now.

    Properties that are animated go back to their animation on the next frame.
    Raises as `expression_of` does.
    """
    face = Face(character, mapping)
    face.show(face.values_for(weights))


class Face:
    """The properties by which a character shows its face, looked up once.

    They can be read and set many times a second. What was looked up is true until Blender's
    data change otherwise: by an undo, another file, a key that comes or goes.

    Attributes: `character`, `mapping`; `tracks`, one a property: shape keys, controls, eyes,
    jaw; not the head; `places`, where each is.

    Raises CharacterError if the character is gone, or something of it was removed meanwhile.
    """

    def __init__(self, character: Character, mapping: Mapping) -> None:
        self.character = character
        self.mapping = mapping
        rest = np.zeros(len(CHANNELS))
        with character_error_if_gone(character):
            self._plan = plan_bones(character, mapping, _performance(rest), _OPTIONS)
            self.tracks = self._tracks(rest)
            self.places = [place_of(track) for track in self.tracks]
        self._lower = np.array([track.lower for track in self.tracks])
        self._upper = np.array([track.upper for track in self.tracks])

    @functools.cached_property
    def names(self) -> list[str]:
        """The places in words, see `places.Place.name`."""
        return [place.name for place in self.places]

    def values(self) -> Floats:
        """(properties,) what they are now. Raises as `Face` does."""
        with self._error_if_gone():
            return values_of(self.places)

    def values_for(self, weights: Floats) -> Floats:
        """(properties,) what they are to be for an expression, (52,) weights, within limits.

        Raises as `Face` does.
        """
        with self._error_if_gone():
            values = {place_of(track): track.values[0] for track in self._tracks(weights)}
        shown = [
            values.get(place, track.values[0])
            for place, track in zip(self.places, self.tracks, strict=True)
        ]
        return np.clip(np.array(shown, np.float64), self._lower, self._upper)

    def moved(self, before: Floats, change: Floats) -> Floats:
        """(properties,) values with a change, within limits, or as far out as they were."""
        lower, upper = np.minimum(before, self._lower), np.maximum(before, self._upper)
        return np.clip(before + change, lower, upper)

    def show(self, values: Floats) -> None:
        """Set the properties. Raises as `Face` does."""
        with self._error_if_gone():
            set_values(self.places, values)

    def _tracks(self, weights: Floats) -> list[Track]:
        """What a bake of this one frame would key."""
        performance = _performance(weights)
        samples = sample(performance, _RATE, 1)
        of_bones = [
            track
            for some in bone_tracks(
                self._plan, performance, self.character, samples, _OPTIONS, None
            )
            for track in some
        ]
        of_weights = list(weight_tracks(performance, self.mapping, samples))
        return with_bones_first(of_weights, of_bones, self._plan)

    @contextlib.contextmanager
    def _error_if_gone(self) -> Iterator[None]:
        with character_error_if_gone(self.character):
            try:
                yield
            except (ValueError, KeyError, IndexError):
                raise CharacterError(
                    f"Something of “{self.character.name}” was removed meanwhile; "
                    "select the character again and repeat."
                ) from None


def place_of(track: Track) -> Place:
    """The property that a track is for."""
    return Place(track.datablock, track.data_path, track.index)


def _weight_tracks(mapping: Mapping, weights: Floats) -> Iterator[Track]:
    performance = _performance(weights)
    return weight_tracks(performance, mapping, sample(performance, _RATE, 1))


def _performance(weights: Floats) -> Performance:
    frame = np.asarray(weights, np.float32)[None]
    return Performance(weights=frame, times=np.zeros(1), eyes=eyes_from_weights(frame))


def _channel_of_each(mapping: Mapping) -> dict[tuple[bpy.types.ID, str, int], str]:
    """The channel that a property shows, where it shows but one."""
    owners: dict[tuple[bpy.types.ID, str, int], list[str]] = {}
    for channel in CHANNELS:
        for target in mapping.found.get(channel, ()):
            owners.setdefault(target.place, []).append(channel)
    return {place: names[0] for place, names in owners.items() if len(names) == 1}
