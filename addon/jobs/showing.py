# SPDX-License-Identifier: GPL-3.0-or-later
"""The job behind the preview on the character: the recipe in a thread, then what it moves."""

from __future__ import annotations

from .sliced import SlicedJob


class ShowJob(SlicedJob):
    """A performance is made ready to be shown on a character.

    It runs beside the one job that an operator may have, and whoever started it polls it.
    """

    beginning = "Reading the take"
    doing = "Showing"
    stopped = "The preview was stopped."
    share_of_preparing = 0.8
