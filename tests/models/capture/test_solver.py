# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien's solver on a real clip: rest is zero, lost stays lost, a new rest needs no footage."""

import dataclasses

import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.capture.again import solved_again
from mien.models.capture.capture import CaptureOptions, capture
from mien.models.capture.solver.blinks import blink_gain, with_full_blinks
from mien.models.capture.solver.rest import found_rest, lids_from_usual, lip_gap
from mien.models.capture.solver.solve import APPEARANCE, FOLDER, Solver, solved
from mien.models.errors import PerformanceError, TakeError, WeightsError
from mien.models.take import write_take


@pytest.fixture(scope="module")
def solver():
    return Solver()


@pytest.fixture(scope="module")
def seen(carphone):
    return capture(carphone, CaptureOptions(threads=1, solver="mien"))


@pytest.fixture
def take(seen, tmp_path):
    return write_take(
        tmp_path / "take",
        seen.performance,
        landmarks=seen.landmarks,
        appearance=seen.appearance,
        size=seen.size,
    )


def test_a_face_moves_from_rest_and_is_zero_there(seen):
    performance = seen.performance
    near = np.abs(performance.times - seen.rest) < 0.06
    assert performance.weights[near].mean() < 0.02
    assert performance.weights.max() > 0.3
    assert performance.weights[:, CHANNELS.index("jawOpen")].max() > 0.2


def test_the_rest_itself_has_no_weights_at_all(solver, seen):
    rest = seen.appearance[10]
    weights, confidence = solver.solve(seen.appearance[10:11], rest)
    assert weights.max() == 0
    assert 0 < confidence.min() <= confidence.max() <= 1


def test_a_take_is_solved_again_as_it_was_captured(take, seen):
    again, rest = solved_again(take, "mien", seen.rest)
    assert rest == seen.rest
    assert np.abs(again.weights - seen.performance.weights).max() < 1e-5
    assert np.abs(again.confidence - seen.performance.confidence).max() < 1e-5
    assert solved_again(take, "mien")[1] == pytest.approx(seen.rest)


def test_another_rest_gives_other_weights_without_footage(take):
    other, _ = solved_again(take, "mien", 2.0)
    assert other.weights[np.abs(other.times - 2.0) < 0.04].mean() < 0.02


def test_a_take_is_solved_by_the_public_network_from_its_landmarks(take, carphone):
    public = capture(carphone, CaptureOptions(threads=1, solver="blendshapes", tongue=False))
    again, _ = solved_again(take, "blendshapes", 0.0)
    assert np.abs(again.weights - public.performance.weights).max() < 0.02


def test_lost_frames_have_no_confidence(solver, seen):
    appearance = np.array(seen.appearance)
    appearance[60:80] = 0
    performance = solved(seen.performance, appearance, solver, 0.2)
    assert performance.confidence[60:80].max() == 0
    assert performance.confidence[:60].min() > 0
    assert np.isfinite(performance.weights).all()
    with pytest.raises(PerformanceError, match=r"No face is seen at 2\.3"):
        solved(seen.performance, appearance, solver, 2.3)


def test_what_does_not_fit_is_refused(solver, seen, tmp_path):
    with pytest.raises(PerformanceError, match="120 frames"):
        solved(seen.performance, seen.appearance[:7], solver, 0.2)
    with pytest.raises(PerformanceError, match="No face is seen in this take"):
        found_rest(seen.performance, np.zeros((120, APPEARANCE)), seen.landmarks, solver)
    bare = write_take(tmp_path / "bare", seen.performance)
    for kind in ("mien", "blendshapes"):
        with pytest.raises(TakeError, match="capture its footage again"):
            solved_again(bare, kind)


def test_a_rest_that_is_named_is_used(carphone, seen):
    named = capture(carphone, CaptureOptions(threads=1, solver="mien", rest=2.0))
    assert named.rest == 2.0
    assert not np.array_equal(named.performance.weights, seen.performance.weights)


def test_rest_has_open_lids_and_closed_lips(seen):
    points = np.asarray(seen.landmarks, np.float64)
    at = int(np.argmin(np.abs(seen.performance.times - seen.rest)))
    assert abs(lids_from_usual(points)[at]) < 0.2
    assert lip_gap(points)[at] < 0.2 < lip_gap(points).max() / 2


def test_a_full_blink_is_one_and_a_half_closed_lid_is_not():
    weights = np.zeros((40, 52), np.float32)
    blinks = [CHANNELS.index("eyeBlinkLeft"), CHANNELS.index("eyeBlinkRight")]
    jaw = CHANNELS.index("jawOpen")
    for start in (5, 15, 25):
        weights[start : start + 3, blinks] = np.array([0.2, 0.6, 0.3])[:, None]
    weights[34, blinks] = 0.15
    weights[:, jaw] = 0.5
    raised = with_full_blinks(weights)
    assert raised[[6, 16, 26]][:, blinks] == pytest.approx(1)
    assert raised[34, blinks] == pytest.approx(0.25)
    assert np.array_equal(raised[:, jaw], weights[:, jaw])
    weights[:, blinks] = 0.2
    assert blink_gain(weights) == 1


@pytest.mark.parametrize("name", ["encoder.onnx", "reader.onnx"])
def test_altered_weights_are_refused(tmp_path, name):
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert Solver(folder=tmp_path)
    with (tmp_path / name).open("ab") as file:
        file.write(b"x")
    with pytest.raises(WeightsError, match="altered"):
        Solver(folder=tmp_path)


def test_the_head_is_the_same_whoever_solves(carphone, seen):
    public = capture(carphone, CaptureOptions(threads=1, solver="blendshapes"))
    assert np.array_equal(public.performance.head, seen.performance.head)
    assert dataclasses.asdict(public.report) == dataclasses.asdict(seen.report)
