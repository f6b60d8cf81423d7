# SPDX-License-Identifier: GPL-3.0-or-later
"""Smooth deformations of space: a similarity, and one that bends.

The bending is a Gaussian process as in Lüthi et al., Gaussian Process Morphable Models
(https://arxiv.org/abs/1603.07254): a sum of Gaussians of several widths, so that what is
said of a few places holds for all of space, as smoothly as the places allow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..performance import Floats


@dataclass(frozen=True, eq=False)
class Similarity:
    """Turn, scale and shift: ``scale · points @ turn.T + shift``."""

    turn: Floats
    scale: float
    shift: Floats

    def __call__(self, points: Floats) -> Floats:
        """Points (…, 3) turned, scaled and shifted."""
        return np.asarray(self.scale * points @ self.turn.T + self.shift)

    def back(self, points: Floats) -> Floats:
        """The other way."""
        return np.asarray((points - self.shift) @ self.turn / self.scale)

    def vectors_back(self, vectors: Floats) -> Floats:
        """Displacements (…, 3) the other way: turned and scaled only."""
        return np.asarray(vectors @ self.turn / self.scale)


def fitted_similarity(source: Floats, target: Floats, weights: Floats) -> Similarity:
    """The similarity that brings points (m, 3) nearest to others (m, 3).

    Umeyama, Least-squares estimation of transformation parameters between two point
    patterns (1991).
    """
    share = weights / weights.sum()
    from_middle, to_middle = share @ source, share @ target
    a, b = source - from_middle, target - to_middle
    u, stretch, v = np.linalg.svd((b * share[:, None]).T @ a)
    flip = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ v))])
    turn = (u * flip) @ v
    scale = float((stretch * flip).sum() / np.maximum(share @ (a**2).sum(axis=1), 1e-30))
    return Similarity(turn, scale, to_middle - scale * turn @ from_middle)


def robust_similarity(source: Floats, target: Floats, weights: Floats) -> Similarity:
    """The same, with less weight for pairs that disagree with the others."""
    now = weights
    for _ in range(8):
        found = fitted_similarity(source, target, now)
        away = np.linalg.norm(found(source) - target, axis=1)
        typical = np.median(away[weights > 0]) * 1.5 + 1e-12
        now = weights / (1 + (away / typical) ** 2)
    return found


@dataclass(frozen=True, eq=False)
class Warp:
    """A bending of space: points + affine part + Gaussians about centres.

    centres: (c, 3). widths: of the Gaussians; shares: of each width in the sum.
    bend: (c + 4, 3): coefficients of the Gaussians, then of x, y, z and 1.
    """

    centres: Floats
    widths: tuple[float, ...]
    shares: tuple[float, ...]
    bend: Floats

    def __call__(self, points: Floats) -> Floats:
        """Points (m, 3) where the bending brings them."""
        return points + self.basis(points) @ self.bend

    def slope(self, points: Floats) -> Floats:
        """(m, 3, 3): what the warp makes of small displacements at points (m, 3)."""
        result = np.zeros((len(points), 3, 3)) + np.eye(3) + self.bend[-4:-1].T
        for width, share in zip(self.widths, self.shares, strict=True):
            value = _kernel(points, self.centres, (width,), (share,)) / width**2
            # The derivative of exp(-r²/2w²) along x is (centre - x) / w² times itself.
            bend = self.bend[: len(self.centres)]
            moved = self.centres[:, :, None] * bend[:, None, :]
            toward = np.einsum("mc,cab->mab", value, moved, optimize=True)
            toward -= points[:, :, None] * (value @ bend)[:, None, :]
            result += toward.transpose(0, 2, 1)
        return result

    def basis(self, points: Floats) -> Floats:
        """(m, c + 4): values of the Gaussians and of the affine part at points (m, 3)."""
        kernel = _kernel(points, self.centres, self.widths, self.shares)
        return np.concatenate([kernel, points, np.ones((len(points), 1))], axis=1)


def unbent(centres: Floats, widths: tuple[float, ...], shares: tuple[float, ...]) -> Warp:
    """A warp that leaves everything where it is."""
    return Warp(centres, widths, shares, np.zeros((len(centres) + 4, 3)))


def fitted_warp(
    start: Warp, basis: Floats, points: Floats, targets: Floats, weights: Floats, stiffness: float
) -> Warp:
    """The warp that brings points (m, 3) near to targets (m, 3) without bending much.

    start: gives centres and widths. basis: `start.basis(points)`.
    weights: (m,) how much a pair counts. stiffness: how much bending costs.
    """
    count = len(start.centres)
    weighted = basis * weights[:, None]
    system = weighted.T @ basis
    energy = _kernel(start.centres, start.centres, start.widths, start.shares)
    system[:count, :count] += stiffness * energy
    # The affine part is nearly free; the trace keeps the system solvable with any data.
    system[np.diag_indices_from(system)] += 1e-8 * np.trace(system) / len(system)
    affine = np.arange(count, count + 3)
    system[affine, affine] += 1e-3 * stiffness
    bend = np.linalg.solve(system, weighted.T @ (targets - points))
    return Warp(start.centres, start.widths, start.shares, bend)


def _kernel(
    points: Floats, centres: Floats, widths: tuple[float, ...], shares: tuple[float, ...]
) -> Floats:
    squared = (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * points @ centres.T
    # Single precision halves the time, and the differences were taken in double.
    single = np.maximum(squared, 0).astype(np.float32)
    total = np.zeros_like(single)
    for width, share in zip(widths, shares, strict=True):
        total += share * np.exp(single * np.float32(-0.5 / width**2))
    return np.asarray(total, np.float64)
