"""What a list tells of takes, and the small picture that a capture leaves."""

import dataclasses

import cv2
import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.capture.capture import CaptureOptions, capture
from mien.models.capture.glimpses import MOST, SIDE, Glimpses, face_picture
from mien.models.errors import TakeError
from mien.models.performance import Performance, Source
from mien.models.take import read_take, write_take
from mien.models.take_summary import summary_of, takes_in


def performance(frames=90, rate=30, **more):
    times = np.arange(frames) / rate
    weights = np.zeros((frames, len(CHANNELS)), np.float32)
    return Performance(weights, times, **more)


def test_a_summary_says_what_reading_the_take_says(tmp_path):
    made = performance(
        confidence=np.repeat([1.0, 0.0, 0.5], 30),
        source=Source("face.mov", "10:00:01:15", 30),
    )
    take = write_take(
        tmp_path / "take",
        made,
        report={"warnings": ["it is dark"]},
        picture=np.full((SIDE, SIDE, 3), 120, np.uint8),
    )
    found = summary_of(take.folder)
    read = read_take(take.folder).performance
    assert (found.frames, found.duration, found.rate) == (90, read.duration, read.rate)
    assert found.seen == pytest.approx(read.seen.mean()) and found.seen < 1
    assert (found.timecode, found.clock) == ("10:00:01:15", 36001.5)
    assert found.remarks == "it is dark" and found.exact
    assert cv2.imread(str(found.picture)).shape == (SIDE, SIDE, 3)


def test_a_take_without_a_picture_has_none(tmp_path):
    folder = write_take(tmp_path / "take", performance()).folder
    assert summary_of(folder).picture is None
    assert summary_of(folder).timecode == ""


@pytest.mark.shared
def test_the_apps_own_takes_are_told_by_their_description(shared):
    folder = shared / "performances" / "train" / "sentien"
    found = summary_of(folder)
    read = read_take(folder).performance
    assert not found.exact
    assert found.duration == pytest.approx(read.duration, abs=0.1)
    assert found.frames == pytest.approx(len(read), abs=5)
    assert found.clock == pytest.approx(11 * 3600 + 25 * 60 + 20.374, abs=1e-6)


def test_takes_of_a_folder_are_those_that_are_finished(tmp_path):
    assert takes_in(tmp_path / "nowhere") == []
    for name in ("b", "a", ".capturing-x"):
        write_take(tmp_path / name, performance())
    (tmp_path / "footage").mkdir()
    (tmp_path / "notes.txt").write_text("no take")
    assert [each.name for each in takes_in(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize("damage", ["no json", '{"mien": {}}', '{"mien": 3}'])
def test_a_damaged_take_is_told(tmp_path, damage):
    folder = write_take(tmp_path / "take", performance()).folder
    (folder / "take.json").write_text(damage)
    with pytest.raises(TakeError, match="take"):
        summary_of(folder)


def test_a_capture_leaves_a_picture_of_the_face(carphone):
    captured = capture(carphone, CaptureOptions(end=0.5, threads=1))
    assert captured.picture.shape == (SIDE, SIDE, 3)
    number = int(np.argmin(np.abs(captured.performance.times - captured.rest)))
    reader = cv2.VideoCapture(str(carphone))
    for _ in range(number + 1):
        _, frame = reader.read()
    again = face_picture(frame, captured.landmarks[number])
    np.testing.assert_array_equal(again, captured.picture)


def test_glimpses_are_few_and_from_everywhere():
    kept = Glimpses()
    points = np.array([[2, 2], [12, 12]], np.float32)
    for number in range(5000):
        kept.add(number / 60, np.full((16, 16, 3), number * 250 // 5000, np.uint8), points)
        assert len(kept._kept) <= MOST
    for time in np.linspace(0, 5000 / 60, 20):
        shade = kept.nearest(time).mean()
        assert shade == pytest.approx(time * 60 * 250 / 5000, abs=8)
    assert Glimpses().nearest(0) is None


def test_a_face_at_the_edge_is_shown_as_far_as_the_picture_goes():
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:20, 40:] = 255
    made = face_picture(picture, np.array([[45, -5], [70, 15]], np.float32))
    assert made.shape == (SIDE, SIDE, 3) and made.max() == 255


def test_the_same_take_gives_the_same_bytes_with_its_picture(tmp_path):
    picture = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3)).astype(np.uint8)
    one, other = (
        write_take(tmp_path / name / "take", performance(), picture=picture) for name in "ab"
    )
    assert dataclasses.replace(one, folder=other.folder).size is None
    name = "thumbnail.jpg"
    assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes()
