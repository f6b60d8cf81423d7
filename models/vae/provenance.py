# SPDX-License-Identifier: GPL-3.0-or-later
"""What a take says of itself when a model made it: by what, with which settings and weights."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..performance import Performance
from .runtime import fingerprint


def report(
    performance: Performance,
    made_by: str,
    settings: Mapping[str, Any],
    weights: Path | None = None,
) -> dict[str, Any]:
    """The report for `take.write_take`: enough to make the same take again.

    made_by: the name of what made it: sample, vary, direct, between, idle. settings: what it
    was told, ready for JSON. weights: the folder of the networks; None: Mien's own. The
    networks are named by a hash of them.
    """
    networks = hashlib.sha256(fingerprint(weights).encode()).hexdigest()
    return {
        "frames": len(performance),
        "warnings": [],
        "made": {"by": made_by, "settings": dict(settings), "networks": networks},
    }
