# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of curves as an image of Blender's, which the panel and the Image Editor show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

IMAGE = "Mien Curves"


def show_picture(pixels: NDArray[np.uint8]) -> bpy.types.Image:
    """Put (height, width, 3) red, green, blue into the image, and into its preview."""
    import numpy as np

    height, width = pixels.shape[:2]
    image = bpy.data.images.get(IMAGE)
    if image is None or tuple(image.size) != (width, height):
        if image is not None:
            bpy.data.images.remove(image)
        image = bpy.data.images.new(IMAGE, width, height)
    colors = np.ones((height, width, 4), np.float32)
    # Blender's pictures begin at the bottom.
    colors[..., :3] = pixels[::-1].astype(np.float32) / 255
    values = colors.ravel()
    all_pixels: Any = image.pixels
    all_pixels.foreach_set(values)
    image.update()
    preview: Any = image.preview_ensure()
    preview.image_size = (width, height)
    preview.image_pixels_float.foreach_set(values)
    return image


def picture_icon() -> int:
    """The number of the picture's icon; 0 if there is none yet."""
    image = bpy.data.images.get(IMAGE)
    preview = image.preview if image is not None else None
    return preview.icon_id if preview is not None else 0
