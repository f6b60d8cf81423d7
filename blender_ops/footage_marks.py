# SPDX-License-Identifier: GPL-3.0-or-later
"""Where points of the footage lie in a 3D view that looks through the camera before it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Frame:
    """What a camera sees, as a rectangle of a region, in pixels from its bottom left."""

    left: float
    bottom: float
    width: float
    height: float


@dataclass(frozen=True)
class Placing:
    """How a background image lies in the camera's frame, as Blender's settings of it say.

    Fitted into the frame, then scaled, turned (radians) and moved, by halves of the frame.
    """

    scale: float = 1.0
    rotation: float = 0.0
    offset: tuple[float, float] = (0.0, 0.0)
    flip_x: bool = False
    flip_y: bool = False


def placing_of(background: Any) -> Placing:
    """The settings of a camera's background image."""
    return Placing(
        background.scale,
        background.rotation,
        tuple(background.offset),
        background.use_flip_x,
        background.use_flip_y,
    )


def frame_in_view(
    scene: bpy.types.Scene, region: bpy.types.Region, view: bpy.types.RegionView3D
) -> Frame | None:
    """What the scene's camera sees, where a 3D view looks through it; None where it does not."""
    camera = scene.camera
    if view.view_perspective != "CAMERA" or camera is None:
        return None
    data: Any = camera.data
    matrix = camera.matrix_world.normalized()
    corners: Any = [
        location_3d_to_region_2d(region, view, matrix @ corner)
        for corner in data.view_frame(scene=scene)
    ]
    if any(corner is None for corner in corners):
        return None
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    return Frame(float(low[0]), float(low[1]), *(float(each) for each in high - low))


def places_in_view(
    points: Floats, size: tuple[int, int], frame: Frame, placing: Placing | None = None
) -> Floats:
    """Pixels of the footage's pictures as pixels of the region.

    points: (points, 2 or more), y down. size: width and height of the pictures. Returns
    (points, 2), y up.
    """
    placing = placing or Placing()
    width, height = size
    pixels = min(frame.width / width, frame.height / height) * placing.scale
    x = (points[:, 0] - width / 2) * (-1 if placing.flip_x else 1)
    y = (height / 2 - points[:, 1]) * (-1 if placing.flip_y else 1)
    cosine, sine = math.cos(placing.rotation), math.sin(placing.rotation)
    middle_x = frame.left + frame.width / 2 * (1 + placing.offset[0])
    middle_y = frame.bottom + frame.height / 2 * (1 + placing.offset[1])
    return np.stack(
        [
            middle_x + (x * cosine - y * sine) * pixels,
            middle_y + (x * sine + y * cosine) * pixels,
        ],
        axis=1,
    )
