# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples to train with: rendered ones, and simulated ones that err as the tracker does.

A sample is what a face does (its displacement from rest, as few components), what it is
(its shape at rest), and how the head is turned now and was at rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from mien.benchmarks.known_truth.expressions import random_expressions, random_turns
from mien.benchmarks.known_truth.heads import Floats

from .config import SolverConfig
from .features import Reference, Rest, angles, displaced, impressions, rest_of
from .projection import Cast, projected, random_views
from .rendered import Person

COLUMNS = ("moves", "shapes", "poses", "impressions", "weights")


@dataclass(frozen=True, eq=False)
class Samples:
    """moves: (n, times, 1434) or (n, times, components); shapes: (n, 1434) or components;
    poses: (n, 6) angles in radians, now and at rest; impressions: (n, 104), see `features`;
    weights: (n, 52), what is true."""

    moves: Floats
    shapes: Floats
    poses: Floats
    impressions: Floats
    weights: Floats

    def __len__(self) -> int:
        return len(self.weights)


def joined(parts: list[Samples]) -> Samples:
    """All samples of some, one after the other."""
    return Samples(*(np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS))


def seen_from_rest(
    landmarks: Floats,
    rest: Rest,
    reference: Reference,
    weights: Floats,
    impression: Floats | None = None,
) -> Samples:
    """Samples of (frames, 478, 3) landmarks in pixels, each of one moment.

    impression: (frames, 104), none where the public network was not asked.
    """
    moves, turns = displaced(landmarks, rest, reference)
    count = len(moves)
    shape = (rest.points - reference.points).reshape(1, -1).repeat(count, axis=0)
    at_rest = angles(rest.turn)[None].repeat(count, axis=0)
    return Samples(
        moves.reshape(count, 1, -1),
        shape,
        np.concatenate([angles(turns), at_rest], axis=1),
        np.zeros((count, 104)) if impression is None else impression,
        weights,
    )


def of_person(person: Person, reference: Reference, *, true: bool) -> Samples:
    """A person's expressions, each seen from each of the resting frames.

    true: of the landmarks projected from the mesh instead of those tracked.
    """
    landmarks = person.truth if true else person.landmarks
    parts = [
        seen_from_rest(
            landmarks,
            rest_of(landmarks[[frame]], reference),
            reference,
            person.weights,
            None if true else impressions(person.blendshapes, person.blendshapes[frame]),
        )
        for frame in np.flatnonzero(person.resting)
    ]
    return joined(parts)


@dataclass(frozen=True, eq=False)
class Basis:
    """Few components that hold nearly all of how faces move and differ.

    moves: (1434, components), scaled so that components spread by 1; shapes likewise around
    the mean_shape (1434,).
    """

    moves: Floats
    shapes: Floats
    mean_shape: Floats

    @classmethod
    def of(cls, samples: Samples, moves: int, shapes: int) -> Basis:
        """The principal components of some samples."""
        mean = samples.shapes.mean(axis=0)
        return cls(
            _components(samples.moves.reshape(-1, samples.moves.shape[-1]), moves),
            _components(samples.shapes - mean, shapes),
            mean,
        )

    def apply(self, samples: Samples) -> Samples:
        """The samples as components, float32."""
        return Samples(
            (samples.moves @ self.moves).astype(np.float32),
            ((samples.shapes - self.mean_shape) @ self.shapes).astype(np.float32),
            samples.poses.astype(np.float32),
            samples.impressions.astype(np.float32),
            samples.weights.astype(np.float32),
        )


def _components(values: Floats, count: int) -> Floats:
    """(values, count): projections onto the principal components, scaled to spread by 1.

    Small components are not blown up beyond a tenth of the largest's scale: they are noise.
    """
    rows = values[np.linspace(0, len(values) - 1, min(len(values), 4000)).astype(int)]
    _, stretch, directions = np.linalg.svd(rows, full_matrices=False)
    count = min(count, len(stretch))
    spread = stretch[:count] / np.sqrt(len(rows))
    return np.asarray((directions[:count] / np.maximum(spread, spread[0] / 30)[:, None]).T)


