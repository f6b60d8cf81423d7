# SPDX-License-Identifier: GPL-3.0-or-later
import json

import pytest
from mien.models.errors import WeightsError
from mien.models.training.card import Card, read_card, read_network, write_network

CARD = Card(
    network="for a test",
    data=({"name": "walk", "licence": "MIT", "sha256": "0"},),
    licence="GPL-3.0-or-later",
    date="2000-01-31",
    seed=7,
    configuration={"training": {"epochs": 3}},
    figures={"rmse": 0.01},
    notes=("only a test",),
)


@pytest.fixture
def network(tmp_path):
    path = tmp_path / "folder" / "network.onnx"
    write_network(path, b"weights", CARD)
    return path


def test_what_is_written_is_read(network):
    assert read_network(network) == b"weights"
    card = read_card(network)
    assert (card.data[0]["licence"], card.date, card.seed) == ("MIT", "2000-01-31", 7)
    assert (card.configuration, card.figures) == (CARD.configuration, CARD.figures)
    assert card.notes == ("only a test",)
    assert len(card.sha256) == 64


def test_an_altered_network_is_refused(network):
    network.write_bytes(b"weightz")
    with pytest.raises(WeightsError, match="altered"):
        read_network(network)


def test_a_card_of_another_network_is_refused(network):
    other = network.with_name("other.onnx")
    write_network(other, b"others", CARD)
    network.with_suffix(".json").write_bytes(other.with_suffix(".json").read_bytes())
    with pytest.raises(WeightsError, match="altered"):
        read_network(network)


def test_missing_files_are_named(network):
    network.with_suffix(".json").unlink()
    with pytest.raises(WeightsError, match=r"network\.json” is missing: copy"):
        read_network(network)


def test_a_missing_network_is_named(network):
    network.unlink()
    with pytest.raises(WeightsError, match=r"network\.onnx” is missing: copy"):
        read_network(network)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"network": 1}', "null", '{"data": 3}'])
def test_a_damaged_card_is_refused(network, text):
    network.with_suffix(".json").write_text(text)
    with pytest.raises(WeightsError, match="damaged"):
        read_network(network)


def test_a_card_is_plain_json_that_a_person_can_read(network):
    text = network.with_suffix(".json").read_text()
    assert json.loads(text)["date"] == "2000-01-31"
    assert "\n" in text


def test_a_network_trained_again_replaces_the_old_one(network):
    write_network(network, b"better weights", CARD)
    assert read_network(network) == b"better weights"
    assert sorted(path.name for path in network.parent.iterdir()) == [
        "network.json",
        "network.onnx",
    ]
