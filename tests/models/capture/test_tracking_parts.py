"""The parts of the tracker, each by what it must keep to."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.arkit import CHANNELS, EYE_LOOK_DOWN, EYE_LOOK_SIDEWAYS, EYE_LOOK_UP
from mien.models.capture.blendshapes import LANDMARKS, SOLVED
from mien.models.capture.conditioning import Conditioning
from mien.models.capture.gaps import EASE, HOLD, eased_weights, held, lost_spans
from mien.models.capture.gaze import eyes_from_weights
from mien.models.capture.head_pose import FIELD_OF_VIEW, HeadPose, heads_from_matrices
from mien.models.capture.regions import Region, cut_out
from mien.models.capture.smoothing import LandmarkSmoothing
from mien.models.capture.spool import Spool
from mien.models.capture.tongue import tongue_out
from mien.models.errors import FootageError

regions = st.builds(
    Region,
    st.floats(-50, 250),
    st.floats(-50, 250),
    st.floats(1, 300),
    st.floats(1, 300),
    st.floats(-math.pi, math.pi),
)


@given(regions)
@settings(max_examples=50)
def test_a_region_maps_its_middle_and_keeps_its_sides(region):
    matrix = region.matrix(100, 200)
    assert matrix @ [50, 100, 1] == pytest.approx([region.x, region.y])
    top_left, top_right, bottom_left = (matrix @ [x, y, 1] for x, y in ((0, 0), (100, 0), (0, 200)))
    assert math.dist(top_left, top_right) == pytest.approx(region.width)
    assert math.dist(top_left, bottom_left) == pytest.approx(region.height)
    across = top_right - top_left
    assert math.cos(region.rotation) * region.width == pytest.approx(across[0], abs=1e-9)


@given(regions, regions)
@settings(max_examples=50)
def test_overlap_is_mutual_and_between_0_and_1(first, second):
    assert first.overlap(second) == pytest.approx(second.overlap(first))
    assert 0 <= first.overlap(second) <= 1 + 1e-9
    assert first.overlap(first) == pytest.approx(1)


def test_a_level_cut_out_is_the_picture_itself(clip_pictures):
    picture = clip_pictures[0]
    cut = cut_out(picture, Region(80, 70, 64, 64), 64, extend_edges=True)
    assert np.array_equal(cut, picture[38:102, 48:112])


def one_euro(values, times, size):
    """The filter as its authors write it, for one number at a time."""
    smooth, speed = values[0], 0.0
    result = [smooth]
    for before, value, start, end in zip(values, values[1:], times, times[1:], strict=False):
        period = end - start

        def blend(cutoff, period=period):
            return 1 / (1 + 1 / (2 * math.pi * cutoff) / period)

        raw_speed = (value - before) / size / period
        speed += blend(1.0) * (raw_speed - speed)
        weight = blend(0.05 + 80 * abs(speed))
        smooth += weight * (value - smooth)
        result.append(smooth)
    return result


def test_smoothing_is_the_one_euro_filter_relative_to_the_face():
    random = np.random.default_rng(1)
    times = np.cumsum(random.uniform(0.02, 0.05, 20))
    frames = np.zeros((20, 478, 3))
    frames[:, 0, :2] = (0, 0)
    frames[:, 1, :2] = (100, 300)
    frames[:, 2] = random.normal(50, 3, (20, 3))
    smoothing = LandmarkSmoothing()
    smooth = np.array(
        [smoothing.apply(points, time) for points, time in zip(frames, times, strict=True)]
    )
    for axis in range(3):
        expected = one_euro(frames[:, 2, axis], times, 200)
        assert smooth[:, 2, axis] == pytest.approx(expected)
    assert smooth[:, 1] == pytest.approx(frames[:, 1]), "what stands still stays where it is"


def test_smoothing_starts_anew_after_a_loss():
    smoothing = LandmarkSmoothing()
    points = np.random.default_rng(2).random((478, 3)) * 100
    smoothing.apply(points, 0.0)
    smoothing.reset()
    assert np.array_equal(smoothing.apply(points + 50, 0.1), points + 50)


@given(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6), st.floats(-0.6, 0.6), st.floats(-80, -30))
@settings(max_examples=40, deadline=None)
def test_a_projected_canonical_face_gives_its_pose_back(pitch, yaw, roll, depth):
    pose, width, height = HeadPose(), 640, 480
    turn = rotation(pitch, yaw, roll)
    place = np.array([3.0, -2.0, depth])
    world = pose._points @ turn.T + place
    pixel = 2 * math.tan(FIELD_OF_VIEW / 2) / height
    landmarks = np.zeros((478, 3))
    landmarks[:468, 0] = width / 2 - world[:, 0] / world[:, 2] / pixel
    landmarks[:468, 1] = height / 2 + world[:, 1] / world[:, 2] / pixel
    landmarks[:468, 2] = -world[:, 2] / -depth / pixel
    head = heads_from_matrices(pose.matrices(landmarks[None], width, height))[0]
    turned = quaternion_matrix(head[:4])
    angle = math.acos(np.clip((np.trace(turned @ turn.T) - 1) / 2, -1, 1))
    # The perspective of depth within the face is not in the landmarks' depths.
    assert math.degrees(angle) < 6
    assert head[4:] == pytest.approx(place / 100, rel=0.1, abs=0.02)


def rotation(pitch, yaw, roll):
    def about(axis, angle):
        first, second = [index for index in range(3) if index != axis]
        matrix = np.eye(3)
        sign = -1 if axis == 1 else 1
        matrix[first, first] = matrix[second, second] = math.cos(angle)
        matrix[first, second] = -sign * math.sin(angle)
        matrix[second, first] = sign * math.sin(angle)
        return matrix

    return about(1, yaw) @ about(0, pitch) @ about(2, roll)


def quaternion_matrix(quaternion):
    w, x, y, z = quaternion
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


@given(st.floats(-3, 3), st.floats(-1.5, 1.5), st.floats(-3, 3))
@settings(max_examples=50)
def test_quaternions_are_the_rotation(pitch, yaw, roll):
    matrix = np.eye(4)
    matrix[:3, :3] = 1.3 * rotation(pitch, yaw, roll)
    head = heads_from_matrices(matrix[None])[0]
    assert head[0] >= 0
    assert quaternion_matrix(head[:4]) == pytest.approx(rotation(pitch, yaw, roll), abs=1e-5)


def test_the_blendshape_networks_names_and_landmarks():
    assert len(SOLVED) == 51
    assert SOLVED[:2] == ("browDownLeft", "browDownRight")
    assert SOLVED[-1] == "noseSneerRight"
    assert set(SOLVED) | {"tongueOut"} == set(CHANNELS)
    assert len(LANDMARKS) == len(set(LANDMARKS)) == 146


def test_eyes_turn_as_their_channels_say():
    def eyes(**weights):
        row = np.zeros((1, len(CHANNELS)), np.float32)
        for name, value in weights.items():
            row[0, CHANNELS.index(name)] = value
        return eyes_from_weights(row)[0]

    assert eyes(eyeLookDownLeft=1) == pytest.approx([EYE_LOOK_DOWN, 0, 0, 0])
    assert eyes(eyeLookUpRight=1) == pytest.approx([0, 0, -EYE_LOOK_UP, 0])
    both_left = eyes(eyeLookOutLeft=0.5, eyeLookInRight=0.5)
    assert both_left == pytest.approx([0, EYE_LOOK_SIDEWAYS / 2] * 2)
    both_right = eyes(eyeLookInLeft=0.5, eyeLookOutRight=0.5)
    assert both_right == pytest.approx([0, -EYE_LOOK_SIDEWAYS / 2] * 2)


def test_a_lost_face_holds_then_eases_to_neutral():
    times = np.arange(60) / 30
    seen = np.ones(60, bool)
    seen[:5] = False
    seen[20:50] = False
    weights = np.full((60, 52), 0.8, np.float32)
    weights[~seen] = 0
    eased = eased_weights(weights, seen, times)[:, 0]
    assert np.all(eased[:5] == 0), "neutral before it was ever seen"
    assert np.all(eased[seen] == np.float32(0.8))
    since = times - times[19]
    assert np.all(eased[(since <= HOLD) & ~seen & (times > 0.5)] == np.float32(0.8))
    assert np.all(np.diff(eased[19:50]) <= 0), "falls steadily"
    assert np.all(eased[(since >= HOLD + EASE) & ~seen & (times > 0.5)] == 0)
    assert lost_spans(seen, times) == ((0.0, times[5]), (times[20], times[50]))
    places = held(np.arange(60.0), seen)
    assert np.all(places[:5] == 5)
    assert np.all(places[20:50] == 19)


@given(st.lists(st.booleans(), min_size=1, max_size=40))
@settings(max_examples=60)
def test_lost_spans_cover_just_the_frames_without_a_face(flags):
    seen, times = np.array(flags), np.arange(len(flags)) / 24
    covered = np.zeros(len(flags), bool)
    for start, end in lost_spans(seen, times):
        covered |= (times >= start) & ((times < end) | (end == times[-1]))
    assert np.all(covered[~seen])
    assert not np.any(covered[:-1] & seen[:-1])


def test_the_tongue_needs_open_lips():
    points = np.zeros((478, 3))
    points[78], points[308] = (0, 0, 0), (100, 0, 0)
    points[13], points[14] = (50, 0, 0), (50, 30, 0)
    assert tongue_out(0.95, points) == 1
    assert 0 < tongue_out(0.4, points) < 1
    assert tongue_out(0.12, points) == 0, "what speech reaches"
    points[14] = (50, 2, 0)
    assert tongue_out(1.0, points) == 0, "a hand over a closed mouth"


def test_conditioning_does_what_it_says(clip_pictures):
    picture = clip_pictures[0]
    assert Conditioning().apply(picture) is picture
    specked = picture.copy()
    specked[::7, ::7] = 255
    cleaned = Conditioning(median=3).apply(specked)
    assert (
        np.abs(cleaned.astype(int) - picture).mean() < np.abs(specked.astype(int) - picture).mean()
    )
    assert np.diff(Conditioning(gaussian=2).apply(picture).astype(int), axis=1).std() < (
        0.7 * np.diff(picture.astype(int), axis=1).std()
    )
    dark = (picture * 0.2).astype(np.uint8)
    assert Conditioning(contrast=3).apply(dark).std() > 1.3 * dark.std()


@pytest.mark.parametrize(
    "setting", [{"median": 4}, {"median": 1}, {"gaussian": -1}, {"contrast": -2}]
)
def test_conditioning_refuses_what_makes_no_sense(setting):
    with pytest.raises(FootageError):
        Conditioning(**setting)


def test_a_spool_gives_back_what_went_in():
    spool = Spool(2, 3)
    rows = np.random.default_rng(3).random((50, 2, 3), np.float32)
    for start in range(0, 50, 7):
        spool.append(rows[start : start + 7])
    assert np.array_equal(spool.array(), rows)
    assert not spool.array().flags.writeable


def test_a_full_disk_is_said():
    class Full:
        def write(self, content):
            raise OSError(28, "No space left on device")

    spool = Spool(2)
    spool._file = Full()
    with pytest.raises(FootageError, match="No space left on device"):
        spool.append(np.zeros((1, 2), np.float32))
