"""Rewrites MP4 files as phones, cameras and broken copies write them."""

import struct

_PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}


def boxes(data: bytes, start: int = 0, end: int | None = None):
    """(type, start, end) of all boxes, inner ones after those that hold them."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, start)
        yield kind, start, start + length
        if kind in _PARENTS:
            yield from boxes(data, start + 8, start + length)
        start += length


def find(data: bytes, wanted: bytes) -> tuple[int, int]:
    return next((start, end) for kind, start, end in boxes(data) if kind == wanted)


def turned(data: bytes) -> bytes:
    """The same video, said to be shown a quarter turn clockwise."""
    start, _ = find(data, b"tkhd")
    assert data[start + 8] == 0, "a version 0 header"
    one = 1 << 16
    matrix = struct.pack(">9i", 0, one, 0, -one, 0, 0, 0, 0, 1 << 30)
    place = start + 8 + 40
    return data[:place] + matrix + data[place + 36 :]


def index_first(data: bytes) -> bytes:
    """The same video with its index before its pictures, as written for streaming."""
    start, end = find(data, b"moov")
    media, _ = find(data, b"mdat")
    assert media < start
    moov = bytearray(data[start:end])
    offsets, _ = find(bytes(moov), b"stco")
    count = struct.unpack_from(">I", moov, offsets + 12)[0]
    for position in range(offsets + 16, offsets + 16 + 4 * count, 4):
        struct.pack_into(
            ">I", moov, position, struct.unpack_from(">I", moov, position)[0] + len(moov)
        )
    return data[:media] + bytes(moov) + data[media:start] + data[end:]


def slower_from(data: bytes, frame: int, factor: int) -> bytes:
    """The same video in which the frames from one on are shown `factor` times as long."""
    start, end = find(data, b"stts")
    assert struct.unpack_from(">I", data, start + 12)[0] == 1, "a steady rate"
    count, step = struct.unpack_from(">II", data, start + 16)
    entries = struct.pack(">IIIII", 2, frame, step, count - frame, step * factor)
    changed = bytearray(data[: start + 12] + entries + data[end:])
    for kind, box, box_end in boxes(data):
        if box <= start < box_end and kind in _PARENTS | {b"stts"}:
            struct.pack_into(">I", changed, box, box_end - box + 8)
    # The edit list would end the video where it ended before.
    edits, _ = find(bytes(changed), b"edts")
    changed[edits + 4 : edits + 8] = b"free"
    return bytes(changed)
