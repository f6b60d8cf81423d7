# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures that the gallery shows, and the expressions that they are of.

They are kept beside Blender's data: nothing of them is saved, and another file drops them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy
from bpy.utils import previews

if TYPE_CHECKING:
    from ..models.performance import Floats


class GalleryPictures:
    """The last gallery that was made, if any.

    subject: what it is of, as `scene.mien_gallery.subject` calls it. expressions: (n, 52)
    weights. pictures: (n, size, size, 4) red, green, blue and alpha, the lowest row first.
    """

    def __init__(self) -> None:
        self.subject = ""
        self.expressions: Floats | None = None
        self.pictures: Floats | None = None
        self._icons: Any = None

    def __len__(self) -> int:
        return 0 if self.expressions is None else len(self.expressions)

    def keep(self, subject: str, expressions: Floats, pictures: Floats) -> None:
        """Show these from now on; none of them is chosen."""
        self.drop()
        self.subject, self.expressions, self.pictures = subject, expressions, pictures
        self._icons = previews.new()
        for number, pixels in enumerate(pictures):
            icon = self._icons.new(str(number))
            icon.image_size = pixels.shape[1::-1]
            icon.image_pixels_float.foreach_set(pixels.ravel())

    def icon(self, number: int) -> int:
        """By what Blender's layouts know a picture."""
        return int(self._icons[str(number)].icon_id)

    def drop(self) -> None:
        """Forget them."""
        if self._icons is not None:
            previews.remove(self._icons)
        self.subject, self.expressions, self.pictures, self._icons = "", None, None, None
        choice = getattr(bpy.context.window_manager, "mien_gallery", None)
        if choice is not None:
            choice.property_unset("chosen")


# Of this Python process: another file is another gallery.
GALLERY = GalleryPictures()


def drop_pictures(*_: object) -> None:
    """Another file was opened, or Mien goes."""
    GALLERY.drop()
