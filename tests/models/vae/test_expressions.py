# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions sampled, gone between, found, and moved along axes."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.arkit import CHANNELS, REGIONS
from mien.models.errors import (
    ActionUnitError,
    PerformanceError,
    RecipeError,
    SamplingError,
    TrainingError,
    WeightsError,
)
from mien.models.performance import Performance
from mien.models.vae.axes import along, axes
from mien.models.vae.between import between
from mien.models.vae.emotions import emotion_weights, emotions
from mien.models.vae.find import find
from mien.models.vae.runtime import ExpressionModel, MotionModel
from mien.models.vae.sample import sample_expressions, sample_motions
from mien.models.vae.transitions import measured, transitions

MODEL = ExpressionModel()
MOTIONS = MotionModel(Path(__file__).parent / "tiny")
REST = np.zeros(52, np.float32)


# Samples


def test_expressions_are_faces_of_their_seeds():
    faces = sample_expressions(5, 3, model=MODEL)
    assert faces.shape == (5, 52) and faces.min() >= 0 and faces.max() <= 1
    np.testing.assert_array_equal(sample_expressions(1, 5, model=MODEL)[0], faces[2])
    assert np.ptp(faces, axis=0).max() > 0.1


@pytest.mark.parametrize("emotion", [name for name in emotions() if name != "neutral"])
def test_each_emotion_moves_its_units_and_no_others(emotion):
    goal = emotion_weights(emotion)
    faces = sample_expressions(8, 0, emotion=emotion, model=MODEL)
    # Whatever may come with it, all at once.
    may = np.max([emotion_weights(emotion, np.random.default_rng(n)) for n in range(60)], axis=0)
    own, others = goal >= 0.3, may == 0
    assert (faces[:, own].mean(axis=0) / goal[own]).mean() > 0.55
    assert (faces[:, own].mean(axis=0) > 0.1).all()
    assert faces[:, others].mean() < 0.03
    assert np.abs(faces - faces[0]).max() > 0.1


def test_contempt_shows_on_one_side():
    faces = sample_expressions(8, 0, emotion="contempt", model=MODEL)
    left, right = (faces[:, CHANNELS.index(f"mouthSmile{side}")] for side in ("Left", "Right"))
    assert right.mean() > 2 * left.mean() and right.mean() > 0.3


def test_temperature_0_gives_the_usual_face():
    faces = sample_expressions(3, 0, 0.0, "joy", model=MODEL)
    np.testing.assert_allclose(faces, faces[:1].repeat(3, 0), atol=1e-6)


def test_only_regions_that_are_asked_for_move():
    faces = sample_expressions(6, 0, regions=["brows"], model=MODEL)
    brows = [CHANNELS.index(name) for name in REGIONS["brows"]]
    assert faces[:, brows].max() > 0
    assert not np.delete(faces, brows, axis=1).any()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"count": 0}, SamplingError),
        ({"count": -3}, SamplingError),
        ({"count": 1, "temperature": -1}, SamplingError),
        ({"count": 1, "temperature": -1, "emotion": "joy"}, SamplingError),
        ({"count": 0, "emotion": "joy"}, SamplingError),
        ({"count": 1, "seed": -1}, SamplingError),
        ({"count": 1, "emotion": "glee"}, ActionUnitError),
        ({"count": 1, "regions": ["chin"]}, RecipeError),
    ],
)
def test_what_cannot_be_sampled_is_said(arguments, error):
    with pytest.raises(error):
        sample_expressions(**arguments, model=MODEL)


def test_motions_are_as_long_as_asked_and_of_their_seeds():
    made = sample_motions(2, 3.0, 4, rate=48, motions=MOTIONS)
    for one in made:
        assert one.duration == pytest.approx(3.0) and one.rate == pytest.approx(48)
        assert one.head is not None and one.eyes is not None
        assert one.weights.min() >= 0 and one.weights.max() <= 1
    assert sample_motions(1, 3.0, 5, rate=48, motions=MOTIONS)[0] == made[1]
    assert made[0] != made[1]


