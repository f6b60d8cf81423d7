# SPDX-License-Identifier: GPL-3.0-or-later
"""Which shape keys of a character move with which channel of a performance."""

from .match import Mapping, Target, match

__all__ = ["Mapping", "Target", "match"]
