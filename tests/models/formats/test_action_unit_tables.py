"""The tables of OpenFace and py-feat: action units as ARKit's channels."""

import numpy as np
import pytest
from mien.models import rotation
from mien.models.arkit import CHANNELS, EYE_LOOK_SIDEWAYS
from mien.models.errors import FormatError
from mien.models.formats import openface, py_feat

from . import samples_of_formats as samples


def read(folder, text, reader=openface.read):
    path = folder / "take.csv"
    path.write_text(text, encoding="utf-8")
    return reader(path)


# --- OpenFace ------------------------------------------------------------------------------


def test_intensities_of_0_to_5_become_weights_of_0_to_1(tmp_path):
    result = read(tmp_path, samples.OPENFACE).performance
    assert result.channels == CHANNELS
    np.testing.assert_allclose(result.channel("mouthSmileLeft"), [0.5, 1, 1, 0])
    np.testing.assert_allclose(result.channel("mouthSmileRight"), [0.5, 1, 1, 0])
    np.testing.assert_allclose(result.channel("browInnerUp"), [0.136, 0.2, 0.2, 0.3], rtol=1e-6)
    np.testing.assert_allclose(result.channel("eyeBlinkLeft"), [0, 0, 0, 1])
    assert result.channel("jawOpen")[3] == pytest.approx(0.25)


def test_frames_without_a_face_are_held_and_times_are_exact(tmp_path):
    result = read(tmp_path, samples.OPENFACE).performance
    np.testing.assert_allclose(result.confidence, [0.98, 0.98, 0, 0.95], rtol=1e-6)
    np.testing.assert_array_equal(result.head[2], result.head[1])
    np.testing.assert_allclose(result.times, np.arange(4) / 30, atol=1e-9)


def test_positive_rx_looks_down_and_positive_ry_to_the_subjects_right():
    def nose(*angles):
        head = openface.head_from_columns(np.array([[0, 0, 0, *angles]]))
        return rotation.turned(head[:, :4], (0, 0, 1))[0]

    assert nose(0.3, 0, 0)[1] < 0
    assert nose(0, 0.3, 0)[0] < 0
    crown = openface.head_from_columns(np.array([[0, 0, 0, 0, 0, 0.3]]))[:, :4]
    # Clockwise in the picture, whose right is the subject's left.
    assert rotation.turned(crown, (0, 1, 0))[0][0] > 0


def test_the_whole_turn_is_openfaces_matrix_in_our_axes():
    angles = np.random.default_rng(0).uniform(-1, 1, (20, 3))
    flip = np.diag([1, -1, -1])
    for (rx, ry, rz), head in zip(
        angles, openface.head_from_columns(np.pad(angles, ((0, 0), (3, 0)))), strict=True
    ):
        cx, cy, cz, sx, sy, sz = *np.cos((rx, ry, rz)), *np.sin((rx, ry, rz))
        about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
        about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
        expected = flip @ about_x @ about_y @ about_z @ flip
        turned = rotation.turned(np.tile(head[:4], (3, 1)), np.eye(3)).T
        np.testing.assert_allclose(turned, expected, atol=1e-9)


def test_places_are_metres_in_front_of_the_camera(tmp_path):
    result = read(tmp_path, samples.OPENFACE).performance
    np.testing.assert_allclose(result.head[0, 4:], [0.016, -0.043, -0.598], rtol=1e-6)


def test_eyes_are_relative_to_the_head_and_left_is_the_subjects(tmp_path):
    result = read(tmp_path, samples.OPENFACE).performance
    left_pitch, left_yaw, right_pitch, right_yaw = result.eyes[0]
    # Both look 0.065 below the camera's axis while the head is bowed by 0.3: up, from the head.
    assert left_pitch < -0.2 and right_pitch < -0.2
    assert left_yaw < right_yaw, "they converge: each looks inward"
    straight = np.array([[0, 0, -1.0, 0, 0, -1.0]])
    for yaw in (-0.4, 0.2):
        turn = rotation.from_yaw_pitch_roll(np.array([[yaw, 0, 0]]))
        eyes = openface.eyes_from_columns(straight, turn)
        np.testing.assert_allclose(eyes, [[0, -yaw, 0, -yaw]], atol=1e-12)


def test_gaze_moves_the_eye_look_channels(tmp_path):
    result = read(tmp_path, samples.OPENFACE).performance
    outward = np.clip(result.eyes[:, 1] / EYE_LOOK_SIDEWAYS, 0, 1)
    np.testing.assert_allclose(result.channel("eyeLookOutLeft"), outward, atol=1e-6)
    assert result.channel("eyeLookUpLeft")[0] > 0.4


