# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be told about a video file without decoding it: whether it is all there.

MP4 and QuickTime files are boxes: four bytes of length, four letters of type
(ISO/IEC 14496-12). The box ``moov`` is the index; many recorders write it last. AVI files
are one RIFF chunk whose length stands at its head.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"})


@dataclass(frozen=True)
class Completeness:
    """What a file says of its own wholeness.

    cut_off: the file ends before the length that it states; False if it states none.
    has_index: False for an MP4 file without ``moov``, of which nothing can be read.
    """

    cut_off: bool = False
    has_index: bool = True


def completeness(path: Path) -> Completeness:
    """Judge a file by its outermost structure. Raises OSError if it cannot be read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return Completeness(8 + struct.unpack_from("<I", head, 4)[0] > size)
    if head[4:8] not in _BOXES:
        return Completeness()
    ends = dict(_boxes(path, size))
    return Completeness(max(ends.values()) > size, b"moov" in ends)


def _boxes(path: Path, size: int) -> Iterator[tuple[bytes, int]]:
    """Types of an MP4 file's outermost boxes and where each says it ends."""
    position = 0
    with path.open("rb") as file:
        while position + 8 <= size:
            file.seek(position)
            header = file.read(16)
            length, kind = struct.unpack_from(">I4s", header)
            if length == 1 and len(header) == 16:
                length = struct.unpack_from(">Q", header, 8)[0]
            elif length == 0:
                length = size - position
            if length < 8:
                return
            position += length
            yield kind, position
