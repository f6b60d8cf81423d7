# SPDX-License-Identifier: GPL-3.0-or-later
"""The timecode that a camera wrote into an MP4 or QuickTime file, in a track of its own.

Apple's QuickTime File Format, "Timecode media": a track whose handler is ``tmcd``; its sample
description says how frames are counted, its one sample is the number of the first frame since
midnight, as a 32-bit number. Drop-frame counting leaves out the numbers 0 and 1 of each minute
but every tenth (at twice that rate 0 to 3), so that it keeps up with the clock (SMPTE ST 12-1).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_DROP_FRAME = 1
_MOST_OF_AN_INDEX = 1 << 28


@dataclass(frozen=True)
class StartTimecode:
    """The timecode of a file's first picture.

    text: ``HH:MM:SS:FF``. base: frames to a second of its counting. rate: of these frames, how
    many pass in a second of the clock: 23.976 where 24 are counted.
    """

    text: str
    base: int
    rate: float


def start_timecode(path: Path) -> StartTimecode | None:
    """What the file says of when it begins; None if it does not, or is of another kind."""
    try:
        with path.open("rb") as file:
            index = _index(file, path.stat().st_size)
            for body in _inside(index, b"moov", b"trak", b"mdia"):
                handler = next(_inside(body, b"hdlr"), b"")
                if handler[8:12] == b"tmcd":
                    return _read(file, next(_inside(body, b"minf", b"stbl"), b""))
    except (OSError, struct.error, ZeroDivisionError):
        pass  # Whether the file can be used says who reads its pictures.
    return None


def label(frame: int, base: int, drop_frame: bool) -> str:
    """The timecode of a frame's number since midnight."""
    if drop_frame:
        # Of ten minutes nine leave out numbers.
        left_out = 2 * round(base / 30)
        a_minute, ten_minutes = base * 60 - left_out, base * 600 - 9 * left_out
        tens, rest = divmod(frame, ten_minutes)
        frame += 9 * left_out * tens
        if rest >= base * 60:
            frame += left_out * (1 + (rest - base * 60) // a_minute)
    whole, frames = divmod(frame, base)
    return f"{whole // 3600 % 24:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}:{frames:02d}"


def _read(file: BinaryIO, table: bytes) -> StartTimecode | None:
    description = next(_inside(table, b"stsd"), b"")[8:]
    flags, scale, duration, base = struct.unpack_from(">IIIB", description, 20)
    near, far = next(_inside(table, b"stco"), b""), next(_inside(table, b"co64"), b"")
    if not base or not (near or far):
        return None
    offset = struct.unpack_from(">I", near, 8)[0] if near else struct.unpack_from(">Q", far, 8)[0]
    file.seek(offset)
    (frame,) = struct.unpack(">I", file.read(4))
    text = label(frame, base, bool(flags & _DROP_FRAME))
    # Drop-frame labels keep up with the clock by themselves.
    rate = float(base) if flags & _DROP_FRAME else scale / duration
    return StartTimecode(text, base, rate)


def _index(file: BinaryIO, size: int) -> bytes:
    """The box ``moov`` with its head, b"" if there is none."""
    position = 0
    while position + 8 <= size:
        file.seek(position)
        head = file.read(16)
        length, kind = struct.unpack_from(">I4s", head)
        if length == 1:
            (length,) = struct.unpack_from(">Q", head, 8)
        length = length or size - position
        if length < 8 or not kind.isascii():
            return b""
        if kind == b"moov":
            file.seek(position)
            return file.read(min(length, _MOST_OF_AN_INDEX))
        position += length
    return b""


def _inside(boxes: bytes, kind: bytes, *deeper: bytes) -> Iterator[bytes]:
    """The contents of the boxes of a kind, or of those of other kinds inside them."""
    position = 0
    while position + 8 <= len(boxes):
        length, name = struct.unpack_from(">I4s", boxes, position)
        if length < 8:
            return
        if name == kind:
            body = boxes[position + 8 : position + length]
            if deeper:
                yield from _inside(body, *deeper)
            else:
                yield body
        position += length
