"""Capture from real footage: what it sees, and what it says when it cannot."""

import socket
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.models.arkit import CHANNELS, mirrored
from mien.models.capture.blendshapes import SOLVED
from mien.models.capture.capture import CaptureOptions, capture
from mien.models.capture.conditioning import Conditioning
from mien.models.capture.gaps import EASE, HOLD
from mien.models.errors import Cancelled, FootageError

GREY = 90


@pytest.fixture(scope="module")
def captured(carphone):
    return capture(carphone)


def joined(pictures, size=(400, 640), places=((40, 20, 2.0),)):
    """Pictures pasted on a grey ground at (x, y) and scaled, in every frame alike."""
    frames = []
    for picture in pictures:
        frame = np.full((*size, 3), GREY, np.uint8)
        for x, y, scale in places:
            pasted = cv2.resize(picture, None, fx=scale, fy=scale)
            frame[y : y + pasted.shape[0], x : x + pasted.shape[1]] = pasted
        frames.append(frame)
    return frames


def test_a_face_in_every_frame_of_the_clip(captured):
    performance, report = captured.performance, captured.report
    assert (report.frames, report.seen, report.lost, report.warnings) == (120, 120, (), ())
    assert performance.channels == CHANNELS
    assert performance.rate == pytest.approx(30000 / 1001)
    assert np.all(performance.confidence > 0.3)
    assert performance.weights.min() >= 0
    assert performance.weights.max() <= 1
    assert performance.source.text == "carphone_pristine.mp4"
    assert captured.size == (176, 144)
    assert captured.landmarks.shape == (120, 478, 3)
    assert captured.matrices.shape == (120, 4, 4)


def test_the_clip_speaks_and_shows_no_tongue(captured):
    jaw = captured.performance.channel("jawOpen")
    assert np.ptp(jaw) > 0.3
    assert captured.performance.channel("tongueOut").max() < 0.05


def test_raw_results_are_those_of_mediapipe(carphone):
    """Against what mediapipe 1.2.2 gave for every tenth frame, in its video mode."""
    reference = np.load(Path(__file__).parent / "mediapipe_carphone.npz")
    raw = capture(carphone, CaptureOptions.as_mediapipe())
    frames = reference["frames"]
    columns = [CHANNELS.index(name) for name in SOLVED]
    difference = np.abs(raw.performance.weights[frames][:, columns] - reference["weights"])
    assert difference.mean() < 0.001
    assert difference.max() < 0.03
    assert np.abs(raw.landmarks[frames] - reference["points"]).mean() < 0.05
    ours, theirs = raw.matrices[frames], reference["matrices"]
    turned = np.einsum("fij,fkj->fik", ours[:, :3, :3], theirs[:, :3, :3])
    angles = np.degrees(np.arccos(np.clip((np.trace(turned, axis1=1, axis2=2) - 1) / 2, -1, 1)))
    assert angles.mean() < 0.1
    assert np.abs(ours[:, :3, 3] - theirs[:, :3, 3]).max() < 0.2, "centimetres"


def test_landmarks_lie_on_the_face(captured, clip_pictures):
    """The lips' landmarks enclose what is redder than the cheeks around them."""
    lips = (61, 39, 0, 269, 291, 405, 17, 181)
    redder = []
    for frame in range(0, 120, 15):
        points = captured.landmarks[frame, :, :2]
        colours = cv2.cvtColor(clip_pictures[frame], cv2.COLOR_BGR2LAB)[:, :, 1].astype(float)
        mouth = np.zeros(colours.shape, np.uint8)
        cv2.fillConvexPoly(mouth, points[list(lips)].astype(np.int32), 1)
        cheeks = [colours[int(y), int(x)] for x, y in points[[205, 425, 50, 280]]]
        redder.append(colours[mouth > 0].mean() - np.mean(cheeks))
    assert np.mean(redder) > 1


def test_one_thread_gives_the_same_as_two(carphone, captured):
    alone = capture(carphone, CaptureOptions(threads=1))
    assert np.allclose(alone.performance.weights, captured.performance.weights, atol=1e-5)
    assert np.array_equal(alone.performance.times, captured.performance.times)


