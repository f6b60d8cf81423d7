# SPDX-License-Identifier: GPL-3.0-or-later
"""The face keys of a template head carried over to a head of another shape and mesh.

1. Landmarks: both heads are drawn and tracked, or the landmarks are given.
2. A similarity brings the target to the template's size and place (`warp`).
3. The template's face is bent onto the target's (`registration`).
4. Its displacements follow the bending onto the target's skin (`carrying`).
5. What is no skin moves as it must: teeth with the jaw, lashes with the lids (`parts`).
6. Lids are kept off the eyeballs (`eyes`).

After Sumner and Popović, Deformation transfer for triangle meshes (2004), with the
correspondence found as `registration` says and the deformation carried by a warp of space
instead of triangle by triangle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import TransferError
from ..performance import Floats
from .carrying import onto_skin, warped_deltas
from .edges import parting
from .eyes import eye_turns, keep_off_eyeballs
from .face_finding import FoundFace, find_face
from .followers import follow_skin
from .mouth import boxed_onto, mouth_deltas, nearest_deltas, rigid
from .nearest import NearestPlaces
from .parts import Parts, eyeballs, parts_of
from .registration import Face, face_size, register
from .surface import Integers, Surface
from .warp import Similarity, Warp, robust_similarity

Progress = Callable[[float, str], None]

_FAR = 3.2
_LEAST_LANDMARKS = 4
_LEAST_CONFIDENCE = 0.1
_PARTED, _PARTING_REACH = 0.12, 0.15


@dataclass(frozen=True, eq=False)
class HeadShape:
    """A head at rest, upright: +Y up, facing any way, in any unit.

    surface: all its meshes as one. colours: (n, 3) of its points, blue, green, red in 0–1.
    names: (n,) what each point's mesh or material is called.
    """

    surface: Surface
    colours: Floats
    names: NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Template:
    """A head with keys: names of the channels, and deltas (k, n, 3) in its own unit."""

    head: HeadShape
    channels: tuple[str, ...]
    deltas: Floats


def found_face(head: HeadShape, progress: Progress = lambda share, text: None) -> FoundFace:
    """Where a head has its face. Raises TransferError if none is seen."""
    return find_face(
        head.surface,
        head.colours,
        lambda landmarks, skin: np.any(eyeballs(head.surface, landmarks, skin), axis=0),
        progress,
    )


def transferred(
    template: Template,
    template_face: FoundFace,
    target: HeadShape,
    target_face: FoundFace,
    *,
    turn_eyes: bool = False,
    progress: Progress = lambda share, text: None,
) -> Floats:
    """(k, n, 3): the template's displacements on the target, in the target's axes and unit.

    turn_eyes: eyeLook turns the target's eyeballs too, for a character without eye bones.

    Raises TransferError if the two faces have too few landmarks in common.
    """
    sure = np.minimum(template_face.confidence, target_face.confidence)
    sure = np.where(sure < _LEAST_CONFIDENCE, 0.0, sure)
    if np.count_nonzero(sure) < _LEAST_LANDMARKS:
        raise TransferError(
            f"The two faces have {np.count_nonzero(sure)} landmarks in common, and at least "
            f"{_LEAST_LANDMARKS} are needed: place them by hand on both."
        )
    placed = robust_similarity(template_face.landmarks, target_face.landmarks, sure)
    work = _Work(template, template_face, target, target_face, placed)
    warp = register(
        Face(template.head.surface, np.flatnonzero(template_face.visible), template_face.landmarks),
        Face(work.target, np.flatnonzero(target_face.visible), work.landmarks),
        sure,
        lambda share, text: progress(0.45 * share, text),
    )
    deltas = work.carried(warp, lambda share, text: progress(0.45 + 0.55 * share, text))
    if turn_eyes:
        for ball, side in zip(work.parts.eyeballs, ("Left", "Right"), strict=True):
            if len(ball):
                deltas[:, ball] = eye_turns(
                    template.channels, work.target.points, ball, side, work.turn
                )
    return np.asarray(placed.scale * deltas @ placed.turn.T, np.float32)


class _Work:
    """Both heads in the template's place and size, and what their parts are."""

    def __init__(
        self,
        template: Template,
        template_face: FoundFace,
        target: HeadShape,
        target_face: FoundFace,
        placed: Similarity,
    ) -> None:
        self._template, self._template_face = template, template_face
        self._visible, self._skin = target_face.visible, target_face.skin
        self._lips = target_face.lips
        points = placed.back(target.surface.points)
        self.target = target.surface.moved_to(points)
        self.landmarks = placed.back(target_face.landmarks)
        self.turn = target_face.turn @ placed.turn
        known = target_face.confidence > 0
        self._size = face_size(self.landmarks[known], target_face.confidence[known])
        self._middle = self.landmarks[known].mean(axis=0)
        self.parts: Parts = parts_of(
            self.target, self.landmarks, self._skin, self._visible, self.turn, target.names
        )

    def carried(self, warp: Warp, progress: Progress) -> Floats:
        """(k, n, 3) displacements of the target in the template's unit."""
        source, size = self._template.head.surface, self._size
        placed, deltas = warped_deltas(
            warp,
            source.points,
            self._template.deltas,
            size,
            lambda share, text: progress(0.5 * share, text),
        )
        bent = source.moved_to(placed)
        progress(0.5, "carrying shapes over")
        result = self._on_skin(bent, deltas)
        progress(0.8, "moving teeth and lashes")
        skin = np.flatnonzero(self._own_skin())
        keep_off_eyeballs(self.target.points, result, skin, self.parts.eyeballs)
        self._in_the_mouth(bent, deltas, result)
        near = tuple(
            part for part in self.parts.followers if self._near(self.target.points[part]).any()
        )
        follow_skin(self.target, np.flatnonzero(self._visible), result, near, size)
        return result

    def _on_skin(self, bent: Surface, deltas: Floats) -> Floats:
        face = self._template_face
        of_skin = bent.components[bent.triangles[:, 0]] == face.skin
        own = self._own_skin()
        of_target = own[self.target.triangles[:, 0]]
        # Lips that touch are drawn apart, so that none is taken for the other.
        drawn_apart = self._parted(bent, face.lips), self._parted(self.target, self._lips)
        return onto_skin(
            Surface(drawn_apart[0], bent.triangles[of_skin]),
            face.visible[of_skin],
            deltas,
            Surface(drawn_apart[1], self.target.triangles[of_target]),
            self._visible[of_target],
            np.flatnonzero(own & self._near(self.target.points)),
            self._size,
        )

    def _parted(self, surface: Surface, lips: tuple[Integers, Integers]) -> Floats:
        """(n, 3) points of a surface with the lips drawn apart."""
        if not (len(self._template_face.lips[0]) and len(self._lips[0])):
            return surface.points
        share = parting(surface, *lips, _PARTING_REACH * self._size)
        return np.asarray(surface.points + _PARTED * self._size * share[:, None] * self.turn[1])

    def _in_the_mouth(self, bent: Surface, deltas: Floats, result: Floats) -> None:
        head, face = self._template.head, self._template_face
        theirs = parts_of(
            head.surface, face.landmarks, face.skin, face.visible, face.turn, head.names
        )
        teeth, tongue = self.parts.teeth, self.parts.tongue
        tongues = [tongue] if len(tongue) else []
        if theirs.teeth:
            rows = mouth_deltas(
                bent, theirs.teeth, deltas, self.target, teeth, self._row("jawOpen"), self._size
            )
            for part in teeth:
                result[:, part] = rows[:, part]
        lower = self._lower_jaw(theirs.teeth, deltas)
        if tongues and len(lower):
            for row, delta in zip(result, deltas, strict=True):
                row[tongue] = rigid(bent.points[lower], delta[lower], self.target.points[tongue])
        if not theirs.teeth or not len(lower):
            self._with_the_chin([*(() if theirs.teeth else teeth), *tongues], result)
        out = self._row("tongueOut")
        if tongues and len(theirs.tongue) and out is not None:
            result[out, tongue] = self._tongue(bent, theirs.tongue, deltas[out])

    def _row(self, channel: str) -> int | None:
        channels = self._template.channels
        return channels.index(channel) if channel in channels else None

    def _lower_jaw(self, teeth: tuple[Integers, ...], deltas: Floats) -> Integers:
        """The template's points that the jaw carries, among its teeth."""
        jaw = self._row("jawOpen")
        if jaw is None or not teeth:
            return np.zeros(0, np.int64)
        members = np.concatenate(teeth)
        far = np.linalg.norm(deltas[jaw, members], axis=1)
        return np.asarray(members[far > 0.5 * max(float(far.max()), 1e-3 * self._size)])

    def _tongue(self, bent: Surface, tongue: Integers, delta: Floats) -> Floats:
        """The template's tongue laid over the target's, box on box, and the way it goes out."""
        own, across = self.parts.tongue, self.turn
        scale, shift = boxed_onto(
            bent.points[tongue] @ across.T, self.target.points[own] @ across.T
        )
        # Both mouths lie in one place now: a tongue that lies farther back goes farther.
        forward = self.turn[2]
        tip = tongue[(bent.points[tongue] @ forward).argmax()]
        goes_to = (bent.points[tongue] + delta[tongue]) @ forward
        way = float(goes_to.max() - bent.points[tip] @ forward)
        wanted = float(goes_to.max() - (self.target.points[own] @ forward).max())
        longer = float(np.clip(wanted / way, 0.5, 3.0)) if way > 0 else 1.0
        moved = bent.points.copy()
        moved[tongue] = (bent.points[tongue] @ across.T * scale + shift) @ across
        of_tongue = np.zeros(len(moved), bool)
        of_tongue[tongue] = True
        triangles = np.flatnonzero(of_tongue[bent.triangles[:, 0]])
        places = NearestPlaces(bent.moved_to(moved), triangles, self._size, 0.02 * self._size)
        carried = nearest_deltas(places, longer * delta[None], self.target, own, self._size)
        return np.asarray(carried[0])

    def _with_the_chin(self, parts: list[Integers], result: Floats) -> None:
        """A template without teeth says by its chin how the jaw moves what lies in the mouth."""
        chin = self._nearest_skin(_CHIN)
        hinge = self.landmarks[list(_HINGE)]
        height = self.landmarks[list(_LIPS)].mean(axis=0) @ self.turn[1]
        lower = [p for p in parts if (self.target.points[p] @ self.turn[1]).mean() < height]
        if not lower:
            return
        members = np.concatenate(lower)
        for row, channel in zip(result, self._template.channels, strict=True):
            if channel.startswith("jaw"):
                still = hinge if channel == "jawOpen" else hinge[:0]
                known = np.concatenate([self.target.points[chin], still])
                motion = np.concatenate([row[chin], np.zeros_like(still)])
                row[members] = rigid(known, motion, self.target.points[members])

    def _nearest_skin(self, landmarks: tuple[int, ...]) -> Integers:
        skin = np.unique(self.target.triangles[self._visible])
        places = self.landmarks[list(landmarks)]
        away = ((self.target.points[skin][None] - places[:, None]) ** 2).sum(axis=2)
        return np.asarray(skin[away.argmin(axis=1)])

    def _own_skin(self) -> NDArray[np.bool_]:
        return np.asarray(self.target.components == self._skin)

    def _near(self, points: Floats) -> NDArray[np.bool_]:
        away = np.linalg.norm(points - self._middle, axis=1)
        return np.asarray(away < _FAR * self._size)


_CHIN = (152, 175, 199, 148, 377, 176, 400, 140, 369, 200)
_HINGE = (132, 361, 93, 323)
_LIPS = (13, 14)
