"""Timecode that a camera wrote into a file, and takes of it."""

import struct

import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.capture import footage
from mien.models.capture.capture import CaptureOptions, capture
from mien.models.capture.timecode_track import StartTimecode, label, start_timecode
from mien.models.curves.retime import trim
from mien.models.performance import Performance, Source
from mien.models.take import write_take
from mien.models.take_summary import summary_of


def box(kind, *contents):
    body = b"".join(contents)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def with_timecode(frame, scale=24000, duration=1001, base=24, flags=0, far=False):
    """A file with nothing but a timecode track, as QuickTime's specification draws it."""
    entry = struct.pack(">4s6xHIIIIBx", b"tmcd", 1, 0, flags, scale, duration, base)
    description = struct.pack(">II", 0, 1) + struct.pack(">I", len(entry) + 4) + entry
    media = box(b"mdat", struct.pack(">I", frame))

    def track(offset):
        chunk = (
            box(b"co64", struct.pack(">IIQ", 0, 1, offset))
            if far
            else box(b"stco", struct.pack(">III", 0, 1, offset))
        )
        table = box(b"stbl", box(b"stsd", description), chunk)
        handler = box(b"hdlr", struct.pack(">II4s", 0, 0, b"tmcd"))
        return box(b"trak", box(b"mdia", handler, box(b"minf", table)))

    return box(b"free") + media + box(b"moov", track(8 + 8))


@pytest.mark.parametrize("far", [False, True])
def test_the_first_frames_number_is_read(tmp_path, far):
    file = tmp_path / "clip.mov"
    frame = ((13 * 60 + 4) * 60 + 31) * 24 + 12
    file.write_bytes(with_timecode(frame, far=far))
    found = start_timecode(file)
    assert (found.text, found.base) == ("13:04:31:12", 24)
    assert found.rate == pytest.approx(23.976, abs=1e-3)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"\0\0\0\x08moov", b"\0\0\0\x01moov"])
def test_what_has_none_says_so(tmp_path, carphone, data):
    file = tmp_path / "none.mov"
    file.write_bytes(data)
    assert start_timecode(file) is None
    assert start_timecode(carphone) is None


def test_a_cut_off_track_is_none(tmp_path):
    file = tmp_path / "cut.mov"
    whole = with_timecode(100)
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        found = start_timecode(file)
        assert found is None or found.base == 24


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        # The tables of SMPTE ST 12-1: numbers 0 and 1 are left out of every minute but the tenths.
        ("00:00:59:29", 1799),
        ("00:01:00:02", 1800),
        ("00:01:59:29", 3597),
        ("00:02:00:02", 3598),
        ("00:09:59:29", 17981),
        ("00:10:00:00", 17982),
        ("01:00:00:00", 107892),
        ("10:11:00:02", 10 * 107892 + 17982 + 1800),
    ],
)
def test_drop_frame_counts_as_it_is_printed(text, frame):
    assert label(frame, 30, True) == text


def test_a_capture_knows_when_it_was_shot(carphone):
    known = StartTimecode("10:00:00:00", 30, 30000 / 1001)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(footage, "start_timecode", lambda path: known)
        whole = capture(carphone, CaptureOptions(end=0.2, threads=1)).performance
        later = capture(carphone, CaptureOptions(start=1.0, end=1.2, threads=1)).performance
    assert whole.source.timecode == "10:00:00:00" and whole.source.timecode_base == 30
    assert later.source.timecode.startswith("10:00:01:00")


def test_takes_that_count_24_and_shoot_fewer_lie_their_frames_apart(tmp_path):
    times = np.arange(49) / (24000 / 1001)
    weights = np.zeros((49, len(CHANNELS)), np.float32)
    clocks = []
    for name, text in (("a", "10:00:00:00"), ("b", "10:10:00:00")):
        source = Source("", text, 24, 24000 / 1001)
        take = write_take(tmp_path / name, Performance(weights, times, source=source))
        clocks.append(summary_of(take.folder).clock)
    assert (clocks[1] - clocks[0]) * 24000 / 1001 == pytest.approx(600 * 24)
    trimmed = trim(take.performance, start=24 * 1001 / 24000)
    assert trimmed.source.timecode.startswith("10:10:01:00")
