# SPDX-License-Identifier: GPL-3.0-or-later
"""A face mixed from emotions and axes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.arkit import CHANNELS
from mien.models.errors import ActionUnitError, SamplingError
from mien.models.performance import Performance
from mien.models.vae.axes import along, axes
from mien.models.vae.direct import direct
from mien.models.vae.emotions import emotions
from mien.models.vae.frames import GAZE
from mien.models.vae.mix import FaceMix
from mien.models.vae.runtime import ExpressionModel

SMILE = CHANNELS.index("mouthSmileLeft")
INNER_BROW = CHANNELS.index("browInnerUp")


@pytest.fixture(scope="module")
def model():
    return ExpressionModel()


@pytest.fixture(scope="module")
def known(model):
    return axes(8, model)


@pytest.fixture
def face():
    weights = np.zeros(len(CHANNELS), np.float32)
    weights[[SMILE, SMILE + 1]] = 0.3
    return weights


def test_sliders_at_rest_change_nothing(model, known, face):
    mix = FaceMix(face, model, known)
    still = mix.change(dict.fromkeys(emotions(), 0.0), {axis.name: 0.0 for axis in known})
    assert still.shape == (52,) and not still.any()


@pytest.mark.parametrize("intensity", [0.3, 1.0])
def test_one_emotion_is_what_direct_makes_of_the_frame(intensity, model, known, face):
    mixed = face + FaceMix(face, model, known).change({"sadness": intensity}, {})
    performance = Performance(face[None], np.zeros(1))
    directed = direct(performance, "sadness", intensity, model=model)
    np.testing.assert_allclose(np.clip(mixed, 0, 1), directed.weights[0], atol=1e-6)


def test_one_axis_is_what_along_makes_of_the_frame(model, known, face):
    mixed = face + FaceMix(face, model, known).change({}, {known[0].name: 1.5})
    performance = Performance(face[None], np.zeros(1))
    moved = along(performance, {known[0].name: 1.5}, known, model)
    np.testing.assert_allclose(np.clip(mixed, 0, 1), moved.weights[0], atol=1e-6)


def test_two_emotions_show_both(model, known, face):
    mix = FaceMix(face, model, known)
    joy, surprise = mix.change({"joy": 1.0}, {}), mix.change({"surprise": 1.0}, {})
    both = mix.change({"joy": 1.0, "surprise": 1.0}, {})
    assert both[SMILE] > 0.3 and both[INNER_BROW] > 0.3
    assert np.all(both <= np.maximum(joy, surprise) + 1e-6)
    assert np.all(both >= joy + surprise - np.maximum(joy, surprise) - 1e-6)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["joy", "anger", "fear"]), st.floats(0, 1), max_size=3),
    st.lists(st.floats(-3, 3), min_size=8, max_size=8),
)
def test_any_mix_is_finite_and_leaves_the_gaze(felt, values):
    model = ExpressionModel()
    known = axes(8, model)
    face = np.full(len(CHANNELS), 0.25)
    named = {axis.name: value for axis, value in zip(known, values, strict=True)}
    change = FaceMix(face, model, known).change(felt, named)
    assert np.all(np.isfinite(change)) and not change[GAZE].any()


def test_what_is_unknown_is_refused(model, known, face):
    mix = FaceMix(face, model, known)
    with pytest.raises(ActionUnitError):
        mix.change({"hunger": 0.5}, {})
    with pytest.raises(SamplingError, match="0 to 1"):
        mix.change({"joy": 1.5}, {})
    with pytest.raises(SamplingError, match="no axis"):
        mix.change({}, {"Third eye": 1.0})
    with pytest.raises(SamplingError, match="−3 to 3"):
        mix.change({}, {known[0].name: 4.0})
