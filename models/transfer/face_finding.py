# SPDX-License-Identifier: GPL-3.0-or-later
"""The tracker's landmarks on a head: it is drawn, tracked, and the way back is cast.

The same 468 points of MediaPipe's face mesh on two heads tell which place of one is which
place of the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..capture.landmarks import Landmarker, region_around
from ..capture.tracker import Tracker, TrackerOptions
from ..errors import TransferError
from ..performance import Floats
from .edges import FACE_LANDMARKS, LIDS, LIP_BORDER, LIP_LINE, ON_LIPS, Edges, find_edges
from .picture import Drawn, View, draw
from .surface import Integers, Surface, nearest_on_triangles

_TURNS_ABOUT = (0.0, 90.0, -90.0, 180.0)
_VIEWS = ((0.0, 0.0), (22.0, 0.0), (-22.0, 0.0), (0.0, 14.0), (0.0, -14.0))
_SIZE = 640
_FACE_SHARE = 0.55
_LEAST_STRAIGHT = 0.25
_SNAP = 14
# Views that put a landmark farther apart than this, in face heights, contradict each other.
_AGREE = 0.03
# The tracker guesses the lips' outlines where no colour shows them.
_LIP_BORDER_SURE = 0.3

Progress = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class FoundFace:
    """Where a head has its face.

    turn: (3, 3) rotation that makes it look along +Z, as the tracker saw it.
    landmarks: (517, 3) places on the skin: the tracker's 468, then those of `edges`.
    confidence: (517,) 0–1, 0 where unseen.
    skin: the number of the connected part that is the skin (see `Surface.components`).
    visible: (t,) bool, triangles of the skin that are seen from outside.
    lips: points of the upper and of the lower lip where they meet, empty if they do not part.
    """

    turn: Floats
    landmarks: Floats
    confidence: Floats
    skin: int
    visible: NDArray[np.bool_]
    lips: tuple[Integers, Integers]


def find_face(
    surface: Surface,
    colours: Floats,
    eyeballs: Callable[[Floats, int], NDArray[np.bool_]],
    progress: Progress = lambda share, text: None,
) -> FoundFace:
    """Find the face of a head that stands upright (+Y up) and looks any way.

    colours: (n, 3) blue, green, red of the points in 0–1.
    eyeballs: tells from the landmarks (478, 3) and the skin's number which points (n,)
        are eyeballs.

    Raises TransferError if the tracker sees no face, WeightsError if it cannot run.
    """
    progress(0.0, "looking for the face")
    turn, points = _first_look(surface, colours)
    drawn = draw(surface, colours, _close_view(points, turn))
    points, skin = _landmarks_in_space(drawn)
    balls = eyeballs(points, skin)
    front = _only(surface, (surface.components == skin) | balls)
    colours = _with_irises(surface, colours, balls, points, turn)
    hits = np.zeros((len(_VIEWS), FACE_LANDMARKS, 3))
    weights = np.zeros((len(_VIEWS), FACE_LANDMARKS))
    seen = np.zeros(len(surface.triangles), bool)
    landmarker = Landmarker()
    numbers = _numbers(surface, front)
    for number, (yaw, pitch) in enumerate(_VIEWS):
        progress((number + 1) / (len(_VIEWS) + 1), "finding landmarks")
        view = _close_view(points, _rotation(yaw, pitch) @ turn)
        drawn = draw(front, colours, view)
        expected = view.pixels(points)
        hits[number], weights[number] = _hits(
            drawn, landmarker, expected, surface.components == skin
        )
        seen[numbers[drawn.seen()]] = True
        if number == 0:
            edges = find_edges(drawn, points, surface.components == skin, balls)
    places, confidence = _agreed(hits, weights)
    of_skin = surface.components[surface.triangles[:, 0]] == skin
    seen &= of_skin
    on_skin = snapped(surface, np.flatnonzero(seen), places)
    landmarks, confidence = _with_edges(on_skin, confidence, edges)
    lips = (edges.upper_lip, edges.lower_lip)
    return FoundFace(turn, landmarks, confidence, skin, seen, lips)


def _with_edges(places: Floats, confidence: Floats, edges: Edges) -> tuple[Floats, Floats]:
    """Landmarks and their confidence with the edges of lips and lids after them."""
    sure = confidence.copy()
    if edges.found[:ON_LIPS].any():
        sure[list(LIP_LINE)] = 0
        sure[list(LIP_BORDER)] *= _LIP_BORDER_SURE
    if edges.found[ON_LIPS:].any():
        sure[list(LIDS)] = 0
    return (
        np.concatenate([places, edges.places]),
        np.concatenate([sure, edges.found.astype(float)]),
    )


def _agreed(hits: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """(468, 3) places that most views (views, 468, 3) agree on, (468,) how sure they are."""
    known = weights > 0
    # Where no view shows a landmark the median of nothing is never looked at.
    asked = np.where(known.any(axis=0), known, True)
    middle = np.nanmedian(np.where(asked[..., None], hits, np.nan), axis=0)
    size = np.ptp(middle[known.any(axis=0)], axis=0).max()
    apart = np.linalg.norm(hits - middle, axis=2)
    weights = np.where(apart < _AGREE * size, weights, 0)
    total = weights.sum(axis=0)
    places = (hits * weights[..., None]).sum(axis=0) / np.maximum(total, 1e-9)[:, None]
    agreeing = (weights > 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return places, np.where(agreeing > 0.5, np.clip(total, 0, 1), 0)


def seen_from_around(
    surface: Surface, colours: Floats, landmarks: Floats, turn: Floats
) -> tuple[int, NDArray[np.bool_]]:
    """The skin's number among the parts, and which triangles of it are seen, by landmarks."""
    points = surface.points[surface.triangles].mean(axis=1)
    some = landmarks[:: max(1, len(landmarks) // 60)]
    nearest = [((points - place) ** 2).sum(axis=1).argmin() for place in some]
    parts = surface.components[surface.triangles[nearest, 0]]
    skin = int(np.bincount(parts).argmax())
    seen = np.zeros(len(surface.triangles), bool)
    for yaw, pitch in _VIEWS:
        drawn = draw(surface, colours, _close_view(landmarks, _rotation(yaw, pitch) @ turn))
        seen[drawn.seen()] = True
    of_skin = surface.components[surface.triangles[:, 0]] == skin
    if not np.any(seen & of_skin):
        raise TransferError("The landmarks lie on no surface: move them onto the face.")
    return skin, seen & of_skin


def _first_look(surface: Surface, colours: Floats) -> tuple[Floats, Floats]:
    """The turn in which a face is seen, and rough places (478, 3) of its landmarks."""
    best: tuple[float, Floats, Floats] | None = None
    for degrees in _TURNS_ABOUT:
        turn = _rotation(degrees, 0.0)
        for share in (1.0, 0.4, 0.2):
            drawn = draw(surface, colours, _whole_view(surface, turn, share))
            seen = Tracker(TrackerOptions(smooth=False)).track(drawn.picture, 0.0)
            if seen is not None and (best is None or seen.presence > best[0] + 1e-3):
                best = (seen.presence, turn, _unprojected(drawn, seen.points))
                break
        if best is not None and best[0] > 0.99:
            break
    if best is None:
        raise TransferError(
            "No face was found on this head: turn it upright and toward −Y, or place the "
            "landmarks by hand."
        )
    return best[1], best[2]


def _whole_view(surface: Surface, turn: Floats, share: float) -> View:
    """A view of everything, or of a top part of it: heads stand on bodies."""
    turned = surface.points[np.unique(surface.triangles)] @ turn.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    height = max(float(high[1] - low[1]) * share, 1e-9)
    if share == 1.0:
        height = max(height, float(high[0] - low[0]))
    top = turned[turned[:, 1] >= high[1] - height]
    middle = (top[:, 0].min() + top[:, 0].max()) / 2
    return View(turn, (float(middle), float(high[1]) - height / 2), height * 1.1, _SIZE)


def _close_view(points: Floats, turn: Floats) -> View:
    """A view that the face fills as the landmark network likes it."""
    turned = points[:FACE_LANDMARKS] @ turn.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    height = float((high - low)[:2].max()) / _FACE_SHARE
    centre = (low + high) / 2
    return View(turn, (float(centre[0]), float(centre[1])), height, _SIZE)


def _landmarks_in_space(drawn: Drawn) -> tuple[Floats, int]:
    """(478, 3) places of the landmarks that a close picture shows, and whose part they are."""
    seen = Tracker(TrackerOptions(smooth=False)).track(drawn.picture, 0.0)
    if seen is None:
        raise TransferError(
            "The face was lost when it was looked at closely: place the landmarks by hand."
        )
    _, places = drawn.places(seen.points[:FACE_LANDMARKS])
    owners = drawn.surface.components[drawn.surface.triangles[places.triangles, 0]]
    return _unprojected(drawn, seen.points), int(np.bincount(owners).argmax())


def _unprojected(drawn: Drawn, pixels: Floats) -> Floats:
    """(478, 3): pixels brought back onto what they show; beside it, at its middle's depth."""
    view = drawn.view
    scale = view.height / view.size
    which, places = drawn.places(pixels)
    depth = places.on(drawn.surface) @ view.turn[2]
    turned = np.empty((len(pixels), 3))
    turned[:, 0] = (pixels[:, 0] - view.size / 2) * scale + view.centre[0]
    turned[:, 1] = (view.size / 2 - pixels[:, 1]) * scale + view.centre[1]
    turned[:, 2] = np.median(depth) if len(depth) else 0.0
    turned[which, 2] = depth
    return turned @ view.turn


def _hits(
    drawn: Drawn, landmarker: Landmarker, expected: Floats, skin: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """(468, 3) where landmarks lie on the skin in one view, (468,) how much that is worth."""
    face = landmarker.find(drawn.picture, region_around(expected))
    face = landmarker.find(drawn.picture, region_around(face.points))
    pixels = _onto_skin(drawn, face.points[:FACE_LANDMARKS, :2], skin)
    which, places = drawn.places(pixels)
    surface = drawn.surface
    facing = surface.triangle_normals[places.triangles] @ drawn.view.turn[2]
    result = np.zeros((FACE_LANDMARKS, 3))
    weight = np.zeros(FACE_LANDMARKS)
    result[which] = places.on(surface)
    on_skin = skin[surface.triangles[places.triangles, 0]]
    moved = np.linalg.norm(pixels - face.points[:FACE_LANDMARKS, :2], axis=1)[which]
    weight[which] = np.where(
        on_skin & (facing > _LEAST_STRAIGHT), facing**2 / (1 + (moved / 4) ** 2), 0
    )
    return result, weight * (face.presence > 0.5)


def _onto_skin(drawn: Drawn, pixels: Floats, skin: NDArray[np.bool_]) -> Floats:
    """Pixels (m, 2), those beside the skin, as on an eyeball, moved to the nearest that is."""
    shown = np.full(drawn.triangle.shape, False)
    hit = drawn.triangle >= 0
    shown[hit] = skin[drawn.surface.triangles[drawn.triangle[hit], 0]]
    result = np.array(pixels)
    reach = np.arange(-_SNAP, _SNAP + 1)
    grid = np.stack(np.meshgrid(reach, reach)).reshape(2, -1)
    dx, dy = grid[:, np.argsort((grid**2).sum(axis=0), kind="stable")]
    last = drawn.view.size - 1
    column, row = np.clip(np.floor(pixels).astype(int), 0, last).T
    x, y = np.clip(column[:, None] + dx, 0, last), np.clip(row[:, None] + dy, 0, last)
    inside = shown[y, x]
    first = inside.argmax(axis=1)
    beside = inside.any(axis=1) & (first > 0)
    rows = np.flatnonzero(beside)
    result[rows] = np.stack([x[rows, first[rows]], y[rows, first[rows]]], axis=1) + 0.5
    return result


def _with_irises(
    surface: Surface, colours: Floats, balls: NDArray[np.bool_], landmarks: Floats, turn: Floats
) -> Floats:
    """The colours with white eyeballs that have a dark iris in front."""
    result = colours.copy()
    for part in np.unique(surface.components[balls]):
        ball = np.flatnonzero(surface.components == part)
        points = surface.points[ball] @ turn.T
        offset = points - (points.min(axis=0) + points.max(axis=0)) / 2
        length = np.maximum(np.linalg.norm(offset, axis=1), 1e-12)
        angle = np.arccos(np.clip(offset[:, 2] / length, -1, 1))
        result[ball] = np.where(angle[:, None] < 0.45, (0.12, 0.08, 0.05), 0.85)
    return result


def _only(surface: Surface, points: NDArray[np.bool_]) -> Surface:
    return Surface(surface.points, surface.triangles[points[surface.triangles[:, 0]]])


def _numbers(surface: Surface, part: Surface) -> Integers:
    """The numbers in the whole surface of the triangles of a part of it."""
    kept = np.zeros(len(surface.points), bool)
    kept[part.triangles] = True
    return np.flatnonzero(kept[surface.triangles[:, 0]])


def snapped(surface: Surface, triangles: Integers, points: Floats) -> Floats:
    """Points (m, 3) moved onto the nearest of these triangles, those at the origin too."""
    corners = surface.points[surface.triangles[triangles]]
    middles = corners.mean(axis=1)
    result = np.empty_like(points)
    for index, point in enumerate(points):
        near = np.argpartition(((middles - point) ** 2).sum(axis=1), min(30, len(middles) - 1))[:30]
        shares = nearest_on_triangles(np.repeat(point[None], len(near), 0), corners[near])
        places = np.einsum("mk,mkx->mx", shares, corners[near])
        result[index] = places[((places - point) ** 2).sum(axis=1).argmin()]
    return result


def _rotation(yaw: float, pitch: float) -> Floats:
    """(3, 3): the head turned by degrees, before a camera on +Z."""
    (cy, cp), (sy, sp) = np.cos(np.radians([yaw, pitch])), np.sin(np.radians([yaw, pitch]))
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    return np.asarray(about_x @ about_y)