def test_motions_by_region_and_of_an_emotion():
    plain, sad = (
        sample_motions(
            1, 2.0, 1, emotion=emotion, regions=["brows"], motions=MOTIONS, expressions=MODEL
        )[0]
        for emotion in (None, "sadness")
    )
    assert not sad.channel("mouthFrownLeft").any()
    assert not np.array_equal(sad.channel("browInnerUp"), plain.channel("browInnerUp"))


@pytest.mark.parametrize(
    "arguments",
    [
        {"count": 0, "seconds": 1},
        {"count": 1, "seconds": 0},
        {"count": 1, "seconds": float("inf")},
        {"count": 1, "seconds": 1, "rate": 1000},
        {"count": 1, "seconds": 1, "seed": -1},
        {"count": 1, "seconds": 1, "temperature": -0.5},
    ],
)
def test_motions_that_cannot_be_are_refused(arguments):
    with pytest.raises(SamplingError):
        sample_motions(**arguments, motions=MOTIONS)


# Between


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 999), seconds=st.floats(0.02, 2), rate=st.sampled_from([24, 30, 60]))
def test_between_starts_and_ends_where_it_should(seed, seconds, rate):
    ends = np.random.default_rng(seed).random((2, 52)).astype(np.float32)
    made = between(*ends, seconds, rate, MODEL)
    assert np.abs(made.weights[[0, -1]] - ends).max() <= 0.01
    assert made.duration == pytest.approx(seconds)
    measured_range = transitions()
    low = np.minimum(measured_range.lowest, ends.min(axis=0)) - 1e-6
    high = np.maximum(measured_range.highest, ends.max(axis=0)) + 1e-6
    assert np.all((made.weights >= low) & (made.weights <= high))


def test_between_begins_and_ends_gently_and_without_jumps():
    made = between(REST, emotion_weights("joy"), 0.5, 60, MODEL)
    smile = made.channel("mouthSmileLeft")
    steps = np.diff(smile)
    assert steps.min() > -0.01
    assert steps[0] < 0.5 * steps.max() and steps[-1] < 0.5 * steps.max()
    assert np.abs(np.diff(made.weights, axis=0)).max() < 0.2
    assert np.abs(np.diff(smile, 2)).max() < 0.04


def test_brows_rise_faster_at_first_than_they_fall():
    course = transitions()
    moments = np.linspace(0, 1, 11)
    rise, fall = (course.course("brows", rising).at(moments) for rising in (True, False))
    for each in (rise, fall):
        assert each[0] == 0 and each[-1] == pytest.approx(1)
        assert np.all(np.diff(each) >= 0)
    assert rise[3] > fall[3]


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), 1e6])
def test_a_way_takes_time(seconds):
    with pytest.raises(SamplingError):
        between(REST, REST, seconds, model=MODEL)


@pytest.mark.parametrize("wrong", [np.zeros(51), np.full(52, np.nan), "joy", np.zeros((2, 52))])
def test_ends_are_expressions(wrong):
    with pytest.raises(PerformanceError, match="first expression"):
        between(wrong, REST, 1, model=MODEL)
    with pytest.raises(PerformanceError, match="last expression"):
        between(REST, wrong, 1, model=MODEL)


def test_movements_are_measured_as_they_are(tmp_path):
    times = np.arange(600) / 60
    eased = 0.5 - 0.5 * np.cos(np.pi * np.clip((times % 2) / 0.5, 0, 1))
    fall = np.clip((times % 2 - 1) / 0.4, 0, 1)
    weights = np.zeros((600, 52))
    weights[:, CHANNELS.index("mouthSmileLeft")] = 0.8 * eased * (1 - fall)
    found = measured([Performance(weights, times)])
    assert found["range"]["mouthSmileLeft"] == [0, pytest.approx(0.8)]
    rise = found["rise"]["mouth"]
    assert rise["count"] == 5 and rise["seconds"][1] == pytest.approx(0.45, abs=0.07)
    assert rise["share"][5] == pytest.approx(0.5, abs=0.03)
    assert found["fall"]["mouth"]["seconds"][1] == pytest.approx(0.4, abs=0.05)
    with pytest.raises(TrainingError, match="too little"):
        measured([Performance(np.zeros((10, 52)), np.arange(10.0))])
    table = tmp_path / "transitions.json"
    table.write_text(json.dumps(found))
    assert transitions(table).rise["mouth"].count == 5
    table.write_text("{}")
    with pytest.raises(WeightsError, match="restore"):
        transitions(table)


