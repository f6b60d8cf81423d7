# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes varied and directed by the networks that are shipped."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.arkit import CHANNELS, REGIONS
from mien.models.errors import ActionUnitError, PerformanceError, RecipeError, SamplingError
from mien.models.performance import Performance
from mien.models.recipe import Recipe, Step, evaluate
from mien.models.vae.direct import direct
from mien.models.vae.emotions import emotion_weights, emotions
from mien.models.vae.frames import all_but, frames_of
from mien.models.vae.lips import CLOSED, opening
from mien.models.vae.runtime import ExpressionModel
from mien.models.vae.vary import variations, vary

EMOTIONS = [name for name in emotions() if name != "neutral"]


@pytest.fixture(scope="module")
def model():
    return ExpressionModel()


def column(name):
    return CHANNELS.index(name)


@pytest.fixture(scope="module")
def speech():
    """Three seconds of a mouth that speaks, with closures, a smile that comes, and a blink."""
    times = np.arange(180) / 60
    weights = np.zeros((180, 52), np.float32)
    opened = np.maximum(np.sin(2 * np.pi * 2.5 * times), 0) ** 1.5
    weights[:, column("jawOpen")] = 0.05 + 0.4 * opened
    weights[:, column("mouthClose")] = 0.05
    weights[:, column("mouthFunnel")] = 0.2 * opened
    for side in ("Left", "Right"):
        weights[:, column(f"mouthSmile{side}")] = 0.3 * np.clip(times - 1, 0, 1)
        weights[:, column(f"eyeBlink{side}")] = np.exp(-(((times - 1.5) / 0.05) ** 2))
        weights[:, column(f"eyeLookDown{side}")] = 0.2
    return Performance(weights, times)


def closures(performance):
    return opening(frames_of(performance)) <= CLOSED


# Variations


def test_variations_differ_by_seed_and_are_the_same_for_one(speech, model):
    made = list(variations(speech, 3, 1.0, 5, model=model))
    assert len(made) == 3
    assert all(one.weights.min() >= 0 and one.weights.max() <= 1 for one in made)
    assert vary(speech, 1.0, 6, model=model) == made[1]
    assert not np.array_equal(made[0].weights, made[1].weights)
    assert all(np.abs(one.weights - speech.weights).max() > 0.05 for one in made)


def test_an_amount_of_nothing_is_the_take_itself(speech, model):
    assert vary(speech, 0, 1, model=model) is speech
    assert vary(speech, 1, 1, regions=(), model=model) is speech


def test_the_distance_grows_with_the_amount(speech, model):
    far = [
        np.sqrt(np.mean((vary(speech, amount, 2, model=model).weights - speech.weights) ** 2))
        for amount in (0.01, 0.5, 1.0, 2.0)
    ]
    assert far[0] < 0.002
    assert far == sorted(far)


@pytest.mark.parametrize("region", REGIONS)
def test_regions_that_are_kept_stay_exactly(region, speech, model):
    made = vary(speech, 2.0, 3, all_but([region]), model)
    for name in REGIONS[region]:
        np.testing.assert_array_equal(made.channel(name), speech.channel(name))
    assert not np.array_equal(made.weights, speech.weights)


def test_a_kept_mouth_keeps_its_closures(speech, model):
    for seed in range(4):
        made = vary(speech, 3.0, seed, all_but(["mouth"]), model)
        apart = np.abs(opening(frames_of(made)) - opening(frames_of(speech)))
        assert apart[closures(speech)].max() <= 0.02


def test_closed_lips_and_shut_eyes_stay_so_and_gaze_stays(speech, model):
    made = vary(speech, 2.0, 4, model=model)
    assert opening(frames_of(made))[closures(speech)].max() <= CLOSED + 0.02
    shut = speech.channel("eyeBlinkLeft") > 0.7
    assert made.channel("eyeBlinkLeft")[shut].min() > 0.7
    np.testing.assert_array_equal(
        made.channel("eyeLookDownLeft"), speech.channel("eyeLookDownLeft")
    )


def test_one_frame_and_few_channels_can_be_varied(model):
    smile = Performance([[0.7, 0.2]], [0.0], ("mouthSmileLeft", "tail"))
    made = vary(smile, 1.0, 1, model=model)
    assert made.channel("tail") == np.float32(0.2)
    assert made.channel("mouthSmileLeft") != smile.channel("mouthSmileLeft")


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"count": 0}, SamplingError, "at least 1"),
        ({"amount": -0.1}, SamplingError, "0 or more"),
        ({"amount": float("nan")}, SamplingError, "0 or more"),
        ({"seed": -1}, RecipeError, "seed"),
        ({"regions": ["chin"]}, RecipeError, "no region “chin”"),
        ({"regions": {"brows": 2}}, RecipeError, "between 0 and 1"),
    ],
)
def test_what_cannot_be_varied_is_said_at_once(arguments, error, words, speech, model):
    with pytest.raises(error, match=words):
        variations(speech, **{"count": 1, **arguments}, model=model)


