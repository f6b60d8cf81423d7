# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs for heads without face keys: computed in a thread, written in short slices."""

from __future__ import annotations

from .sliced import SlicedJob


class LandmarksJob(SlicedJob):
    """Landmarks on a face.

    prepare: finds the face. steps: adds empties, see `add_landmarks_in_steps`.
    """

    beginning = "Looking for the face"
    doing = "Adding landmarks"
    stopped = "The search was stopped."
    share_of_preparing = 0.95


class TransferJob(SlicedJob):
    """Face keys for a character that has none.

    prepare: makes the displacements of each channel. steps: writes them, see
    `add_keys_in_steps`.
    """

    beginning = "Looking at the template"
    doing = "Adding face keys"
    stopped = "The transfer was stopped."
    share_of_preparing = 0.95
