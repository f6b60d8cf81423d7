"""Footage as a copy of a constant rate: each of its frames shows what is nearest in time."""

import cv2
import numpy as np
import pytest
from mien.models.capture import constant_rate
from mien.models.capture.constant_rate import Marks, is_steady, write_constant
from mien.models.capture.footage import Footage, Frame, open_footage
from mien.models.errors import Cancelled, FootageError

LEVELS = 8
"""Between two pictures, so that a codec's rounding does not make one the next."""


def numbered(count, size=(32, 48)):
    """Pictures whose brightness says which each is."""
    return [np.full((*size, 3), 20 + LEVELS * i, np.uint8) for i in range(count)]


def numbers(file):
    """Which picture each frame of a video shows, and its time."""
    frames = list(open_footage(file).frames())
    shown = [round((float(np.median(frame.picture)) - 20) / LEVELS) for frame in frames]
    return shown, [frame.time for frame in frames]


@pytest.mark.parametrize("rate", [24, 24000 / 1001, 60, 12.5])
def test_each_frame_is_the_nearest_in_time(write_video, tmp_path, rate):
    source = write_video(numbered(24), "source.avi", rate=30)
    count = write_constant(source, tmp_path / "copy.avi", rate)
    shown, times = numbers(tmp_path / "copy.avi")
    assert len(shown) == count == int(23 / 30 * rate) + 1
    assert np.allclose(times, np.arange(count) / rate, atol=1e-3)
    for frame, number in enumerate(shown):
        assert abs(number / 30 - frame / rate) <= 1 / 60 + 1e-6


def test_a_variable_rate_becomes_constant_without_drift(write_video, tmp_path, monkeypatch):
    pictures = numbered(20)
    gaps = np.random.default_rng(3).choice([1 / 60, 1 / 30, 0.1], 20)
    times = np.cumsum(gaps)  # The first is not at 0.

    class Phone(Footage):
        name, duration = "phone", float(times[-1])

        def _read(self):
            for time, picture in zip(times, pictures, strict=True):
                yield Frame(float(time), picture)

    monkeypatch.setattr(constant_rate, "open_footage", lambda *_: Phone())
    count = write_constant(tmp_path / "phone", tmp_path / "copy.avi", 25)
    shown, _ = numbers(tmp_path / "copy.avi")
    since = times - times[0]
    assert count == int(since[-1] * 25 + 1e-6) + 1
    for frame, number in enumerate(shown):
        assert abs(since[number] - frame / 25) <= np.abs(since - frame / 25).min() + 1e-6


def test_what_is_steady_needs_no_copy(write_video):
    video = write_video(numbered(24), "source.avi", rate=30)
    assert is_steady(video, 30)
    assert not is_steady(video, 24)
    assert not is_steady(video, 30.5)


def test_landmarks_are_drawn_where_they_are_in_the_small_copy(write_video, tmp_path):
    black = [np.zeros((1080, 720, 3), np.uint8)] * 4
    source = write_video(black, "source.avi", rate=10)
    points = np.zeros((4, 1, 3))
    points[1, 0] = 360, 540, 0
    write_constant(source, tmp_path / "copy.avi", 10, Marks(np.arange(4) / 10, points))
    frames = [frame.picture for frame in open_footage(tmp_path / "copy.avi").frames()]
    assert frames[0].shape == (540, 360, 3)
    assert [bool(frame.max() > 100) for frame in frames] == [False, True, False, False]
    y, x = np.unravel_index(np.argmax(frames[1][:, :, 1]), (540, 360))
    assert abs(x - 180) <= 1 and abs(y - 270) <= 1


def test_small_footage_is_enlarged_for_landmarks_only(write_video, tmp_path):
    source = write_video(numbered(3, (32, 48)), "source.avi", rate=10)
    marks = Marks(np.arange(3) / 10, np.zeros((3, 1, 3)))
    for given, size in ((None, (32, 48)), (marks, (540, 810))):
        target = tmp_path / f"{size[0]}.avi"
        write_constant(source, target, 10, given)
        assert next(open_footage(target).frames()).picture.shape[:2] == size


def test_stopped_or_failed_it_leaves_nothing(write_video, tmp_path):
    source = write_video(numbered(10), "source.avi", rate=30)
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(Cancelled):
        write_constant(source, folder / "copy.avi", 24, cancelled=lambda: True)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    with pytest.raises(FootageError):
        write_constant(broken, folder / "copy.avi", 24)
    with pytest.raises(FootageError, match="above 0"):
        write_constant(source, folder / "copy.avi", 0)
    assert not list(folder.iterdir())


def test_progress_goes_up_to_the_end(write_video, tmp_path):
    source = write_video(numbered(20), "source.avi", rate=30)
    said = []
    write_constant(source, tmp_path / "c.avi", 30, progress=lambda share, _: said.append(share))
    assert said == sorted(said) and 0.8 < said[-1] <= 1
    assert cv2.VideoCapture(str(tmp_path / "c.avi")).isOpened()