def test_of_several_faces_the_one_there_longest_is_read(tmp_path):
    lines = samples.OPENFACE.splitlines()
    other = lines[2].replace("2, 0, 0.033", "2, 1, 0.033").replace("5.00", "0.00")
    recording = read(tmp_path, "\n".join([*lines[:3], other, *lines[3:]]))
    assert len(recording.performance) == 4
    assert "2 faces" in recording.warnings[0]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2, 0, 0.033", "2, 0, 0.2", "row 4"),
        ("0.033, 0.98", "0.033, nan", "row 3"),
        ("0.033, 0.98", "0.033, high", "row 3"),
        ("1.00, 5.00", "1.00, 5e30", "row 3"),
        (", 1\n2, 0", "\n2, 0", None),
        ("-0.02, 1.00, 5.00, 1.25, 0.00, 1\n", "-0.02, 1.00\n", "row 3"),
        ("-0.02, 1.00,", "-0.02, 1.00, 1.00,", "row 3"),
        ("timestamp", "when", "timestamp"),
        ("AU12_c", "AU12_r", "two columns"),
        (" 1, 0.11", " 0, 0.11", None),
    ],
)
def test_a_wrong_table_is_refused_with_its_row(tmp_path, old, new, words):
    text = samples.OPENFACE.replace(old, new)
    assert text != samples.OPENFACE
    if words is None:
        if " 0, 0.11" in new:
            with pytest.raises(FormatError, match="no face in any frame"):
                read(tmp_path, text)
        else:
            assert len(read(tmp_path, text).performance) == 4
        return
    with pytest.raises(FormatError, match=words) as caught:
        read(tmp_path, text)
    assert "take.csv" in str(caught.value)


# --- py-feat -------------------------------------------------------------------------------


def test_arkits_own_columns_come_before_action_units(tmp_path):
    recording = read(tmp_path, samples.PY_FEAT, py_feat.read)
    result = recording.performance
    np.testing.assert_allclose(result.channel("jawOpen"), [0.25, 0.5, 0.5, 0, 0])
    # AU43 says 0 where py-feat's own eyeBlinkLeft says 0.75; the other eye has the unit only.
    np.testing.assert_allclose(result.channel("eyeBlinkLeft"), [0.75, 0.5, 0.5, 1, 1])
    np.testing.assert_allclose(result.channel("eyeBlinkRight"), [0, 0, 0, 1, 1])
    np.testing.assert_allclose(result.channel("mouthSmileLeft"), [1, 0.5, 0.5, 0, 0])
    assert result.confidence[2] == 0 and result.confidence[1] == pytest.approx(0.99)
    assert any("head" in warning for warning in recording.warnings)
    assert result.head is None


def test_the_rate_is_found_where_the_seconds_turn_over(tmp_path):
    def table(rate, frames):
        rows = [
            f"1,1,0.9,0,0,0,0.1,0.1,0.1,0.1,0.1,a.mp4,{frame},"
            f"{int(frame / rate) // 60:02d}:{int(frame / rate) % 60:02d},Person_0"
            for frame in frames
        ]
        return "\n".join([samples.PY_FEAT.splitlines()[0], *rows])

    for rate in (24, 25, 30000 / 1001, 30, 60, 12.5):
        result = read(tmp_path, table(rate, range(1200)), py_feat.read).performance
        assert result.duration == pytest.approx(1199 / rate, rel=0.002)
    slow = read(tmp_path, table(30, range(0, 1200, 10)), py_feat.read).performance
    assert slow.rate == pytest.approx(3, rel=0.01)
    recording = read(tmp_path, table(30, range(20)), py_feat.read)
    assert recording.performance.rate == pytest.approx(30)
    assert any("30 frames" in warning for warning in recording.warnings)


def test_of_several_people_the_one_there_longest_is_read(tmp_path):
    lines = samples.PY_FEAT.splitlines()
    other = lines[1].replace("Person_0", "Person_1").replace("0.25", "0.99")
    recording = read(tmp_path, "\n".join([lines[0], other, *lines[1:]]), py_feat.read)
    assert recording.performance.channel("jawOpen").max() == 0.5
    assert any("2 people" in warning for warning in recording.warnings)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("mp4,1,", "mp4,0,", "row 3"),
        ("mp4,1,", "mp4,9,", "row 4"),
        ("mp4,1,", "mp4,one,", "row 3"),
        ("mp4,1,", "mp4,,", "row 3"),
        ("0.5,0.5,0.0", "0.5,nan,0.0", "row 3"),
        ("0.5,0.5,0.0", "0.5,1e20,0.0", "row 3"),
        ("0.5,0.5,0.0", "0.5,0.5,0.0,0.0", "row 3"),
        ("AU12", "AU01", "two columns"),
        (",frame,", ",image,", "frame"),
    ],
)
def test_a_wrong_py_feat_table_is_refused_with_its_row(tmp_path, old, new, words):
    with pytest.raises(FormatError, match=words) as caught:
        read(tmp_path, samples.PY_FEAT.replace(old, new), py_feat.read)
    assert "take.csv" in str(caught.value)
