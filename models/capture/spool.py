# SPDX-License-Identifier: GPL-3.0-or-later
"""An array that grows on disk, so that memory stays flat for footage of any length."""

from __future__ import annotations

import tempfile

import numpy as np
from numpy.typing import NDArray

from ..errors import FootageError


class Spool:
    """Rows of one shape and type, appended to a temporary file.

    The file goes away with the last array that shows it.
    """

    def __init__(self, shape: tuple[int, ...], dtype: type = np.float32) -> None:
        self._shape, self._dtype = shape, dtype
        self._file = tempfile.TemporaryFile(prefix="mien-")

    def append(self, rows: NDArray[np.generic]) -> None:
        """Add rows, (n, *shape). Raises FootageError if the disk is full."""
        content = np.ascontiguousarray(rows, self._dtype)
        try:
            self._file.write(content.tobytes())
            self._file.flush()
        except OSError as problem:
            raise FootageError(
                f"What was tracked cannot be kept in {tempfile.gettempdir()} "
                f"({problem.strerror}). Make room there and capture again."
            ) from None

    def array(self) -> NDArray[np.float32]:
        """All rows, read-only, read from disk where they are looked at."""
        self._file.seek(0)
        whole = np.memmap(self._file, self._dtype, "r")
        return whole.reshape(-1, *self._shape)
