import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.errors import FormatError
from mien.models.formats import facegood, read, read_recording

from . import samples_of_formats as samples


def archive(folder, **changes):
    path = folder / "take.npz"
    path.write_bytes(samples.facegood(**changes))
    return path


def test_facegoods_shapes_become_arkits_channels(tmp_path):
    recording = read_recording(archive(tmp_path))
    result = recording.performance
    assert result.channels == CHANNELS
    weights = np.linspace(0, 1, 12).reshape(4, 3)
    np.testing.assert_allclose(result.channel("jawOpen"), weights[:, 0], rtol=1e-6)
    np.testing.assert_allclose(result.channel("mouthPressLeft"), weights[:, 1], rtol=1e-6)
    assert "tooth_l" in recording.warnings[0]
    assert result.rate == pytest.approx(30)


def test_quarters_add_up_and_stay_at_one(tmp_path):
    names = [f"mouth_funnel_{part}" for part in ("dl", "dr", "ul", "ur")] + ["mouth_oh_c"]
    path = archive(
        tmp_path, channels=np.array(names), weights=np.array([[0.5] * 4 + [0], [1, 1, 1, 1, 1]])
    )
    np.testing.assert_allclose(read(path).channel("mouthFunnel"), [0.5, 1])


def test_arkits_names_stay_in_any_spelling(tmp_path):
    path = archive(tmp_path, channels=np.array(["JawOpen", "eyeBlink_L", "tail"]))
    assert read(path).channels == ("jawOpen", "eyeBlinkLeft", "tail")


@pytest.mark.shared
def test_the_shared_recordings_speak(shared):
    for file in sorted((shared / "speech" / "facegood").glob("*.npz")):
        recording = read_recording(file)
        result = recording.performance
        with np.load(file) as source:
            raw, names = source["weights"], source["channels"].tolist()
        assert len(result) == len(raw)
        assert result.rate == pytest.approx(30)
        jaw = raw[:, names.index("mouth_stretch_c")]
        np.testing.assert_allclose(result.channel("jawOpen"), np.clip(jaw, 0, 1), atol=1e-6)
        assert np.ptp(result.channel("mouthFunnel")) > 0.3
        assert result.weights.min() >= 0 and result.weights.max() <= 1
        # What is left out is told, and is nothing of the lips.
        told = " ".join(recording.warnings)
        for name in names:
            moves = np.ptp(raw[:, names.index(name)]) > 0.05
            if moves and not name.startswith(("tooth", "tongue", "mouth_stretch_u")):
                assert name not in told


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weights": None}, "needs the arrays"),
        ({"channels": None}, "needs the arrays"),
        ({"fps": None}, "needs the arrays"),
        ({"fps": np.array([30, 60])}, "fps"),
        ({"fps": np.float64("nan")}, "fps"),
        ({"fps": np.int64(0)}, "fps"),
        ({"fps": np.array("thirty")}, "fps"),
        ({"weights": np.zeros((4, 2))}, "shape"),
        ({"weights": np.zeros(4)}, "shape"),
        ({"weights": np.zeros((0, 3))}, "no frames"),
        ({"weights": np.array([["a", "b", "c"]])}, "shape"),
        ({"weights": np.array([[0, 0, 0], [0, np.nan, 0]])}, "frame 2"),
        ({"weights": np.array([[0, 0, 0], [0, 1e30, 0]])}, "frame 2"),
        ({"channels": np.array([1, 2, 3])}, "channels"),
        ({"channels": np.array(["a", "b", "c"])}, "no face channel"),
        ({"channels": np.array(["jawOpen", "JawOpen", "c"])}, "two columns"),
        ({"channels": np.array(["jawOpen", None, 3], dtype=object)}, "cannot|can be read"),
        ({"times": np.array([0, 1, 1, 2.0])}, "frame 3"),
        ({"times": np.array([0, 1, np.nan, 2.0])}, "frame 3"),
        ({"times": np.array([0, 1, 2, np.inf])}, "finite"),
        ({"times": np.zeros(3)}, "times"),
    ],
)
def test_a_wrong_archive_is_refused(tmp_path, changes, words):
    with pytest.raises(FormatError, match=words) as caught:
        facegood.read(archive(tmp_path, **changes))
    assert "take.npz" in str(caught.value)


def test_nothing_in_an_archive_is_run(tmp_path):
    path = tmp_path / "bomb.npz"
    # Unpickled, this would open a file.
    np.savez(path, weights=np.array([Bomb(tmp_path / "ran")]), channels=np.array(["jawOpen"]))
    with pytest.raises(FormatError, match="bomb"):
        read(path)
    assert not (tmp_path / "ran").exists()


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))
