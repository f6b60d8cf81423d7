# SPDX-License-Identifier: GPL-3.0-or-later
"""`Recording`: what reading an animation file gives."""

from __future__ import annotations

from dataclasses import dataclass

from ..performance import Performance


@dataclass(frozen=True)
class Recording:
    """A performance as a file holds it, and what a person should know about the file.

    warnings: one sentence each, such as “3 rows have no timecode; …”. A file that is
        in order has none.
    """

    performance: Performance
    warnings: tuple[str, ...] = ()
