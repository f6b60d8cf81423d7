"""Weight files: used only if they are what their card says."""

import numpy as np
import pytest
from mien.models.capture import weights
from mien.models.capture.weights import CARD, Network, library, read_weights
from mien.models.errors import WeightsError


def test_a_network_maps_named_outputs(tracker_weights):
    network = Network("blendshapes", folder=tracker_weights)
    points = np.random.default_rng(0).random((1, 146, 2), np.float32)
    assert network.run(points)["weights"].shape == (52,)


def test_a_missing_file_says_what_brings_it(tracker_weights):
    (tracker_weights / "landmarks.onnx").unlink()
    with pytest.raises(WeightsError, match=r"landmarks\.onnx” is missing: run `python build\.py"):
        Network("landmarks", folder=tracker_weights)


def test_an_altered_file_is_not_used(tracker_weights):
    path = tracker_weights / "landmarks.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="altered or is damaged"):
        Network("landmarks", folder=tracker_weights)


@pytest.mark.parametrize("card", ["", "{}", '{"files": []}', "[1]"])
def test_a_damaged_card(tracker_weights, card):
    (tracker_weights / CARD).write_text(card)
    with pytest.raises(WeightsError, match="does not describe"):
        read_weights("landmarks.onnx", tracker_weights)


def test_a_missing_card(tracker_weights):
    (tracker_weights / CARD).unlink()
    with pytest.raises(WeightsError, match=r"weights\.json” is missing"):
        read_weights("landmarks.onnx", tracker_weights)


def test_a_file_that_fits_its_card_but_is_no_network(tracker_weights):
    import hashlib
    import json

    (tracker_weights / "landmarks.onnx").write_bytes(b"no network")
    card = json.loads((tracker_weights / CARD).read_text())
    card["files"]["landmarks.onnx"]["sha256"] = hashlib.sha256(b"no network").hexdigest()
    (tracker_weights / CARD).write_text(json.dumps(card))
    with pytest.raises(WeightsError, match="cannot load"):
        Network("landmarks", folder=tracker_weights)


def test_a_library_that_is_too_old_or_missing(monkeypatch):
    library.cache_clear()
    monkeypatch.setitem(weights._OLDEST, "cv2", (99, 0))
    with pytest.raises(WeightsError, match=r"OpenCV .* is too old, 99\.0 is needed"):
        library("cv2")
    monkeypatch.setattr(weights, "import_module", _raise_import_error)
    with pytest.raises(WeightsError, match="OpenCV cannot be loaded"):
        library("cv2")
    library.cache_clear()


def _raise_import_error(name):
    raise ImportError(f"no module named {name}")
