# SPDX-License-Identifier: GPL-3.0-or-later
"""Emotions as data: names, blends, tables of one's own."""

import json

import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.errors import ActionUnitError
from mien.models.vae.emotions import blend, emotion_weights, emotions, strength

WANTED = {"neutral", "joy", "sadness", "anger", "fear", "surprise", "disgust", "contempt"}


def test_the_emotions_asked_for_are_there_and_show():
    assert set(emotions()) >= WANTED
    assert not emotion_weights("neutral").any()
    for name in WANTED - {"neutral"}:
        face = emotion_weights(name)
        assert face.shape == (len(CHANNELS),)
        assert 0.3 < face.max() <= 1 and face.min() >= 0


def test_a_blend_shows_each_of_its_parts_as_strongly_as_it_says():
    assert blend("joy:0.5 + surprise:0.25") == {"joy": 0.5, "surprise": 0.25}
    assert blend("joy,fear") == {"joy": 0.5, "fear": 0.5}
    both = emotion_weights("joy:0.5+surprise:0.5")
    expected = np.maximum(emotion_weights("joy") / 2, emotion_weights("surprise") / 2)
    np.testing.assert_allclose(both, expected, atol=1e-6)
    assert strength("joy:0.5+neutral:0.5") == 0.5
    assert strength("neutral") == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("glee", "There is no emotion “glee”; there are neutral, joy"),
        ("", "no emotion"),
        ("joy:2", "from 0 to 1"),
        ("joy:much", "from 0 to 1"),
        ("joy:nan", "from 0 to 1"),
    ],
)
def test_what_is_no_emotion_is_said_so(text, reason):
    with pytest.raises(ActionUnitError, match=reason):
        emotion_weights(text)


def test_a_table_of_ones_own(tmp_path):
    table = tmp_path / "emotions.json"
    rows = {"calm": {"units": []}, "sly": {"units": ["L12C", "7B"], "at_times": ["R2E"]}}
    table.write_text(json.dumps({"emotions": rows}))
    face = emotion_weights("sly", table=table)
    assert face[CHANNELS.index("mouthSmileLeft")] == pytest.approx(0.6)
    assert face[CHANNELS.index("mouthSmileRight")] == 0
    drawn = [emotion_weights("sly", np.random.default_rng(seed), table) for seed in range(20)]
    brows = [one[CHANNELS.index("browOuterUpRight")] for one in drawn]
    assert min(brows) == 0 and 0.3 < max(brows) <= 1
    table.write_text(json.dumps({"emotions": {"sly": {"units": ["99"]}}}))
    with pytest.raises(ActionUnitError, match="no action unit 99"):
        emotions(table)
    for damaged in ("", "[]", '{"emotions": {"sly": 3}}'):
        table.write_text(damaged)
        with pytest.raises(ActionUnitError, match="restore or correct"):
            emotions(table)
