# SPDX-License-Identifier: GPL-3.0-or-later
"""Sliders that move the selected character's face as they are dragged: `scene.mien.live`.

Sliders and what the face showed before them are data of the scene, so that Ctrl-Z takes a drag
back together with what it did. What is looked up of the character is kept between two
movements of a slider, until Blender says that something else has changed.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import FloatVectorProperty, StringProperty
from bpy.types import Context, Object, PropertyGroup

from ..models.errors import MienError
from .expression_model import AXES, MODEL
from .expression_settings import emotion_items
from .face_preview import HOLDS_FACE
from .last_error import LAST_ERROR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..blender_ops.character import Character
    from ..blender_ops.posing import Face
    from ..models.vae.mix import FaceMix

MOST_EMOTIONS = 32

logger = logging.getLogger(__name__)


def _slid(live: Any, context: Context) -> None:
    LIVE_FACE.follow(live, context.object)


class MienLiveSettings(PropertyGroup):
    """The sliders, and what the face showed before they moved."""

    axes: FloatVectorProperty(
        name="Axis",
        description=(
            "How far the face goes in one of the directions in which faces vary most, on top of "
            "what it shows. Where it is animated, until the frame changes: key it to keep it"
        ),
        size=AXES,
        default=(0.0,) * AXES,
        min=-3.0,
        max=3.0,
        step=5,
        precision=2,
        options=set(),
        update=_slid,
    )
    emotions: FloatVectorProperty(
        name="Emotion",
        description=(
            "How strongly the face shows an emotion, on top of what it shows. Where it is "
            "animated, until the frame changes: key it to keep it"
        ),
        size=MOST_EMOTIONS,
        default=(0.0,) * MOST_EMOTIONS,
        min=0.0,
        max=1.0,
        step=5,
        precision=2,
        options=set(),
        update=_slid,
    )
    before: StringProperty(
        description="What the face showed before the sliders moved, as JSON", options={"HIDDEN"}
    )


@dataclass(frozen=True)
class Before:
    """What a face showed before the sliders moved.

    character: by what it is known again. weights: (52,) of its expression. values: of its
    properties, by `places.Place.name`.
    """

    character: str
    weights: NDArray[np.float32]
    values: dict[str, float]

    def to_json(self) -> str:
        """As the scene keeps it."""
        return json.dumps([self.character, self.weights.tolist(), self.values])

    @classmethod
    def from_json(cls, text: str) -> Before:
        """What `to_json` said."""
        import numpy as np

        character, weights, values = json.loads(text)
        return cls(character, np.array(weights, np.float32), values)


class LiveFace:
    """Moves the face as the sliders say.

    problem: why the last movement of a slider did nothing, "" if it did.
    """

    def __init__(self) -> None:
        self.problem = ""
        self._busy = False
        self._own_change = False
        self._known: _Known | None = None
        # What the sliders showed last, by the names of places.
        self._shown: dict[str, float] = {}

    def follow(self, live: Any, active: Object | None) -> None:
        """A slider was moved: show it. Never raises; `problem` says what was wrong."""
        if self._busy:
            return
        self.problem = ""
        try:
            with self._at_work():
                self._show(live, active)
        except Exception as error:
            self._known = None
            self.problem = str(error) or type(error).__name__
            LAST_ERROR.remember("mien.live_face", error)
            if not isinstance(error, MienError):
                logger.exception("The live sliders failed")

    def reset(self, live: Any) -> None:
        """The face is as it was before the sliders moved, and they stand at 0."""
        from ..blender_ops.places import restore

        if live.before:
            restore(Before.from_json(live.before).values)
        self.let_go(live)

    def let_go(self, live: Any) -> None:
        """The sliders go to 0 and the face stays as it is."""
        with self._at_work():
            live.axes = (0.0,) * AXES
            live.emotions = (0.0,) * MOST_EMOTIONS
            live.before = ""
        self.forget()

    def forget(self) -> None:
        """Undo, another file: nothing that was looked up is true any more."""
        self._known = None
        self._shown = {}

    def data_changed(self, scene: Any) -> None:
        """Blender's data have changed; what the sliders themselves did is not news."""
        if self._own_change:
            self._own_change = False
            return
        self._known = None
        live = scene.mien.live
        if live.before and _is_another(Before.from_json(live.before).character):
            self.let_go(live)

    def frame_changed(self, scene: Any) -> None:
        """Where animation has moved the face on, what the sliders did ends with the frame."""
        live = scene.mien.live
        if not live.before:
            return
        from ..blender_ops.places import Place, animated, restore

        values = Before.from_json(live.before).values
        places = [place for place in map(Place.found, values) if place is not None]
        moving = {place.name for place in animated(places)}
        if moving:
            restore({name: value for name, value in values.items() if name not in moving})
            self.let_go(live)

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[None]:
        """While sliders and face are set, they do not call back."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    def _show(self, live: Any, active: Object | None) -> None:
        if live.id_data.mien.preview.on:
            raise MienError(HOLDS_FACE)
        if active is None:
            raise MienError("Select the character whose face is to be moved.")
        if self._known is None or self._known.session_uid != active.session_uid:
            self._known = _find(live, active, self._shown)
        known = self._known
        emotions, axes = slider_values(live)
        if any(emotions.values()) or any(axes.values()):
            change = known.mix.change(emotions, axes)
            after = known.face.values_for(known.mix.face + change)
            values = known.face.moved(known.start, after - known.at_rest)
            live.before = live.before or known.before.to_json()
        else:
            values = known.start
            live.before = ""
        known.face.show(values)
        self._shown = dict(zip(known.face.names, values.tolist(), strict=True))
        self._own_change = True


@dataclass(frozen=True)
class _Known:
    """What is kept between two movements of a slider.

    face: the properties. mix: what sliders make of the expression that they had before.
    before: as the scene keeps it. start: (properties,) what they were before.
    at_rest: (properties,) what the expression that they had says they are.
    """

    session_uid: int
    face: Face
    mix: FaceMix
    before: Before
    start: NDArray[np.floating[Any]]
    at_rest: NDArray[np.floating[Any]]


def slider_values(live: Any) -> tuple[dict[str, float], dict[str, float]]:
    """How strong each emotion is, and how far each axis goes, by name.

    Raises WeightsError if the model cannot be loaded.
    """
    _, axes = MODEL.get()
    emotions = [name for name, *_ in emotion_items(None, None)]
    return (
        dict(zip(emotions, live.emotions, strict=False)),
        {axis.name: value for axis, value in zip(axes, live.axes, strict=True)},
    )


def is_moved(live: Any) -> bool:
    """Whether any slider is away from 0."""
    return any(live.axes) or any(live.emotions)


def _find(live: Any, active: Object, shown: Mapping[str, float]) -> _Known:
    """Look the character up, and what its face was before the sliders moved.

    shown: what the sliders showed last: what differs from it was changed by hand meanwhile, and
    goes on top of what was there before.
    """
    import numpy as np

    from ..blender_ops.character import CharacterError, find_character, linked_parts
    from ..blender_ops.mapping import match
    from ..blender_ops.posing import Face, expression_of
    from ..models.vae.mix import FaceMix

    model, axes = MODEL.get()
    character = find_character(active)
    if linked_parts(character):
        raise CharacterError(
            f"“{character.name}” is linked from another file; use “Make Face Keys Editable” first."
        )
    mapping = match(character)
    face = Face(character, mapping)
    now = dict(zip(face.names, face.values().tolist(), strict=True))
    before = Before.from_json(live.before) if live.before else None
    if before is None or before.character != _called(character):
        weights = np.asarray(expression_of(character, mapping), np.float32)
        before = Before(_called(character), weights, now)
    else:
        values = {
            name: before.values.get(name, value) + value - shown.get(name, value)
            for name, value in now.items()
        }
        before = Before(before.character, before.weights, values)
    live.before = before.to_json()
    start = np.array([before.values[name] for name in face.names])
    at_rest = face.values_for(before.weights)
    mix = FaceMix(before.weights, model, axes)
    return _Known(active.session_uid, face, mix, before, start, at_rest)


def _called(character: Character) -> str:
    """By what a character is known again."""
    holder = character.meshes[0] if character.meshes else character.armature
    return holder.name_full if holder is not None else character.name


def _is_another(called: str) -> bool:
    """Whether another character is selected. A lamp or nothing at all is none."""
    from ..blender_ops.character import CharacterError, find_character

    active = getattr(bpy.context, "object", None)
    if active is None:
        return False
    try:
        return _called(find_character(active)) != called
    except CharacterError:
        return False


# Of this Python process; it is emptied by undo and by another file.
LIVE_FACE = LiveFace()

CLASSES: tuple[type, ...] = (MienLiveSettings,)
