# SPDX-License-Identifier: GPL-3.0-or-later
"""One face mixed from sliders: emotions and axes, on top of what it shows.

As everywhere here, what the model makes of the face as it is, is subtracted from what it makes
of the face as it should be, and the difference is the change: sliders at 0 change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS
from ..errors import SamplingError
from .axes import Axis
from .direct import along_way, way
from .emotions import emotion_weights, strength
from .frames import GAZE
from .lips import with_closed_lids
from .runtime import ExpressionModel
from .vary import decoded

Floats = NDArray[np.floating[Any]]

LEAST, MOST = -3.0, 3.0
"""How far an axis goes."""


class FaceMix:
    """A face, and what emotions and axes change of it; quick enough for sliders.

    face: (52,) weights in the order of `CHANNELS`. axes: those that can be asked for.

    The way to an emotion is found once, when it is first asked for.

    Attributes: `face`.
    """

    def __init__(self, face: Floats, model: ExpressionModel, axes: tuple[Axis, ...]) -> None:
        self.face = np.asarray(face, np.float32)
        self._face = np.clip(np.asarray(face, np.float32)[None], 0, 1)
        self._model = model
        self._directions = {axis.name: axis.direction for axis in axes}
        self._latents, _ = model.encode(self._face)
        self._decoded = decoded(model, self._latents)
        self._ways: dict[str, list[Floats]] = {}

    def change(self, emotions: Mapping[str, float], axes: Mapping[str, float]) -> Floats:
        """(52,) what to add to the face; zeros if every value is 0.

        emotions: how strongly, 0–1, by their names in ``emotions.json``. Of several each channel
        gets the most that one of them raises it by, and the most that one lowers it by.
        axes: how far, −3 to 3, by the axes' names.

        Raises ActionUnitError for an unknown emotion, SamplingError for an unknown axis or a
        value out of range.
        """
        felt = [self._emotion(name, value) for name, value in emotions.items() if value]
        moved = {name: value for name, value in axes.items() if value}
        if not felt and not moved:
            return np.zeros(len(CHANNELS), np.float32)
        change = np.zeros((1, len(CHANNELS)))
        if felt:
            rows = np.stack(felt)
            change[0] = rows.max(axis=0, initial=0) + rows.min(axis=0, initial=0)
        if moved:
            change += decoded(self._model, self._latents + self._shift(moved)) - self._decoded
        change[:, GAZE] = 0
        return np.asarray(with_closed_lids(self._face, change)[0])

    def _emotion(self, name: str, value: float) -> Floats:
        if not 0 <= value <= 1:
            raise SamplingError(f"The emotion “{name}” goes from 0 to 1, not to {value}.")
        if name not in self._ways:
            goal, felt = emotion_weights(name), strength(name)
            self._ways[name], _ = way(self._face, np.zeros(1), goal, felt, self._model)
        return np.asarray(along_way(self._ways[name], value)[0])

    def _shift(self, moved: Mapping[str, float]) -> Floats:
        shift = np.zeros(self._latents.shape[1])
        for name, value in moved.items():
            if name not in self._directions:
                known = ", ".join(self._directions)
                raise SamplingError(f"There is no axis “{name}”; there are {known}.")
            if not LEAST <= value <= MOST:
                raise SamplingError(f"The axis “{name}” goes from −3 to 3, not to {value}.")
            shift += value * self._directions[name]
        return shift
