# SPDX-License-Identifier: GPL-3.0-or-later
"""An array that grows on disk, so that memory stays flat for footage of any length."""

from __future__ import annotations

import tempfile

import numpy as np
from numpy.typing import NDArray

from ..errors import FootageError


class Spool:
    """Rows of float32 numbers in one shape, appended to a temporary file.

    The file goes away with the last array that shows it.
    """

    def __init__(self, *shape: int) -> None:
        self._shape = shape
        # Closed with the last array that shows it, so by no context manager.
        self._file = tempfile.TemporaryFile(prefix="mien-")  # noqa: SIM115

    def append(self, rows: NDArray[np.float32]) -> None:
        """Add rows, (n, *shape). Raises FootageError if the disk is full."""
        try:
            self._file.write(rows.astype(np.float32).tobytes())
            self._file.flush()
        except OSError as problem:
            raise FootageError(
                f"What was tracked cannot be kept in {tempfile.gettempdir()} "
                f"({problem.strerror}). Make room there and capture again."
            ) from None

    def array(self) -> NDArray[np.float32]:
        """All rows, read-only, read from disk where they are looked at."""
        self._file.seek(0)
        whole = np.memmap(self._file, np.float32, "r")
        return whole.reshape(-1, *self._shape)
