"""Footage: every frame at its own time, upright, whatever the file; clear words if not."""

import threading
import time

import cv2
import numpy as np
import pytest
from mien.models.capture.footage import Frame, open_footage, read_ahead
from mien.models.capture.pictures import EightBit, find_sequence
from mien.models.errors import FootageError

from . import mp4_boxes


def plain_pictures(count: int, height: int = 48, width: int = 64) -> list[np.ndarray]:
    return [np.full((height, width, 3), 40 + index, np.uint8) for index in range(count)]


def times(footage) -> list[float]:
    return [frame.time for frame in footage.frames()]


def test_a_rate_of_29_97_is_kept_exactly(carphone):
    footage = open_footage(carphone)
    assert times(footage) == pytest.approx([n * 1001 / 30000 for n in range(120)], abs=1e-6)
    assert footage.warnings == []
    assert footage.duration == pytest.approx(120 * 1001 / 30000)


def test_a_variable_rate_is_kept(write_video, tmp_path):
    steady = write_video(plain_pictures(30), rate=30).read_bytes()
    path = tmp_path / "variable.mp4"
    path.write_bytes(mp4_boxes.slower_from(steady, 10, 3))
    expected = [n / 30 for n in range(10)] + [(10 + 3 * n) / 30 for n in range(20)]
    footage = open_footage(path)
    assert times(footage) == pytest.approx(expected, abs=1e-3)
    assert footage.warnings == []


def test_only_the_named_part_is_given(carphone):
    part = [frame.time for frame in open_footage(carphone).frames(1.0, 2.0)]
    assert 1.0 <= part[0] < 1.0 + 1 / 29
    assert 2.0 - 1 / 29 < part[-1] <= 2.0
    assert len(part) == 30


def test_a_phone_held_upright_gives_upright_pictures(write_video, tmp_path, clip_pictures):
    lying = [cv2.rotate(picture, cv2.ROTATE_90_COUNTERCLOCKWISE) for picture in clip_pictures[:3]]
    path = tmp_path / "phone.mp4"
    path.write_bytes(mp4_boxes.turned(write_video(lying, "lying.mp4").read_bytes()))
    frames = list(open_footage(path).frames())
    assert frames[0].picture.shape == clip_pictures[0].shape
    difference = np.abs(frames[2].picture.astype(int) - clip_pictures[2])
    assert difference.mean() < 6


def test_a_video_cut_off_keeps_what_can_be_read_and_says_so(write_video, tmp_path, clip_pictures):
    whole = mp4_boxes.index_first(write_video(clip_pictures[:60]).read_bytes())
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    footage = open_footage(path)
    count = len(times(footage))
    assert 20 < count < 55
    assert len(footage.warnings) == 1
    assert f"cut off after {count} of 60 frames" in footage.warnings[0]


def test_a_cut_off_avi_says_so_too(write_video, clip_pictures):
    path = write_video(clip_pictures[:60], "clip.avi")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    footage = open_footage(path)
    count = len(times(footage))
    assert 20 < count < 40
    assert "cut off" in footage.warnings[0]


def test_a_recording_without_its_index_is_named_as_that(write_video, clip_pictures):
    path = write_video(clip_pictures[:30])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(FootageError, match="cut off: its recording was never finished"):
        open_footage(path)


def test_no_such_file(tmp_path):
    with pytest.raises(FootageError, match=r"no file .*nothing\.mp4"):
        open_footage(tmp_path / "nothing.mp4")


def test_an_empty_file(tmp_path):
    path = tmp_path / "empty.mp4"
    path.touch()
    with pytest.raises(FootageError, match="is empty"):
        open_footage(path)


@pytest.mark.parametrize("content", [b"Dear diary,\n" * 50, bytes(range(256)) * 8, b"ftyp"])
def test_not_a_video(tmp_path, content, capfd):
    path = tmp_path / "letter.mp4"
    path.write_bytes(content)
    with pytest.raises(FootageError, match="not a video"):
        open_footage(path)
    assert capfd.readouterr().err == "", "nothing but the message"


def test_a_picture_of_one_pixel(tmp_path):
    cv2.imwrite(str(tmp_path / "dot.png"), np.zeros((1, 1, 3), np.uint8))
    with pytest.raises(FootageError, match="1 × 1 pixels is too small"):
        times(open_footage(tmp_path / "dot.png"))


