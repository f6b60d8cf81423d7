# SPDX-License-Identifier: GPL-3.0-or-later
"""Which connected parts of a head are eyeballs, which lie in the mouth, which follow the skin.

Told by where they lie against the landmarks; a tongue also by its name, if it has one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..performance import Floats
from .surface import Integers, Surface

RIGHT_EYE = (33, 133, 159, 145)
LEFT_EYE = (263, 362, 386, 374)
"""Landmarks of an eye: outer corner, inner corner, upper lid, lower lid."""

MOUTH_CORNERS = (61, 291)
LIP_LINE = (13, 14)

_ROUND = 0.55

TONGUE_NAMES = ("tongue", "zunge", "langue", "lengua", "lingua", "舌")


@dataclass(frozen=True, eq=False)
class Parts:
    """What the parts of a head are; each field an array of points' numbers.

    eyeballs: left, right, with what lies in them. teeth: parts in the mouth, one array
    each, without the tongue. followers: the other parts, one array each.
    """

    eyeballs: tuple[Integers, Integers]
    teeth: tuple[Integers, ...]
    tongue: Integers
    followers: tuple[Integers, ...]


def eyeballs(surface: Surface, landmarks: Floats, skin: int) -> NDArray[np.bool_]:
    """(2, n) bool: the points of the left and of the right eyeball, with what lies in them.

    landmarks: (468 or more, 3). An eyeball is a part apart from the skin whose box is
    about a cube, an eye's width wide, and stands behind the eye's landmarks.
    """
    result = np.zeros((2, len(surface.points)), bool)
    low, high = _boxes(surface)
    size, middle = high - low, (low + high) / 2
    for side, marks in enumerate((LEFT_EYE, RIGHT_EYE)):
        corners = landmarks[list(marks)]
        width = float(np.linalg.norm(corners[0] - corners[1]))
        away = np.linalg.norm(middle - corners.mean(axis=0), axis=1)
        longest = size.max(axis=1)
        fits = (longest > 0.5 * width) & (longest < 2.2 * width) & (away < 0.9 * width)
        fits &= size.min(axis=1) > _ROUND * longest
        fits[skin] = False
        if np.any(fits):
            ball = np.where(fits, longest, -1).argmax()
            margin = 0.1 * longest[ball]
            within = np.all((low >= low[ball] - margin) & (high <= high[ball] + margin), axis=1)
            within[skin] = False
            result[side] = within[surface.components]
    return result


def parts_of(
    surface: Surface,
    landmarks: Floats,
    skin: int,
    visible: NDArray[np.bool_],
    turn: Floats,
    names: NDArray[np.str_],
) -> Parts:
    """The parts of a head.

    landmarks: (468, 3). skin: its number among the surface's components. visible: (t,)
    triangles of the skin that are seen from outside. turn: (3, 3), makes the face look
    along +Z. names: (n,) what each point's mesh or material is called.
    """
    balls = eyeballs(surface, landmarks, skin)
    corners = landmarks[list(MOUTH_CORNERS)] @ turn.T
    middle, width = corners.mean(axis=0), float(np.linalg.norm(corners[0] - corners[1]))
    outside = np.unique(surface.triangles[visible])
    front = surface.points[outside] @ turn.T - middle
    mouth: list[Integers] = []
    others: list[Integers] = []
    for members in _members(surface):
        if surface.components[members[0]] == skin or balls[:, members].any():
            continue
        points = surface.points[members] @ turn.T - middle
        inner = _in_the_mouth(points / width) and _behind(points, front)
        (mouth if inner else others).append(members)
    tongue = _tongue(surface, mouth, middle, width, turn, names)
    return Parts(
        (np.flatnonzero(balls[0]), np.flatnonzero(balls[1])),
        tuple(each for each in mouth if each is not tongue),
        np.zeros(0, np.int64) if tongue is None else tongue,
        tuple(others),
    )


def _boxes(surface: Surface) -> tuple[Floats, Floats]:
    """Lowest and highest corners (parts, 3) of the connected parts."""
    count = int(surface.components.max(initial=-1)) + 1
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, surface.components, surface.points)
    np.maximum.at(high, surface.components, surface.points)
    return low, high


def _in_the_mouth(points: Floats) -> bool:
    """Whether points, in widths of the mouth from its middle, are where teeth may be."""
    low, high = points.min(axis=0), points.max(axis=0)
    x, y, z = (low + high) / 2
    small = bool((high - low).max() < 2.5)
    return small and bool(abs(x) < 0.8 and -1.3 < y < 1.1 and -3.0 < z < 0.3)


def _behind(points: Floats, skin: Floats) -> bool:
    """Whether most points lie behind the skin as seen from the front."""
    some = points[:: max(1, len(points) // 60)]
    away = ((some[:, None, :2] - skin[None, :, :2]) ** 2).sum(axis=2)
    return float(np.mean(some[:, 2] < skin[away.argmin(axis=1), 2])) > 0.7


def _members(surface: Surface) -> list[Integers]:
    """The points of each connected part, without points that belong to no triangle."""
    used = np.unique(surface.triangles)
    order = used[np.argsort(surface.components[used], kind="stable")]
    number = surface.components[order]
    return np.split(order, np.flatnonzero(np.diff(number)) + 1) if len(order) else []


def _tongue(
    surface: Surface,
    mouth: list[Integers],
    middle: Floats,
    width: float,
    turn: Floats,
    names: NDArray[np.str_],
) -> Integers | None:
    """The tongue among the parts in the mouth: by its name, else by filling the arch's middle."""
    best, most = None, 0.25
    for members in mouth:
        called = str(names[members[0]]).lower()
        if any(word in called for word in TONGUE_NAMES):
            return members
        points = (surface.points[members] @ turn.T - middle) / width
        x, z = points[:, 0], points[:, 2]
        half = np.ptp(x) / 2
        back = z < z.min() + 0.6 * np.ptp(z)
        central = float(np.mean(np.abs(x[back]) < 0.5 * half)) if back.any() else 0.0
        if half > 0.12 and abs(x.min() + x.max()) < 0.3 * half and central > most:
            best, most = members, central
    return best
