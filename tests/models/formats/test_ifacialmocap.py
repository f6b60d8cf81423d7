import numpy as np
import pytest
from mien.models import rotation
from mien.models.arkit import CHANNELS, EYE_LOOK_DOWN, EYE_LOOK_SIDEWAYS
from mien.models.errors import FormatError
from mien.models.formats import ifacialmocap

from . import samples_of_formats as samples


def read(folder, text):
    path = folder / "take.txt"
    path.write_text(text, encoding="utf-8")
    return ifacialmocap.read(path)


def test_the_example_of_the_apps_page_is_read(tmp_path):
    recording = read(tmp_path, samples.IFACIALMOCAP)
    result = recording.performance
    assert set(result.channels) == set(CHANNELS)
    assert result.channel("mouthShrugUpper")[0] == pytest.approx(0.26)
    assert result.channel("mouthStretchRight")[0] == pytest.approx(0.21)
    assert result.rate == pytest.approx(60)
    assert any("60 frames" in warning for warning in recording.warnings)
    np.testing.assert_allclose(result.head[0, 4:], [-0.030653415, -0.10287084, -0.6584072])
    angles = np.degrees(rotation.to_yaw_pitch_roll(result.head[:, :4]))[0]
    np.testing.assert_allclose(angles, [-6.038993, -21.488958, -6.6019735], rtol=1e-5)


def test_the_examples_eyes_look_where_its_eye_look_weights_say(tmp_path):
    result = read(tmp_path, samples.IFACIALMOCAP).performance
    left_pitch, left_yaw, right_pitch, right_yaw = result.eyes[0]
    down = result.channel("eyeLookDownLeft")[0] * EYE_LOOK_DOWN
    assert left_pitch == pytest.approx(down, abs=0.01)
    assert right_pitch == pytest.approx(down, abs=0.01)
    # Inward is to the subject's left for the right eye, to the right for the left eye.
    inward = result.channel("eyeLookInRight")[0] * EYE_LOOK_SIDEWAYS
    assert right_yaw == pytest.approx(inward, abs=0.01)
    inward = result.channel("eyeLookInLeft")[0] * EYE_LOOK_SIDEWAYS
    assert left_yaw == pytest.approx(-inward, abs=0.01)


def test_the_second_version_tcp_and_times_are_read(tmp_path):
    frame = samples.IFACIALMOCAP_FRAME
    second = frame.split("=")[0].replace("-", "&") + "=" + frame.split("=")[1]
    plain = read(tmp_path, samples.IFACIALMOCAP).performance
    assert read(tmp_path, "\n".join([second] * 4)).performance == plain
    joined = "___iFacialMocap".join([frame] * 4) + "___iFacialMocap"
    assert read(tmp_path, joined).performance == plain
    timed = "\n".join(f"{time}\t{second}" for time in (0.5, 0.75, 1.25))
    recording = read(tmp_path, timed)
    np.testing.assert_allclose(recording.performance.times, [0, 0.25, 0.75])
    assert recording.warnings == ()


def test_facemotion3ds_own_values_are_left_out_and_told(tmp_path):
    frame = "jawOpen&40|eyeBlinkLeft&100|FM_SAD&7|=head#1,2,3,0,0,0|"
    recording = read(tmp_path, f"{frame}\n{frame}\n")
    assert recording.performance.channels == ("jawOpen", "eyeBlinkLeft")
    np.testing.assert_allclose(recording.performance.weights[0], [0.4, 1])
    assert any("FM_SAD" in warning for warning in recording.warnings)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda frame: frame[:300], "line 3"),
        (lambda frame: frame[:-1], "line 3"),
        (lambda frame: frame.replace("jawOpen-12|", ""), "line 3"),
        (lambda frame: frame.replace("jawOpen-12", "jawOpen-nan"), "line 3"),
        (lambda frame: frame.replace("jawOpen-12", "jawOpen-1e30"), "line 3"),
        (lambda frame: frame.replace("jawOpen-12", "jawOpen-12|jawOpen-12"), "line 3"),
        (lambda frame: frame.replace("jawOpen-12", "jawOpen"), "line 3"),
        (lambda frame: frame.replace("-0.6584072", "-0.6584072,1"), "line 3"),
        (lambda frame: frame.replace("head#-21.488958", "head#left"), "line 3"),
        (lambda frame: "0.5\t" + frame, "line 1"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, change, line):
    frame = samples.IFACIALMOCAP_FRAME
    with pytest.raises(FormatError, match=line) as caught:
        read(tmp_path, "\n".join([frame, frame, change(frame), frame]))
    assert "take.txt" in str(caught.value)


def test_times_that_go_back_are_refused(tmp_path):
    frame = samples.IFACIALMOCAP_FRAME
    with pytest.raises(FormatError, match="line 3"):
        read(tmp_path, "\n".join(f"{time}\t{frame}" for time in (0.5, 0.75, 0.7, 0.8)))
