"""Similarities, warps, registration, rigid jaws, lids on eyeballs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.arkit import EYE_LOOK_SIDEWAYS
from mien.models.transfer.carrying import warped_deltas
from mien.models.transfer.eyes import ball_of, eye_turns, keep_off_eyeballs
from mien.models.transfer.mouth import boxed_onto, rigid
from mien.models.transfer.registration import Face, register
from mien.models.transfer.surface import Surface
from mien.models.transfer.warp import (
    fitted_similarity,
    fitted_warp,
    robust_similarity,
    unbent,
)

numbers = st.integers(0, 2**31)


def rotation(random):
    turn, _ = np.linalg.qr(random.normal(size=(3, 3)))
    return turn * np.sign(np.linalg.det(turn))


def ball(rings=24, around=32):
    """A closed ball of radius 1."""
    slope, turn = np.meshgrid(
        np.linspace(0.05, np.pi - 0.05, rings), np.arange(around) * 2 * np.pi / around
    )
    points = np.stack(
        [np.sin(slope) * np.sin(turn), np.cos(slope), np.sin(slope) * np.cos(turn)], axis=-1
    )
    here = np.arange(rings * around).reshape(around, rings)
    next_ = np.roll(here, -1, axis=0)
    a, b, c, d = here[:, :-1], here[:, 1:], next_[:, 1:], next_[:, :-1]
    triangles = np.concatenate(
        [np.stack([x.ravel() for x in t], 1) for t in ((a, b, c), (a, c, d))]
    )
    return Surface(points.reshape(-1, 3), triangles)


@given(numbers)
@settings(max_examples=20, deadline=None)
def test_a_similarity_is_found_again_and_goes_both_ways(seed):
    random = np.random.default_rng(seed)
    points = random.normal(size=(12, 3))
    turn, scale, shift = rotation(random), random.uniform(0.01, 100), random.normal(size=3) * 50
    goals = scale * points @ turn.T + shift
    found = fitted_similarity(points, goals, np.ones(12))
    assert found.turn == pytest.approx(turn, abs=1e-6)
    assert found.scale == pytest.approx(scale)
    assert found.back(found(points)) == pytest.approx(points, abs=1e-6)


def test_a_similarity_holds_out_against_wrong_pairs():
    random = np.random.default_rng(3)
    points = random.normal(size=(40, 3))
    goals = 2 * points + 1
    goals[:6] += random.normal(size=(6, 3)) * 10
    found = robust_similarity(points, goals, np.ones(40))
    assert found(points[6:]) == pytest.approx(goals[6:], abs=0.05)


def bent(random):
    centres = random.normal(size=(30, 3))
    warp = unbent(centres, (1.0, 0.5), (1.0, 0.3))
    goals = centres + 0.2 * np.sin(2 * centres[:, ::-1])
    return fitted_warp(warp, warp.basis(centres), centres, goals, np.full(30, 100.0), 0.01), goals


def test_a_warp_goes_where_it_is_led_and_knows_its_slope():
    random = np.random.default_rng(5)
    warp, goals = bent(random)
    assert warp(warp.centres) == pytest.approx(goals, abs=0.02)
    points, step = random.normal(size=(10, 3)), 1e-2
    slopes = np.stack(
        [
            (warp(points + step * axis) - warp(points - step * axis)) / (2 * step)
            for axis in np.eye(3)
        ],
        axis=2,
    )
    assert warp.slope(points) == pytest.approx(slopes, abs=0.01)


def test_an_unbent_warp_leaves_displacements_as_they_are():
    warp = unbent(np.zeros((1, 3)), (1.0,), (1.0,))
    points, deltas = np.random.default_rng(1).normal(size=(2, 5, 3))
    placed, carried = warped_deltas(warp, points, deltas[None], 1.0)
    assert placed == pytest.approx(points)
    assert carried[0] == pytest.approx(deltas, abs=1e-6)


def test_points_that_meet_still_meet_after_a_warp():
    warp, _ = bent(np.random.default_rng(2))
    upper, lower = np.array([[0.0, 0.4, 0.0]]), np.array([[0.0, -0.3, 0.1]])
    closing = (lower - upper)[None]
    placed, carried = warped_deltas(warp, upper, closing, 1.0)
    assert placed + carried[0] == pytest.approx(warp(lower), abs=1e-5)


def test_a_face_is_laid_onto_another():
    surface = ball()
    goal = surface.points * (1.15, 0.9, 1.0) + 0.05 * np.sin(3 * surface.points[:, ::-1])
    every = np.arange(len(surface.triangles))
    marks = np.arange(0, len(surface.points), 40)
    warp = register(
        Face(surface, every, surface.points[marks]),
        Face(surface.moved_to(goal), every, goal[marks]),
        np.ones(len(marks)),
    )
    before = np.linalg.norm(surface.points - goal, axis=1)
    after = np.linalg.norm(warp(surface.points) - goal, axis=1)
    assert np.median(after) < 0.2 * np.median(before)


@given(numbers)
@settings(max_examples=20, deadline=None)
def test_a_rigid_motion_stays_one_and_another_becomes_one(seed):
    random = np.random.default_rng(seed)
    points = random.normal(size=(20, 3))
    turn, shift = rotation(random), random.normal(size=3)
    moved = points @ turn.T + shift - points
    assert rigid(points, moved) == pytest.approx(moved, abs=1e-8)
    noisy = points + rigid(points, moved + random.normal(size=moved.shape) * 0.3)
    between = np.linalg.norm(noisy[:, None] - noisy[None], axis=2)
    assert between == pytest.approx(np.linalg.norm(points[:, None] - points[None], axis=2))


def test_a_box_is_brought_onto_another_even_a_flat_one():
    points = np.random.default_rng(0).normal(size=(30, 3))
    scale, shift = boxed_onto(points, points * (1, 2, 0.5) + 3)
    assert points * scale + shift == pytest.approx(points * (1, 2, 0.5) + 3)
    flat = points * (1, 0, 1)
    scale, shift = boxed_onto(flat, points)
    assert np.all(np.isfinite(flat * scale + shift))


def test_lids_slide_over_the_eyeball_instead_of_through_it():
    eyeball = ball().points
    angle = np.linspace(0.2, 1.2, 9)
    lid = 1.06 * np.stack([0 * angle, np.sin(angle), np.cos(angle)], axis=1)
    points = np.concatenate([eyeball, lid])
    skin = np.arange(len(eyeball), len(points))
    closed = lid * (1, -1, 1)
    closed[:, 2] *= 0.5
    deltas = np.zeros((1, len(points), 3), np.float32)
    deltas[0, skin] = closed - lid
    assert np.linalg.norm(points + deltas[0], axis=1)[skin].min() < 0.9
    keep_off_eyeballs(points, deltas, skin, [np.arange(len(eyeball))])
    assert np.linalg.norm(points + deltas[0], axis=1)[skin].min() > 0.99
    assert not np.any(deltas[0, : len(eyeball)])


def test_an_eyeball_is_a_sphere_whatever_lies_in_it():
    points = np.concatenate([ball().points * 1.5 + (3, 2, 1), ball().points * 0.4 + (3, 2, 1)])
    centre, radius = ball_of(points)
    assert centre == pytest.approx((3, 2, 1), abs=0.05)
    assert radius == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize(
    ("channel", "side", "axis", "sign"),
    [
        ("eyeLookOutLeft", "Left", 0, 1),
        ("eyeLookInLeft", "Left", 0, -1),
        ("eyeLookOutRight", "Right", 0, -1),
        ("eyeLookUpRight", "Right", 1, 1),
        ("eyeLookDownLeft", "Left", 1, -1),
    ],
)
def test_eyes_look_where_the_channel_says(channel, side, axis, sign):
    points = ball().points
    turned = eye_turns((channel, "jawOpen"), points, np.arange(len(points)), side, np.eye(3))
    front = points[:, 2].argmax()
    assert np.sign(turned[0, front, axis]) == sign
    assert np.linalg.norm(points + turned[0], axis=1) == pytest.approx(
        np.linalg.norm(points, axis=1), abs=0.01
    )
    assert not np.any(turned[1])


def test_the_other_eye_stays():
    points = ball().points
    assert not np.any(eye_turns(("eyeLookOutRight",), points, np.arange(10), "Left", np.eye(3)))
    assert 0.4 < EYE_LOOK_SIDEWAYS < 0.8