# Find


@pytest.fixture(scope="module")
def takes():
    times = np.arange(300) / 60
    smile = np.zeros((300, 52), np.float32)
    for side in ("Left", "Right"):
        smile[:, CHANNELS.index(f"mouthSmile{side}")] = 0.8 * np.exp(-((times - 2) ** 2) * 8)
        smile[:, CHANNELS.index(f"cheekSquint{side}")] = 0.7 * np.exp(-((times - 2) ** 2) * 8)
    frown = np.zeros_like(smile)
    frown[:, CHANNELS.index("browDownLeft")] = np.exp(-((times - 4) ** 2) * 8)
    return [Performance(frown, times), Performance(smile, times)]


@pytest.mark.parametrize("by", ["cosine", "latents", "weights"])
def test_the_moment_most_like_joy_is_the_smile(by, takes):
    moments = find(takes, emotion_weights("joy"), 3, by, model=MODEL)
    assert len(moments) == 3
    assert moments[0].take == 1 and moments[0].time == pytest.approx(2, abs=0.4)
    assert [m.likeness for m in moments] == sorted((m.likeness for m in moments), reverse=True)
    again = [m for m in moments if m.take == 1]
    assert all(abs(a.time - b.time) >= 1 for a in again for b in again if a is not b)


def test_only_regions_that_count_are_compared(takes):
    brow = np.zeros(52)
    brow[CHANNELS.index("browDownLeft")] = 0.5
    brow[CHANNELS.index("mouthSmileLeft")] = 1.0
    for by in ("cosine", "latents"):
        best = find(takes, brow, 1, by, regions=["brows"], model=MODEL)[0]
        assert best.take == 0 and best.time == pytest.approx(4, abs=0.3)


def test_moments_without_a_face_are_not_found(takes):
    unseen = takes[1].replace(confidence=np.where(np.abs(takes[1].times - 2) < 1, 0, 1))
    assert all(abs(m.time - 2) >= 1 for m in find([unseen], emotion_weights("joy"), 5))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"count": 0}, SamplingError),
        ({"takes": []}, SamplingError),
        ({"apart": -1}, SamplingError),
        ({"regions": ["chin"]}, RecipeError),
        ({"regions": []}, SamplingError),
        ({"expression": np.zeros(3)}, PerformanceError),
        ({"expression": np.full(52, np.inf)}, PerformanceError),
    ],
)
def test_what_cannot_be_found_is_said(arguments, error, takes):
    with pytest.raises(error):
        find(**{"takes": takes, "expression": emotion_weights("joy"), **arguments})


# Axes


def test_axes_have_names_of_their_own_and_do_what_they_say():
    known = axes(8, MODEL)
    assert len({axis.name for axis in known}) == 8
    shares = [axis.share for axis in known]
    assert shares == sorted(shares, reverse=True) and sum(shares) > 0.5
    assert all(
        np.array_equal(a.direction, b.direction) for a, b in zip(known, axes(8, MODEL), strict=True)
    )
    face = Performance(sample_expressions(1, 2, 0.5, model=MODEL) * 0.5, [0.0])
    for axis in known[:4]:
        strongest = int(np.argmax(np.abs(axis.effect)))
        moved = along(face, {axis.name: 1.5}, known, MODEL).weights[0]
        assert (moved - face.weights[0])[strongest] * axis.effect[strongest] > 0


def test_sliders_at_nothing_change_nothing():
    known = axes(3, MODEL)
    face = Performance(REST[None], [0.0])
    assert along(face, {axis.name: 0.0 for axis in known}, known, MODEL) is face
    with pytest.raises(SamplingError, match="no axis"):
        along(face, {"wings": 1.0}, known, MODEL)
    with pytest.raises(SamplingError, match="−3 to 3"):
        along(face, {known[0].name: 4.0}, known, MODEL)


@pytest.mark.parametrize("count", [0, -1, 13])
def test_there_are_only_so_many_axes(count):
    with pytest.raises(SamplingError, match="1 to 12"):
        axes(count, MODEL)
