# SPDX-License-Identifier: GPL-3.0-or-later
"""The job that carries face keys over: computed in a thread, written in short slices."""

from __future__ import annotations

from .sliced import SlicedJob


class TransferJob(SlicedJob):
    """Face keys for a character that has none.

    prepare: makes the displacements of each channel. steps: writes them, see
    `add_keys_in_steps`.
    """

    beginning = "Looking at the template"
    doing = "Adding face keys"
    stopped = "The transfer was stopped."
    share_of_preparing = 0.95