def test_a_start_after_the_end(carphone):
    with pytest.raises(FootageError, match=r"ends at 3\.97 s"):
        list(open_footage(carphone).frames(start=10))


def test_a_folder_of_pictures_in_the_order_of_their_numbers(tmp_path):
    for number in (1, 2, 9, 10, 11):
        picture = np.full((32, 32, 3), number * 10, np.uint8)
        cv2.imwrite(str(tmp_path / f"shot{number}.png"), picture)
    (tmp_path / "notes.txt").write_text("not a picture")
    frames = list(open_footage(tmp_path, rate=12).frames())
    assert [frame.time for frame in frames] == pytest.approx([n / 12 for n in range(5)])
    assert [int(frame.picture[0, 0, 0]) for frame in frames] == [10, 20, 90, 100, 110]


@pytest.mark.parametrize("pattern", ["a.####.png", "a.%04d.png", "a.*.png"])
def test_patterns_choose_their_pictures(tmp_path, pattern):
    for name in ("a.0001.png", "a.0002.png", "b.0001.png", "a.0003.png.bak"):
        (tmp_path / name).touch()
    found = find_sequence(tmp_path / pattern)
    assert [file.name for file in found] == ["a.0001.png", "a.0002.png"]


@pytest.mark.parametrize("name", ["nothing", "nothing.####.png"])
def test_no_pictures(tmp_path, name):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(FootageError, match="There are no pictures"):
        open_footage(tmp_path / name)


def test_a_damaged_picture_is_named(tmp_path):
    (tmp_path / "shot1.png").write_bytes(b"no picture")
    with pytest.raises(FootageError, match=r"shot1\.png is not a picture"):
        times(open_footage(tmp_path))


def test_pictures_of_two_sizes(tmp_path):
    cv2.imwrite(str(tmp_path / "1.png"), np.zeros((32, 32, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "2.png"), np.zeros((32, 40, 3), np.uint8))
    with pytest.raises(FootageError, match="changes its size"):
        times(open_footage(tmp_path))


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_sixteen_bit_infrared_pictures_keep_their_range(tmp_path, bits):
    ramp = np.linspace(0, (1 << bits) - 1, 64).astype(np.uint16)
    cv2.imwrite(str(tmp_path / "infrared.png"), np.tile(ramp, (64, 1)))
    (frame,) = open_footage(tmp_path).frames()
    assert frame.picture.dtype == np.uint8
    assert frame.picture.shape == (64, 64, 3)
    assert frame.picture[0, :, 0].max() == 255
    assert np.all(np.diff(frame.picture[0, :, 0].astype(int)) >= 0)


def test_a_brighter_frame_does_not_darken_those_of_equal_depth():
    to_eight_bit = EightBit()
    first = to_eight_bit(np.full((2, 2, 3), 3000, np.uint16))
    second = to_eight_bit(np.full((2, 2, 3), 4000, np.uint16))
    again = to_eight_bit(np.full((2, 2, 3), 3000, np.uint16))
    assert first[0, 0, 0] == again[0, 0, 0] < second[0, 0, 0]


def test_grey_pictures_become_three_colours(tmp_path):
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((40, 40), 99, np.uint8))
    (frame,) = open_footage(tmp_path).frames()
    assert np.all(frame.picture == 99)
    assert frame.picture.shape == (40, 40, 3)


def test_no_such_camera():
    with pytest.raises(FootageError, match="Camera 97 cannot be opened"):
        open_footage(97)


def test_reading_ahead_changes_nothing(carphone):
    ahead = read_ahead(open_footage(carphone).frames())
    for frame, plain in zip(ahead, open_footage(carphone).frames(), strict=True):
        assert frame.time == plain.time
        assert np.array_equal(frame.picture, plain.picture)


def test_reading_ahead_passes_problems_on_and_stops_when_left(carphone):
    def broken():
        yield Frame(0.0, np.zeros((20, 20, 3), np.uint8))
        raise FootageError("the disk went away")

    with pytest.raises(FootageError, match="the disk went away"):
        list(read_ahead(broken()))
    left_early = read_ahead(open_footage(carphone).frames())
    next(left_early)
    left_early.close()
    time.sleep(0.05)
    assert not [thread for thread in threading.enumerate() if thread.name == "mien-footage"]