def test_a_performance_of_other_channels_is_refused(model):
    tail = Performance([[0.1]], [0.0], ("tail",))
    with pytest.raises(PerformanceError, match="ARKit"):
        vary(tail, model=model)
    with pytest.raises(PerformanceError, match="ARKit"):
        direct(tail, model=model)


# Directing


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_speech_stays_readable(emotion, speech, model):
    before = opening(frames_of(speech))
    directed = direct(speech, emotion, 1.0, model=model)
    after = opening(frames_of(directed))
    assert np.corrcoef(before, after)[0, 1] >= 0.95
    assert after[closures(speech)].max() <= CLOSED
    for name in ("mouthUpperUpLeft", "mouthLowerDownLeft"):
        shut = before <= 0.01
        risen = directed.channel(name)[shut] - speech.channel(name)[shut]
        assert risen.max() < 0.02, name


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_an_emotion_shows_the_more_the_higher_its_intensity(emotion, speech, model):
    goal = emotion_weights(emotion)
    own = [name for name in CHANNELS if goal[column(name)] >= 0.3]
    own = [name for name in own if not name.startswith(("jaw", "mouthL", "mouthU", "mouthS"))]
    made = [direct(speech, emotion, i, model=model).weights for i in (0, 0.25, 0.5, 0.75, 1.0)]
    np.testing.assert_array_equal(made[0], speech.weights)
    steps = np.diff(np.stack(made), axis=0)
    # Each channel of each frame goes one way only, but for rounding.
    rises, falls = (steps > 1e-4).any(axis=0), (steps < -1e-4).any(axis=0)
    assert (rises & falls).mean() < 0.001
    shown = [one[:, [column(name) for name in own]].mean() for one in made]
    assert shown == sorted(shown) and shown[-1] > shown[0] + 0.05


def test_intensity_nothing_is_the_take_itself(speech):
    assert direct(speech, "joy", 0) is speech


def test_neutral_calms(speech, model):
    calm = direct(speech, "neutral", 1.0, model=model)
    assert calm.channel("mouthSmileLeft").max() < 0.6 * speech.channel("mouthSmileLeft").max()


def test_motion_is_no_rougher_than_the_take(speech, model):
    def roughness(performance):
        return np.abs(np.diff(performance.weights, 2, axis=0)).mean()

    for emotion in ("joy", "fear", "anger"):
        assert roughness(direct(speech, emotion, 1.0, model=model)) < 1.5 * roughness(speech)


def test_without_speech_the_mouth_follows_the_emotion(speech, model):
    surprised = direct(speech, "surprise", 1.0, speech=False, model=model)
    assert opening(frames_of(surprised))[closures(speech)].max() > 0.1


def test_a_still_face_may_open_its_mouth(model):
    still = Performance(np.zeros((30, 52)), np.arange(30) / 30)
    assert direct(still, "surprise", 1.0, model=model).channel("jawOpen").max() > 0.1


@pytest.mark.parametrize("intensity", [-0.1, 1.1, float("nan")])
def test_an_intensity_outside_is_said_so(intensity, speech):
    with pytest.raises(SamplingError, match="between 0 and 1"):
        direct(speech, "joy", intensity)


def test_an_unknown_emotion_is_said_so(speech):
    with pytest.raises(ActionUnitError, match="glee"):
        direct(speech, "glee", 0.5)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), emotion=st.sampled_from(EMOTIONS), share=st.floats(0.1, 1))
def test_any_face_stays_within_its_range(seed, emotion, share):
    frames = np.random.default_rng(seed).random((4, 52)) * 1.05
    performance = Performance(frames, np.arange(4) / 30)
    for made in (
        direct(performance, emotion, share, model=MODEL),
        vary(performance, 3 * share, seed, model=MODEL),
    ):
        assert made.weights.min() >= 0
        assert np.all(made.weights <= np.maximum(performance.weights, 1))


MODEL = ExpressionModel()


def test_both_are_steps_of_a_recipe(speech, model):
    recipe = Recipe(
        (
            Step("vary", {"seed": 2, "regions": {"brows": 1}}),
            Step("direct", {"emotion": "sadness", "intensity": 0.5}),
        )
    )
    varied = vary(speech, 1.0, 2, {"brows": 1.0}, model)
    assert evaluate(recipe, speech) == direct(varied, "sadness", 0.5, model=model)
