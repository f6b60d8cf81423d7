import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.models.curves.unmix import unmixed

quick = settings(max_examples=30, deadline=None)


@quick
@given(seed=st.integers(0, 10**6), parts=st.integers(1, 5), extra=st.integers(0, 4))
def test_weights_that_made_the_values_are_found_again(seed, parts, extra):
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(parts, parts + extra)) + 2 * np.eye(parts, parts + extra)
    true = random.uniform(0, 1, (20, parts)) * (random.random((20, parts)) < 0.7)
    values = true @ matrix
    found = unmixed(matrix, values, sweeps=20000)
    assert (found >= 0).all()
    np.testing.assert_allclose(found @ matrix, values, atol=1e-3)


@quick
@given(seed=st.integers(0, 10**6))
def test_nothing_nearby_is_better(seed):
    random = np.random.default_rng(seed)
    matrix, values = random.normal(size=(3, 5)), random.normal(size=(10, 5))
    found = unmixed(matrix, values, sweeps=5000)

    def error(weights):
        return np.sum((weights @ matrix - values) ** 2, axis=1)

    for _ in range(20):
        other = np.maximum(found + random.normal(0, 0.05, found.shape), 0)
        assert (error(found) <= error(other) + 1e-6).all()


def test_opposites_on_one_control_are_told_apart():
    look = unmixed(np.array([[1.0], [-1.0]]), np.array([[0.5], [-0.25], [0.0]]))
    np.testing.assert_allclose(look, [[0.5, 0], [0, 0.25], [0, 0]])


def test_a_part_that_does_nothing_stays_at_0():
    np.testing.assert_array_equal(unmixed(np.zeros((2, 3)), np.ones((4, 3))), np.zeros((4, 2)))