def test_a_mirrored_face_gives_mirrored_channels_and_head(write_video, clip_pictures, captured):
    mirrored_clip = write_video([picture[:, ::-1] for picture in clip_pictures], rate=29.97)
    other = capture(mirrored_clip, CaptureOptions(rest=captured.rest)).performance
    weights = captured.performance
    for name in ("mouthSmileLeft", "browOuterUpRight", "jawOpen"):
        here, there = weights.channel(name), other.channel(mirrored(name))
        assert np.abs(here - there).mean() < 0.12, name
    assert np.median(other.head[:, 4]) == pytest.approx(-np.median(weights.head[:, 4]), abs=0.01)
    assert np.median(other.head[:, 3]) == pytest.approx(-np.median(weights.head[:, 3]), abs=0.02)


def test_a_nearer_face_is_nearer_and_a_tilted_one_tilted(write_video, clip_pictures):
    far = joined(clip_pictures[:8], places=((200, 100, 1.2),))
    near = joined(clip_pictures[:8], places=((100, 50, 2.4),))
    around = cv2.getRotationMatrix2D((320, 200), 15, 1)
    tilted = [cv2.warpAffine(frame, around, (640, 400)) for frame in near]
    heads = [
        capture(write_video(frames, f"{name}.mp4")).performance.head[4]
        for name, frames in (("far", far), ("near", near), ("tilted", tilted))
    ]
    assert heads[0][6] / heads[1][6] == pytest.approx(2, rel=0.1)
    assert heads[1][6] < -0.1, "the camera looks along −Z"
    # Turned counter-clockwise as seen by the camera: positive about +Z.
    rolls = [2 * np.degrees(np.arctan2(head[3], head[0])) for head in heads]
    assert rolls[2] - rolls[1] == pytest.approx(15, abs=2)


def test_a_lost_face_is_held_eased_and_reported(write_video, clip_pictures):
    blank = [np.full_like(clip_pictures[0], GREY)] * 36
    clip = write_video([*clip_pictures[:20], *blank, *clip_pictures[20:40]], rate=30)
    result = capture(clip)
    performance, report = result.performance, result.report
    lost = ~performance.seen
    assert np.array_equal(np.flatnonzero(lost), np.arange(20, 56))
    (span,) = report.lost
    assert span == pytest.approx((20 / 30, 56 / 30))
    assert "No face in 36 frames: 0.67–1.87 s" in report.words()
    assert np.all(performance.confidence[lost] == 0)
    assert np.all(result.landmarks[lost] == 0)
    hold, gone = 19 + round(HOLD * 30), 19 + round((HOLD + EASE) * 30)
    assert np.array_equal(performance.weights[hold - 1], performance.weights[19])
    assert np.all(performance.weights[gone + 1 : 56] == 0)
    assert np.array_equal(performance.head[55], performance.head[19])


def test_the_largest_face_is_followed_and_another_can_be_chosen(write_video, clip_pictures):
    frames = joined(clip_pictures[:12], (420, 800), ((10, 20, 2.0), (480, 30, 1.6)))
    clip = write_video(frames)
    largest, second = capture(clip), capture(clip, CaptureOptions(face=1))
    assert np.all(largest.landmarks[:, :, 0].mean(axis=1) < 400)
    assert np.all(second.landmarks[:, :, 0].mean(axis=1) > 400)
    with pytest.raises(FootageError, match="never shows more than 2 faces"):
        capture(clip, CaptureOptions(face=4))


def test_the_same_face_is_taken_up_again_after_a_gap(write_video, clip_pictures):
    places = ((10, 20, 2.0), (480, 30, 1.6))
    both = joined(clip_pictures[:10], (420, 800), places)
    nobody = [np.full_like(both[0], GREY)] * 5
    result = capture(write_video([*both, *nobody, *both]), CaptureOptions(face=1))
    assert np.flatnonzero(~result.performance.seen).tolist() == list(range(10, 15))
    assert np.all(result.landmarks[result.performance.seen][:, :, 0].mean(axis=1) > 400)


def test_a_distant_face_needs_the_second_detector(write_video, clip_pictures):
    clip = write_video(joined(clip_pictures[:6], (720, 1280), ((700, 200, 1.0),)))
    assert capture(clip).report.seen == 6
    with pytest.raises(FootageError, match="No face was found"):
        capture(clip, CaptureOptions.as_mediapipe())


