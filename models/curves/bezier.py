# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of an animation curve, and their value at any time exactly as Blender computes it.

Blender keeps keys, handles and results in single precision and solves the cubic for
time in double precision. `interpolate` follows it step by step, so that what is
measured here is what plays there. Source: Blender, `blenkernel/intern/fcurve.cc`,
functions `BKE_fcurve_correct_bezpart`, `solve_cubic`, `findzero`, `berekeny` and
`fcurve_eval_keyframes_interpolate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.integer]

# Closer than this to a key, Blender returns the key's own value.
ON_A_KEY = 0.0001


@dataclass(frozen=True, eq=False)
class Keys:
    """The keys of one curve, ready for Blender's `keyframe_points`.

    times, values: (keys,) float32.
    left, right: (keys, 2) float32: time and value of the handles, of type FREE.
    held: (keys,) bool: the value stays until the next key (Blender's CONSTANT), else BEZIER.
    error: the largest distance from a sample that these keys were made for, as Blender
        evaluates them.

    No keys at all is a curve that need not be written.
    """

    times: Floats
    values: Floats
    left: Floats
    right: Floats
    held: NDArray[np.bool_]
    error: float = 0.0

    def __len__(self) -> int:
        return len(self.times)

    @property
    def points(self) -> Floats:
        """(keys, 2) float32: time and value of each key, Blender's `co`."""
        return np.stack([self.times, self.values], axis=1)


def evaluate(keys: Keys, times: ArrayLike) -> Floats:
    """The curve's values at `times` (any shape) as Blender evaluates them, float32.

    Before the first key and after the last the curve is constant. Raises ValueError
    for a curve without keys.
    """
    if len(keys) == 0:
        raise ValueError("A curve without keys has no values.")
    at = np.asarray(times, np.float32)
    x = at.ravel()
    after = np.clip(np.searchsorted(keys.times, x, side="left"), 1, max(len(keys) - 1, 1))
    start = after - 1
    result = np.where(x <= keys.times[0], keys.values[0], keys.values[-1])
    within = np.flatnonzero((x > keys.times[0]) & (x < keys.times[-1]))
    if len(within):
        segment = start[within]
        between = interpolate(
            keys.points[segment],
            keys.right[segment],
            keys.left[segment + 1],
            keys.points[segment + 1],
            x[within],
        )
        between = np.where(keys.held[segment], keys.values[segment], between)
        for key in (segment, segment + 1):
            near = np.abs(keys.times[key] - x[within]) < ON_A_KEY
            between = np.where(near, keys.values[key], between)
        result[within] = between
    return result.reshape(at.shape)


def interpolate(first: Floats, right: Floats, left: Floats, last: Floats, x: Floats) -> Floats:
    """The value at time `x` (n,) of the segment between two keys, float32.

    `first`, `right`, `left` and `last` (n, 2) are the first key, its right handle, the
    second key's left handle and the second key, all float32.
    """
    right, left = _corrected(first, right, left, last)
    t = parameter(first[:, 0], right[:, 0], left[:, 0], last[:, 0], x)
    value = polynomial(first[:, 1], right[:, 1], left[:, 1], last[:, 1], t)
    value = np.where(np.isnan(t), np.float32(0), value)
    flat = (
        (np.abs(first[:, 1] - last[:, 1]) < np.finfo(np.float32).eps)
        & (np.abs(right[:, 1] - left[:, 1]) < np.finfo(np.float32).eps)
        & (np.abs(left[:, 1] - last[:, 1]) < np.finfo(np.float32).eps)
    )
    return np.where(flat, first[:, 1], value)


def polynomial(y0: Floats, y1: Floats, y2: Floats, y3: Floats, t: Floats) -> Floats:
    """The cubic Bézier of four control values at `t`, in the precision of its arguments."""
    three = y0.dtype.type(3)
    two = y0.dtype.type(2)
    c1 = three * (y1 - y0)
    c2 = three * (y0 - two * y1 + y2)
    c3 = y3 - y0 + three * (y1 - y2)
    return y0 + t * c1 + t * t * c2 + t * t * t * c3


def _corrected(first: Floats, right: Floats, left: Floats, last: Floats) -> tuple[Floats, Floats]:
    """Handles shortened to the span between their keys, as Blender does."""
    span = last[:, :1] - first[:, :1]
    out = first - right
    back = last - left
    out_length, back_length = np.abs(out[:, :1]), np.abs(back[:, :1])
    long_out, long_back = out_length > span, back_length > span
    out_factor = span / np.where(long_out, out_length, 1)
    back_factor = span / np.where(long_back, back_length, 1)
    return (
        np.where(long_out, first - out_factor * out, right),
        np.where(long_back, last - back_factor * back, left),
    )


def parameter(x0: Floats, x1: Floats, x2: Floats, x3: Floats, x: Floats) -> Floats:
    """Where on the curve (0–1, float32) its time is `x`: the first root Blender accepts."""
    three, two = np.float32(3), np.float32(2)
    c0 = (x0 - x).astype(np.float64)
    c1 = (three * (x1 - x0)).astype(np.float64)
    c2 = (three * (x0 - two * x1 + x2)).astype(np.float64)
    c3 = (x3 - x0 + three * (x1 - x2)).astype(np.float64)
    with np.errstate(all="ignore"):
        a, b, c = c2 / c3 / 3, c1 / c3, c0 / c3
        p = b / 3 - a * a
        q = (2 * a * a * a - a * b + c) / 2
        d = q * q + p * p * p
        root = np.sqrt(np.maximum(d, 0))
        one = np.cbrt(root - q) + np.cbrt(-q - root) - a
        t = _first_valid(one, np.where(d == 0, -np.cbrt(-q) - a, np.nan))
        three_roots = np.flatnonzero(d < 0)
        if len(three_roots):
            a, p, q = a[three_roots], p[three_roots], q[three_roots]
            cosine = np.cos(np.arccos(-q / np.sqrt(-(p * p * p))) / 3)
            sine = np.sqrt(3 - 3 * cosine * cosine)
            size = np.sqrt(-p)
            t[three_roots] = _first_valid(
                2 * size * cosine - a, -size * (cosine + sine) - a, -size * (cosine - sine) - a
            )
        lower = np.flatnonzero(c3 == 0)
        if len(lower):
            a, b, c = c2[lower], c1[lower], c0[lower]
            root = np.sqrt(b * b - 4 * a * c)
            t[lower] = np.where(
                a != 0,
                _first_valid((-b - root) / (2 * a), (-b + root) / (2 * a)),
                (-c / b).astype(np.float32),
            )
    return t


def _first_valid(*roots: Floats) -> Floats:
    """The first of the roots that lies on the segment, within Blender's slack, float32."""
    result: Floats = np.full(len(roots[0]), np.nan, np.float32)
    for root in reversed(roots):
        single = root.astype(np.float32)
        valid = (single >= np.float32(-1.0e-10)) & (single <= np.float32(1.000001))
        result = np.where(valid, single, result)
    return result
