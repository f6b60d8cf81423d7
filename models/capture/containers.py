# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be told about a video file without decoding it.

MP4 and QuickTime files are boxes: four bytes of length, four letters of type
(ISO/IEC 14496-12). The box ``moov`` is the index; recorders write it last.
"""

from __future__ import annotations

import struct
from pathlib import Path


def lacks_index(path: Path) -> bool:
    """True for an MP4 or QuickTime file that ends before its index."""
    size = path.stat().st_size
    kinds = []
    with path.open("rb") as file:
        position = 0
        while position + 8 <= size:
            file.seek(position)
            header = file.read(16)
            length, kind = struct.unpack_from(">I4s", header)
            if length == 1 and len(header) == 16:
                length = struct.unpack_from(">Q", header, 8)[0]
            kinds.append(kind)
            if length < 8:
                break
            position += length
    return kinds[:1] == [b"ftyp"] and b"moov" not in kinds
