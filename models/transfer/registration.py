# SPDX-License-Identifier: GPL-3.0-or-later
"""The template's face bent until it lies on the target's.

Non-rigid iterative closest points: stiff at first and led by the landmarks, then ever
softer and led by the surfaces (Amberg, Romdhani and Vetter, Optimal Step Nonrigid ICP
Algorithms for Surface Registration, 2007), with the deformation a Gaussian process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..performance import Floats
from .edges import FACE_LANDMARKS
from .nearest import NearestPlaces
from .surface import Integers, Surface
from .warp import Warp, fitted_warp, unbent

Progress = Callable[[float, str], None]

# Widths of the bending, reach of the search, in sizes of a face; see `face_size`.
_WIDTHS = (1.2, 0.4, 0.12)
_SHARES = (1.0, 0.2, 0.03)
_CENTRES, _SAMPLES = 450, 2500
_AGAINST_NORMALS = 0.12
_LANDMARK_ERROR, _EXACT = 0.06, 15.0
_FAR = 3.0


@dataclass(frozen=True)
class _Stage:
    """stiffness, weight of a landmark, reach of the search, how often."""

    stiffness: float
    landmarks: float
    reach: float
    rounds: int


_STAGES = (
    _Stage(1.0, 40.0, 0.20, 4),
    _Stage(0.3, 20.0, 0.12, 4),
    _Stage(0.1, 8.0, 0.08, 4),
    _Stage(0.03, 3.0, 0.06, 4),
    _Stage(0.01, 1.0, 0.04, 4),
)


def face_size(landmarks: Floats, weights: Floats) -> float:
    """The root mean square distance of landmarks (m, 3) from their middle."""
    share = weights / weights.sum()
    middle = share @ landmarks
    return float(np.sqrt(share @ ((landmarks - middle) ** 2).sum(axis=1)))


@dataclass(frozen=True, eq=False)
class Face:
    """What is known of one of the two faces.

    surface: all of it. visible: (t,) indices of triangles that are skin seen from outside.
    landmarks: (m, 3), in the same order for both faces; those from `FACE_LANDMARKS` on are
        the edges of lips and lids, which are exact.
    """

    surface: Surface
    visible: Integers
    landmarks: Floats


def register(
    template: Face,
    target: Face,
    weights: Floats,
    progress: Progress = lambda share, text: None,
    seed: int = 0,
) -> Warp:
    """The warp of the template's space that lays its face onto the target's.

    Both are in the same axes and of about the same size and place already.
    weights: (m,) how sure a pair of landmarks is, 0–1. seed: of the choice of samples.
    """
    size = face_size(target.landmarks, weights)
    middle = np.average(template.landmarks, axis=0, weights=weights)
    random = np.random.default_rng(seed)
    surface = template.surface
    skin = np.unique(surface.triangles[template.visible])
    skin = skin[np.linalg.norm(surface.points[skin] - middle, axis=1) < _FAR * size]
    used = weights > 0
    marks, goals = template.landmarks[used], target.landmarks[used]
    exact = np.flatnonzero(used) >= FACE_LANDMARKS
    centres = np.concatenate(
        [surface.points[_some(skin, _CENTRES, random)], marks[::4], marks[exact]]
    )
    warp = unbent(centres, tuple(width * size for width in _WIDTHS), _SHARES)
    cover = _Cover(surface, skin, warp)
    samples = _some(np.arange(len(skin)), _SAMPLES, random)
    points = np.concatenate([surface.points[skin[samples]], marks])
    basis = np.concatenate([cover.basis[samples], warp.basis(marks)])
    first = np.where(exact, _EXACT, _STAGES[0].landmarks) * weights[used]
    warp = fitted_warp(warp, basis[len(samples) :], marks, goals, first, 1.0)
    rounds = [stage for stage in _STAGES for _ in range(stage.rounds)]
    places: NearestPlaces | None = None
    for number, stage in enumerate(rounds):
        progress(number / len(rounds), "fitting the template")
        if places is None or stage is not rounds[number - 1]:
            reach = stage.reach * size
            places = NearestPlaces(target.surface, target.visible, reach, reach / 4)
        moved, normals = cover.moved(warp)
        surface_goals, trust = _toward(places, moved[samples], normals[samples], size)
        off = np.linalg.norm(marks + basis[len(samples) :] @ warp.bend - goals, axis=1) / size
        error = np.where(exact, 4 * _LANDMARK_ERROR, _LANDMARK_ERROR)
        sure = np.where(exact, _EXACT, stage.landmarks) * weights[used]
        sure = sure / (1 + (off / error) ** 2) ** 2
        warp = fitted_warp(
            warp,
            basis,
            points,
            np.concatenate([surface_goals, goals]),
            np.concatenate([trust, sure]),
            stage.stiffness,
        )
    return warp


class _Cover:
    """The part of the template's skin that is fitted, with its normals as it moves."""

    def __init__(self, surface: Surface, skin: Integers, warp: Warp) -> None:
        number = np.full(len(surface.points), -1)
        number[skin] = np.arange(len(skin))
        corners = number[surface.triangles]
        self._surface = Surface(surface.points[skin], corners[corners.min(axis=1) >= 0])
        self.basis = warp.basis(self._surface.points)

    def moved(self, warp: Warp) -> tuple[Floats, Floats]:
        """(m, 3) places and (m, 3) normals of the skin's points after a warp."""
        bent = self._surface.moved_to(self._surface.points + self.basis @ warp.bend)
        return bent.points, bent.normals


def _toward(
    places: NearestPlaces, points: Floats, normals: Floats, size: float
) -> tuple[Floats, Floats]:
    """(m, 3) where points should go next, (m,) how sure that is."""
    goals, trust = points.copy(), np.zeros(len(points))
    found, on = places.find(points, normals, _AGAINST_NORMALS * size)
    goals[found] = on.on(places.surface)
    other = places.surface.triangle_normals[on.triangles]
    cosine = np.einsum("ij,ij->i", normals[found], other)
    trust[found] = np.clip(cosine, 0, 1) ** 2
    return goals, trust


def _some(among: Integers, count: int, random: np.random.Generator) -> Integers:
    """Some of the points, denser where the mesh is: a modeller puts points where it matters."""
    if len(among) <= count:
        return among
    return np.sort(random.choice(among, count, replace=False))
