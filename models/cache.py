# SPDX-License-Identifier: GPL-3.0-or-later
"""Where evaluated performances are kept: in memory, or in a folder across sessions."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import numpy as np

from .errors import MienError
from .formats import atomic
from .formats.capture_data import read_arrays, write_arrays
from .performance import Performance, Source


class Cache(Protocol):
    """Keeps performances by the hash of all that they depend on."""

    def get(self, key: str) -> Performance | None:
        """What was kept under a key; None if nothing is (any more)."""

    def put(self, key: str, performance: Performance) -> None:
        """Keep a performance."""


class MemoryCache:
    """Keeps performances in memory; those not used for longest go first.

    limit: bytes of arrays that are kept at most. May be used from several threads.
    """

    def __init__(self, limit: int = 256 << 20) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, Performance] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Performance | None:
        """What was kept under a key; None if nothing is (any more)."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def put(self, key: str, performance: Performance) -> None:
        """Keep a performance, unless it alone is over the limit."""
        with self._lock:
            self._kept[key] = performance
            self._kept.move_to_end(key)
            while sum(map(_size, self._kept.values())) > self._limit:
                self._kept.popitem(last=False)


class FolderCache:
    """Keeps performances as files in a folder of its own, across sessions.

    limit: bytes that are kept at most; files not used for longest go first. A file that
    is damaged counts as not kept, and a folder that cannot be written keeps nothing: the
    results are the same, they only take longer.
    """

    def __init__(self, folder: Path, limit: int = 1 << 30) -> None:
        self._folder = folder
        self._limit = limit

    def get(self, key: str) -> Performance | None:
        """What was kept under a key; None if nothing is (any more)."""
        file = self._file(key)
        try:
            arrays = read_arrays(file)
            about = json.loads(bytes(arrays["about"]).decode())
            performance = Performance(
                weights=arrays["weights"],
                times=arrays["times"],
                channels=tuple(about["channels"]),
                head=arrays.get("head"),
                eyes=arrays.get("eyes"),
                confidence=arrays["confidence"],
                source=Source(**about["source"]),
            )
        except (MienError, OSError, ValueError, KeyError, TypeError):
            return None
        with suppress(OSError):
            file.touch()
        return performance

    def put(self, key: str, performance: Performance) -> None:
        """Keep a performance, if the folder can be written."""
        about = {
            "channels": performance.channels,
            "source": dataclasses.asdict(performance.source),
        }
        arrays = {
            "weights": performance.weights,
            "times": performance.times,
            "confidence": performance.confidence,
            "about": np.frombuffer(json.dumps(about).encode(), np.uint8),
        }
        if performance.head is not None:
            arrays["head"] = performance.head
        if performance.eyes is not None:
            arrays["eyes"] = performance.eyes
        with suppress(OSError, MienError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with atomic.file(self._file(key), overwrite=True) as stream:
                write_arrays(stream, arrays)
            self._make_room()

    def _file(self, key: str) -> Path:
        return self._folder / f"{key}.npz"

    def _make_room(self) -> None:
        files = sorted(self._folder.glob("*.npz"), key=lambda file: file.stat().st_mtime)
        size = sum(file.stat().st_size for file in files)
        for file in files:
            if size <= self._limit:
                return
            size -= file.stat().st_size
            file.unlink(missing_ok=True)


def _size(performance: Performance) -> int:
    arrays = (
        performance.weights,
        performance.times,
        performance.head,
        performance.eyes,
        performance.confidence,
    )
    return sum(array.nbytes for array in arrays if array is not None)
