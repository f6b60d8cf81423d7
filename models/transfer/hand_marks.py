# SPDX-License-Identifier: GPL-3.0-or-later
"""A face by landmarks that a person placed, where the tracker finds none or a wrong one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ..errors import TransferError
from ..performance import Floats
from .edges import FACE_LANDMARKS
from .face_finding import FoundFace, seen_from_around, snapped
from .registration import face_size
from .transfer import HeadShape, found_face
from .warp import fitted_similarity, fitted_warp, unbent

MARKS = {
    "Nose Tip": 1,
    "Nose Root": 168,
    "Chin": 152,
    "Left Mouth Corner": 291,
    "Right Mouth Corner": 61,
    "Upper Lip": 0,
    "Lower Lip": 17,
    "Left Eye Outer Corner": 263,
    "Left Eye Inner Corner": 362,
    "Left Upper Lid": 386,
    "Left Lower Lid": 374,
    "Right Eye Outer Corner": 33,
    "Right Eye Inner Corner": 133,
    "Right Upper Lid": 159,
    "Right Lower Lid": 145,
    "Left Brow": 282,
    "Right Brow": 52,
}
"""What a person places, and the number of the tracker's landmark that it is."""

_LEAST = 6
_SURE_OF_THE_REST = 0.2

Progress = Callable[[float, str], None]


def face_from_marks(
    head: HeadShape,
    marks: Mapping[int, Floats],
    template: FoundFace,
    progress: Progress = lambda share, text: None,
) -> FoundFace:
    """The face whose landmarks are where a person put some of them.

    marks: number → place. The others are the tracker's, or, where it sees no face, the
    template's, both bent so that the marks fit.

    Raises TransferError if there are too few marks to say where the face is.
    """
    numbers = np.array([n for n in marks if 0 <= n < FACE_LANDMARKS], np.int64)
    if len(numbers) < _LEAST:
        raise TransferError(
            f"{len(numbers)} landmarks are placed, and at least {_LEAST} are needed: place "
            "more, or delete them all so that Mien looks for the face itself."
        )
    places = np.array([marks[int(n)] for n in numbers], np.float64)
    try:
        found = found_face(head, progress)
        start, sure = found.landmarks, np.minimum(found.confidence, 0.5)
        turn, lips = found.turn, found.lips
    except TransferError:
        placed = fitted_similarity(template.landmarks[numbers], places, np.ones(len(numbers)))
        start = placed(template.landmarks)
        turn = template.turn @ placed.turn.T
        sure = _SURE_OF_THE_REST * template.confidence
        lips = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    size = face_size(places, np.ones(len(places)))
    bend = unbent(start[numbers], (1.2 * size, 0.4 * size), (1.0, 0.3))
    basis = bend.basis(start[numbers])
    bend = fitted_warp(bend, basis, start[numbers], places, np.full(len(places), 100.0), 1.0)
    landmarks = bend(start)
    landmarks[numbers] = places
    confidence = sure.copy()
    confidence[numbers] = 1.0
    skin, visible = seen_from_around(head.surface, head.colours, landmarks, turn)
    on_skin = snapped(head.surface, np.flatnonzero(visible), landmarks)
    return FoundFace(turn, on_skin, confidence, skin, visible, lips)
