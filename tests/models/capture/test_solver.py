# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien's solver on stored landmarks: rest is zero, the past alone decides, lost stays lost."""

import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.capture.capture import CaptureOptions, capture
from mien.models.capture.solver.solve import FOLDER, LandmarkSolver, solved_again
from mien.models.capture.weights import read_weights
from mien.models.errors import PerformanceError, WeightsError


@pytest.fixture(scope="module")
def solver():
    return LandmarkSolver()


@pytest.fixture(scope="module")
def seen(carphone):
    return capture(carphone, CaptureOptions(threads=1, smooth=False))


def test_a_face_that_rests_has_no_weights(solver, seen):
    still = seen.landmarks[:1].repeat(12, axis=0)
    weights, confidence = solver.solve(still, np.arange(12) / 30, solver.rest(still))
    assert weights.max() < 1e-4
    assert 0 < confidence.min() <= confidence.max() <= 1


def test_the_future_changes_nothing(solver, seen):
    times = seen.performance.times
    rest = solver.rest(seen.landmarks[:3])
    whole, _ = solver.solve(seen.landmarks, times, rest)
    part, _ = solver.solve(seen.landmarks[:50], times[:50], rest)
    assert np.abs(whole[:50] - part).max() < 1e-5
    assert whole.max() > 0.2


def test_long_takes_are_solved_in_pieces_without_a_seam(solver, seen):
    landmarks = np.tile(seen.landmarks, (3, 1, 1))
    times = np.arange(len(landmarks)) / 30
    rest = solver.rest(seen.landmarks[:3])
    whole, _ = solver.solve(landmarks, times, rest)
    around = slice(240, 280)
    piece, _ = solver.solve(landmarks[around], times[around], rest)
    assert np.abs(whole[around][10:] - piece[10:]).max() < 1e-5


def test_a_capture_is_solved_again_without_its_footage(solver, seen):
    performance = solved_again(seen.performance, seen.landmarks, solver)
    assert performance.channels == CHANNELS
    assert performance.confidence.shape == performance.weights.shape
    assert np.array_equal(performance.times, seen.performance.times)
    tongue = CHANNELS.index("tongueOut")
    assert np.array_equal(performance.weights[:, tongue], seen.performance.weights[:, tongue])
    named = solved_again(seen.performance, seen.landmarks, solver, neutral_time=2.0)
    at_rest = np.abs(named.times - 2.0) < 0.05
    assert np.delete(named.weights[at_rest], tongue, axis=1).mean() < 0.05
    assert not np.array_equal(named.weights, performance.weights)


def test_lost_frames_have_no_confidence(solver, seen):
    landmarks = seen.landmarks.copy()
    landmarks[60:80] = 0
    performance = solved_again(seen.performance, landmarks, solver, neutral_time=0.2)
    tongue = CHANNELS.index("tongueOut")
    assert np.delete(performance.confidence[60:80], tongue, axis=1).max() == 0
    assert np.isfinite(performance.weights).all()
    with pytest.raises(PerformanceError, match=r"No face is seen at 2\.3"):
        solved_again(seen.performance, landmarks, solver, neutral_time=2.3)
    with pytest.raises(PerformanceError, match="120 frames"):
        solved_again(seen.performance, landmarks[:7], solver)


def test_altered_weights_are_refused(tmp_path):
    for name in ("solver.onnx", "reference.npz", "weights.json"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    assert read_weights("solver.onnx", tmp_path)
    with (tmp_path / "solver.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(WeightsError, match="altered"):
        LandmarkSolver(folder=tmp_path)