def test_no_face_at_all(write_video):
    random = np.random.default_rng(0)
    noise = [random.integers(0, 255, (240, 320, 3), np.uint8) for _ in range(5)]
    with pytest.raises(FootageError, match=r"No face was found in clip\.mp4\. Choose footage"):
        capture(write_video(noise))


@pytest.mark.shared
def test_no_face_in_a_real_video(shared):
    with pytest.raises(FootageError, match="No face was found"):
        capture(shared / "footage" / "no_face.mp4")


@pytest.mark.shared
@pytest.mark.parametrize("clip", ["d0.mp4", "bbaf2n.mpg", "single_face.mp4"])
def test_faces_without_a_tongue_show_none(shared, clip):
    result = capture(shared / "footage" / clip)
    assert result.report.seen == result.report.frames
    assert result.performance.channel("tongueOut").max() < 0.05


def test_part_of_the_footage(carphone, captured):
    part = capture(carphone, CaptureOptions(start=1.0, end=2.0))
    assert len(part.performance) == 30
    assert part.performance.times[0] == 0
    assert part.performance.duration == pytest.approx(29 * 1001 / 30000)
    whole = captured.performance.channel("jawOpen")[30:60]
    assert np.abs(part.performance.channel("jawOpen") - whole)[5:].mean() < 0.03


def test_dark_noisy_sixteen_bit_infrared_pictures(tmp_path, clip_pictures):
    random = np.random.default_rng(0)
    for number, picture in enumerate(clip_pictures[:6]):
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(float) * 5
        noisy = np.clip(grey + random.normal(0, 20, grey.shape), 0, 4095).astype(np.uint16)
        cv2.imwrite(str(tmp_path / f"infrared.{number:03}.tif"), noisy)
    conditioning = Conditioning(median=3, contrast=3)
    result = capture(
        tmp_path / "infrared.###.tif", CaptureOptions(rate=15, conditioning=conditioning)
    )
    assert result.report.seen == 6
    assert result.performance.rate == pytest.approx(15)


def test_a_cut_off_video_is_captured_as_far_as_it_goes(write_video, clip_pictures):
    path = write_video(clip_pictures[:60], "clip.avi")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    report = capture(path).report
    assert 20 < report.frames == report.seen < 40
    assert f"cut off after {report.frames}" in report.words()


def test_progress_rises_to_its_end(carphone):
    told = []
    capture(carphone, progress=lambda part, words: told.append((part, words)))
    parts = [part for part, _ in told]
    assert parts == sorted(parts)
    assert parts[0] < 0.05
    assert 0.95 < parts[-1] <= 1
    assert "120 frames" in told[-1][1]


@pytest.mark.parametrize("threads", [1, 2])
def test_it_can_be_stopped(carphone, threads):
    asked = []

    def cancelled():
        asked.append(True)
        return len(asked) > 10

    with pytest.raises(Cancelled):
        capture(carphone, CaptureOptions(threads=threads), cancelled=cancelled)
    assert len(asked) == 11
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("mien")]


def test_it_needs_no_network(carphone, monkeypatch):
    def refuse(*arguments, **named):
        raise AssertionError("capture opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert capture(carphone, CaptureOptions(end=0.3)).report.seen > 5


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"threads": 0}, "at least one thread"),
        ({"solver": "magic"}, "choose one of: mien, blendshapes"),
        ({"start": -1.0}, "must start at 0 s"),
        ({"start": 2.0, "end": 1.0}, "end after it"),
    ],
)
def test_options_that_make_no_sense(setting, words):
    with pytest.raises(FootageError, match=words):
        CaptureOptions(**setting)


def test_a_negative_face_and_an_endless_camera(carphone):
    with pytest.raises(FootageError, match="counted from 0"):
        capture(carphone, CaptureOptions(face=-1))
    with pytest.raises(FootageError, match="how many seconds"):
        capture(0)


def test_the_users_opencv_keeps_its_threads(carphone):
    before = cv2.getNumThreads()
    capture(carphone, CaptureOptions(threads=1, end=0.1))
    assert cv2.getNumThreads() == before
