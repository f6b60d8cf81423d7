# SPDX-License-Identifier: GPL-3.0-or-later
"""What the solver learns from and how: pictures varied, people kept apart, runs repeated."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.capture.landmarks import region_around
from mien.models.capture.solver.config import read
from mien.models.capture.solver.examples import Examples
from mien.models.capture.solver.pictures import (
    lit,
    mirrored,
    random_bend,
    random_light,
    shaken,
)

NEEDS = "trains networks: needs torch"


def test_mirroring_twice_is_nothing():
    random = np.random.default_rng(0)
    picture = random.integers(0, 255, (40, 60, 3)).astype(np.uint8)
    points = random.uniform(0, 40, (478, 3))
    again, back = mirrored(*mirrored(picture, points))
    assert np.array_equal(again, picture)
    assert np.allclose(back, points)
    # The region stays level: the corners of the eyes have changed places.
    flat = points.copy()
    flat[:, 1] = 20
    flat[33, 0], flat[263, 0] = 10, 30
    assert region_around(mirrored(picture, flat)[1]).rotation == pytest.approx(0)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_light_and_bend_keep_a_picture_a_picture(seed):
    random = np.random.default_rng(seed)
    picture = random.integers(0, 255, (64, 64, 3)).astype(np.uint8)
    changed = lit(picture, random_light(random), random)
    assert changed.shape == picture.shape and changed.dtype == np.uint8
    bend = random_bend(0.02, 64, np.random.default_rng(seed))
    assert bend.apply(picture).shape == picture.shape
    assert np.abs(bend.x - np.arange(64)).max() < 64 * 0.02 * 7
    assert np.array_equal(random_bend(0.02, 64, np.random.default_rng(seed)).x, bend.x)


def test_a_shaken_region_stays_about_the_face():
    points = np.random.default_rng(0).uniform(100, 200, (478, 3))
    region = region_around(points)
    for seed in range(20):
        moved = shaken(region, np.random.default_rng(seed))
        assert moved.overlap(region) > 0.6


def people(count=6, pictures=10):
    """Examples whose features say what the weights are."""
    random = np.random.default_rng(0)
    code = random.normal(0, 1, (52, 128))
    # Landmarks tell people apart, but not what they do.
    faces = random.normal(128, 30, (478, 3)) + random.normal(0, 3, (count, 478, 3))
    shape = (count * pictures, 52)
    weights = random.uniform(0, 1, shape) * (random.random(shape) < 0.2)
    weights[::pictures] = 0
    features = np.zeros((count * pictures, 128, 16, 16))
    features[:, :, 4:12, 4:12] = (weights @ code)[:, :, None, None]
    return Examples(
        (features + random.normal(0, 0.1, features.shape)).astype(np.float16),
        faces.repeat(pictures, axis=0).astype(np.float32),
        weights.astype(np.float32),
        np.arange(count * pictures) // pictures,
        np.zeros(count * pictures, np.int64),
        np.arange(count * pictures) % pictures == 0,
    )


def quick(**changes):
    configuration = read()
    return dataclasses.replace(
        configuration,
        training=dataclasses.replace(
            configuration.training, **{"steps": 120, "people": 4, "held_out": 6, **changes}
        ),
    )


@pytest.mark.training
def test_differences_are_taken_within_a_person():
    torch = pytest.importorskip("torch", reason=NEEDS)
    from mien.models.capture.solver.train import centred

    values = torch.tensor([[1.0], [3.0], [10.0]])
    assert centred(values, torch.tensor([0, 0, 1])).tolist() == [[-1.0], [1.0], [0.0]]


@pytest.mark.training
def test_a_picture_s_rest_is_one_of_the_same_person():
    pytest.importorskip("torch", reason=NEEDS)
    from mien.models.capture.solver.train import Material

    examples = people()
    material = Material(examples, 6)
    batch = material.batch(3, np.random.default_rng(1))
    rows, rests = batch.rows.numpy(), batch.rows[batch.rests].numpy()
    assert np.array_equal(examples.people[rows], examples.people[rests])
    assert examples.resting[rests].all()
    assert 5 not in examples.people[rows]


@pytest.mark.training
def test_a_solver_learns_what_the_pictures_say_twice_the_same(tmp_path):
    torch = pytest.importorskip("torch", reason=NEEDS)
    from mien.models.capture.solver.publish import publish
    from mien.models.capture.solver.solve import Solver
    from mien.models.capture.solver.train import train

    torch.set_num_threads(1)
    examples = people()
    solver, figures = train(examples, quick())
    again, same = train(examples, quick())
    assert figures == same
    assert all(
        torch.equal(a, b)
        for a, b in zip(solver.state_dict().values(), again.state_dict().values(), strict=True)
    )
    assert figures["mean r"] > 0.15
    publish(solver, quick(), figures, tmp_path, "2026-01-01")
    assert Solver(folder=tmp_path)


def test_too_few_people_are_named(tmp_path):
    from mien.models.capture.solver.examples import read_examples

    with pytest.raises(OSError, match="holds 0 people, not 5"):
        read_examples(tmp_path, 5)
