# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights that Mien ships: what they promise, on a performer they never saw."""

import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.evaluate.metrics import peaks
from mien.models.gan.damage import PROTOCOL
from mien.models.gan.refine import refine
from mien.models.gan.runtime import FOLDER, fingerprint
from mien.models.performance import Performance
from mien.models.recipe import Recipe, Step, evaluate
from mien.models.training.card import read_card
from mien.models.training.clips import load_clip

RATE = 60.0


@pytest.fixture(scope="module")
def clean(shared):
    clip = load_clip(shared / "performances" / "eval" / "MySlate_164_iPhone_cal.csv", RATE)
    weights = clip.weights[:1200]
    return Performance(weights, np.arange(len(weights)) / RATE, CHANNELS)


def damaged(clean, name):
    weights, confidence = PROTOCOL[name].apply(clean.weights, RATE, np.random.default_rng(5))
    return clean.replace(weights=weights, confidence=confidence)


def rmse(one, other):
    return float(np.sqrt(np.mean((one.weights - other.weights) ** 2)))


@pytest.mark.shared
@pytest.mark.parametrize("live", [False, True])
def test_a_clean_take_is_left_alone(clean, live):
    assert rmse(refine(clean, live=live), clean) <= 0.002


@pytest.mark.shared
@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize(("name", "share"), [("white", 0.5), ("tracker", 0.85), ("all", 0.8)])
def test_tremble_and_losses_are_undone(clean, name, share, live):
    seen = damaged(clean, name)
    assert rmse(refine(seen, live=live), clean) < share * rmse(seen, clean)


@pytest.mark.shared
def test_blinks_keep_their_height(clean):
    blink = clean.channel("eyeBlinkLeft")[:, None]
    shut = peaks(blink)[:, 0] & (blink[:, 0] > 0.5)
    refined = refine(damaged(clean, "white")).channel("eyeBlinkLeft")
    assert shut.sum() >= 3
    assert np.median(np.abs(refined - blink[:, 0])[shut]) < 0.04


@pytest.mark.shared
def test_confident_frames_are_trusted_more(clean):
    seen = damaged(clean, "white")

    def change(confidence):
        sure = seen.replace(confidence=np.full(len(seen), confidence))
        return rmse(refine(sure), seen)

    assert change(1.0) < change(0.5) < change(0.2)


@pytest.mark.shared
def test_the_recipes_step_refines(clean):
    seen = damaged(clean, "white")
    result = evaluate(Recipe((Step("refine", {"strength": 1.0}),)), seen)
    assert result == refine(seen)


@pytest.mark.parametrize("name", ["offline.onnx", "live.onnx"])
def test_the_cards_say_what_the_weights_are(name):
    card = read_card(FOLDER / name)
    assert len(card.data) == 4
    assert all("MIT" in one["licence"] for one in card.data)
    assert not any("MySlate_16" in one["name"] for one in card.data)
    assert card.licence == "GPL-3.0-or-later"
    assert card.configuration["training"]["seed"] == card.seed
    assert card.sha256 in fingerprint()
