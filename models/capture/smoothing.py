# SPDX-License-Identifier: GPL-3.0-or-later
"""Steadier landmarks: a One-Euro filter whose speed is relative to the face's size.

Casiez, Roussel and Vogel, 1€ Filter (https://gery.casiez.net/1euro/), with the cut-offs
that MediaPipe uses for faces in a video.
"""

from __future__ import annotations

import math

import numpy as np

from ..performance import Floats

_LEAST_CUTOFF = 0.05
_SPEED_GAIN = 80.0
_SPEED_CUTOFF = 1.0
_FIRST_RATE = 30.0
_LEAST_SIZE = 1e-6


class LandmarkSmoothing:
    """A filter with a memory of the frames before. Causal: it adds a little delay."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was seen, as after the face was lost."""
        self._time: float | None = None
        self._raw: Floats | None = None
        self._smooth: Floats = np.zeros(0, np.float32)
        self._speed: Floats = np.zeros(0, np.float32)

    def apply(self, points: Floats, time: float) -> Floats:
        """Points (478, 3) in pixels of the frame at `time` seconds, smoothed."""
        extent = np.ptp(points[:, :2], axis=0)
        size = float(extent.mean())
        if size < _LEAST_SIZE:
            return points
        if self._raw is None or self._time is None or time <= self._time:
            self._time, self._raw, self._smooth = time, points, points
            self._speed = np.zeros_like(points)
            return points
        rate = 1 / (time - self._time)
        speed = (points - self._raw) * (rate / size)
        blend = _blend(_SPEED_CUTOFF, rate)
        self._speed = blend * speed + (1 - blend) * self._speed
        cutoff = _LEAST_CUTOFF + _SPEED_GAIN * np.abs(self._speed)
        weight = _blend(cutoff, rate)
        self._smooth = weight * points + (1 - weight) * self._smooth
        self._time, self._raw = time, points
        return self._smooth


def _blend(cutoff: float | Floats, rate: float) -> float | Floats:
    """How much of the new value a first-order low-pass takes in at a frame rate."""
    return 1 / (1 + rate / (2 * math.pi * cutoff))