class TrackerError:
    """How the tracker's landmarks differ from true ones, measured on rendered people.

    What it sees is a linear map of what is true, of the pose and of the shape, and a rest
    that neither explains; that rest is drawn from the rests measured.
    """

    def __init__(self, true: Samples, seen: Samples, ridge: float = 3.0) -> None:
        known = _known(true)
        wanted = np.concatenate(
            [seen.moves[:, 0], seen.shapes, seen.poses, seen.impressions], axis=1
        )
        system = known.T @ known + ridge * np.eye(known.shape[1])
        self._map = np.linalg.solve(system, known.T @ wanted)
        residue = wanted - known @ self._map
        self.explained = 1 - float((residue**2).sum() / (wanted**2).sum())
        # How large the rest is depends on the pose: its size is a line in the pose's squares.
        turned = _turned(true.poses)
        size = np.linalg.lstsq(turned, (residue**2).mean(axis=1), rcond=None)[0]
        self._size = np.maximum(size, 0)
        residue /= self._spread(true.poses)
        _, stretch, directions = np.linalg.svd(residue - residue.mean(axis=0), full_matrices=False)
        self._residue = (stretch / np.sqrt(len(residue)))[:, None] * directions
        self._moves, self._shapes = seen.moves.shape[-1], seen.shapes.shape[-1]

    def _spread(self, poses: Floats) -> Floats:
        """(n, 1): how large the rest that nothing explains is for poses (n, 6)."""
        spread: Floats = np.sqrt(np.maximum(_turned(poses) @ self._size, self._size[0] / 4))
        return spread[:, None]

    def noise(self, poses: Floats, rng: np.random.Generator) -> Floats:
        """(n, values) of the rest that nothing explains, for poses (n, 6)."""
        drawn = rng.normal(0, 1, (len(poses), len(self._residue))) @ self._residue
        return np.asarray(drawn * self._spread(poses))

    def applied(self, true: Samples, rng: np.random.Generator) -> Samples:
        """True samples as the tracker would have seen them; a moment's errors last for some."""
        times = true.moves.shape[1]
        lasting = self.noise(true.poses, rng)
        moves = []
        for time in range(times):
            one = replace(true, moves=true.moves[:, time : time + 1])
            values = _known(one) @ self._map
            values += 0.95 * lasting + 0.31 * self.noise(true.poses, rng)
            moves.append(values[:, : self._moves])
            if time == 0:
                now = values
        end = self._moves + self._shapes
        return Samples(
            np.stack(moves, axis=1).astype(np.float32),
            now[:, self._moves : end].astype(np.float32),
            now[:, end : end + 6].astype(np.float32),
            now[:, end + 6 :].astype(np.float32),
            true.weights,
        )


def _turned(poses: Floats) -> Floats:
    """(n, 3): 1, how far the head is turned, and how far from where it was at rest, squared."""
    apart = poses[:, :3] - poses[:, 3:]
    return np.stack(
        [np.ones(len(poses)), (poses[:, :3] ** 2).sum(axis=1), (apart**2).sum(axis=1)], axis=1
    )


def _known(true: Samples) -> Floats:
    """What may explain an error: moves, shape, pose, pose squared, and 1."""
    moves, poses = true.moves[:, 0], true.poses
    return np.concatenate(
        [
            moves,
            true.shapes,
            poses,
            poses**2,
            poses[:, :3] * poses[:, 3:],
            moves[:, :24] * poses[:, :1] * 2,
            moves[:, :24] * poses[:, :1] ** 2 * 4,
            np.ones((len(poses), 1)),
        ],
        axis=1,
    )


def simulated(
    cast: Cast, who: int, taken: Floats, config: SolverConfig, reference: Reference
) -> Samples:
    """True samples of one simulated person: expressions that come and go, any pose."""
    rng = np.random.default_rng([config.seed, who])
    count, past = config.frames, config.past
    now = random_expressions(taken, count, rng)
    before = random_expressions(taken, count, rng)
    # How far ago it was `before`: from at once to not at all.
    pace = np.where(rng.random(count) < 0.5, 0, rng.uniform(0, 0.2, count))[:, None]
    turns, places, focal, size = random_views(count, rng)
    moves = []
    resting, rest_places = np.zeros((1, 52), np.float32), places[:1]
    rest_turns = random_turns(1, rng)
    rest = rest_of(
        projected(cast.landmarks(who, resting), rest_turns, rest_places, focal, size), reference
    )
    for back in past:
        weights = now + (before - now) * np.clip(pace * back, 0, 1)
        points = projected(cast.landmarks(who, weights), turns, places, focal, size)
        moves.append(seen_from_rest(points, rest, reference, now))
    return Samples(
        np.concatenate([part.moves for part in moves], axis=1).astype(np.float32),
        moves[0].shapes.astype(np.float32),
        moves[0].poses.astype(np.float32),
        moves[0].impressions.astype(np.float32),
        now,
    )


def steadiness(cast: Cast) -> tuple[Floats, Floats]:
    """The mean of the people's faces (478, 3), and how steady each landmark is (478,), sum 1."""
    everything = np.eye(52, dtype=np.float32)
    rests, spreads = [], []
    for who in range(min(len(cast.heads), 40)):
        rest = cast.landmarks(who, np.zeros((1, 52), np.float32))[0]
        rests.append(rest)
        spreads.append(((cast.landmarks(who, everything) - rest) ** 2).sum(axis=-1).mean(axis=0))
    # Landmarks are never surer than 0.3 mm; irises are no part of the skull.
    steady = 1 / (np.mean(spreads, axis=0) + 0.03**2)
    steady[468:] = 0
    return np.mean(rests, axis=0), steady / steady.sum()
