# SPDX-License-Identifier: GPL-3.0-or-later
"""The solver's parts: pose taken out, heads, expressions, the tracker's error."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.benchmarks.ceiling.config import SMOKE
from mien.benchmarks.ceiling.correspondence import Correspondence, View, find
from mien.benchmarks.ceiling.features import Reference, angles, displaced, rest_of
from mien.benchmarks.ceiling.projection import Cast, projected, random_views
from mien.benchmarks.ceiling.rendered import opposite_landmarks
from mien.benchmarks.ceiling.samples import Samples, TrackerError, simulated, steadiness
from mien.benchmarks.known_truth.expressions import possible, training_weights
from mien.benchmarks.known_truth.heads import PARTS, IctFaceKit, gaze, rotation
from mien.benchmarks.known_truth.people import person
from mien.models.arkit import CHANNELS
from mien.models.capture.solver.examples import MIRROR


@pytest.fixture(scope="module")
def reference():
    points = np.random.default_rng(1).normal(0, 4, (478, 3))
    steady = np.random.default_rng(2).uniform(0, 1, 478)
    return Reference(points, steady / steady.sum())


@pytest.fixture(scope="module")
def kit(shared):
    return IctFaceKit(shared)


def seen(points, turn, scale, place):
    """Points as a camera far away sees them: pixels, y down, z away from it."""
    return ((points @ turn.T) * scale + place) * (1, -1, -1)


@given(
    yaw=st.floats(-0.8, 0.8),
    pitch=st.floats(-0.5, 0.5),
    roll=st.floats(-0.8, 0.8),
    scale=st.floats(2, 60),
    x=st.floats(-900, 900),
)
@settings(max_examples=20, deadline=None)
def test_turning_moving_and_scaling_the_head_changes_nothing(reference, yaw, pitch, roll, scale, x):
    rest = rest_of(seen(reference.points, np.eye(3), 10, 5)[None], reference)
    face = reference.points.copy()
    face[reference.steadiness.argmin()] += (0, 1, 0)
    turn = rotation(yaw, pitch, roll)
    moves, turns = displaced(seen(face, turn, scale, (x, 40, -7))[None], rest, reference)
    assert np.abs(moves[0] - (face - reference.points)).max() < 0.02
    assert np.abs(angles(turns)[0] - (yaw, pitch, roll)).max() < 0.005


def test_a_rest_is_the_median_of_its_frames(reference):
    frames = np.stack([seen(reference.points, np.eye(3), 10, 0)] * 5)
    frames[2, 100] += 500
    rest = rest_of(frames, reference)
    assert np.abs(rest.points - reference.points).max() < 0.2


def test_possible_weights_close_lips_over_an_open_jaw_only():
    weights = np.zeros((2, 52), np.float32)
    weights[:, CHANNELS.index("mouthClose")] = 0.8
    weights[1, CHANNELS.index("jawOpen")] = 0.5
    weights[:, CHANNELS.index("jawLeft")] = 0.7
    weights[:, CHANNELS.index("jawRight")] = 0.2
    made = possible(weights)
    assert made[:, CHANNELS.index("mouthClose")].tolist() == [0, 0.5]
    assert made[0, CHANNELS.index("jawLeft")] == pytest.approx(0.5)
    assert made[0, CHANNELS.index("jawRight")] == 0


def test_gaze_points_where_its_channels_say():
    weights = np.zeros(52)
    weights[CHANNELS.index("eyeLookOutLeft")] = 1
    weights[CHANNELS.index("eyeLookDownRight")] = 1
    (left_pitch, left_yaw), (right_pitch, right_yaw) = gaze(weights)
    assert left_yaw > 0.5 and left_pitch == 0
    assert right_pitch > 0.5 and right_yaw == 0


def test_the_tracker_s_error_is_found_again():
    rng = np.random.default_rng(0)
    count = 3000
    true = Samples(
        rng.normal(0, 1, (count, 1, 30)),
        rng.normal(0, 1, (count, 5)),
        rng.normal(0, 0.2, (count, 6)),
        np.zeros((count, 104)),
        rng.uniform(0, 1, (count, 52)),
    )
    damped = replace(true, moves=0.5 * true.moves + rng.normal(0, 0.1, true.moves.shape))
    error = TrackerError(true, damped)
    again = error.applied(true, rng)
    slope = (again.moves[:, 0] * true.moves[:, 0]).sum() / (true.moves**2).sum()
    assert slope == pytest.approx(0.5, abs=0.02)
    left = again.moves[:, 0] - 0.5 * true.moves[:, 0]
    assert left.std() == pytest.approx(0.1, abs=0.02)


@pytest.mark.shared
def test_heads_move_as_their_channels_say(kit):
    head = kit.head(np.zeros(10))
    weights = np.zeros(52, np.float32)
    assert np.abs(head.posed(weights) - head.vertices).max() < 1e-5
    weights[CHANNELS.index("jawOpen")] = 1
    moved = head.posed(weights) - head.vertices
    teeth = head.polygons[head.parts == PARTS.index("teeth")]
    assert moved[teeth].min() < -2
    weights[:] = 0
    weights[CHANNELS.index("tongueOut")] = 1
    tongue = head.posed(weights)
    assert (tongue - head.vertices)[:, 2].max() > 3
    weights[:] = 0
    weights[CHANNELS.index("eyeLookOutLeft")] = 1
    turned = head.posed(weights) - head.vertices
    front = head.eyes[0] & (head.vertices[:, 2] > head.eye_centres[0, 2] + 1.2)
    assert turned[front, 0].min() > 0.3


@pytest.mark.shared
def test_people_are_drawn_by_their_seed(kit):
    small = kit.only(kit.eyes.any(axis=0))
    first, again, other = person(small, 5), person(small, 5), person(small, 6)
    assert np.array_equal(first.vertices, again.vertices)
    assert np.abs(first.vertices - other.vertices).max() > 0.1


@pytest.mark.shared
def test_the_correspondence_is_found_again(kit):
    """Landmarks projected from known points of the mesh lead back to those points."""
    head = kit.head(np.zeros(10))
    skin = head.polygons[head.parts == PARTS.index("skin"), :3]
    middle = head.vertices[skin].mean(axis=1)
    front = np.flatnonzero((middle[:, 2] > 8.5) & (np.abs(middle[:, 1]) < 8))
    chosen = np.resize(front, 468)
    points = middle[chosen]
    irises = np.tile(head.eye_centres[::-1, None] + (0, 0, 1.5), (1, 5, 1)).reshape(10, 3)
    everything = np.concatenate([points, irises])[None]
    turn, place = rotation(0.1, 0.05, 0.0), np.array((0.0, 0.0, -70.0))
    pixels = projected(everything, turn[None], place[None], 300.0, 256.0)[0]
    correspondence = find([View(head, turn, place, 300.0, 256, pixels)], head)
    found = correspondence.landmarks(head, np.zeros((1, 52), np.float32))[0]
    away = np.linalg.norm(found[:468] - points, axis=1)
    # A few of the points lie behind others: lips before gums, wings of the nose.
    assert np.median(away) < 0.01
    assert (away < 0.1).mean() > 0.9


@pytest.mark.shared
def test_simulated_people_rest_at_zero_and_move(kit, shared):
    """Without expression nothing moves but what perspective makes of a turn."""
    head = kit.head(np.zeros(10))
    skin = head.polygons[head.parts == PARTS.index("skin"), :3]
    rng = np.random.default_rng(0)
    corners = skin[rng.choice(len(skin), 468)]
    iris = np.zeros((2, 5, 2), np.float32)
    shares = np.full((468, 3), 1 / 3, np.float32)
    cast = Cast(kit, Correspondence(corners, shares, iris), range(2))
    reference = Reference(*steadiness(cast))
    taken = training_weights(shared)
    samples = simulated(cast, 0, taken, SMOKE, reference)
    again = simulated(cast, 0, taken, SMOKE, reference)
    assert np.array_equal(samples.moves, again.moves)
    assert samples.moves.shape == (SMOKE.frames, len(SMOKE.past), 1434)
    turns, places, focal, size = random_views(1, rng)
    rest = cast.landmarks(0, np.zeros((1, 52), np.float32))
    pixels = projected(rest, turns, places, focal, size)
    moves, _ = displaced(pixels, rest_of(pixels, reference), reference)
    assert np.abs(moves).max() < 1e-4


def test_mirroring_twice_is_nothing():
    assert np.array_equal(MIRROR[MIRROR], np.arange(52))
    half = np.random.default_rng(0).normal(0, 4, (234, 3))
    opposite = opposite_landmarks(np.concatenate([half, half * (-1, 1, 1)]))
    assert np.array_equal(opposite[opposite], np.arange(478))
    assert opposite[0] == 234
