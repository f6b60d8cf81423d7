import numpy as np
import pytest
from mien.models import rotation
from mien.models.errors import FormatError
from mien.models.formats import face_cap

from . import samples_of_formats as samples


def read(folder, text):
    path = folder / "take.txt"
    path.write_text(text, encoding="utf-8")
    return face_cap.read(path)


def test_names_times_and_places_are_face_caps(tmp_path):
    result = read(tmp_path, samples.FACE_CAP).performance
    assert result.channels == (
        "browInnerUp", "eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "jawLeft", "mouthSmileLeft",
    )  # fmt: skip
    np.testing.assert_allclose(result.weights[1], [0.15, 0.25, 0.35, 0.45, 0.55, 0.65])
    assert result.rate == pytest.approx(60)
    np.testing.assert_allclose(result.head[0, 4:], [0.01, 0.02, -0.4])
    np.testing.assert_allclose(np.degrees(result.eyes[0]), [3, -4, 3.5, -4.5], rtol=1e-6)


def test_positive_angles_look_down_and_to_the_subjects_left():
    def nose(*angles):
        head = face_cap.head_from_values(np.array([[0, 0, 0, *angles]]))
        return rotation.turned(head[:, :4], (0, 0, 1))[0]

    assert nose(30, 0, 0)[1] == pytest.approx(-0.5)
    assert nose(0, 30, 0)[0] == pytest.approx(0.5)
    # Unity's order: the turn about Y comes last, so it leaves the nose's height alone.
    assert nose(30, 80, 10)[1] == pytest.approx(-0.5)


def test_uneven_times_stay_as_they_are(tmp_path):
    text = samples.FACE_CAP.replace("k,33,", "k,40,")
    np.testing.assert_allclose(read(tmp_path, text).performance.times, [0, 0.017, 0.04, 0.05])


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("0.15,0.25", "0.15", "line 4"),
        ("0.15,0.25", "0.15,0.2,0.25", "line 4"),
        ("0.15,", "nan,", "line 4"),
        ("0.15,", "1e40,", "line 4"),
        ("0.15,", "1_5,", "line 4"),
        ("0.15,", "zero,", "line 4"),
        ("k,33,", "k,10,", "line 5"),
        ("k,33,", "q,33,", "line 5"),
        ("k,50,", "k,33,", "line 6"),
        (",0.75\n", "", "line 6"),
        ("bs,", "info,", "line 3"),
        ("eyeBlink_R", "eyeBlinkLeft", "eyeBlinkLeft"),
        ("k,17", "bs,jawOpen\nk,17", "line 4"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, old, new, line):
    with pytest.raises(FormatError, match=line) as caught:
        read(tmp_path, samples.FACE_CAP.replace(old, new))
    assert "take.txt" in str(caught.value)


def test_frames_nearer_than_a_millisecond_cannot_be_written(tmp_path, performance_of):
    with pytest.raises(FormatError, match="millisecond"):
        face_cap.write(tmp_path / "x", performance_of(rate=5000))
    assert not list(tmp_path.iterdir())
