# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs that bake: reading and the recipe in a thread, Blender's data in short slices."""

from __future__ import annotations

from .sliced import SlicedJob


class BakeJob(SlicedJob):
    """A performance becomes keys, or what else needs Blender's data in short slices.

    prepare: makes the performance. steps: bakes it, see `bake_in_steps`.
    """

    beginning = "Reading the take"
    doing = "Baking"
    stopped = "The bake was stopped."
    share_of_preparing = 0.4


class PreviewJob(BakeJob):
    """A performance is looked at: its curves, and the keys that a bake would write."""

    doing = "Counting keys"
