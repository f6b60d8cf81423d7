# SPDX-License-Identifier: GPL-3.0-or-later
"""The job that takes pictures: expressions are made in a thread, then a picture a slice."""

from __future__ import annotations

from .sliced import SlicedJob


class GalleryJob(SlicedJob):
    """Expressions as pictures of the character.

    prepare: makes the expressions. steps: takes the pictures, see `pictures_in_steps`.
    """

    beginning = "Thinking of expressions"
    doing = "Taking pictures"
    stopped = "The gallery was stopped."
    share_of_preparing = 0.1
