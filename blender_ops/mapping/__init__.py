# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a character moves with which channel of a performance."""

from .geometry import Findings
from .mapping import Mapping, Row
from .match import match
from .target import Target

__all__ = ["Findings", "Mapping", "Row", "Target", "match"]
